using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;

namespace Automation.Marketing.Tests.Mail.Decision;

/// <summary>One made-up question with all that is known: random rules, history, zone, wishes, hours; the same for the same number.</summary>
internal sealed record DecisionCase(SendQuestion Question, PersonStanding Person, IReadOnlyList<CountedSend> Sends, SendingPolicy Policy, DateTimeOffset Now)
{
    // Around the changes of the clock of 2026 in New York, Berlin, Cairo and Sydney, and around New Year.
    private static readonly DateTimeOffset[] Days =
    [
        new(2026, 3, 7, 12, 0, 0, TimeSpan.Zero), new(2026, 3, 28, 20, 0, 0, TimeSpan.Zero), new(2026, 4, 23, 12, 0, 0, TimeSpan.Zero),
        new(2026, 10, 3, 6, 0, 0, TimeSpan.Zero), new(2026, 10, 29, 6, 0, 0, TimeSpan.Zero), new(2026, 10, 31, 12, 0, 0, TimeSpan.Zero),
        new(2026, 12, 30, 12, 0, 0, TimeSpan.Zero), new(2026, 7, 1, 0, 0, 0, TimeSpan.Zero),
    ];

    private static readonly string[] Zones =
        ["Asia/Tokyo", "Asia/Tokyo", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo", "Pacific/Apia", "America/Havana", "UTC"];

    private static readonly Approach[] Kinds = [Approach.A1, Approach.A2, Approach.A3];
    private static readonly string[] TopicLists = ["", "", "season", "newsletter", "season,gift", "crab"];

    public static DecisionCase Of(int number)
    {
        var dice = new Random(number);
        var now = Pick(dice, Days).AddMinutes(dice.Next(2 * 24 * 60));
        var policy = PolicyOf(dice);
        var person = PersonOf(dice, now);
        var question = new SendQuestion(MessageClass.Marketing, Pick(dice, Kinds), Pick(dice, OverCap.Defer, OverCap.Defer, OverCap.Skip), dice.Next(3) == 0 ? now.AddMinutes(dice.Next(20 * 24 * 60)) : null)
        {
            Topics = Pick(dice, TopicLists),
            Priority = dice.Next(3) * 30,
            IsExempt = dice.Next(12) == 0,
        };
        return new DecisionCase(question, person, HistoryOf(dice, now, dice.Next(13)), policy, now);
    }

    public override string ToString() =>
        $"{Question} now {Now:O} in {Person.Zone.Id} seed {Person.SpreadSeed} {Person.Frequency} paused {Person.PausedUntil:O} cooling {Person.ComplaintClosedAt:O} muted {Person.MutedUntil:O} cycle {Person.CycleDays} "
        + $"chosen [{string.Join(',', Person.ChosenTopics)}] segments [{string.Join(',', Person.Segments)}] caps [{string.Join("; ", Policy.Caps.Select(Text))}] gap {Policy.MinGap} cycle {Policy.Cycle} "
        + $"{Policy.Quiet} closed [{string.Join("; ", Policy.Blackout)}] open [{string.Join(',', Policy.OpenOn ?? [])}] sends [{Text(Sends)}] company [{Text(Person.CompanySends ?? [])}] holds [{string.Join("; ", Person.Holds)}]";

    private static SendingPolicy PolicyOf(Random dice) => new(
        1, [.. Enumerable.Range(0, dice.Next(4)).Select(index => CapOf(dice, index))], dice.Next(2) == 0 ? null : TimeSpan.FromHours(Pick(dice, 1, 16, 40)), QuietOf(dice))
    {
        Blackout = dice.Next(3) == 0 ? [Pick(dice, new ClosedDays("12-29", "01-03"), new ClosedDays("2026-11-01", "2026-11-03"), new ClosedDays("03-08", "03-08"), new ClosedDays("07-01", "07-05"))] : [],
        OpenOn = dice.Next(4) == 0 ? [DayOfWeek.Monday, DayOfWeek.Tuesday, DayOfWeek.Wednesday, DayOfWeek.Thursday, DayOfWeek.Friday] : null,
        Cycle = dice.Next(2) == 0 ? null : new CycleRule(dice.Next(1, 4), 2, 9, dice.Next(1, 6), 20),
        ComplaintCoolDown = TimeSpan.FromDays(dice.Next(1, 15)),
    };

    private static CapRule CapOf(Random dice, int index)
    {
        var period = Pick(dice, CapPeriod.Rolling, CapPeriod.Rolling, CapPeriod.Rolling, CapPeriod.Day, CapPeriod.Week, CapPeriod.Month);
        return new CapRule(
            $"cap-{index}", dice.Next(20) == 0 ? 0 : dice.Next(8) == 0 ? null : dice.Next(1, 5), period,
            period is CapPeriod.Rolling ? TimeSpan.FromHours(dice.Next(10) == 0 ? 24 * 365 : dice.Next(1, 8 * 24)) : null,
            dice.Next(2) == 0 ? null : Pick<Approach[]>(dice, [Approach.A1, Approach.A2], [Approach.A3], [Approach.A2]))
        {
            Topics = dice.Next(5) == 0 ? Pick<string[]>(dice, ["season"], ["newsletter", "gift"]) : null,
            Segment = dice.Next(5) == 0 ? Pick(dice, "vip", "new") : null,
            MinGap = dice.Next(5) == 0 ? TimeSpan.FromHours(dice.Next(1, 60)) : null,
            PerCompany = dice.Next(6) == 0,
        };
    }

    private static QuietHours? QuietOf(Random dice)
    {
        if (dice.Next(3) == 0) return null;
        var (from, until) = (dice.Next(48), dice.Next(48));
        return from == until ? null : new QuietHours(new TimeOnly(from / 2, 30 * (from % 2)), new TimeOnly(until / 2, 30 * (until % 2)), TimeSpan.FromMinutes(Pick(dice, 0, 30, 90)));
    }

    private static PersonStanding PersonOf(Random dice, DateTimeOffset now) => new(
        "ada@example.com", ConsentState.Granted, Suppressed: null, SalesOwned: false, TimeZoneInfo.FindSystemTimeZoneById(Pick(dice, Zones)), dice.Next(int.MinValue, int.MaxValue))
    {
        Frequency = Pick(dice, MailFrequency.AsDesired, MailFrequency.AsDesired, MailFrequency.Weekly, MailFrequency.Monthly),
        PausedUntil = dice.Next(8) == 0 ? DateOnly.FromDateTime(now.UtcDateTime).AddDays(dice.Next(-2, 12)) : null,
        MutedUntil = dice.Next(8) == 0 ? DateOnly.FromDateTime(now.UtcDateTime).AddDays(dice.Next(-2, 12)) : null,
        ComplaintClosedAt = dice.Next(8) == 0 ? now.AddHours(-dice.Next(20 * 24)) : null,
        Segments = new HashSet<string>(dice.Next(2) == 0 ? ["vip"] : []),
        CycleDays = dice.Next(3) == 0 ? null : dice.Next(1, 15),
        ChosenTopics = new HashSet<string>(dice.Next(3) == 0 ? ["newsletter"] : []),
        CompanySends = dice.Next(2) == 0 ? null : HistoryOf(dice, now, dice.Next(8)),
        Holds = [.. Enumerable.Range(0, Math.Max(0, dice.Next(5) - 2)).Select(_ => new HeldSlot(now.AddMinutes(dice.Next(1, 3 * 24 * 60)), Pick(dice, Kinds), Pick(dice, TopicLists), dice.Next(4) * 30))],
    };

    private static List<CountedSend> HistoryOf(Random dice, DateTimeOffset now, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => new CountedSend(now.AddMinutes(-dice.Next(9 * 24 * 60)), Pick(dice, Kinds), Pick(dice, TopicLists))).OrderBy(send => send.At)];

    private static string Text(CapRule cap) =>
        $"{cap.Id} {cap.Limit} {cap.Period} {cap.Length} kinds {string.Join('/', cap.Approaches ?? [])} topics {string.Join('/', cap.Topics ?? [])} segment {cap.Segment} gap {cap.MinGap} company {cap.PerCompany}";

    private static string Text(IEnumerable<CountedSend> sends) => string.Join("; ", sends.Select(send => $"{send.At:O} {send.Approach} {send.Topics}"));

    private static T Pick<T>(Random dice, params ReadOnlySpan<T> from) => from[dice.Next(from.Length)];
}
