using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Campaigns.Calendar;

public sealed class OccurrenceReviewTests
{
    private static readonly DateTimeOffset September = new(2026, 9, 1, 9, 0, 0, TimeSpan.FromHours(9));
    private static readonly DateTimeOffset Opens = new(2026, 10, 23, 10, 0, 0, TimeSpan.FromHours(9));

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task What_needs_approval_waits_for_it_and_is_missed_without_it(DatabaseProvider provider)
    {
        await using var given = await ShopAsync(provider, """, "approval": "each" """);
        var person = await given.Contact("past@example.com").WhoConsented();
        await given.UntilAsync(Opens.AddDays(1));
        Assert.Empty(given.MailSentTo(person));
        Assert.IsType<CalendarAlert.NotApproved>(Assert.Single(await AlertsAsync(given)));
        await given.Workers.Review.ApproveAsync((await OneAsync(given, 2026)).Id, "owner@example.com", default);
        await given.UntilAsync(Opens.AddDays(2));
        Assert.Equal(["season/crab-opening"], given.MailSentTo(person));
        Assert.Empty(await AlertsAsync(given));

        await given.UntilAsync(Opens.AddYears(1).AddDays(4));
        var next = await OneAsync(given, 2027);
        Assert.Equal((OccurrenceState.Missed, MissedBecause.NotApproved), (next.State, next.MissedBecause));
        Assert.Equal(["season/crab-opening"], given.MailSentTo(person));
        Assert.IsType<CalendarAlert.Missed>(Assert.Single(await AlertsAsync(given)));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_approval_taken_back_holds_the_mailing_also_when_the_plan_is_made_anew(DatabaseProvider provider)
    {
        await using var given = await ShopAsync(provider);
        var id = (await OneAsync(given, 2026)).Id;
        await given.Workers.Review.WithdrawApprovalAsync(id, default);
        await given.Workers.Calendar.RollOverAsync(default);
        Assert.False((await OneAsync(given, 2026)).IsApproved);
        await given.Workers.Review.ApproveAsync(id, "owner@example.com", default);
        await given.Workers.Calendar.RollOverAsync(default);
        Assert.True((await OneAsync(given, 2026)).IsApproved);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task What_was_changed_by_hand_stays_and_moves_with_its_anchor(DatabaseProvider provider)
    {
        await using var given = await ShopAsync(provider, """, "approval": "each" """);
        var id = (await OneAsync(given, 2026)).Id;
        await given.Workers.Review.ApproveAsync(id, "owner@example.com", default);
        var moved = await given.Workers.Review.ChangeAsync(id, new OccurrenceChanges(DaysMoved: 2, Template: "season/crab-new-year", Priority: 65, Capacity: 100, Owner: "sato"), default);
        Assert.Equal(Opens.AddDays(2), Assert.Single(moved).To);
        await using (var db = given.Open()) await SeasonCalendar.SetAnchorDateAsync(db, "解禁日", 2026, new DateOnly(2026, 11, 9), given.Clock.Now, default);
        var now = await OneAsync(given, 2026);
        Assert.Equal((Opens.AddDays(5), "season/crab-new-year", 65, 100, "sato", false), (now.OpensAt, now.Template, now.Priority, now.Capacity!.Value, now.Owner, now.IsApproved));
        await given.Workers.Review.ApproveAsync(id, "owner@example.com", default);
        await given.Workers.Review.MoveAsync(id, new DateOnly(2026, 10, 25), Japan, default);
        now = await OneAsync(given, 2026);
        Assert.Equal((Opens.AddDays(2), true), (now.OpensAt, now.IsApproved));
        Assert.Equal("season/crab-opening", (await OneAsync(given, 2027)).Template);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_year_that_is_left_out_stays_out_until_it_is_taken_in_again(DatabaseProvider provider)
    {
        await using var given = await ShopAsync(provider);
        var id = (await OneAsync(given, 2026)).Id;
        await given.Workers.Review.LeaveOutAsync(id, default);
        await given.Workers.Calendar.RollOverAsync(default);
        Assert.Equal((OccurrenceState.Cancelled, OccurrenceState.Planned), ((await OneAsync(given, 2026)).State, (await OneAsync(given, 2027)).State));
        await Assert.ThrowsAsync<RuleBrokenException>(() => given.Workers.Review.ApproveAsync(id, "owner@example.com", default));
        await given.Workers.Review.TakeInAgainAsync(id, default);
        Assert.Equal(OccurrenceState.Planned, (await OneAsync(given, 2026)).State);
        await Assert.ThrowsAsync<RuleBrokenException>(() => given.Workers.Review.TakeInAgainAsync(id, default));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Goods_out_of_stock_hold_the_mailing_until_they_are_back(DatabaseProvider provider)
    {
        await using var given = await ShopAsync(provider, """, "guards": "かに" """);
        var person = await given.Contact("past@example.com").WhoConsented();
        await using (var db = given.Open()) await db.SetStockAsync("かに", isOut: true, given.Clock.Now, default);
        await given.UntilAsync(Opens.AddHours(1));
        Assert.Empty(given.MailSentTo(person));
        Assert.IsType<CalendarAlert.OutOfStock>(Assert.Single(await AlertsAsync(given)));
        await using (var db = given.Open()) await db.SetStockAsync("かに", isOut: false, given.Clock.Now, default);
        await given.UntilAsync(Opens.AddHours(2));
        Assert.Equal(["season/crab-opening"], given.MailSentTo(person));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_capacity_takes_those_who_bought_last(DatabaseProvider provider)
    {
        await using var given = await ShopAsync(provider, """, "capacity": 2 """);
        var never = await given.Contact("never@example.com").WhoConsented();
        var last = await given.Contact("last@example.com").WhoConsented().WhoBought(new DateOnly(2026, 8, 1));
        var before = await given.Contact("before@example.com").WhoConsented().WhoBought(new DateOnly(2026, 7, 1));
        var longAgo = await given.Contact("longago@example.com").WhoConsented().WhoBought(new DateOnly(2020, 7, 1));
        await given.UntilAsync(Opens.AddHours(1));
        Assert.Equal([0, 1, 1, 0], new[] { never, last, before, longAgo }.Select(person => given.MailSentTo(person).Count));
    }

    [Theory]
    [InlineData("2026-09-06", false)]
    [InlineData("2026-09-07", true)]
    [InlineData("2026-12-31", true)]
    public async Task A_date_that_nobody_has_entered_is_told_60_days_ahead_and_nothing_goes_out(string today, bool told)
    {
        var now = new DateTimeOffset(DateTime.Parse(today, System.Globalization.CultureInfo.InvariantCulture), TimeSpan.FromHours(9));
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite, now: now);
        var person = await given.Contact("past@example.com").WhoConsented();
        await LoadAsync(given, """{"2025":"2025-11-06"}""", "");
        var alerts = await AlertsAsync(given);
        Assert.Equal(told, alerts.Count == 1);
        if (told) Assert.Equal(new DateOnly(2026, 11, 6), Assert.IsType<CalendarAlert.DateMissing>(alerts[0]).Expected);
        await given.ForAsync(TimeSpan.FromDays(120));
        Assert.Empty(given.MailSentTo(person));
    }

    [Fact]
    public async Task A_year_without_a_date_between_two_that_have_theirs_is_told_too()
    {
        var now = new DateTimeOffset(2026, 10, 1, 9, 0, 0, TimeSpan.FromHours(9));
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite, now: now);
        await LoadAsync(given, """{"2025":"2025-11-06","2027":"2027-11-08"}""", "");
        var missing = Assert.Single((await AlertsAsync(given)).OfType<CalendarAlert.DateMissing>());
        Assert.Equal((2026, new DateOnly(2026, 11, 6)), (missing.Year, missing.Expected));
    }

    [Fact]
    public async Task What_does_not_fit_is_refused_with_its_field()
    {
        await using var given = await ShopAsync(DatabaseProvider.Sqlite);
        var id = (await OneAsync(given, 2026)).Id;
        foreach (var (place, changes) in new (string, OccurrenceChanges)[]
        {
            ("day", new(DaysMoved: 61)), ("template", new(Template: "season/nothing")), ("template", new(Template: "system/confirm")), ("priority", new(Priority: 101)),
            ("capacity", new(Capacity: -1)), ("owner", new(Owner: new string('x', 101))),
        })
            Assert.Equal(place, (await Assert.ThrowsAsync<BadInputException>(() => given.Workers.Review.ChangeAsync(id, changes, default))).Place);
        Assert.Equal("day", (await Assert.ThrowsAsync<BadInputException>(() => given.Workers.Review.MoveAsync(id, new DateOnly(2027, 3, 1), Japan, default))).Place);
        Assert.Equal(Opens, (await OneAsync(given, 2026)).OpensAt);
    }

    private static readonly TimeZoneInfo Japan = TimeZoneInfo.FindSystemTimeZoneById("Asia/Tokyo");

    private static async Task<Scenario> ShopAsync(DatabaseProvider provider, string more = "")
    {
        var given = await Scenario.OnAsync(provider, now: September);
        await LoadAsync(given, """{"2025":"2025-11-06","2026":"2026-11-06","2027":"2027-11-06"}""", more);
        return given;
    }

    private static async Task LoadAsync(Scenario given, string dates, string more)
    {
        await using var db = given.Open();
        await SeasonCalendar.LoadAsync(db, CalendarFile.Parse($$"""
            {"key":"c","anchors":[{"key":"解禁日","kind":"explicit","dates":{{dates}} }],
             "occurrences":[{"key":"opening","when":"解禁日 -14d","audience":{},"template":"season/crab-opening"{{more}} }]}
            """, "test"), given.Clock.Now, default);
    }

    private static async Task<IReadOnlyList<CalendarAlert>> AlertsAsync(Scenario given)
    {
        await using var db = given.Open();
        return await CalendarAlerts.OfAsync(db, given.Clock.Now, default);
    }

    private static async Task<Occurrence> OneAsync(Scenario given, int year)
    {
        await using var db = given.Open();
        return await db.Occurrences.AsNoTracking().SingleAsync(one => one.Key == "opening" && one.Year == year);
    }
}
