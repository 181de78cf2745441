using Automation.Marketing.Campaigns.Turns;

namespace Automation.Marketing.Tests.Campaigns.Turns;

public sealed class TurnPlanTests
{
    private static readonly TimeZoneInfo Tokyo = TimeZoneInfo.FindSystemTimeZoneById("Asia/Tokyo");
    private static readonly Guid Broadcast = Guid.Parse("0199f000-0000-7000-8000-000000000001");

    [Theory]
    [InlineData("Asia/Tokyo", "2026-11-25T10:00", "2026-11-25T01:00Z")]
    [InlineData("America/New_York", "2026-11-25T10:00", "2026-11-25T15:00Z")]
    [InlineData("Europe/London", "2026-07-01T10:00", "2026-07-01T09:00Z")]
    [InlineData("Pacific/Kiritimati", "2026-11-25T10:00", "2026-11-24T20:00Z")]
    // The clock jumps from 2 to 3: half past two is the first moment after the gap.
    [InlineData("America/New_York", "2026-03-08T02:30", "2026-03-08T07:00Z")]
    // The clock shows half past one twice: the first of them.
    [InlineData("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30Z")]
    // Nobody knows this zone: the shop's own.
    [InlineData("Mars/Olympus", "2026-11-25T10:00", "2026-11-25T01:00Z")]
    [InlineData(null, "2026-11-25T10:00", "2026-11-25T01:00Z")]
    public void It_is_everyones_turn_at_the_hour_of_their_own_clock(string? zone, string local, string instant)
    {
        var hour = new LocalHour(DateTime.Parse(local, System.Globalization.CultureInfo.InvariantCulture));
        var turn = Plan(new BroadcastOptions(hour), hour.First).Of(Guid.NewGuid(), zone);
        Assert.Equal(DateTimeOffset.Parse(instant, System.Globalization.CultureInfo.InvariantCulture), turn.At);
        Assert.True(turn.At >= hour.First);
    }

    [Theory]
    [InlineData(HourPast.SendNow, "2026-11-25T06:00Z", null)]
    [InlineData(HourPast.Tomorrow, "2026-11-26T01:00Z", null)]
    [InlineData(HourPast.LeaveOut, null, SetApart.HourPast)]
    public void Whose_hour_is_over_when_it_begins_is_treated_by_the_rule(HourPast rule, string? instant, SetApart? apart)
    {
        var begins = DateTimeOffset.Parse("2026-11-25T06:00Z", System.Globalization.CultureInfo.InvariantCulture);
        var plan = Plan(new BroadcastOptions(new LocalHour(new DateTime(2026, 11, 25, 10, 0, 0), rule)), begins);
        var tokyo = plan.Of(Guid.NewGuid(), "Asia/Tokyo");
        Assert.Equal((instant is null ? null : DateTimeOffset.Parse(instant, System.Globalization.CultureInfo.InvariantCulture), apart), (tokyo.At, tokyo.Apart));
        Assert.Equal(new DateTimeOffset(2026, 11, 25, 15, 0, 0, TimeSpan.Zero), plan.Of(Guid.NewGuid(), "America/New_York").At);
    }

    [Theory]
    [InlineData(HourPast.SendNow)]
    [InlineData(HourPast.Tomorrow)]
    [InlineData(HourPast.LeaveOut)]
    public void What_was_asked_for_is_kept_as_it_was(HourPast rule)
    {
        var options = new BroadcastOptions(
            new LocalHour(new DateTime(2026, 11, 25, 10, 0, 0), rule), 60, new VersionTest(TestOf.Time, "10:00", "18:00", 10, 3, WinnerBy.Orders, 7), 5, OnPaper: true);
        Assert.Equal(options, BroadcastOptions.FromJson(options.ToJson()));
        Assert.Equal(BroadcastOptions.None, BroadcastOptions.FromJson(BroadcastOptions.None.ToJson()));
        Assert.Equal(BroadcastOptions.None, BroadcastOptions.FromJson("{}"));
    }

    [Fact]
    public void A_broadcast_that_begins_days_late_waits_for_the_next_such_hour()
    {
        var begins = DateTimeOffset.Parse("2026-11-28T00:30Z", System.Globalization.CultureInfo.InvariantCulture);
        var plan = Plan(new BroadcastOptions(new LocalHour(new DateTime(2026, 11, 25, 10, 0, 0))), begins);
        Assert.Equal(new DateTimeOffset(2026, 11, 28, 1, 0, 0, TimeSpan.Zero), plan.Of(Guid.NewGuid(), "Asia/Tokyo").At);
    }

    [Fact]
    public void A_test_takes_its_share_and_halves_it_and_the_same_person_always_gets_the_same_version()
    {
        var people = Enumerable.Range(0, 20_000).Select(_ => Guid.CreateVersion7(DateTimeOffset.UnixEpoch)).ToList();
        var options = new BroadcastOptions(Test: new VersionTest(TestOf.Subject, "", "B", Share: 20));
        var turns = people.Select(id => Plan(options, DateTimeOffset.UnixEpoch).Of(id, null)).ToList();
        Assert.InRange(turns.Count(turn => turn.Version == "A"), 1_850, 2_150);
        Assert.InRange(turns.Count(turn => turn.Version == "B"), 1_850, 2_150);
        Assert.All(turns.Where(turn => turn.Version is null), turn => Assert.Equal(TurnPlan.NotYet, turn.At));
        Assert.Equal(turns, people.Select(id => Plan(options, DateTimeOffset.UnixEpoch).Of(id, null)));
        var other = new TurnPlan(Guid.NewGuid(), options, 0, DateTimeOffset.UnixEpoch, Tokyo);
        Assert.NotEqual(turns.Select(turn => turn.Version), people.Select(id => other.Of(id, null).Version));
    }

    [Fact]
    public void The_held_out_of_all_are_the_same_for_a_year_and_others_in_the_next()
    {
        var people = Enumerable.Range(0, 10_000).Select(_ => Guid.CreateVersion7(DateTimeOffset.UnixEpoch)).ToList();
        var (january, december) = (HeldOut(people, Guid.NewGuid(), 2026, 1), HeldOut(people, Guid.NewGuid(), 2026, 12));
        Assert.InRange(january.Count, 420, 580);
        Assert.Equal(january, december);
        Assert.InRange(january.Intersect(HeldOut(people, Guid.NewGuid(), 2027, 1)).Count(), 5, 60);
    }

    [Fact]
    public void Versions_that_are_times_come_on_the_same_day_and_the_rest_at_the_better_time()
    {
        var begins = new DateTimeOffset(2026, 11, 25, 8, 0, 0, TimeSpan.FromHours(9));
        var plan = Plan(new BroadcastOptions(Test: new VersionTest(TestOf.Time, "10:00", "18:30", Share: 100)), begins);
        var turns = Enumerable.Range(0, 50).Select(_ => plan.Of(Guid.NewGuid(), null)).ToList();
        Assert.Equal([new TimeOnly(10, 0)], turns.Where(turn => turn.Version == "A").Select(turn => LocalTime.TimeOf(turn.At!.Value, Tokyo)).Distinct());
        Assert.Equal([new TimeOnly(18, 30)], turns.Where(turn => turn.Version == "B").Select(turn => LocalTime.TimeOf(turn.At!.Value, Tokyo)).Distinct());
        Assert.Equal(new DateTimeOffset(2026, 11, 27, 18, 30, 0, TimeSpan.FromHours(9)), plan.RestAt(begins.AddDays(1).AddHours(11), "B", Tokyo));
    }

    [Theory]
    [InlineData(100, 30, 100, 20, "A", WinnerBecause.Better)]
    [InlineData(100, 20, 100, 30, "B", WinnerBecause.Better)]
    [InlineData(100, 20, 200, 40, "A", WinnerBecause.Tie)]
    [InlineData(99, 0, 100, 50, "A", WinnerBecause.TooSmall)]
    [InlineData(300, 100, 301, 101, "B", WinnerBecause.Better)]
    public void The_better_share_wins_and_ties_and_small_tests_give_the_first(int sentA, int gotA, int sentB, int gotB, string winner, WinnerBecause because)
    {
        var test = new VersionTest(TestOf.Subject, "", "B");
        Assert.Equal((winner, because), VersionFigures.Better(test, [new("A", sentA, sentA, gotA, 0), new("B", sentB, sentB, gotB, 0), new("", 900, 0, 0, 0)]));
        Assert.Equal((winner, because), VersionFigures.Better(test with { By = WinnerBy.Orders }, [new("A", sentA, sentA, 0, gotA), new("B", sentB, sentB, 0, gotB)]));
    }

    private static List<Guid> HeldOut(List<Guid> people, Guid broadcast, int year, int month)
    {
        var plan = new TurnPlan(broadcast, BroadcastOptions.None, 5, new DateTimeOffset(year, month, 15, 10, 0, 0, TimeSpan.FromHours(9)), Tokyo);
        return [.. people.Where(id => plan.Of(id, null).Apart is SetApart.HeldOut)];
    }

    private static TurnPlan Plan(BroadcastOptions options, DateTimeOffset begins) => new(Broadcast, options, 0, begins, Tokyo);
}
