using System.Text.Json.Serialization;

namespace Automation.Marketing.Mail.Decision;

/// <summary>How often a person may be mailed, and when not (brief §4.1, §4.2). Data: versioned, edited on a page.</summary>
/// <param name="Version">Grows with each change; written beside each decision.</param>
/// <param name="Caps">All that match a message must allow it.</param>
/// <param name="MinGap">Least time between two counted mails to one person.</param>
/// <param name="Quiet">Null: mail may leave at any hour.</param>
public sealed record SendingPolicy(int Version, IReadOnlyList<CapRule> Caps, TimeSpan? MinGap, QuietHours? Quiet)
{
    /// <summary>Preset for shops.</summary>
    public static readonly SendingPolicy Shop = new(
        1,
        [
            new("calendar-day", 1, CapPeriod.Day),
            new("selling-30d", 2, CapPeriod.Rolling, TimeSpan.FromDays(30), CapRule.Selling),
            new("selling-365d", 8, CapPeriod.Rolling, TimeSpan.FromDays(365), CapRule.Selling),
            new("total-30d", 3, CapPeriod.Rolling, TimeSpan.FromDays(30)),
        ],
        MinGap: TimeSpan.FromHours(16),
        QuietHours.Default)
    {
        Cycle = CycleRule.Default,
        LookAhead = DefaultLookAhead,
    };

    /// <summary>Preset for newsletters.</summary>
    public static readonly SendingPolicy Newsletter = new(
        1,
        [
            new("calendar-day", 1, CapPeriod.Day),
            new("selling-7d", 2, CapPeriod.Rolling, TimeSpan.FromDays(7), CapRule.Selling),
            new("total-7d", 3, CapPeriod.Rolling, TimeSpan.FromDays(7)),
            new("total-30d", 6, CapPeriod.Rolling, TimeSpan.FromDays(30)),
        ],
        MinGap: TimeSpan.FromHours(16),
        QuietHours.Default)
    {
        Cycle = CycleRule.Default,
        LookAhead = DefaultLookAhead,
    };

    /// <summary>Preset for business customers: the newsletter's numbers, business days from nine to six, nothing around New Year.</summary>
    public static readonly SendingPolicy Business = Newsletter with
    {
        Quiet = QuietHours.Default with { From = new TimeOnly(18, 0), Until = new TimeOnly(9, 0) },
        OpenOn = [DayOfWeek.Monday, DayOfWeek.Tuesday, DayOfWeek.Wednesday, DayOfWeek.Thursday, DayOfWeek.Friday],
        Blackout = [new ClosedDays("12-29", "01-03")],
    };

    private static TimeSpan DefaultLookAhead => TimeSpan.FromDays(3);

    /// <summary>The presets by the names that settings and pages use.</summary>
    public static IReadOnlyDictionary<string, SendingPolicy> Presets { get; } = new Dictionary<string, SendingPolicy>(StringComparer.Ordinal)
    {
        ["shop"] = Shop,
        ["newsletter"] = Newsletter,
        ["business"] = Business,
    };

    /// <summary>Local days on which no marketing mail leaves.</summary>
    public IReadOnlyList<ClosedDays> Blackout { get; init; } = [];

    /// <summary>Weekdays on which marketing mail may leave; null: all.</summary>
    public IReadOnlyList<DayOfWeek>? OpenOn { get; init; }

    /// <summary>Selling mail by the person's own purchase cycle; null: off.</summary>
    public CycleRule? Cycle { get; init; }

    /// <summary>How far ahead a confirmed mailing of higher priority holds its slot; null: not at all.</summary>
    public TimeSpan? LookAhead { get; init; }

    /// <summary>Transactional mail is never held back; whether it counts for the rules without kinds of mail.</summary>
    public bool CountTransactional { get; init; }

    /// <summary>After a complaint is closed, selling stays blocked this long.</summary>
    public TimeSpan ComplaintCoolDown { get; init; } = TimeSpan.FromDays(14);

    /// <summary>An open complaint also stops selling to the person's colleagues.</summary>
    public bool ComplaintHoldsCompany { get; init; }

    /// <summary>The share of a step's mails held back by limits in 24 hours above which it is in alarm.</summary>
    public double AlarmShare { get; init; } = 0.1;

    /// <summary>How far back sends can matter.</summary>
    [JsonIgnore]
    public TimeSpan Reach => Caps.Select(cap => cap.Reach).Append(MinGap ?? TimeSpan.Zero).Append(Cycle?.Reach ?? TimeSpan.Zero).Append(LongestPreference).Max();

    [JsonIgnore]
    public bool HasCompanyRules => Caps.Any(cap => cap.PerCompany);

    // What a person may ask for: once a month.
    private static TimeSpan LongestPreference => TimeSpan.FromDays(30);
}

/// <summary>The kind of a cap's window.</summary>
public enum CapPeriod { Rolling, Day, Week, Month }

/// <summary>At most <paramref name="Limit"/> counted mails in a window, or a least gap between them, or both.</summary>
/// <param name="Id">What explanations name it by.</param>
/// <param name="Limit">0: none at all. Null: no number, only the gap counts.</param>
/// <param name="Length">For <see cref="CapPeriod.Rolling"/>: the window is (t − Length, t]. Calendar windows are local; weeks start on Monday.</param>
/// <param name="Approaches">Counts and holds back only these; null: every marketing mail.</param>
public sealed record CapRule(string Id, int? Limit, CapPeriod Period, TimeSpan? Length = null, IReadOnlyList<Approach>? Approaches = null)
{
    /// <summary>More would be no limit, and a decision reads no further back than this many mails of a kind.</summary>
    public const int MostLimit = 500;

    /// <summary>The kinds of mail that sell.</summary>
    public static readonly IReadOnlyList<Approach> Selling = [Approach.A1, Approach.A2];

    /// <summary>Only mail is decided here so far.</summary>
    public string Channel { get; init; } = SendQuestion.Email;

    /// <summary>Counts and holds back only mails with one of these topics; null: all.</summary>
    public IReadOnlyList<string>? Topics { get; init; }

    /// <summary>Holds for the people of this segment only; null: for all.</summary>
    public string? Segment { get; init; }

    /// <summary>Least time between two mails that this rule counts.</summary>
    public TimeSpan? MinGap { get; init; }

    /// <summary>Counts the mails to everyone of the person's company.</summary>
    public bool PerCompany { get; init; }

    [JsonIgnore]
    public TimeSpan Reach
    {
        get
        {
            var window = Limit is null ? TimeSpan.Zero : Period switch
            {
                CapPeriod.Rolling => Length ?? TimeSpan.Zero,
                CapPeriod.Day => TimeSpan.FromDays(2),
                CapPeriod.Week => TimeSpan.FromDays(8),
                _ => TimeSpan.FromDays(32),
            };
            return MinGap > window ? MinGap.Value : window;
        }
    }

    [JsonIgnore]
    public bool IsSelling => Approaches is { Count: > 0 } && Approaches.All(Selling.Contains);
}

/// <summary>Selling mail by the person's own purchase cycle (brief §4.1.5).</summary>
/// <param name="Limit">Selling mails per cycle.</param>
/// <param name="ShortestDays">A shorter cycle counts as this long.</param>
/// <param name="LongestDays">A longer cycle counts as this long, and <paramref name="LongLimit"/> per <paramref name="LongDays"/> holds besides.</param>
public sealed record CycleRule(int Limit, int ShortestDays, int LongestDays, int LongLimit, int LongDays)
{
    public static readonly CycleRule Default = new(Limit: 3, ShortestDays: 14, LongestDays: 120, LongLimit: 6, LongDays: 365);

    [JsonIgnore]
    public TimeSpan Reach => TimeSpan.FromDays(Math.Max(LongestDays, LongDays));
}

/// <summary>Local hours in which no marketing mail leaves: closed from <paramref name="From"/> to <paramref name="Until"/>.</summary>
/// <param name="Spread">Openings are spread over this much time, each person at an own fixed moment, so that they do not burst.</param>
public sealed record QuietHours(TimeOnly From, TimeOnly Until, TimeSpan Spread)
{
    public static readonly QuietHours Default = new(new TimeOnly(21, 0), new TimeOnly(8, 0), TimeSpan.FromMinutes(30));

    /// <summary>When these hours, if <paramref name="at"/> lies in them, are over; null when it does not.</summary>
    // By instants: an hour that the clock shows twice must not close again what has opened.
    public DateTimeOffset? OpeningAfter(DateTimeOffset at, TimeZoneInfo zone)
    {
        var today = LocalTime.DayOf(at, zone);
        return OpeningOf(today.AddDays(-1), at, zone) ?? OpeningOf(today, at, zone);
    }

    /// <summary>The instants between which the hours that begin on this day are closed.</summary>
    public (DateTimeOffset From, DateTimeOffset Until) Of(DateOnly day, TimeZoneInfo zone) =>
        (LocalTime.InstantOf(day, From, zone), LocalTime.InstantOf(From <= Until ? day : day.AddDays(1), Until, zone));

    private DateTimeOffset? OpeningOf(DateOnly evening, DateTimeOffset at, TimeZoneInfo zone)
    {
        var (from, until) = Of(evening, zone);
        return from <= at && at < until ? until : null;
    }
}

/// <summary>Days on which no marketing mail leaves, both included: <c>MM-dd</c> each year, <c>yyyy-MM-dd</c> once.</summary>
public sealed record ClosedDays(string From, string Until)
{
    private const string Yearly = "MM-dd";

    public bool Contains(DateOnly day)
    {
        var text = From.Length == Yearly.Length ? day.ToString(Yearly, System.Globalization.CultureInfo.InvariantCulture) : LocalTime.Iso(day);
        return string.CompareOrdinal(From, Until) <= 0
            ? string.CompareOrdinal(From, text) <= 0 && string.CompareOrdinal(text, Until) <= 0
            // Over New Year.
            : string.CompareOrdinal(From, text) <= 0 || string.CompareOrdinal(text, Until) <= 0;
    }
}
