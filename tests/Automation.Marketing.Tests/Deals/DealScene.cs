using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Lifecycle;
using Automation.Marketing.Deals;
using Automation.Marketing.Journeys;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Deals;

/// <summary>What sales does, in words.</summary>
internal static class DealScene
{
    public static async Task<Deal> OpensAsync(this Scenario given, Contact who, string key, decimal? amount = null)
    {
        given.ALittleLater();
        await using var db = given.Open();
        return await DealDesk.OpenAsync(db, new NewDeal(who.Id, key, new DealEdit("見積", "小島 里奈", amount, null, null)), "sales", given.Clock.Now, default);
    }

    public static async Task WinsAsync(this Scenario given, Deal deal)
    {
        given.ALittleLater();
        await using var db = given.Open();
        await DealDesk.WinAsync(db, deal.Id, null, "sales", given.Clock.Now, default);
    }

    public static async Task<HandBack?> LosesAsync(this Scenario given, Deal deal, HandBackReason reason, bool handBack = false, DateOnly? revisitOn = null)
    {
        given.ALittleLater();
        await using var db = given.Open();
        return await DealDesk.LoseAsync(db, deal.Id, new Loss(reason, "他社に決定", handBack, revisitOn), "sales", given.Clock.Now, default);
    }

    public static async Task MovesRevisitAsync(this Scenario given, Deal deal, DateOnly day)
    {
        await using var db = given.Open();
        await DealDesk.MoveRevisitAsync(db, deal.Id, day, "sales", given.Clock.Now, default);
    }

    public static async Task<LifecycleStage> StageAsync(this Scenario given, Contact who)
    {
        await using var db = given.Open();
        return await db.Contacts.Where(person => person.Id == who.Id).Select(person => person.Stage).SingleAsync();
    }

    /// <summary>The stages a person went through, the first one left first.</summary>
    public static async Task<string> WayAsync(this Scenario given, Contact who)
    {
        await using var db = given.Open();
        var steps = await db.LifecycleChanges.AsNoTracking().Where(step => step.ContactId == who.Id).ToListAsync();
        var way = new List<LifecycleStage>();
        // Several steps may be of one instant: each begins where the one before it ended.
        for (var at = LifecycleStage.Subscriber; steps.Where(step => step.FromStage == at).MinBy(step => step.At) is { } next; at = next.ToStage)
        {
            steps.Remove(next);
            way.Add(next.ToStage);
        }
        Assert.Empty(steps);
        return string.Join(" > ", way);
    }

    public static async Task<string> ToldAsync(this Scenario given)
    {
        await using var db = given.Open();
        return string.Join(' ', (await db.OutgoingEvents.AsNoTracking().ToListAsync()).OrderBy(one => one.At).ThenBy(one => one.Type, StringComparer.Ordinal).Select(one => one.Type));
    }

    /// <summary>Publishes a flow that begins with this event and mails.</summary>
    public static async Task PublishAsync(this Scenario given, FlowSketch flow, string id)
    {
        await using var db = given.Open();
        await given.Workers.Flows.SaveDraftAsync(db, new FlowDraft(flow.ToJson()), "ada", given.Clock.Now, default);
        var published = await given.Workers.Flows.PublishAsync(db, id, "ada", given.Clock.Now, default);
        Assert.True(published.Published, published.ToString());
    }

    // What happens one after the other is told in that order.
    private static void ALittleLater(this Scenario given) => given.Clock.Now = given.Clock.Now.AddMilliseconds(1);
}
