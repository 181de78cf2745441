using System.Text.Json.Serialization;

namespace Automation.Marketing.Mail.Decision;

/// <summary>How often a person may be mailed, and when not (brief §4.1, §4.2). Data: editable, kept as a workspace setting.</summary>
/// <param name="Version">Grows with each change; written beside each decision.</param>
/// <param name="Caps">All that match a message must allow it.</param>
/// <param name="MinGap">Least time between two counted mails to one person.</param>
public sealed record SendingPolicy(int Version, IReadOnlyList<CapRule> Caps, TimeSpan? MinGap, QuietHours? Quiet)
{
    public const string SettingKey = "sending-policy";

    /// <summary>Preset for shops.</summary>
    public static readonly SendingPolicy Shop = new(
        1,
        [
            new("calendar-day", 1, CapPeriod.Day),
            new("selling-30d", 2, CapPeriod.Rolling, TimeSpan.FromDays(30), Selling: true),
            new("selling-365d", 8, CapPeriod.Rolling, TimeSpan.FromDays(365), Selling: true),
            new("total-30d", 3, CapPeriod.Rolling, TimeSpan.FromDays(30)),
        ],
        MinGap: TimeSpan.FromHours(16),
        QuietHours.Default);

    /// <summary>Preset for newsletters and B2B.</summary>
    public static readonly SendingPolicy Newsletter = new(
        1,
        [
            new("calendar-day", 1, CapPeriod.Day),
            new("selling-7d", 2, CapPeriod.Rolling, TimeSpan.FromDays(7), Selling: true),
            new("total-7d", 3, CapPeriod.Rolling, TimeSpan.FromDays(7)),
            new("total-30d", 6, CapPeriod.Rolling, TimeSpan.FromDays(30)),
        ],
        MinGap: TimeSpan.FromHours(16),
        QuietHours.Default);

    /// <summary>How far back sends can matter.</summary>
    [JsonIgnore]
    public TimeSpan Reach => Caps.Select(cap => cap.Reach).Append(MinGap ?? TimeSpan.Zero).Max();
}

/// <summary>The kind of a cap's window.</summary>
public enum CapPeriod { Rolling, Day, Week, Month }

/// <summary>At most <paramref name="Limit"/> counted mails in a window. A limit of 0 means none at all.</summary>
/// <param name="Id">What explanations name it by.</param>
/// <param name="Length">For <see cref="CapPeriod.Rolling"/>: the window is (t − Length, t]. Calendar windows are local; weeks start on Monday.</param>
/// <param name="Selling">Counts and holds back A1 and A2 only; otherwise every marketing mail.</param>
public sealed record CapRule(string Id, int Limit, CapPeriod Period, TimeSpan? Length = null, bool Selling = false)
{
    [JsonIgnore]
    public TimeSpan Reach => Period switch
    {
        CapPeriod.Rolling => Length ?? TimeSpan.Zero,
        CapPeriod.Day => TimeSpan.FromDays(2),
        CapPeriod.Week => TimeSpan.FromDays(8),
        _ => TimeSpan.FromDays(32),
    };

    public bool Concerns(Approach approach) => !Selling || approach is Approach.A1 or Approach.A2;
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

    private DateTimeOffset? OpeningOf(DateOnly evening, DateTimeOffset at, TimeZoneInfo zone)
    {
        if (at < LocalTime.InstantOf(evening, From, zone)) return null;
        var opening = LocalTime.InstantOf(From <= Until ? evening : evening.AddDays(1), Until, zone);
        return at < opening ? opening : null;
    }
}
