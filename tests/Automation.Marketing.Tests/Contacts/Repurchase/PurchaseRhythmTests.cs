using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Repurchase;

namespace Automation.Marketing.Tests.Contacts.Repurchase;

public sealed class PurchaseRhythmTests
{
    private static readonly DateOnly NewYear = new(2026, 1, 1);

    [Fact]
    public void Every_thirty_days_is_expected_after_thirty_and_reminded_of_six_days_before()
    {
        var rhythm = Rhythm(30, 0, 30, 60, 90);
        Assert.Equal((3, 30, 0, 30, 30), (rhythm.Gaps, rhythm.Median, rhythm.Spread, rhythm.Usual, rhythm.Estimate));
        Assert.Equal((Day(90), Day(120), Day(114), true), (rhythm.Last, rhythm.Due, rhythm.Remind, rhythm.IsSure));
    }

    [Fact]
    public void The_category_weighs_as_much_as_three_gaps()
    {
        // Gaps 20, 30, 40, 30: median 30, distances 10, 0, 10, 0: median 5. (4 × 30 + 3 × 60) ÷ 7.
        var rhythm = Rhythm(60, 0, 20, 50, 90, 120);
        Assert.Equal((4, 30, 5), (rhythm.Gaps, rhythm.Median, rhythm.Spread));
        Assert.Equal(300.0 / 7, rhythm.Usual, 12);
        Assert.Equal(Day(120 + 43), rhythm.Due);
        Assert.Equal(Day(120 + 43 - 9), rhythm.Remind);
    }

    [Theory]
    [InlineData(1, 2, 2)]
    [InlineData(1, 10, 3)]
    [InlineData(4, 1, 0.5)]
    [InlineData(4, 3, 0.75)]
    [InlineData(1, 0, 1)]
    [InlineData(0, 5, 1)]
    public void Who_bought_more_than_usual_comes_later_at_most_three_times_and_at_least_half(int usual, int last, double factor)
    {
        var days = new[] { 0, 30, 60, 90 }.Select((day, at) => new PurchaseDay(Day(day), at == 3 ? last : usual)).ToList();
        var rhythm = PurchaseRhythm.Of(days, 30)!;
        Assert.Equal((30, 30 * factor), (rhythm.Usual, rhythm.Estimate));
    }

    [Theory]
    [InlineData(5, 3)]
    [InlineData(100, 20)]
    [InlineData(150, 30)]
    [InlineData(400, 30)]
    public void A_reminder_comes_a_fifth_ahead_three_to_thirty_days(int gap, int lead)
    {
        var rhythm = Rhythm(gap, 0, gap, 2 * gap, 3 * gap);
        Assert.Equal(lead, rhythm.Due.DayNumber - rhythm.Remind.DayNumber);
    }

    [Fact]
    public void Nobody_is_reminded_on_the_day_of_the_purchase()
    {
        var rhythm = Rhythm(2, 0, 2, 4, 6);
        Assert.Equal((Day(8), Day(7)), (rhythm.Due, rhythm.Remind));
    }

    [Fact]
    public void With_fewer_than_two_gaps_the_category_stands_in_and_is_never_sure()
    {
        var rhythm = Rhythm(45, 0, 10);
        Assert.Equal((1, 45, Day(55), false, false), (rhythm.Gaps, rhythm.Usual, rhythm.Due, rhythm.IsSure, rhythm.IsOwn));
        Assert.Null(PurchaseRhythm.Of([new PurchaseDay(NewYear, 1)], null));
        Assert.Null(PurchaseRhythm.Of([], 30));
    }

    [Theory]
    [InlineData(false, 0, 30, 60)]
    [InlineData(true, 0, 30, 60, 90)]
    [InlineData(true, 0, 10, 30, 60)]
    [InlineData(false, 0, 9, 29, 60)]
    [InlineData(false, 0, 10, 20, 90, 200)]
    public void Sure_is_who_has_three_gaps_that_lie_within_half_their_median(bool sure, params int[] days) => Assert.Equal(sure, Rhythm(30, days).IsSure);

    [Fact]
    public void One_and_a_half_cycles_late_is_lapsed_and_three_is_dormant()
    {
        var rhythm = Rhythm(30, 0, 30, 60, 90);
        Assert.Equal(RepurchaseState.Waiting, rhythm.StateOn(Day(113)));
        Assert.Equal(RepurchaseState.Due, rhythm.StateOn(Day(114)));
        Assert.Equal(RepurchaseState.Due, rhythm.StateOn(Day(134)));
        Assert.Equal((RepurchaseState.Lapsed, 1.5), (rhythm.StateOn(Day(135)), rhythm.RatioOn(Day(135))));
        Assert.Equal(RepurchaseState.Lapsed, rhythm.StateOn(Day(179)));
        Assert.Equal((RepurchaseState.Dormant, 3), (rhythm.StateOn(Day(180)), rhythm.RatioOn(Day(180))));
    }

    [Fact]
    public void A_purchase_day_is_what_returns_leave_more_than_nothing_of()
    {
        var lines = new[]
        {
            Line("A", 1, 0, 1000), Line("A", 2, 0, 500),
            Line("B", 1, 10, 1000), Line("B", 2, 25, -1000),          // returned two weeks later: undoes its own day
            Line("C", 1, 20, 1000), Line("D", 1, 20, -400),           // two orders of one day: something is left
            Line("E", 1, 30, 1000), Line("F", 1, 30, -1000),
            Line("G", 1, 40, 0), Line("H", 1, 50, 1000),
        };
        Assert.Equal([Day(0), Day(20), Day(50)], PurchaseDays.Of(lines, Day(50)).Select(day => day.Day));
        Assert.Equal([Day(0), Day(20)], PurchaseDays.Of(lines, Day(49)).Select(day => day.Day));
        // Before it came back, it had been bought.
        Assert.Equal([Day(0), Day(10), Day(20)], PurchaseDays.Of(lines, Day(24)).Select(day => day.Day));
    }

    [Fact]
    public void The_median_of_a_category_counts_every_person_once()
    {
        var gaps = new GapCounts();
        // Medians 10, 20.5 and 40; the first bought forty times.
        gaps.Add("かに", [.. Enumerable.Range(0, 40).Select(at => new PurchaseDay(Day(10 * at), 1))]);
        gaps.Add("かに", Days(0, 20, 41));
        Assert.Equal(15, Assert.Single(gaps.Medians()).Value);
        gaps.Add("かに", Days(0, 40));
        gaps.Add("かに", Days(0));
        gaps.Add("干物", Days(7));
        Assert.Equal(("かに", 21), Assert.Single(gaps.Medians().Select(one => (one.Key, one.Value))));
    }

    [Fact]
    public void Any_purchases_give_what_a_plain_slow_calculation_gives()
    {
        var dice = new Random(411);
        var (own, sure) = (0, 0);
        for (var round = 0; round < 20_000; round++)
        {
            var rows = Enumerable.Range(0, dice.Next(12)).Select(_ => (Day: Day(dice.Next(dice.Next(1, 900))), Quantity: dice.Next(-1, 5))).DistinctBy(one => one.Day).OrderBy(one => one.Day).ToList();
            if (round % 2 == 0) rows = [.. Enumerable.Range(0, dice.Next(8)).Select(at => (Day(at * 30 + dice.Next(9)), dice.Next(1, 4)))];
            int? category = dice.Next(4) == 0 ? null : dice.Next(1, 200);
            var rhythm = PurchaseRhythm.Of([.. rows.Select(row => new PurchaseDay(row.Day, row.Quantity))], category);
            var slow = Slow(rows, category);
            Assert.Equal(slow is null, rhythm is null);
            if (rhythm is null || slow is not { } expected) continue;
            Assert.Equal(expected.Estimate, rhythm.Estimate, 9);
            Assert.Equal((expected.Due, expected.Remind, expected.Sure), (rhythm.Due, rhythm.Remind, rhythm.IsSure));
            (own, sure) = (own + (rhythm.IsOwn ? 1 : 0), sure + (rhythm.IsSure ? 1 : 0));
        }
        Assert.True(own > 10_000 && sure > 3_000, $"{own} own, {sure} sure");
    }

    /// <summary>The brief, word by word.</summary>
    internal static (double Estimate, DateOnly Due, DateOnly Remind, bool Sure)? Slow(IReadOnlyList<(DateOnly Day, int Quantity)> days, int? category)
    {
        var n = days.Count - 1;
        if (n < 0) return null;
        var gaps = new List<double>();
        for (var at = 1; at <= n; at++) gaps.Add(days[at].Day.DayNumber - days[at - 1].Day.DayNumber);
        if (n < 2 && category is null) return null;
        var m = n < 2 ? 0 : Middle(gaps);
        var s = n < 2 ? 0 : Middle([.. gaps.Select(gap => Math.Abs(gap - m))]);
        var estimate = n < 2 ? category!.Value : (n * m + 3 * (category ?? m)) / (n + 3);
        if (n > 0)
        {
            var usual = Middle([.. days.Take(n).Select(day => (double)day.Quantity)]);
            var factor = days[n].Quantity / usual;
            if (usual > 0 && days[n].Quantity > 0) estimate *= factor < 0.5 ? 0.5 : factor > 3 ? 3 : factor;
        }
        var lead = 0.2 * estimate;
        if (lead < 3) lead = 3;
        if (lead > 30) lead = 30;
        var due = days[n].Day.AddDays((int)Math.Floor(estimate + 0.5));
        var remind = due.AddDays(-(int)Math.Floor(lead + 0.5));
        if (remind <= days[n].Day) remind = days[n].Day.AddDays(1);
        return (estimate, due, remind, n >= 3 && s / m <= 0.5);
    }

    private static double Middle(List<double> values)
    {
        values.Sort();
        var half = values.Count / 2;
        return values.Count % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
    }

    private static PurchaseRhythm Rhythm(int category, params int[] days) => PurchaseRhythm.Of(Days(days), category)!;

    private static List<PurchaseDay> Days(params int[] days) => [.. days.Select(day => new PurchaseDay(Day(day), 1))];

    private static DateOnly Day(int after) => NewYear.AddDays(after);

    private static Purchase Line(string order, int line, int day, decimal net) => new() { Source = "web-shop", OrderId = order, Line = line, Date = Day(day), Quantity = Math.Sign(net), Net = net };
}
