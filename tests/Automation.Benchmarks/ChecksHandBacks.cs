using System.Diagnostics;
using Automation.Marketing.Deals;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Benchmarks;

/// <summary>A thousand deals handed back in one go: what the usual suite checks with a few dozen.</summary>
internal static class ChecksHandBacks
{
    private const int People = 1000;

    /// <returns>0 when every deal was handed back once and its flow started once, on both databases.</returns>
    public static async Task<int> RunAsync()
    {
        var wrong = 0;
        foreach (var provider in new[] { DatabaseProvider.Sqlite, DatabaseProvider.PostgreSql }) wrong += await RunAsync(provider);
        return wrong;
    }

    private static async Task<int> RunAsync(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.PublishShippedFlowsAsync();
        var deals = new List<Guid>();
        foreach (var person in await given.ConsentingContactsAsync(People))
        {
            await using var opening = given.Open();
            deals.Add((await DealDesk.OpenAsync(opening, new NewDeal(person, null, new DealEdit("見積", null, null, null, null)), "sales", given.Clock.Now, default)).Id);
        }
        await given.WorkAsync();
        var watch = Stopwatch.StartNew();
        await using var db = given.Open();
        var many = await HandingBack.HandBackManyAsync(db, deals, new HandBackRequest(HandBackReason.TooEarly, null, null), "sales", given.Clock.Now, default);
        var handedBack = watch.Elapsed;
        await given.WorkAsync();
        var started = watch.Elapsed;
        var runs = await db.FlowInstances.CountAsync();
        var once = await db.FlowInstances.Select(run => run.ContactId).Distinct().CountAsync();
        Console.WriteLine(
            $"{provider}: {many.Done.Count} deals handed back in {handedBack.TotalSeconds:0.00} s, {runs} flows of {once} people started {(started - handedBack).TotalSeconds:0.00} s after the last ({many.Refused.Count} refused)");
        return many.Done.Count == People && runs == People && once == People ? 0 : 1;
    }
}
