using Automation.Marketing.Campaigns;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Campaigns;

public sealed class BroadcastForecastTests
{
    private static readonly SendingPolicy OncePerWeek = new(1, [new CapRule("week", 1, CapPeriod.Rolling, TimeSpan.FromDays(7))], null, null);

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task What_is_foreseen_is_what_becomes_of_everyone_whether_they_wait_or_are_left_out(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, OncePerWeek);
        var capped = await given.Contact("capped@example.com").WhoConsented();
        await given.Contact("free@example.com").WhoConsented();
        await given.Contact("gone@example.com").WhoUnsubscribed();
        await given.Contact(null).WhoConsented();
        await given.SentAsync(given.Mail(capped));
        var free = given.Clock.Now.AddDays(7);
        given.Clock.Now = given.Clock.Now.AddDays(2);
        await using var db = given.Open();

        var skipping = await ForecastAsync(db, OverCap.Skip, validUntil: null, given.Clock.Now.AddDays(6), given.Clock.Now);
        Assert.Equal((3, 3, 1, 0, 2, 1), (skipping.People, skipping.Looked, skipping.Reached, skipping.Deferred, skipping.Not, skipping.ByLimit));
        Assert.Equal(0, (await ForecastAsync(db, OverCap.Skip, null, given.Clock.Now.AddDays(4), given.Clock.Now)).ByLimit);

        var waiting = await ForecastAsync(db, OverCap.Defer, given.Clock.Now.AddDays(6), given.Clock.Now.AddDays(6), given.Clock.Now);
        Assert.Equal((1, 1, 1, 0), (waiting.Reached, waiting.Deferred, waiting.Not, waiting.ByLimit));
        Assert.Equal(free, waiting.LastAt);
        Assert.Equal(2, await db.OutboxMessages.CountAsync() + 1);

        given.Workers.Broadcasts.Create(db, new NewBroadcast("x", "newsletter/monthly", new Audience(), ValidUntil: given.Clock.Now.AddDays(6), OverCap: OverCap.Defer), "ada", given.Clock.Now);
        await db.SaveChangesAsync();
        await given.WorkAsync();
        var became = await db.OutboxMessages.Where(message => message.Origin == MessageOrigin.Broadcast).GroupBy(message => new { message.State, message.Rule })
            .Select(group => new { group.Key.State, group.Key.Rule, Count = group.Count() }).ToListAsync();
        Assert.Equal(
            waiting.Lines.Select(line => (line.State is MessageState.Queued ? MessageState.Sent : line.State, line.Rule, line.People)).Order(),
            became.Select(line => (line.State, line.Rule, line.Count)).Order());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Of_many_a_sample_is_looked_at_and_reckoned_up(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.ConsentingContactsAsync(BroadcastForecast.MostLooked + 1000);
        await using var db = given.Open();
        var forecast = await ForecastAsync(db, OverCap.Skip, null, given.Clock.Now, given.Clock.Now);
        Assert.Equal((BroadcastForecast.MostLooked + 1000, BroadcastForecast.MostLooked, BroadcastForecast.MostLooked + 1000, true), (forecast.People, forecast.Looked, forecast.Reached, forecast.IsSample));
    }

    private static Task<BroadcastForecast> ForecastAsync(AutomationDb db, OverCap overCap, DateTimeOffset? validUntil, DateTimeOffset waitUntil, DateTimeOffset at) =>
        BroadcastForecast.OfAsync(db, new Audience(), new SendQuestion(MessageClass.Marketing, Approach.A1, overCap, validUntil), waitUntil, at, default);
}
