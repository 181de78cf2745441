using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Automation.Marketing.Contacts;
using Automation.Marketing.Deals;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Tests;

/// <summary>The main job, end to end: through HTTP in, through HTTP out to the stand-in, and back.</summary>
public sealed class ChainTests
{
    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task A_lead_event_starts_the_welcome_series_and_a_click_chooses_its_branch(DatabaseProvider provider)
    {
        await using var app = await RunningApp.StartAsync(provider, "2026-06-01 10:00");
        var clicker = await app.PostEventAsync("1", "lead.created", RunningApp.Person("clicker@example.com"));
        var quiet = await app.PostEventAsync("2", "lead.created", RunningApp.Person("quiet@example.com"));
        await app.SettleAsync();
        Assert.Equal(["welcome/day-0 Sent"], await app.StoryAsync(clicker));

        await app.AdvanceAsync(TimeSpan.FromDays(3.1));
        Assert.Equal(["welcome/day-0 Sent", "welcome/day-3 Sent"], await app.StoryAsync(clicker));
        var second = (await app.MessagesAsync(clicker))[1];
        await app.ReportAsync(await app.MailAsync("clicker@example.com", second["id"]!.GetValue<string>()), "click", "https://shop.example.com/crab");

        await app.AdvanceAsync(TimeSpan.FromDays(12));
        Assert.Equal(["welcome/day-0 Sent", "welcome/day-3 Sent", "welcome/clicked Sent"], await app.StoryAsync(clicker));
        Assert.Equal(["welcome/day-0 Sent", "welcome/day-3 Sent", "welcome/day-7 Sent"], await app.StoryAsync(quiet));
        var clicked = await app.Http.GetFromJsonAsync<JsonObject>($"/api/messages/{second["id"]}");
        Assert.Equal(1, clicked!["clicksTotal"]!.GetValue<int>());
        Assert.Equal(1, clicked["deliveredCount"]!.GetValue<int>());
        var timeline = (await app.Http.GetFromJsonAsync<JsonObject>($"/api/contacts/{clicker}/timeline"))!["entries"]!.AsArray();
        string[] kinds = ["consent", "event", "mail", "report", "step"];
        Assert.Equal(kinds, timeline.Select(entry => entry!["kind"]!.GetValue<string>()).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(HttpStatusCode.BadRequest, (await app.Http.GetAsync($"/api/contacts/{clicker}/timeline?after=yesterday")).StatusCode);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_mail_carries_links_that_unsubscribe_by_post_alone(DatabaseProvider provider)
    {
        await using var app = await RunningApp.StartAsync(provider, "2026-06-01 10:00");
        var contact = await app.PostEventAsync("1", "lead.created", RunningApp.Person("leaver@example.com"));
        await app.SettleAsync();
        var message = (await app.MessagesAsync(contact)).Single();
        var mail = await app.MailAsync("leaver@example.com", message["id"]!.GetValue<string>());
        Assert.Equal("List-Unsubscribe=One-Click", mail["headers"]!["List-Unsubscribe-Post"]!.GetValue<string>());
        var link = mail["headers"]!["List-Unsubscribe"]!.GetValue<string>().Trim('<', '>');
        Assert.Contains("山田 花子", mail["html"]!.GetValue<string>(), StringComparison.Ordinal);

        using var nobody = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false });
        Assert.Equal(HttpStatusCode.OK, (await nobody.GetAsync(link)).StatusCode);
        Assert.Equal("Granted", await ConsentAsync(app, contact));
        var posted = await nobody.PostAsync(link, new FormUrlEncodedContent([new("List-Unsubscribe", "One-Click")]));
        Assert.Equal(HttpStatusCode.OK, posted.StatusCode);
        Assert.Equal("Withdrawn", await ConsentAsync(app, contact));
        Assert.Equal(HttpStatusCode.NotFound, (await nobody.PostAsync(link[..^2] + "xx", content: null)).StatusCode);

        await app.AdvanceAsync(TimeSpan.FromDays(20));
        Assert.Equal(["welcome/day-0 Sent"], await app.StoryAsync(contact));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Waits_survive_a_restart(DatabaseProvider provider)
    {
        await using var app = await RunningApp.StartAsync(provider, "2026-06-01 10:00");
        var contact = await app.PostEventAsync("1", "lead.created", RunningApp.Person("patient@example.com"));
        await app.SettleAsync();
        await app.RestartAsync();
        await app.AdvanceAsync(TimeSpan.FromDays(3.1));
        Assert.Equal(["welcome/day-0 Sent", "welcome/day-3 Sent"], await app.StoryAsync(contact));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_replayed_event_does_nothing_twice(DatabaseProvider provider)
    {
        await using var app = await RunningApp.StartAsync(provider, "2026-06-01 10:00");
        var first = await app.PostEventAsync("same", "lead.created", RunningApp.Person("once@example.com"));
        Assert.Equal(first, await app.PostEventAsync("same", "lead.created", RunningApp.Person("once@example.com")));
        await app.SettleAsync();
        Assert.Single(await app.MessagesAsync(first));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_handed_back_deal_leaves_sales_and_its_first_mail_leaves_on_the_next_business_day(DatabaseProvider provider)
    {
        await using var app = await RunningApp.StartAsync(provider, "2026-06-05 15:00");   // a Friday
        var contact = await app.PostEventAsync("1", "quote.requested", RunningApp.Person("buyer@example.com"));
        var deal = await GiveDealAsync(app, contact, "D-1");

        var answer = await app.Http.PostAsJsonAsync("/api/deals/D-1/hand-back", new { reason = "budget", note = "来期に再検討" });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await RunningApp.EventuallyAsync(async () => await RunsAsync(app, contact) == 1);
        Assert.Equal(HttpStatusCode.Conflict, (await app.Http.PostAsJsonAsync($"/api/deals/{deal}/hand-back", new { reason = "budget" })).StatusCode);

        await app.AdvanceToAsync("2026-06-08 09:59");
        Assert.Empty(await app.MessagesAsync(contact));
        await app.AdvanceToAsync("2026-06-08 10:01");
        Assert.Equal(["nurture/budget Sent"], await app.StoryAsync(contact));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_hand_back_that_was_a_slip_is_undone_before_anything_is_mailed(DatabaseProvider provider)
    {
        await using var app = await RunningApp.StartAsync(provider, "2026-06-05 15:00");
        var contact = await app.PostEventAsync("1", "quote.requested", RunningApp.Person("slip@example.com"));
        await GiveDealAsync(app, contact, "D-2");
        var handedBack = await (await app.Http.PostAsJsonAsync("/api/deals/D-2/hand-back", new { reason = "too-early" })).Content.ReadFromJsonAsync<JsonObject>();
        await app.SettleAsync();
        Assert.Equal(HttpStatusCode.NoContent, (await app.Http.DeleteAsync($"/api/deals/hand-backs/{handedBack!["id"]}")).StatusCode);
        await app.AdvanceAsync(TimeSpan.FromDays(10));
        Assert.Empty(await app.MessagesAsync(contact));
        await using var db = app.Db();
        Assert.True((await db.Contacts.SingleAsync(one => one.Id == contact)).SalesOwned);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task The_season_opens_and_past_buyers_hear_of_it_two_weeks_before_once(DatabaseProvider provider)
    {
        await using var app = await RunningApp.StartAsync(provider, "2026-10-20 09:00");
        var buyer = await app.PostEventAsync("1", "imported.order", RunningApp.Person("buyer@example.com"));
        await using (var db = app.Db())
        {
            db.Purchases.Add(new Purchase { Id = Guid.NewGuid(), Source = "t", OrderId = "o", ContactId = buyer, Date = new DateOnly(2025, 12, 1), Category = "かに", Net = 20000 });
            await db.SaveChangesAsync();
        }
        var newcomer = await app.PostEventAsync("2", "imported.contact", RunningApp.Person("new@example.com"));
        await app.AdvanceToAsync("2026-10-23 09:59");
        Assert.Empty(await app.MessagesAsync(buyer));
        await app.AdvanceToAsync("2026-10-23 12:00");
        Assert.Equal(["season/crab-opening Sent"], await app.StoryAsync(buyer));
        Assert.Equal(["season/crab-opening-everyone Sent"], await app.StoryAsync(newcomer));
        var mail = await app.MailAsync("buyer@example.com", (await app.MessagesAsync(buyer)).Single()["id"]!.GetValue<string>());
        Assert.Contains("11月6日", mail["html"]!.GetValue<string>(), StringComparison.Ordinal);

        await app.RestartAsync();
        await app.AdvanceToAsync("2026-11-10 12:00");
        Assert.Single(await app.MessagesAsync(buyer));
    }

    [Fact]
    public async Task Quartz_itself_launches_an_occurrence_when_the_clock_reaches_it()
    {
        await using var app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-10-23 09:55");
        var contact = await app.PostEventAsync("1", "imported.contact", RunningApp.Person("new@example.com"));
        // Only the clock moves here; nothing but the scheduler looks at the calendar.
        app.Clock.MoveTo(RunningApp.Tokyo("2026-10-23 11:00"));
        await RunningApp.EventuallyAsync(async () => (await app.StoryAsync(contact)).Contains("season/crab-opening-everyone Sent"));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task An_occurrence_whose_window_closed_while_the_service_was_down_is_missed_and_never_sent(DatabaseProvider provider)
    {
        await using var app = await RunningApp.StartAsync(provider, "2026-10-20 09:00");
        var contact = await app.PostEventAsync("1", "imported.contact", RunningApp.Person("new@example.com"));
        await app.Server.DisposeAsync();
        app.Clock.MoveTo(RunningApp.Tokyo("2026-11-20 10:00"));
        await app.RestartAsync();
        await app.SettleAsync();
        await RunningApp.EventuallyAsync(async () =>
        {
            await using var db = app.Db();
            return await db.Occurrences.CountAsync(one => one.State == Marketing.Campaigns.Calendar.OccurrenceState.Missed) == 2;
        });
        Assert.Empty(await app.MessagesAsync(contact));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Bounces_and_complaints_suppress_at_once_and_reports_count_once(DatabaseProvider provider)
    {
        await using var app = await RunningApp.StartAsync(provider, "2026-06-01 10:00");
        var dead = await app.PostEventAsync("1", "lead.created", RunningApp.Person("dead@example.com"));
        var angry = await app.PostEventAsync("2", "lead.created", RunningApp.Person("angry@example.com"));
        await app.SettleAsync();
        await app.ReportAsync(await app.MailAsync("dead@example.com", await OnlyMessageAsync(app, dead)), "bounce");
        await app.ReportAsync(await app.MailAsync("angry@example.com", await OnlyMessageAsync(app, angry)), "spamreport");
        await app.AdvanceAsync(TimeSpan.FromDays(10));
        Assert.Equal(["welcome/day-0 Sent"], await app.StoryAsync(angry));
        Assert.DoesNotContain(await app.StoryAsync(dead), line => line.EndsWith("day-3 Sent", StringComparison.Ordinal));
        var consent = await app.Http.GetFromJsonAsync<JsonObject>($"/api/contacts/{angry}/consent");
        Assert.Equal("Withdrawn", consent!["state"]!.GetValue<string>());
        Assert.Equal("Complaint", consent["suppressions"]!.AsArray().Single()!.GetValue<string>());
        var bounced = await app.Http.GetFromJsonAsync<JsonObject>($"/api/messages/{await OnlyMessageAsync(app, dead, first: true)}");
        Assert.Equal(1, bounced!["bouncedCount"]!.GetValue<int>());
        Assert.Equal("Released", bounced["slot"]!.GetValue<string>());
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Nobody_is_mailed_without_consent_and_the_reason_is_on_record(DatabaseProvider provider)
    {
        await using var app = await RunningApp.StartAsync(provider, "2026-06-01 10:00");
        var contact = await app.PostEventAsync("1", "lead.created", new { email = "unasked@example.com" });
        await app.SettleAsync();
        var message = (await app.MessagesAsync(contact))[0];
        Assert.Equal("Suppressed", message["state"]!.GetValue<string>());
        Assert.Equal("consent-none", message["decision"]!["rule"]!.GetValue<string>());
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_second_broadcast_on_one_day_reaches_nobody_and_each_person_has_the_reason(DatabaseProvider provider)
    {
        await using var app = await RunningApp.StartAsync(provider, "2026-06-01 10:00");
        var people = new List<Guid>();
        for (var number = 0; number < 30; number++)
            people.Add(await app.PostEventAsync($"{number}", "imported.contact", RunningApp.Person($"p{number}@example.com")));
        var first = await BroadcastAsync(app, "朝のお知らせ");
        Assert.Equal("Done", first["state"]!.GetValue<string>());
        Assert.Equal(30, Count(first, "Sent", ""));
        var second = await BroadcastAsync(app, "もう一度");
        Assert.Equal(30, Count(second, "Skipped", "calendar-day") + Count(second, "Skipped", "min-gap"));
        var counts = await app.StandIn.GetFromJsonAsync<JsonObject>("/stand-in/counts?by=automation_message_id");
        Assert.Equal((30, 1), (counts!["mails"]!.GetValue<int>(), counts["most"]!.GetValue<int>()));
        var skipped = (await app.MessagesAsync(people[0]))[^1];
        Assert.NotNull(skipped["decision"]!["nextEligible"]);
    }

    internal static async Task<JsonObject> BroadcastAsync(RunningApp app, string name, object? audience = null)
    {
        var made = await app.Http.PostAsJsonAsync("/api/broadcasts", new { name, template = "newsletter/monthly", audience = audience ?? new { } });
        Assert.True(made.StatusCode is HttpStatusCode.Created, await made.Content.ReadAsStringAsync());
        var id = (await made.Content.ReadFromJsonAsync<JsonObject>())!["id"];
        await app.SettleAsync();
        return (await app.Http.GetFromJsonAsync<JsonObject>($"/api/broadcasts/{id}"))!;
    }

    internal static int Count(JsonObject broadcast, string state, string rule) =>
        broadcast["account"]!.AsArray().Where(line => line!["state"]!.GetValue<string>() == state && line["rule"]!.GetValue<string>() == rule)
            .Sum(line => line!["count"]!.GetValue<int>());

    private static async Task<string> OnlyMessageAsync(RunningApp app, Guid contact, bool first = false)
    {
        var messages = await app.MessagesAsync(contact);
        return (first ? messages[0] : messages.Single())["id"]!.GetValue<string>();
    }

    private static async Task<string> ConsentAsync(RunningApp app, Guid contact) =>
        (await app.Http.GetFromJsonAsync<JsonObject>($"/api/contacts/{contact}/consent"))!["state"]!.GetValue<string>();

    private static async Task<int> RunsAsync(RunningApp app, Guid contact)
    {
        await using var db = app.Db();
        return await db.FlowInstances.CountAsync(run => run.ContactId == contact);
    }

    private static async Task<Guid> GiveDealAsync(RunningApp app, Guid contact, string key)
    {
        await using var db = app.Db();
        var deal = new Deal { Id = Guid.NewGuid(), DealKey = key, ContactId = contact, Stage = "見積", Owner = "佐藤", CreatedAt = app.Clock.GetUtcNow() };
        db.Deals.Add(deal);
        await db.SaveChangesAsync();
        await HandingBack.SetSalesOwnedAsync(db, contact, default);
        return deal.Id;
    }
}
