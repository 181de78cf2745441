using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Contacts;
using Automation.Marketing.Deals;
using Automation.Marketing.Journeys;
using Automation.Marketing.Journeys.Control;
using Automation.Marketing.Journeys.Dates;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Journeys.Dates;

public sealed class FlowDatesTests
{
    private const string Thanks = "care/thanks-after-purchase";
    private const string Other = "welcome/day-0";

    private static readonly TimeSpan Tokyo = TimeSpan.FromHours(9);

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_birthday_comes_every_year_on_its_day_in_local_time(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented().Born(new DateOnly(1980, 11, 20));
        var leap = await given.Contact("leap@example.com").WhoConsented().Born(new DateOnly(1980, 2, 29));
        var none = await given.Contact("none@example.com").WhoConsented();
        await Birthday("-2d 09:30").PublishedAsync(given);
        await given.UntilAsync(new DateTimeOffset(2026, 11, 18, 9, 29, 59, Tokyo));
        Assert.Empty(given.MailSentTo(ada));
        await given.UntilAsync(new DateTimeOffset(2026, 11, 18, 9, 30, 0, Tokyo));
        Assert.Equal([Thanks], given.MailSentTo(ada));
        await given.UntilAsync(new DateTimeOffset(2027, 2, 26, 9, 30, 0, Tokyo));      // 28 February less two days
        Assert.Equal([Thanks], given.MailSentTo(leap));
        await given.UntilAsync(new DateTimeOffset(2027, 11, 18, 9, 30, 0, Tokyo));
        Assert.Equal([Thanks, Thanks], given.MailSentTo(ada));
        Assert.Empty(given.MailSentTo(none));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_wait_for_the_day_to_come_back_moves_with_what_sales_agrees(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await new Drawing("back").Settings(new { approach = "None" }).Event("lead.created").Step("wait", "WaitUntil", ("until", "field deal.revisit_on -3d 10:00")).Step("tag", "AddTag", ("tag", "due")).Path("start", "wait", "tag").PublishedAsync(given);
        var ada = await given.Contact("ada@example.com").WhoConsented().WhomSalesOwns();
        var slip = await given.HandBackAsync("D-1", new HandBackRequest(HandBackReason.Budget, new DateOnly(2026, 12, 20), null));
        await given.HappensAsync(ada, "lead.created");
        await given.WorkAsync();
        Assert.Equal(new DateTimeOffset(2026, 12, 17, 10, 0, 0, Tokyo), await DueAsync(given));
        await using (var db = given.Open()) await HandingBack.UndoAsync(db, slip.Id, "sales", given.Clock.Now, default);
        await given.HandBackAsync("D-1", new HandBackRequest(HandBackReason.Budget, new DateOnly(2027, 1, 20), null));
        await given.WorkAsync();
        Assert.Equal(new DateTimeOffset(2027, 1, 17, 10, 0, 0, Tokyo), await DueAsync(given));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_changed_date_is_planned_anew_and_what_has_happened_for_a_date_does_not_happen_again(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await using var db = given.Open();
        await ContactFields.DeclareAsync(db, [new ContactField("custom.renewal_on", ContactFieldType.Date)], given.Clock.Now, default);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await new Drawing("renewal").Step("start", "DateReached", ("field", "custom.renewal_on"), ("offset", "-7d")).Mail("mail").Path("start", "mail").PublishedAsync(given);
        await new Drawing("set").Event("renewal.set").Step("write", "UpdateContact", ("field", "custom.renewal_on"), ("value", Scriban("event.data.on"))).Path("start", "write").PublishedAsync(given);
        async Task SetAsync(string on)
        {
            await given.HappensAsync(ada, "renewal.set", new { on });
            await given.WorkAsync();
        }
        await SetAsync("2026-12-20");
        await SetAsync("2026-12-30");
        await given.UntilAsync(new DateTimeOffset(2026, 12, 20, 12, 0, 0, Tokyo));
        Assert.Empty(given.MailSentTo(ada));
        await given.UntilAsync(new DateTimeOffset(2026, 12, 23, 10, 0, 0, Tokyo));
        Assert.Equal([Thanks], given.MailSentTo(ada));
        await SetAsync("2026-12-30");
        await given.ForAsync(TimeSpan.FromDays(20));
        Assert.Equal([Thanks], given.MailSentTo(ada));
        await SetAsync("2027-02-01");
        await given.ForAsync(TimeSpan.FromDays(30));
        Assert.Equal([Thanks, Thanks], given.MailSentTo(ada));
        // A date that is taken away brings nothing.
        await SetAsync("2027-06-01");
        await SetAsync("");
        await given.UntilAsync(new DateTimeOffset(2027, 7, 1, 0, 0, 0, Tokyo));
        Assert.Equal(2, given.MailSentTo(ada).Count);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task People_who_come_later_and_by_import_are_planned_too(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await Birthday("+0d").PublishedAsync(given);
        await given.WorkAsync();
        await given.TakeAsync(System.Text.Json.JsonSerializer.SerializeToElement(new
        {
            source = "web-shop",
            id = "1",
            type = "lead.created",
            contact = new { email = "new@example.com", birthDate = "1990-11-25" },
            data = new { },
        }));
        await given.WorkAsync();
        await using var db = given.Open();
        Assert.Equal(new DateOnly(2026, 11, 25), (await db.DatePlans.SingleAsync()).OnDate);
        // A file of customers.
        using var file = new MemoryStream("external_id,email,birth_date\nC1,c1@example.com,1991-11-26\n"u8.ToArray());
        await Marketing.Imports.Importer.ImportAsync(
            given.Database, new Marketing.Imports.ImportRequest { Kind = Marketing.Imports.ImportKind.Customers, Content = file, FileName = "c.csv", Actor = "ada" }, null, given.Clock, default);
        given.Clock.Now = given.Clock.Now.AddSeconds(1);
        await given.WorkAsync();
        Assert.Equal([new DateOnly(2026, 11, 25), new DateOnly(2026, 11, 26)], await db.DatePlans.OrderBy(plan => plan.OnDate).Select(plan => plan.OnDate).ToListAsync());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task After_a_downtime_a_date_is_made_up_for_within_three_days_and_not_after(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented().Born(new DateOnly(1980, 11, 20));
        var bob = await given.Contact("bob@example.com").WhoConsented().Born(new DateOnly(1980, 11, 22));
        await Birthday("+0d").PublishedAsync(given);
        await given.WorkAsync();
        given.Clock.Now = new DateTimeOffset(2026, 11, 24, 9, 0, 0, Tokyo);
        await given.WorkAsync();
        Assert.Empty(given.MailSentTo(ada));
        Assert.Equal([Thanks], given.MailSentTo(bob));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Everyone_of_an_audience_enters_by_the_calendar_once_and_again_only_by_the_next_years_day(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await using var db = given.Open();
        await AnchorAsync(db, given, "解禁日", "explicit", (2026, "2026-12-10"));
        var (ada, bob) = (await given.Contact("ada@example.com").WhoConsented().Tagged("かに"), await given.Contact("bob@example.com").WhoConsented());
        await new Drawing("season").Step("start", "CalendarOccurrence", ("anchor", "解禁日"), ("lead", "-14d 09:00"), ("audience", """{"tags": ["かに"]}""")).Mail("mail")
            .Path("start", "mail").PublishedAsync(given);
        await given.UntilAsync(new DateTimeOffset(2026, 11, 26, 8, 59, 0, Tokyo));
        Assert.Empty(given.MailSentTo(ada));
        await given.UntilAsync(new DateTimeOffset(2026, 11, 26, 9, 0, 0, Tokyo));
        Assert.Equal([Thanks], given.MailSentTo(ada));
        await given.UntilAsync(new DateTimeOffset(2027, 11, 1, 9, 0, 0, Tokyo));
        // Last year's date never stands in for one that is not known.
        Assert.Equal([Thanks], given.MailSentTo(ada));
        Assert.Empty(given.MailSentTo(bob));
        await SeasonCalendar.SetAnchorDateAsync(db, "解禁日", 2027, new DateOnly(2027, 12, 9), given.Clock.Now, default);
        await given.UntilAsync(new DateTimeOffset(2027, 11, 25, 9, 0, 0, Tokyo));
        Assert.Equal([Thanks, Thanks], given.MailSentTo(ada));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_large_audience_enters_in_batches_also_after_a_restart_and_nobody_twice(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await using var db = given.Open();
        await AnchorAsync(db, given, "元日", "fixed", (2026, "2026-01-01"));
        await given.ConsentingContactsAsync(1200);
        await new Drawing("new-year").Settings(new { approach = "A3", forecast = 1000, reentry = new { mode = "restart" } })
            .Step("start", "CalendarOccurrence", ("anchor", "元日")).Mail("mail").Path("start", "mail").PublishedAsync(given);
        await given.WorkAsync();
        given.Clock.Now = new DateTimeOffset(2027, 1, 1, 10, 0, 0, Tokyo);
        await given.Workers.Dates.WorkAsync(default);
        var entry = await db.CalendarEntries.AsNoTracking().SingleAsync(one => one.Year == 2027);
        Assert.Equal((500, CalendarEntryState.Entering), (entry.Entered, entry.State));
        given.Restarted();
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => given.Another().DrainAsync())));
        await given.WorkAsync();
        Assert.Equal(1200, given.Provider.Recipients);
        entry = await db.CalendarEntries.AsNoTracking().SingleAsync(one => one.Year == 2027);
        Assert.Equal((1200, CalendarEntryState.Done), (entry.Entered, entry.State));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_occurrence_that_was_missed_for_longer_than_its_window_does_not_happen_and_is_noted(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await using var db = given.Open();
        await AnchorAsync(db, given, "元日", "fixed", (2026, "2026-01-01"));
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await new Drawing("new-year").Step("start", "CalendarOccurrence", ("anchor", "元日")).Mail("mail").Path("start", "mail").PublishedAsync(given);
        await given.WorkAsync();
        given.Clock.Now = new DateTimeOffset(2027, 1, 4, 10, 0, 0, Tokyo);
        await given.WorkAsync();
        Assert.Empty(given.MailSentTo(ada));
        Assert.Equal(FlowAction.Missed, (await db.FlowActions.OrderByDescending(action => action.Id).FirstAsync()).What);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_wait_for_a_day_of_the_calendar_moves_with_the_day_and_waits_for_one_not_known_yet(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await using var db = given.Open();
        await AnchorAsync(db, given, "漁期終了", "explicit", (2025, "2025-12-31"));
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await new Drawing("end").Event("order.placed").Step("wait", "WaitForAnchor", ("anchor", "漁期終了"), ("lead", "-21d")).Mail("mail").Path("start", "wait", "mail").PublishedAsync(given);
        await given.HappensAsync(ada, "order.placed");
        await given.WorkAsync();
        Assert.Null((await db.FlowBookmarks.AsNoTracking().SingleAsync()).DueAt);
        await SeasonCalendar.SetAnchorDateAsync(db, "漁期終了", 2027, new DateOnly(2027, 3, 20), given.Clock.Now, default);
        await given.WorkAsync();
        Assert.Equal(new DateTimeOffset(2027, 2, 27, 10, 0, 0, Tokyo), (await db.FlowBookmarks.AsNoTracking().SingleAsync()).DueAt);
        await SeasonCalendar.SetAnchorDateAsync(db, "漁期終了", 2027, new DateOnly(2027, 3, 10), given.Clock.Now, default);
        await given.UntilAsync(new DateTimeOffset(2027, 2, 17, 9, 59, 0, Tokyo));
        Assert.Empty(given.MailSentTo(ada));
        await given.UntilAsync(new DateTimeOffset(2027, 2, 17, 10, 0, 0, Tokyo));
        Assert.Equal([Thanks], given.MailSentTo(ada));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Whoever_comes_late_gets_what_is_still_to_come_and_not_everything_at_once(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await using var db = given.Open();
        await AnchorAsync(db, given, "解禁日", "explicit", (2026, "2026-11-26"));
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await new Drawing("season").Event("order.placed")
            .Step("d-14", "WaitForAnchor", ("anchor", "解禁日"), ("lead", "-14d")).Mail("first").Step("tag", "AddTag", ("tag", "early"))
            .Step("d-3", "WaitForAnchor", ("anchor", "解禁日"), ("lead", "-3d")).Mail("second", Other)
            .Path("start", "d-14", "first", "tag", "d-3", "second").PublishedAsync(given);
        // Ten days before: the first moment has passed.
        await given.HappensAsync(ada, "order.placed");
        await given.ForAsync(TimeSpan.FromDays(2));
        Assert.Empty(given.MailSentTo(ada));
        await given.UntilAsync(new DateTimeOffset(2026, 11, 23, 10, 0, 0, Tokyo));
        Assert.Equal([Other], given.MailSentTo(ada));
        Assert.Empty(await db.ContactTags.ToListAsync());
        var step = await db.FlowSteps.SingleAsync(one => one.ActivityId == "first");
        Assert.Equal(("Completed", "Late,Sent"), (step.Happened, step.Detail));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_wait_for_a_date_of_the_person_follows_the_date(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await using var db = given.Open();
        await ContactFields.DeclareAsync(db, [new ContactField("custom.stay_on", ContactFieldType.Date)], given.Clock.Now, default);
        await new Drawing("set").Event("stay.set").Step("write", "UpdateContact", ("field", "custom.stay_on"), ("value", Scriban("event.data.on"))).Path("start", "write").PublishedAsync(given);
        await new Drawing("stay").Event("stay.booked").Step("wait", "WaitUntil", ("until", "field contact.custom.stay_on -3d 12:00")).Mail("mail").Path("start", "wait", "mail").PublishedAsync(given);
        var (ada, bob, eve) = (await given.Contact("ada@example.com").WhoConsented(), await given.Contact("bob@example.com").WhoConsented(), await given.Contact("eve@example.com").WhoConsented());
        foreach (var person in new[] { ada, bob })
        {
            await given.HappensAsync(person, "stay.set", new { on = "2026-12-20" });
            await given.HappensAsync(person, "stay.booked");
        }
        // Nobody knows eve's date: what hangs on it is left out.
        await given.HappensAsync(eve, "stay.booked");
        await given.WorkAsync();
        await given.HappensAsync(ada, "stay.set", new { on = "2026-12-10" });
        await given.HappensAsync(bob, "stay.set", new { on = "" });
        await given.UntilAsync(new DateTimeOffset(2026, 12, 7, 11, 59, 0, Tokyo));
        Assert.Empty(given.MailSentTo(ada));
        await given.UntilAsync(new DateTimeOffset(2026, 12, 7, 12, 0, 0, Tokyo));
        Assert.Equal([Thanks], given.MailSentTo(ada));
        await given.ForAsync(TimeSpan.FromDays(30));
        Assert.Empty(given.MailSentTo(bob));
        Assert.Empty(given.MailSentTo(eve));
        Assert.All(await db.FlowInstances.AsNoTracking().Where(run => run.DefinitionId == "stay").ToListAsync(), run => Assert.Equal(FlowInstanceStatus.Finished, run.Status));
    }

    [Theory]
    [InlineData("at 18:00", "2026-11-16T18:00")]
    [InlineData("at 10:00", "2026-11-17T10:00")]
    [InlineData("next thursday 09:00", "2026-11-19T09:00")]
    [InlineData("next-business-day 10:00", "2026-11-17T10:00")]
    [InlineData("+P3DT2H", "2026-11-19T12:00")]
    public async Task A_wait_until_a_moment_is_a_row_with_its_instant(string until, string due)
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await new Drawing("wait").Event("x").Step("wait", "WaitUntil", ("until", until)).Path("start", "wait").PublishedAsync(given);
        await given.HappensAsync(ada, "x");
        await given.WorkAsync();
        await using var db = given.Open();
        Assert.Equal(new DateTimeOffset(DateTime.Parse(due, System.Globalization.CultureInfo.InvariantCulture), Tokyo), (await db.FlowBookmarks.SingleAsync()).DueAt);
    }

    [Fact]
    public async Task A_moment_is_the_persons_own_local_time()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        var ada = await given.Contact("ada@example.com").WhoConsented().InZone("Europe/Berlin");
        await new Drawing("wait").Event("x").Step("wait", "WaitUntil", ("until", "at 18:00")).Path("start", "wait").PublishedAsync(given);
        await given.HappensAsync(ada, "x");
        await given.WorkAsync();
        await using var db = given.Open();
        Assert.Equal(new DateTimeOffset(2026, 11, 16, 18, 0, 0, TimeSpan.FromHours(1)), (await db.FlowBookmarks.SingleAsync()).DueAt);
    }

    private static Drawing Birthday(string offset) =>
        new Drawing("birthday").Step("start", "DateReached", ("field", "birth_date"), ("offset", offset)).Mail("mail").Path("start", "mail");

    private static System.Text.Json.Nodes.JsonObject Scriban(string expression) => new()
    {
        ["typeName"] = "String",
        ["expression"] = new System.Text.Json.Nodes.JsonObject { ["type"] = "Scriban", ["value"] = expression },
    };

    private static async Task AnchorAsync(AutomationDb db, Scenario given, string key, string kind, params (int Year, string Date)[] dates) =>
        await SeasonCalendar.LoadAsync(
            db, new CalendarFile("test", [new CalendarFile.AnchorRow(key, kind, dates.ToDictionary(one => one.Year.ToString(System.Globalization.CultureInfo.InvariantCulture), one => one.Date))], []),
            given.Clock.Now, default);

    private static async Task<DateTimeOffset?> DueAsync(Scenario given)
    {
        await using var db = given.Open();
        return (await db.FlowBookmarks.AsNoTracking().SingleAsync()).DueAt;
    }
}
