using System.Globalization;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Mail.Suppression;

namespace Automation.Marketing.Tests.Mail.Decision;

public sealed class DeciderTests
{
    private static readonly DateTimeOffset Noon = At("2026-11-16T12:00+09:00");
    private static readonly SendQuestion Selling = new(MessageClass.Marketing, Approach.A2, OverCap.Defer, ValidUntil: null);
    private static readonly PersonStanding Ada = Living("Asia/Tokyo");

    [Fact]
    public void Nothing_against_a_mail_lets_it_go() => Assert.Equal(SendDecision.Now, Decide(Caps()));

    [Theory]
    [InlineData("2026-11-09T12:00:00.000+09:00", true)]    // exactly one window ago: no longer counts
    [InlineData("2026-11-09T12:00:00.001+09:00", false)]
    [InlineData("2026-11-16T12:00:00.000+09:00", false)]   // this very instant counts
    public void A_rolling_window_forgets_a_mail_exactly_one_window_old(string sent, bool goes)
    {
        var decision = Decide(Caps(new CapRule("week", 1, CapPeriod.Rolling, TimeSpan.FromDays(7))), Sends(sent));
        Assert.Equal(goes ? MessageState.Queued : MessageState.Deferred, decision.State);
        if (!goes) Assert.Equal(At(sent) + TimeSpan.FromDays(7), decision.Reason.Next);
    }

    [Fact]
    public void A_rolling_window_frees_a_place_when_the_oldest_that_matters_leaves_it()
    {
        var policy = Caps(new CapRule("three", 2, CapPeriod.Rolling, TimeSpan.FromDays(7)));
        var decision = Decide(policy, Sends("2026-11-12T12:00+09:00", "2026-11-13T12:00+09:00", "2026-11-14T12:00+09:00"));
        Assert.Equal((3, 2, "P7D"), (decision.Reason.Count, decision.Reason.Limit, decision.Reason.Window));
        Assert.Equal(At("2026-11-20T12:00+09:00"), decision.Reason.Next);
    }

    [Fact]
    public void A_mail_before_midnight_blocks_the_next_day_only_through_rolling_or_gap_rules()
    {
        var late = Sends("2026-11-16T23:50+09:00");
        var justAfter = At("2026-11-17T00:10+09:00");
        Assert.Equal(MessageState.Queued, Decide(Caps(new CapRule("calendar-day", 1, CapPeriod.Day)), late, justAfter).State);
        Assert.Equal("rolling", Decide(Caps(new CapRule("rolling", 1, CapPeriod.Rolling, TimeSpan.FromDays(1))), late, justAfter).Rule);
        Assert.Equal("min-gap", Decide(Caps() with { MinGap = TimeSpan.FromHours(16) }, late, justAfter).Rule);
    }

    [Theory]
    [InlineData("Asia/Tokyo", "2026-11-16T23:59+09:00", "2026-11-17T00:00+09:00")]
    [InlineData("America/New_York", "2026-03-08T01:00-05:00", "2026-03-09T00:00-04:00")]   // a day of 23 hours
    [InlineData("America/New_York", "2026-11-01T00:30-04:00", "2026-11-02T00:00-05:00")]   // a day of 25 hours
    public void A_calendar_day_is_the_persons_own(string zone, string sent, string next)
    {
        var decision = Decide(Caps(new CapRule("calendar-day", 1, CapPeriod.Day)), Sends(sent), At(sent).AddSeconds(1), person: Living(zone));
        Assert.Equal((MessageState.Deferred, "day", At(next)), (decision.State, decision.Reason.Window, decision.Reason.Next));
    }

    [Fact]
    public void A_day_of_25_hours_counts_as_one_day()
    {
        var policy = Caps(new CapRule("calendar-day", 1, CapPeriod.Day));
        var sent = Sends("2026-11-01T00:00-04:00");
        Assert.Equal(MessageState.Deferred, Decide(policy, sent, At("2026-11-01T23:59-05:00"), person: Living("America/New_York")).State);
        Assert.Equal(MessageState.Queued, Decide(policy, sent, At("2026-11-02T00:00-05:00"), person: Living("America/New_York")).State);
    }

    [Theory]
    [InlineData("2026-11-16T00:00+09:00", "2026-11-22T23:59+09:00", "2026-11-23T00:00+09:00")]   // Monday to Sunday
    [InlineData("2026-11-15T23:59+09:00", "2026-11-16T00:00+09:00", null)]                         // Sunday belongs to the week before
    public void A_week_begins_on_Monday(string sent, string now, string? next)
    {
        var decision = Decide(Caps(new CapRule("week", 1, CapPeriod.Week)), Sends(sent), At(now));
        Assert.Equal(next is null ? null : At(next), decision.Reason.Next);
    }

    [Theory]
    [InlineData("2026-02-01T00:00+09:00", "2026-02-28T23:59+09:00", "2026-03-01T00:00+09:00")]
    [InlineData("2026-01-31T23:59+09:00", "2026-02-01T00:00+09:00", null)]
    [InlineData("2026-12-31T12:00+09:00", "2026-12-31T13:00+09:00", "2027-01-01T00:00+09:00")]
    public void A_month_is_the_month_of_the_calendar(string sent, string now, string? next)
    {
        var decision = Decide(Caps(new CapRule("month", 1, CapPeriod.Month)), Sends(sent), At(now));
        Assert.Equal(next is null ? null : At(next), decision.Reason.Next);
    }

    [Theory]
    [InlineData("2026-11-15T20:00:00+09:00", true)]
    [InlineData("2026-11-15T20:00:01+09:00", false)]
    public void The_least_gap_ends_to_the_second(string sent, bool goes) =>
        Assert.Equal(goes, Decide(Caps() with { MinGap = TimeSpan.FromHours(16) }, Sends(sent)).State is MessageState.Queued);

    [Fact]
    public void A_limit_of_none_never_lets_a_mail_through()
    {
        var decision = Decide(Caps(new CapRule("none", 0, CapPeriod.Day)));
        Assert.Equal((MessageState.Expired, "none", 0), (decision.State, decision.Rule, decision.Reason.Limit));
        Assert.Null(decision.Reason.Next);
    }

    [Fact]
    public void A_selling_cap_neither_counts_nor_holds_back_care_mail()
    {
        var policy = Caps(new CapRule("selling", 1, CapPeriod.Rolling, TimeSpan.FromDays(30), CapRule.Selling));
        var care = new CountedSend(Noon.AddDays(-1), Approach.A3);
        var selling = new CountedSend(Noon.AddDays(-1), Approach.A1);
        Assert.Equal(MessageState.Queued, Decide(policy, [care]).State);
        Assert.Equal(MessageState.Queued, Decide(policy, [selling], question: Selling with { Approach = Approach.A3 }).State);
        Assert.Equal(MessageState.Deferred, Decide(policy, [selling]).State);
    }

    [Fact]
    public void The_rule_that_holds_back_longest_is_the_one_that_is_named()
    {
        var policy = Caps(new CapRule("short", 1, CapPeriod.Rolling, TimeSpan.FromDays(2)), new CapRule("long", 1, CapPeriod.Rolling, TimeSpan.FromDays(9)));
        var decision = Decide(policy, Sends("2026-11-16T11:00+09:00"));
        Assert.Equal(("long", At("2026-11-25T11:00+09:00")), (decision.Rule, decision.Reason.Next));
    }

    [Theory]
    [InlineData("20:59:59", true)]
    [InlineData("21:00:00", false)]
    [InlineData("00:00:00", false)]
    [InlineData("07:59:59", false)]
    [InlineData("08:00:00", true)]
    public void Nothing_leaves_in_the_quiet_hours(string time, bool goes)
    {
        var now = At($"2026-11-16T{time}+09:00");
        Assert.Equal(goes, Decide(Quiet(TimeSpan.Zero), now: now).State is MessageState.Queued);
    }

    [Fact]
    public void Each_person_has_an_own_moment_after_the_opening_and_always_the_same()
    {
        var opening = At("2026-11-17T08:00+09:00");
        var moments = Enumerable.Range(0, 500).Select(seed => Decide(Quiet(TimeSpan.FromMinutes(30)), now: opening.AddHours(-3), person: Ada with { SpreadSeed = seed * 7919 }).Reason.Next!.Value).ToList();
        Assert.All(moments, moment => Assert.InRange(moment, opening, opening.AddMinutes(30).AddTicks(-1)));
        Assert.True(moments.Distinct().Count() > 300);
        var again = Decide(Quiet(TimeSpan.FromMinutes(30)), now: opening.AddHours(-1), person: Ada with { SpreadSeed = 7919 });
        Assert.Equal(moments[1], again.Reason.Next);
        var negative = Decide(Quiet(TimeSpan.FromMinutes(30)), now: opening.AddHours(-1), person: Ada with { SpreadSeed = int.MinValue });
        Assert.InRange(negative.Reason.Next!.Value, opening, opening.AddMinutes(30));
    }

    [Fact]
    public void An_opening_that_the_clock_jumps_over_is_the_first_moment_after_it()
    {
        var policy = Caps() with { Quiet = new QuietHours(new TimeOnly(22, 0), new TimeOnly(2, 30), TimeSpan.Zero) };
        var decision = Decide(policy, now: At("2026-03-08T01:59-05:00"), person: Living("America/New_York"));
        Assert.Equal(At("2026-03-08T03:00-04:00"), decision.Reason.Next);
    }

    [Fact]
    public void An_opening_that_comes_twice_opens_the_first_time_and_stays_open()
    {
        var policy = Caps() with { Quiet = new QuietHours(new TimeOnly(22, 0), new TimeOnly(1, 30), TimeSpan.Zero) };
        var person = Living("America/New_York");
        Assert.Equal(At("2026-11-01T01:30-04:00"), Decide(policy, now: At("2026-11-01T01:10-04:00"), person: person).Reason.Next);
        Assert.Equal(MessageState.Queued, Decide(policy, now: At("2026-11-01T01:10-05:00"), person: person).State);
    }

    [Fact]
    public void Quiet_hours_put_off_even_what_a_cap_would_skip()
    {
        var now = At("2026-11-16T22:00+09:00");
        var skipping = Selling with { OverCap = OverCap.Skip };
        Assert.Equal(MessageState.Deferred, Decide(Quiet(TimeSpan.Zero), now: now, question: skipping).State);
        var capped = Decide(Caps(new CapRule("month", 1, CapPeriod.Month)), Sends("2026-11-02T12:00+09:00"), now, question: skipping);
        Assert.Equal((MessageState.Skipped, "month"), (capped.State, capped.Rule));
        Assert.Equal(At("2026-12-01T00:00+09:00"), capped.Reason.Next);
    }

    [Fact]
    public void A_mail_that_could_leave_only_after_its_last_day_has_expired()
    {
        var policy = Caps(new CapRule("week", 1, CapPeriod.Rolling, TimeSpan.FromDays(7)));
        var next = At("2026-11-20T12:00+09:00");
        var sends = Sends("2026-11-13T12:00+09:00");
        Assert.Equal(MessageState.Deferred, Decide(policy, sends, question: Selling with { ValidUntil = next }).State);
        var late = Decide(policy, sends, question: Selling with { ValidUntil = next.AddSeconds(-1) });
        Assert.Equal((MessageState.Expired, "week"), (late.State, late.Rule));
        Assert.Equal((MessageState.Expired, "valid-until"), Answer(Decide(Caps(), question: Selling with { ValidUntil = Noon.AddSeconds(-1) })));
    }

    [Fact]
    public void Transactional_mail_passes_caps_quiet_hours_and_missing_consent()
    {
        var policy = Caps(new CapRule("none", 0, CapPeriod.Day)) with { Quiet = new QuietHours(new TimeOnly(0, 0), new TimeOnly(23, 59), TimeSpan.Zero), MinGap = TimeSpan.FromDays(9) };
        var order = new SendQuestion(MessageClass.Transactional, Approach.None, OverCap.Defer, ValidUntil: null);
        foreach (var consent in Enum.GetValues<ConsentState>())
            Assert.Equal(SendDecision.Now, Decide(policy, Sends("2026-11-16T11:59+09:00"), question: order, person: Ada with { Consent = consent, SalesOwned = true }));
    }

    [Theory]
    [InlineData(SuppressionReason.Complaint, "suppressed-complaint")]
    [InlineData(SuppressionReason.HardBounce, "suppressed-hardbounce")]
    [InlineData(SuppressionReason.Legal, "suppressed-legal")]
    [InlineData(SuppressionReason.Manual, "suppressed-manual")]
    public void A_suppressed_address_gets_nothing_not_even_transactional_mail(SuppressionReason reason, string rule)
    {
        var person = Ada with { Suppressed = reason, Consent = ConsentState.Withdrawn };
        Assert.Equal((MessageState.Suppressed, rule), Answer(Decide(Caps(), person: person)));
        var order = new SendQuestion(MessageClass.Transactional, Approach.None, OverCap.Defer, ValidUntil: null);
        Assert.Equal((MessageState.Suppressed, rule), Answer(Decide(Caps(), person: person, question: order)));
    }

    [Theory]
    [InlineData(ConsentState.Withdrawn, "consent-withdrawn")]
    [InlineData(ConsentState.None, "consent-none")]
    [InlineData(ConsentState.Pending, "consent-pending")]
    public void Marketing_needs_consent_given_and_not_withdrawn(ConsentState consent, string rule) =>
        Assert.Equal((MessageState.Suppressed, rule), Answer(Decide(Caps(), person: Ada with { Consent = consent, SalesOwned = true })));

    [Fact]
    public void Who_has_no_address_gets_nothing() =>
        Assert.Equal((MessageState.Suppressed, "no-address"), Answer(Decide(Caps(), person: Ada with { Email = null })));

    [Theory]
    [InlineData(Approach.A1, MessageState.Skipped)]
    [InlineData(Approach.A2, MessageState.Skipped)]
    [InlineData(Approach.A3, MessageState.Queued)]
    public void While_sales_owns_a_person_selling_stops_and_care_goes_on(Approach approach, MessageState state) =>
        Assert.Equal(state, Decide(Caps(), person: Ada with { SalesOwned = true }, question: Selling with { Approach = approach }).State);

    [Fact]
    public void The_three_touches_of_a_crab_season_fit_the_shops_preset()
    {
        var sent = new List<CountedSend>();
        foreach (var touch in new[] { "2026-10-23T10:00+09:00", "2026-12-02T10:00+09:00", "2027-02-27T10:00+09:00", "2027-10-23T10:00+09:00" })
        {
            Assert.Equal(SendDecision.Now, Decide(SendingPolicy.Shop, sent, At(touch)));
            sent.Add(new CountedSend(At(touch), Approach.A2));
        }
    }

    [Fact]
    public void A_decision_says_which_policy_decided_and_is_kept_whole_as_json()
    {
        var reason = Decide(SendingPolicy.Shop with { Version = 7 }, Sends("2026-11-16T09:00+09:00")).Reason;
        Assert.Equal(7, reason.PolicyVersion);
        Assert.Equal(reason, DecisionReason.FromJson(reason.ToJson()));
    }

    private static SendDecision Decide(
        SendingPolicy policy, IReadOnlyList<CountedSend>? sends = null, DateTimeOffset? now = null, SendQuestion? question = null, PersonStanding? person = null) =>
        Decider.Decide(question ?? Selling, person ?? Ada, sends ?? [], policy, now ?? Noon);

    private static (MessageState State, string Rule) Answer(SendDecision decision) => (decision.State, decision.Rule);

    private static SendingPolicy Caps(params CapRule[] caps) => new(1, caps, MinGap: null, Quiet: null);

    private static SendingPolicy Quiet(TimeSpan spread) => Caps() with { Quiet = QuietHours.Default with { Spread = spread } };

    private static PersonStanding Living(string zone) =>
        new("ada@example.com", ConsentState.Granted, Suppressed: null, SalesOwned: false, TimeZoneInfo.FindSystemTimeZoneById(zone), SpreadSeed: 0);

    private static List<CountedSend> Sends(params string[] instants) => [.. instants.Select(instant => new CountedSend(At(instant), Approach.A2))];

    private static DateTimeOffset At(string instant) => DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture);
}
