using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Scoring;

namespace Automation.Marketing.Tests.Contacts.Scoring;

public sealed class HeatTests
{
    private const int Fits = 60;

    private static readonly ScoringRules Rules = ScoringRules.Default;
    private static readonly TimeZoneInfo Tokyo = TimeZoneInfo.FindSystemTimeZoneById("Asia/Tokyo");
    private static readonly DateTimeOffset Start = new(2026, 11, 16, 10, 0, 0, TimeSpan.FromHours(9));

    [Theory]
    [InlineData("form.submitted", "{}", 20, 30)]
    [InlineData("document.downloaded", "{}", 20, 30)]
    [InlineData("quote.requested", "{}", 60, 30)]
    [InlineData("contact.requested", "{}", 60, 30)]
    [InlineData("mail.replied", "{}", 25, 30)]
    [InlineData("seminar.attended", "{}", 15, 30)]
    [InlineData("page.viewed", """{"url":"https://shop.example.com/PRICE"}""", 10, 14)]
    [InlineData("page.viewed", """{"title":"\u6599\u91d1のご案内"}""", 10, 14)]
    [InlineData("page.viewed", """{"title":"料金表"}""", 10, 14)]
    [InlineData("mail.clicked", "{}", 3, 14)]
    public void Each_touch_is_worth_what_the_rules_say_and_half_after_its_half_life(string type, string data, double points, double halfLife)
    {
        var touch = Assert.Single(Touches(new RawTouch(type, Start, data)));
        Assert.Equal(points, touch.WorthAt(Start));
        Assert.Equal(points / 2, touch.WorthAt(Start.AddDays(halfLife)), 9);
        Assert.Equal(points / 64, touch.WorthAt(Start.AddDays(6 * halfLife)), 9);
        Assert.Equal(0, touch.WorthAt(Start.AddSeconds(-1)));
    }

    [Theory]
    [InlineData("mail.opened", "{}")]
    [InlineData("page.viewed", """{"url":"https://shop.example.com/about"}""")]
    [InlineData("order.placed", "{}")]
    public void Openings_other_pages_and_what_no_rule_names_are_worth_nothing(string type, string data) => Assert.Empty(Touches(new RawTouch(type, Start, data)));

    [Fact]
    public void Three_of_a_kind_count_a_local_day_and_the_next_day_three_more()
    {
        // 23:50 and 00:10 in Tokyo are one day in UTC.
        var evening = new DateTimeOffset(2026, 11, 16, 23, 50, 0, TimeSpan.FromHours(9));
        RawTouch[] clicks = [.. Enumerable.Range(0, 5).Select(number => Click(evening.AddSeconds(number))), .. Enumerable.Range(0, 5).Select(number => Click(evening.AddMinutes(20).AddSeconds(number)))];
        var counted = Behaviour.Touches(Rules, clicks, [], Tokyo);
        Assert.Equal((6, 3), (counted.Count, counted.Count(touch => touch.At < evening.AddMinutes(10))));
        Assert.Equal(7, Behaviour.Touches(Rules, [.. clicks, new RawTouch("form.submitted", evening, "")], [], Tokyo).Count);
    }

    [Fact]
    public void Hot_needs_sixty_points_and_a_fit_of_fifty()
    {
        var three = Touches(Reply(0), Reply(0, 1), Form(0, 2));
        Assert.True(At(three, Start.AddMinutes(2)).Alert);
        Assert.True(At(three, Start.AddMinutes(2), fit: 50).Alert);
        Assert.Equal((false, false), (At(three, Start.AddMinutes(2), fit: 49).Alert, At(three, Start.AddMinutes(2), fit: 49).IsHot));
        Assert.False(At(Touches(Reply(0), Reply(0, 1)), Start.AddMinutes(2)).Alert);
        // Exactly sixty at that instant.
        Assert.True(At(Touches(Form(0), Form(0), Form(0)), Start).Alert);
    }

    [Fact]
    public void Who_asks_for_a_quote_is_hot_at_once_whatever_the_fit()
    {
        var asked = Touches(new RawTouch("quote.requested", Start, ""));
        Assert.True(At(asked, Start.AddSeconds(5), fit: 0).Alert);
        Assert.True(At(asked, Start.AddDays(17), fit: 0).IsHot);
        Assert.False(At(asked, Start.AddDays(18), fit: 0).IsHot);
    }

    [Fact]
    public void Between_cooling_and_heat_nothing_changes()
    {
        var touches = Touches(Reply(0), Reply(0, 1), Reply(0, 2));
        var told = new HeatBefore(Start.AddMinutes(2), Start.AddMinutes(2));
        // 75 points fall to 59 after 10.4 days and to 40 after 27.2.
        var later = At(touches, Start.AddDays(20), before: told);
        Assert.Equal((true, false, false), (later.IsHot, later.Cooled, later.Alert));
        var cold = At(touches, Start.AddDays(28), before: told);
        Assert.Equal((false, true, false), (cold.IsHot, cold.Cooled, cold.Alert));
    }

    [Fact]
    public void Whoever_cooled_in_between_is_told_of_again_though_nobody_looked_at_the_time()
    {
        var told = new HeatBefore(Start.AddMinutes(2), Start.AddMinutes(2));
        // Below 40 on day 27.2; the next touch on day 28 lifts it well above 60 within one look.
        var touches = Touches(Reply(0), Reply(0, 1), Reply(0, 2), Reply(28), Reply(28, 1));
        Assert.Equal((true, true), (At(touches, Start.AddDays(28).AddMinutes(1), before: told).Alert, At(touches, Start.AddDays(28).AddMinutes(1), before: told).Cooled));
        // One more on day 26 kept it warm.
        touches = Touches(Reply(0), Reply(0, 1), Reply(0, 2), Reply(26), Reply(28), Reply(28, 1));
        Assert.False(At(touches, Start.AddDays(28).AddMinutes(1), before: told).Alert);
    }

    [Fact]
    public void Whoever_stays_hot_is_told_of_again_after_thirty_days_at_what_they_do_next()
    {
        var told = new HeatBefore(Start.AddMinutes(2), Start.AddMinutes(2));
        List<RawTouch> record = [Reply(0), Reply(0, 1), Reply(0, 2), .. Enumerable.Range(1, 5).SelectMany(week => new[] { Reply(week * 5), Form(week * 5, 1) })];
        Assert.False(At(Touches([.. record]), Start.AddDays(29), before: told).Alert);
        Assert.True(At(Touches([.. record, Reply(30, 5)]), Start.AddDays(30).AddMinutes(5), before: told).Alert);
        // Nothing done since: time alone tells nobody anything.
        Assert.False(At(Touches(Reply(0), Reply(0, 1), Reply(0, 2)), Start.AddDays(31), before: told).Alert);
    }

    [Fact]
    public void What_is_dated_in_the_future_counts_from_then_on()
    {
        var touches = Touches(new RawTouch("quote.requested", Start.AddDays(2), ""));
        Assert.Equal((0.0, false), (At(touches, Start).Score, At(touches, Start.AddDays(2).AddSeconds(-1)).Alert));
        Assert.True(At(touches, Start.AddDays(2)).Alert);
    }

    [Fact]
    public void A_hand_back_leaves_twenty_and_only_what_comes_after_makes_hot_again()
    {
        RawTouch[] before = [Reply(0), Reply(0, 1), Reply(0, 2)];
        var worth = Behaviour.ScoreAt(Touches(before), Start.AddDays(1));
        ScoreCut[] cuts = [new(Start.AddDays(1), 20 / worth)];
        var cut = Behaviour.Touches(Rules, before, cuts, Tokyo);
        Assert.Equal(20, Behaviour.ScoreAt(cut, Start.AddDays(1)), 9);
        Assert.Equal(10, Behaviour.ScoreAt(cut, Start.AddDays(31)), 9);
        // What arrives late but happened before is cut as well, and re-arms nothing.
        var late = Behaviour.Touches(Rules, [.. before, Reply(0, 3), Form(0, 4), Form(0, 5), Form(0, 6)], [new ScoreCut(Start.AddDays(1), 1)], Tokyo);
        Assert.False(At(late, Start.AddDays(2), before: new HeatBefore(null, Start), cuts: [new ScoreCut(Start.AddDays(1), 1)]).Alert);
        var after = Behaviour.Touches(Rules, [.. before, Reply(2), Form(2, 1)], cuts, Tokyo);
        Assert.True(At(after, Start.AddDays(2).AddMinutes(1), before: new HeatBefore(null, Start), cuts: cuts).Alert);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(60)]
    [InlineData(5)]
    public void The_instant_of_cooling_is_the_one_at_which_the_sum_passes_the_level(double level)
    {
        var sums = Behaviour.SumsAt(Touches(Reply(0), Form(1), Click(Start.AddDays(2)), new RawTouch("quote.requested", Start.AddDays(2), "")), Start.AddDays(2));
        var span = Behaviour.UntilBelow(sums, level);
        Assert.True(Behaviour.Faded(sums, span) < level);
        Assert.True(Behaviour.Faded(sums, span - TimeSpan.FromSeconds(1)) > level);
        Assert.Equal(TimeSpan.Zero, Behaviour.UntilBelow(sums, 1000));
    }

    [Fact]
    public void Least_is_found_right_before_touches_in_any_order_of_arrival()
    {
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            RawTouch[] record = [.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => new RawTouch(random.Next(2) == 0 ? "mail.replied" : "mail.clicked", Start.AddHours(random.Next(0, 1500)), ""))];
            var touches = Touches(record);
            var (after, until) = (Start.AddHours(random.Next(0, 400)), Start.AddHours(random.Next(400, 1600)));
            var plain = touches.Where(touch => touch.At > after && touch.At <= until).Select(touch => touches.Where(other => other.At < touch.At).Sum(other => other.WorthAt(touch.At)))
                .Append(touches.Sum(touch => touch.WorthAt(until))).Min();
            Assert.Equal(plain, Behaviour.LeastBetween(touches, after, until), 6);
        }
    }

    [Fact]
    public void Fit_adds_up_what_holds_and_stays_between_nought_and_a_hundred()
    {
        var person = Contact.Create(Guid.NewGuid(), Start);
        Assert.Equal(40, Fitness.Of(Rules, person, []));
        (person.Company, person.Phone, person.Prefecture, person.Custom) = ("港食堂", "0776-00-0000", "福井県", """{"seats":"80"}""");
        Assert.Equal(90, Fitness.Of(Rules, person, []));
        FitRule[] more =
        [
            new("custom.seats", FitOperator.AtLeast, "50", 40), new("custom.seats", FitOperator.AtMost, "50", 1000), new(Fitness.Tag, FitOperator.Is, "卸、飲食", 5),
            new("prefecture", FitOperator.Is, "東京都", 1000), new("kana", FitOperator.Absent, "", 3), new("company", FitOperator.Contains, "食堂", 2),
        ];
        Assert.Equal(100, Fitness.Of(Rules with { Fit = [.. Rules.Fit, .. more] }, person, ["飲食"]));
        Assert.Equal(40 + 40 + 5 + 3 + 2, Fitness.Of(Rules with { Fit = more }, person, ["飲食"]));
        Assert.Equal(0, Fitness.Of(Rules with { Fit = [new("name", FitOperator.Absent, "", -90)] }, person, []));
    }

    private static RawTouch Reply(double days, int minutes = 0) => new("mail.replied", Start.AddDays(days).AddMinutes(minutes), "");

    private static RawTouch Form(double days, int minutes = 0) => new("form.submitted", Start.AddDays(days).AddMinutes(minutes), "");

    private static RawTouch Click(DateTimeOffset at) => new(TouchRule.Clicked, at, "");

    private static IReadOnlyList<Touch> Touches(params RawTouch[] record) => Behaviour.Touches(Rules, record, [], Tokyo);

    private static Heat At(IReadOnlyList<Touch> touches, DateTimeOffset instant, int fit = Fits, HeatBefore before = default, ScoreCut[]? cuts = null) =>
        Heat.At(Rules, touches, cuts ?? [], fit, before, instant);
}
