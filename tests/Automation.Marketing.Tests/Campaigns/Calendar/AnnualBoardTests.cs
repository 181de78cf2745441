using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Mail;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Content;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Campaigns.Calendar;

public sealed class AnnualBoardTests
{
    private static readonly DateTimeOffset September = new(2026, 9, 1, 9, 0, 0, TimeSpan.FromHours(9));

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task The_year_shows_its_mailings_its_demand_and_how_much_a_person_is_meant_to_get(DatabaseProvider provider)
    {
        await using var given = await ShopAsync(provider);
        await given.Contact("new@example.com").WhoConsented();
        foreach (var year in new[] { 2023, 2024, 2025 })
        {
            await given.Contact($"a{year}@example.com").WhoConsented().WhoBought(new DateOnly(year, 12, 1));
            await given.Contact($"b{year}@example.com").WhoConsented().WhoBought(new DateOnly(year, 12, 20));
            await given.Contact($"c{year}@example.com").WhoConsented().WhoBought(new DateOnly(year, 6, 1));
        }
        var board = await BoardAsync(given, 2027);
        Assert.Equal(["crab-last-call", "crab-opening", "crab-opening-everyone", "crab-new-year"], board.Approaches.Select(one => one.Key));
        Assert.Equal([new DateOnly(2027, 2, 27), new DateOnly(2027, 10, 23), new DateOnly(2027, 10, 23), new DateOnly(2027, 12, 2)], board.Approaches.Select(one => one.Day));
        // Two orders of three in December, each year.
        Assert.Equal((3, 12, 8.0, 4.0, 0.0), (board.Demand.Years, board.Demand.Peak!.Value, Math.Round(board.Demand.Shares[11], 6), Math.Round(board.Demand.Shares[5], 6), board.Demand.Shares[0]));
        Assert.True(board.Demand.IsBand(6));
        Assert.False(board.Demand.IsBand(1));
        // Nine past buyers: the last call, the opening and the New Year; the new one only the opening for everyone else.
        Assert.Equal(new YearLoad(10, 3, 3, 3), board.Load);
        Assert.Equal([new SilentGap(new DateOnly(2027, 2, 27), new DateOnly(2027, 10, 23))], board.Gaps);
        Assert.Empty(board.Conflicts);
        // Demand is in June and December: the last call of February comes when it is over, the opening before it rises.
        Assert.Equal(["crab-last-call"], board.AfterPeak.Select(one => one.Key));
        Assert.Equal([(Approach.A1, 1, 0), (Approach.A2, 3, 0), (Approach.A3, 0, 0)], board.Mix.Select(one => (one.Approach, one.Mailings, one.Sent)));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Mailings_close_together_are_told_with_the_people_whom_both_reach(DatabaseProvider provider)
    {
        await using var given = await ShopAsync(provider);
        await given.Contact("past@example.com").WhoConsented().WhoBought(new DateOnly(2025, 12, 1));
        await given.Contact("new@example.com").WhoConsented();
        await using var db = given.Open();
        await SeasonCalendar.SetAnchorDateAsync(db, "解禁日", 2026, new DateOnly(2026, 12, 14), given.Clock.Now, default);
        var conflict = Assert.Single((await BoardAsync(given, 2026)).Conflicts);
        Assert.Equal(("crab-opening", "crab-new-year", 1), (conflict.First.Key, conflict.Second.Key, conflict.People));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Last_years_result_stands_beside_this_years_mailing(DatabaseProvider provider)
    {
        await using var given = await ShopAsync(provider);
        await given.Contact("past@example.com").WhoConsented().WhoBought(new DateOnly(2025, 12, 1));
        await given.UntilAsync(new DateTimeOffset(2026, 10, 24, 0, 0, 0, TimeSpan.FromHours(9)));
        var past = (await BoardAsync(given, 2027)).LastYear["crab-opening"];
        Assert.Equal((new DateOnly(2026, 10, 23), OccurrenceState.Launched, 1, 1), (past.Day, past.State, past.Sent, past.All));
        Assert.Equal([(Approach.A1, 0), (Approach.A2, 1), (Approach.A3, 0)], (await BoardAsync(given, 2026)).Mix.Select(one => (one.Approach, one.Sent)));
    }

    [Fact]
    public async Task A_year_without_anything_is_empty_and_silent()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite, now: September);
        var board = await BoardAsync(given, 2026);
        Assert.Empty(board.Approaches);
        Assert.Equal((0, null), (board.Demand.Years, board.Demand.Peak));
        Assert.Equal(new YearLoad(0, 0, 0, 0), board.Load);
        Assert.Equal([new SilentGap(new DateOnly(2026, 1, 1), new DateOnly(2026, 12, 31))], board.Gaps);
    }

    [Theory]
    [InlineData(100, "1:60,8:5", 1, 1, 8)]
    [InlineData(100, "1:60,8:6", 1, 8, 8)]
    [InlineData(100, "1:49", 0, 1, 1)]
    public void The_middle_and_the_95th_of_a_hundred_are_counted_with_those_who_get_nothing(int people, string reached, int median, int p95, int most)
    {
        var counts = reached.Split(',').Select(pair => pair.Split(':')).ToDictionary(
            pair => int.Parse(pair[0], System.Globalization.CultureInfo.InvariantCulture), pair => int.Parse(pair[1], System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(new YearLoad(people, median, p95, most), YearLoad.Of(people, counts));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task The_feed_shows_approved_mailings_to_whoever_knows_its_address(DatabaseProvider provider)
    {
        await using var given = await ShopAsync(provider);
        await using var db = given.Open();
        var token = await CalendarFeed.TokenAsync(db, given.Clock.Now, default);
        Assert.Equal(token, await CalendarFeed.TokenAsync(db, given.Clock.Now, default));
        var held = await db.Occurrences.AsNoTracking().SingleAsync(one => one.Key == "crab-new-year" && one.Year == 2027);
        await given.Workers.Review.WithdrawApprovalAsync(held.Id, default);
        var feed = (await CalendarFeed.ReadAsync(db, token, given.Clock.Now, default))!;
        Assert.StartsWith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", feed, StringComparison.Ordinal);
        Assert.Contains("DTSTART:20261023T010000Z\r\n", feed, StringComparison.Ordinal);
        Assert.DoesNotContain(held.Id.ToString("N"), feed, StringComparison.Ordinal);
        Assert.Equal(7, feed.Split("BEGIN:VEVENT").Length - 1);
        Assert.All(feed.Split("\r\n"), line => Assert.True(System.Text.Encoding.UTF8.GetByteCount(line) <= 75, line));
        var renewed = await CalendarFeed.RenewAsync(db, given.Clock.Now, default);
        Assert.Null(await CalendarFeed.ReadAsync(db, token, given.Clock.Now, default));
        Assert.NotNull(await CalendarFeed.ReadAsync(db, renewed, given.Clock.Now, default));
        Assert.Null(await CalendarFeed.ReadAsync(db, "", given.Clock.Now, default));
    }

    [Theory]
    [InlineData("仕込み", "relative", "元日 -10d", null)]
    [InlineData("元日", "fixed", "01-01", "key")]
    [InlineData("仕込み 日", "fixed", "01-01", "key")]
    [InlineData("仕込み", "fixed", "", "rule")]
    [InlineData("仕込み", "moon", "01-01", "rule")]
    [InlineData("仕込み", "relative", "開店日 -10d", "仕込み")]
    public async Task A_day_is_added_with_a_rule_that_fits_or_not_at_all(string key, string kind, string rule, string? refused)
    {
        await using var given = await ShopAsync(DatabaseProvider.Sqlite);
        await using var db = given.Open();
        var before = await db.Anchors.CountAsync();
        var add = () => SeasonCalendar.AddAnchorAsync(db, key, kind, rule, given.Clock.Now, default);
        if (refused is null) await add();
        else Assert.Equal(refused, (await Assert.ThrowsAsync<BadInputException>(add)).Place);
        await using var after = given.Open();
        Assert.Equal(before + (refused is null ? 1 : 0), await after.Anchors.CountAsync());
    }

    private static async Task<AnnualBoard> BoardAsync(Scenario given, int year)
    {
        await using var db = given.Open();
        return await AnnualBoard.OfAsync(db, year, given.Clock.Now, default);
    }

    private static async Task<Scenario> ShopAsync(DatabaseProvider provider)
    {
        var given = await Scenario.OnAsync(provider, now: September);
        await using var db = given.Open();
        await SeasonCalendar.LoadAsync(db, CalendarTests.CrabShop, given.Clock.Now, default);
        return given;
    }
}
