using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Campaigns.Calendar;

/// <summary>A year of approaches at a glance (brief §4.7).</summary>
/// <param name="LastYear">What became of each mailing of the calendar a year ago, by its key.</param>
/// <param name="Load">How many people the year's mailings reach how often.</param>
/// <param name="YearlyCap">The most that one person may get in a year; null: no such rule.</param>
/// <param name="Mix">Of each kind of approach: how much of the year is of it.</param>
/// <param name="AfterPeak">Selling mailings still to come in the months after the peak, when demand is below the band.</param>
/// <param name="PairsLeft">Pairs of mailings within a few days that were not looked at: there are too many.</param>
public sealed record AnnualBoard(
    int Year, IReadOnlyList<Approaching> Approaches, DemandProfile Demand, IReadOnlyDictionary<string, PastResult> LastYear, YearLoad Load, int? YearlyCap,
    IReadOnlyList<SilentGap> Gaps, IReadOnlyList<Conflict> Conflicts, int PairsLeft, IReadOnlyList<ApproachShare> Mix,
    IReadOnlyList<Approaching> AfterPeak)
{
    /// <summary>Longer without any approach is told.</summary>
    public const int SilentDays = 75;

    // Closer together, two mailings to the same people are looked at.
    private const int CloseDays = 7;
    private const int MostPairs = 60;

    /// <param name="year">The calendar year in the shop's zone.</param>
    public static async Task<AnnualBoard> OfAsync(AutomationDb db, int year, DateTimeOffset now, CancellationToken cancellation)
    {
        var zone = LocalTime.ZoneOr((await db.ShopAsync(cancellation)).TimeZone, TimeZoneInfo.Utc);
        var policy = await db.SendingPolicyAsync(cancellation);
        var approaches = await ApproachesAsync(db, year, zone, cancellation);
        var planned = approaches.Where(one => one.State is not (OccurrenceState.Cancelled or OccurrenceState.Missed)).ToList();
        var demand = await DemandProfile.OfAsync(db, LocalTime.DayOf(now, zone).Year, cancellation);
        var pairs = Close(planned, policy.MinGap ?? TimeSpan.Zero);
        return new AnnualBoard(
            year, approaches, demand,
            await LastYearAsync(db, approaches, zone, cancellation), await LoadAsync(db, planned, cancellation),
            policy.Caps.Where(cap => cap.Length >= TimeSpan.FromDays(300)).Select(cap => (int?)cap.Limit).Min(),
            Silence(planned, year), await ConflictsAsync(db, [.. pairs.Take(MostPairs)], cancellation), Math.Max(0, pairs.Count - MostPairs),
            await MixAsync(db, planned, year, zone, cancellation), [.. planned.Where(one => one.State is OccurrenceState.Planned && (one.Approach is Approach.A1 or Approach.A2) && demand.IsAfterPeak(one.Day.Month))]);
    }

    private static async Task<List<Approaching>> ApproachesAsync(AutomationDb db, int year, TimeZoneInfo zone, CancellationToken cancellation)
    {
        var (from, to) = (LocalTime.InstantOf(new DateOnly(year, 1, 1), TimeOnly.MinValue, zone), LocalTime.InstantOf(new DateOnly(year + 1, 1, 1), TimeOnly.MinValue, zone));
        var occurrences = await db.Occurrences.AsNoTracking().Where(one => one.OpensAt >= from && one.OpensAt < to).ToListAsync(cancellation);
        var broadcasts = await db.Broadcasts.AsNoTracking().Where(one => one.OccurrenceId == null && one.SendAt >= from && one.SendAt < to).ToListAsync(cancellation);
        return
        [
            .. occurrences.Select(one => new Approaching(
                    one.Id, one.BroadcastId, one.Key, one.Year, one.Title, one.TitleEn, LocalTime.DayOf(one.OpensAt, zone), one.OpensAt, one.Approach, one.State, one.IsApproved, one.Audience))
                .Concat(broadcasts.Select(one => new Approaching(
                    null, one.Id, "", year, one.Name, null, LocalTime.DayOf(one.SendAt, zone), one.SendAt, one.Approach,
                    one.State switch { BroadcastState.Scheduled => OccurrenceState.Planned, BroadcastState.Stopped => OccurrenceState.Cancelled, _ => OccurrenceState.Launched },
                    IsApproved: true, one.Audience)))
                .OrderBy(one => one.At),
        ];
    }

    private static async Task<Dictionary<string, PastResult>> LastYearAsync(AutomationDb db, List<Approaching> approaches, TimeZoneInfo zone, CancellationToken cancellation)
    {
        var seasons = approaches.Where(one => one.Key.Length > 0).Select(one => (one.Key, Season: one.Season - 1)).ToHashSet();
        var (keys, years) = (seasons.Select(one => one.Key).ToList(), seasons.Select(one => one.Season).Distinct().ToList());
        var past = await db.Occurrences.AsNoTracking().Where(one => keys.Contains(one.Key) && years.Contains(one.Year)).OrderBy(one => one.Year).ToListAsync(cancellation);
        var results = await PastResult.OfAsync(db, [.. past.Where(one => seasons.Contains((one.Key, one.Year)))], zone, cancellation);
        // Of a mailing that stands twice in the year, the later one.
        return results.GroupBy(one => one.Key).ToDictionary(group => group.Key, group => group.Last().Result, StringComparer.Ordinal);
    }

    private static async Task<YearLoad> LoadAsync(AutomationDb db, List<Approaching> planned, CancellationToken cancellation)
    {
        var everyone = (await db.QueryAsync("SELECT COUNT(*) FROM contacts WHERE email IS NOT NULL", row => row.Int(0), cancellation))[0];
        var reached = planned.Count == 0 ? [] : await Audiences.CountPerPersonAsync(db, [.. planned.Select(one => (Audiences.Parse(one.Audience, one.Title), one.Day))], cancellation);
        return YearLoad.Of(everyone, reached);
    }

    private static async Task<List<ApproachShare>> MixAsync(AutomationDb db, List<Approaching> planned, int year, TimeZoneInfo zone, CancellationToken cancellation)
    {
        var sent = (await db.QueryAsync(
            "SELECT approach, COUNT(*) FROM outbox_messages WHERE requested_at >= @p0 AND requested_at < @p1 AND state = 'Sent' AND approach <> 'None' GROUP BY approach",
            row => (Approach: row.Enum<Approach>(0), Mails: row.Int(1)), cancellation,
            LocalTime.InstantOf(new DateOnly(year, 1, 1), TimeOnly.MinValue, zone), LocalTime.InstantOf(new DateOnly(year + 1, 1, 1), TimeOnly.MinValue, zone))).ToDictionary(line => line.Approach, line => line.Mails);
        return [.. new[] { Approach.A1, Approach.A2, Approach.A3 }.Select(kind => new ApproachShare(kind, planned.Count(one => one.Approach == kind), sent.GetValueOrDefault(kind)))];
    }

    private static List<SilentGap> Silence(List<Approaching> planned, int year)
    {
        var days = planned.Select(one => one.Day).Append(new DateOnly(year, 12, 31)).Order();
        var gaps = new List<SilentGap>();
        var before = new DateOnly(year, 1, 1);
        foreach (var day in days)
        {
            if (day.DayNumber - before.DayNumber > SilentDays) gaps.Add(new SilentGap(before, day));
            before = day;
        }
        return gaps;
    }

    private static List<(Approaching One, Approaching Other)> Close(List<Approaching> planned, TimeSpan minGap)
    {
        var close = Math.Max(CloseDays, (int)Math.Ceiling(minGap.TotalDays));
        return
        [
            .. planned.SelectMany((one, number) => planned.Skip(number + 1).TakeWhile(other => other.Day.DayNumber - one.Day.DayNumber <= close).Select(other => (one, other)))
                .Where(pair => pair.other.State is OccurrenceState.Planned),
        ];
    }

    private static async Task<List<Conflict>> ConflictsAsync(AutomationDb db, List<(Approaching One, Approaching Other)> pairs, CancellationToken cancellation)
    {
        var conflicts = new List<Conflict>();
        foreach (var (one, other) in pairs)
        {
            var both = (await Audiences.CountPerPersonAsync(
                db, [(Audiences.Parse(one.Audience, one.Title), one.Day), (Audiences.Parse(other.Audience, other.Title), other.Day)], cancellation)).GetValueOrDefault(2);
            if (both > 0) conflicts.Add(new Conflict(one, other, both));
        }
        return conflicts;
    }
}

/// <summary>One approach of the year: a mailing of the calendar, or a broadcast of its own.</summary>
/// <param name="Id">Of the occurrence; null for a broadcast of its own.</param>
/// <param name="Season">The anchor's year.</param>
public sealed record Approaching(
    Guid? Id, Guid? BroadcastId, string Key, int Season, string Title, string? TitleEn, DateOnly Day, DateTimeOffset At, Approach Approach, OccurrenceState State, bool IsApproved, string Audience);

/// <summary>How much of a year is of one kind.</summary>
/// <param name="Mailings">Of the calendar and broadcasts, gone out or planned.</param>
/// <param name="Sent">Mails that left in the year, those of flows too.</param>
public sealed record ApproachShare(Approach Approach, int Mailings, int Sent);

/// <summary>A stretch in which nobody is approached.</summary>
public sealed record SilentGap(DateOnly From, DateOnly To);

/// <summary>Two mailings within a few days that reach the same people.</summary>
public sealed record Conflict(Approaching First, Approaching Second, int People);

/// <summary>What became of a mailing of the calendar in an earlier year.</summary>
/// <param name="All">People whom it was for.</param>
public sealed record PastResult(DateOnly Day, OccurrenceState State, Guid? BroadcastId, int Sent, int All)
{
    /// <returns>Null when there was none.</returns>
    public static async Task<PastResult?> OfAsync(AutomationDb db, string key, int year, TimeZoneInfo zone, CancellationToken cancellation)
    {
        var past = await db.Occurrences.AsNoTracking().Where(one => one.Key == key && one.Year == year).ToListAsync(cancellation);
        return (await OfAsync(db, past, zone, cancellation)).Select(one => one.Result).SingleOrDefault();
    }

    internal static async Task<IEnumerable<(string Key, PastResult Result)>> OfAsync(AutomationDb db, IReadOnlyList<Occurrence> past, TimeZoneInfo zone, CancellationToken cancellation)
    {
        var results = await BroadcastResult.OfAsync(db, past.Select(one => one.BroadcastId).OfType<Guid>(), cancellation);
        return past.Select(one =>
        {
            var result = one.BroadcastId is { } broadcast ? results.GetValueOrDefault(broadcast) : null;
            return (one.Key, new PastResult(LocalTime.DayOf(one.OpensAt, zone), one.State, one.BroadcastId, result?.Sent ?? 0, result?.All ?? 0));
        });
    }
}

/// <summary>How many mailings of the year a person is meant to get, before caps hold some back.</summary>
/// <param name="Most">The largest number that anybody is meant to get.</param>
public sealed record YearLoad(int People, int Median, int P95, int Most)
{
    /// <param name="people">Everyone with an address, also those whom nothing is meant for.</param>
    /// <param name="reached">How many people are meant to get how many.</param>
    public static YearLoad Of(int people, IReadOnlyDictionary<int, int> reached)
    {
        var counts = reached.Append(new(0, Math.Max(0, people - reached.Values.Sum()))).OrderBy(line => line.Key).ToList();
        return new YearLoad(people, At(counts, people, 0.5), At(counts, people, 0.95), reached.Keys.DefaultIfEmpty(0).Max());
    }

    // The smallest number that at least this share of the people does not exceed.
    private static int At(List<KeyValuePair<int, int>> counts, int people, double share)
    {
        var below = 0;
        foreach (var (mails, count) in counts)
        {
            below += count;
            if (below >= share * people) return mails;
        }
        return 0;
    }
}
