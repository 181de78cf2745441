using System.Text.Json.Nodes;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Events;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Mail.Events;

/// <summary>Scanners follow links and mail programs load pictures: kept, counted apart, and nothing follows from it (brief §5).</summary>
public sealed class MachineTrafficTests
{
    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task A_click_within_ten_seconds_of_delivery_is_a_machines(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var soon = await ReportedAsync(given, ("delivered", 100, null), ("click", 110, "/a"));
        var later = await ReportedAsync(given, ("delivered", 100, null), ("click", 111, "/a"));
        Assert.Equal(((1, 0), (1, 1)), ((soon.ClicksTotal, soon.ClicksUnique), (later.ClicksTotal, later.ClicksUnique)));
        Assert.Equal([later.Id], await WokenAsync(given));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Three_links_in_five_seconds_are_a_machines_and_two_are_a_persons(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var machine = await ReportedAsync(given, ("click", 100, "/a"), ("click", 102, "/b"), ("click", 105, "/c"));
        var person = await ReportedAsync(given, ("click", 100, "/a"), ("click", 102, "/b"), ("click", 106, "/c"));
        var impatient = await ReportedAsync(given, ("click", 100, "/a"), ("click", 101, "/a"), ("click", 102, "/a"));
        Assert.Equal((0, 1, 1), (machine.ClicksUnique, person.ClicksUnique, impatient.ClicksUnique));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Whoever_follows_the_link_that_nobody_sees_made_the_other_clicks_of_that_visit_too(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var machine = await ReportedAsync(given, ("click", 100, "/a"), ("click", 130, "/trap/x"));
        var person = await ReportedAsync(given, ("click", 100, "/a"), ("click", 300, "/trap/x"));
        Assert.Equal((0, 1), (machine.ClicksUnique, person.ClicksUnique));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task What_is_reported_later_shows_that_an_earlier_click_was_a_machines(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var sent = await SentAsync(given);
        await given.ReportedAsync(Event(given, sent, "click", 105, "/a"));
        Assert.Equal(1, (await given.MessageAsync(sent.Id)).ClicksUnique);
        await given.ReportedAsync(Event(given, sent, "delivered", 100, null));
        var message = await given.MessageAsync(sent.Id);
        Assert.Equal((1, 0), (message.ClicksTotal, message.ClicksUnique));
    }

    private static async Task<OutboxMessage> ReportedAsync(Scenario given, params (string Kind, int At, string? Path)[] events)
    {
        var sent = await SentAsync(given);
        await given.ReportedAsync([.. events.Select(one => Event(given, sent, one.Kind, one.At, one.Path))]);
        return await given.MessageAsync(sent.Id);
    }

    private static async Task<OutboxMessage> SentAsync(Scenario given) =>
        await given.SentAsync(given.Mail(await given.Contact($"{Guid.NewGuid():N}@example.com").WhoConsented()));

    private static JsonObject Event(Scenario given, OutboxMessage sent, string kind, int seconds, string? path)
    {
        var reported = path is null ? given.Event(kind, sent) : given.Event(kind, sent, ("url", "https://shop.example.com" + path));
        reported["timestamp"] = given.Clock.Now.ToUnixTimeSeconds() + seconds;
        return reported;
    }

    // Messages whose clicks flows were told of.
    private static async Task<IReadOnlyList<Guid>> WokenAsync(Scenario given)
    {
        await using var db = given.Open();
        var payloads = await db.QueryAsync("SELECT payload FROM stimuli WHERE key = @p0", row => row.Text(0), default, ReportedEvents.Clicked);
        return [.. payloads.Select(payload => JsonNode.Parse(payload)!["data"]!["message_id"]!.GetValue<Guid>())];
    }
}
