using System.Globalization;
using Automation.Marketing.Contacts.Lifecycle;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Reports;

/// <summary>One stage of the funnel.</summary>
/// <param name="Now">People in it as it stands, whenever they came.</param>
/// <param name="Reached">People who came to it in the period.</param>
/// <param name="WentOn">Those of them who came to the next stage on the way afterwards; null: there is no next.</param>
/// <param name="Dwell">Median of the stays that began in the period and have ended; null: none has.</param>
public sealed record FunnelStage(LifecycleStage Stage, int Now, int Reached, int? WentOn, TimeSpan? Dwell);

/// <summary>How people move along their life cycle, counted from its record.</summary>
/// <remarks>Everybody begins as a subscriber at the instant at which they became known. A person who reaches a stage twice counts once; each stay has
/// its own dwell.</remarks>
public static class Funnel
{
    /// <summary>The way to a deal, in its order; the other stages lie beside it.</summary>
    public static IReadOnlyList<LifecycleStage> Way { get; } =
        [LifecycleStage.Subscriber, LifecycleStage.Lead, LifecycleStage.Qualified, LifecycleStage.Accepted, LifecycleStage.Deal, LifecycleStage.Won];

    private static readonly LifecycleStage[] Stages = [.. Way, .. Enum.GetValues<LifecycleStage>().Except(Way)];

    /// <summary>The first sources that people came by, for the filter.</summary>
    public static Task<List<string>> SourcesAsync(AutomationDb db, CancellationToken cancellation) =>
        db.QueryAsync("SELECT DISTINCT source FROM contact_sources ORDER BY source LIMIT 200", row => row.Text(0), cancellation);

    /// <param name="source">Only people whose first source it is; null: everybody.</param>
    /// <returns>Every stage: those of <see cref="Way"/> first, in order.</returns>
    public static async Task<IReadOnlyList<FunnelStage>> OfAsync(AutomationDb db, Period period, string? source, CancellationToken cancellation)
    {
        var now = await StandingAsync(db, source, cancellation);
        var moved = await MovedAsync(db, period, source, cancellation);
        var dwell = await DwellAsync(db, period, source, cancellation);
        return [.. Stages.Select((stage, at) => new FunnelStage(
            stage, now.GetValueOrDefault(stage), moved[2 * at], NextOf(stage) is null ? null : moved[(2 * at) + 1], dwell.TryGetValue(stage, out var median) ? median : null))];
    }

    /// <summary>The people behind a figure, who came last first.</summary>
    /// <param name="wentOn">Only those who came to the next stage afterwards.</param>
    public static Task<List<BehindRow>> ReachedAsync(
        AutomationDb db, Period period, string? source, LifecycleStage stage, bool wentOn, int skip, int take, CancellationToken cancellation)
    {
        var values = ValuesOf(period);
        return BehindRow.ReadAsync(
            db,
            $"""
            WITH {Entries(source, values)}, people AS ({Pivot})
            SELECT contact_id, first_{stage} AS at, '' AS detail FROM people WHERE {(wentOn ? WentOn(stage) : Reached(stage))} ORDER BY 2 DESC, contact_id
            """,
            values, skip, take, cancellation);
    }

    /// <summary>The people who are in a stage now, who came last first.</summary>
    public static Task<List<BehindRow>> StandingAsync(AutomationDb db, string? source, LifecycleStage stage, int skip, int take, CancellationToken cancellation)
    {
        List<object?> values = [stage];
        return BehindRow.ReadAsync(
            db, $"SELECT c.id AS contact_id, COALESCE(c.stage_at, c.created_at) AS at, '' AS detail FROM contacts c WHERE c.stage = @p0{From(source, "c.id", values)} ORDER BY 2 DESC, c.id",
            values, skip, take, cancellation);
    }

    /// <summary>The stage that follows on the way; null: none does.</summary>
    public static LifecycleStage? NextOf(LifecycleStage stage)
    {
        var at = 0;
        while (at < Way.Count && Way[at] != stage) at++;
        return at + 1 < Way.Count ? Way[at + 1] : null;
    }

    private static async Task<Dictionary<LifecycleStage, int>> StandingAsync(AutomationDb db, string? source, CancellationToken cancellation)
    {
        var values = new List<object?>();
        var rows = await db.QueryAsync(
            $"SELECT c.stage, COUNT(*) FROM contacts c WHERE 1 = 1{From(source, "c.id", values)} GROUP BY c.stage", row => (Stage: row.Enum<LifecycleStage>(0), People: row.Int(1)), cancellation, [.. values]);
        return rows.ToDictionary(row => row.Stage, row => row.People);
    }

    // One row per person, one pass over the record: when each stage was first reached in the period, and last at all.
    private static async Task<int[]> MovedAsync(AutomationDb db, Period period, string? source, CancellationToken cancellation)
    {
        var values = ValuesOf(period);
        var sums = Stages.SelectMany(stage => new[] { Count(Reached(stage)), NextOf(stage) is null ? "0" : Count(WentOn(stage)) });
        return (await db.QueryAsync(
            $"WITH {Entries(source, values)}, people AS ({Pivot}) SELECT {string.Join(", ", sums)} FROM people",
            row => Enumerable.Range(0, 2 * Stages.Length).Select(row.Int).ToArray(), cancellation, [.. values]))[0];
    }

    private static async Task<Dictionary<LifecycleStage, TimeSpan>> DwellAsync(AutomationDb db, Period period, string? source, CancellationToken cancellation)
    {
        var values = ValuesOf(period);
        var rows = await db.QueryAsync(
            $"""
            WITH {Entries(source, values)},
            stays AS (SELECT stage, at, LEAD(at) OVER (PARTITION BY contact_id ORDER BY at, place, id) AS left_at FROM entries),
            ended AS (SELECT stage, {db.Dialect.MillisecondsBetween("at", "left_at")} AS dwell FROM stays WHERE left_at IS NOT NULL AND at < @p1),
            ranked AS (SELECT stage, dwell, ROW_NUMBER() OVER (PARTITION BY stage ORDER BY dwell) AS place, COUNT(*) OVER (PARTITION BY stage) AS many FROM ended)
            SELECT stage, MIN(dwell), MAX(dwell) FROM ranked WHERE place IN ((many + 1) / 2, (many + 2) / 2) GROUP BY stage
            """,
            row => (Stage: row.Enum<LifecycleStage>(0), Low: row.Long(1), High: row.Long(2)), cancellation, [.. values]);
        return rows.ToDictionary(row => row.Stage, row => TimeSpan.FromMilliseconds((row.Low + row.High) / 2.0));
    }

    private static List<object?> ValuesOf(Period period) => [period.From, period.Until];

    // What lies before the period says nothing about it.
    private static string Entries(string? source, List<object?> values) => $"""
        entries AS (
            SELECT id AS contact_id, 'Subscriber' AS stage, created_at AS at, 0 AS place, id FROM contacts WHERE created_at >= @p0{From(source, "contacts.id", values)}
            UNION ALL
            SELECT contact_id, to_stage, at, 1, id FROM lifecycle_changes WHERE at >= @p0{From(source, "lifecycle_changes.contact_id", values)})
        """;

    private static string Pivot =>
        $"SELECT contact_id, {string.Join(", ", Stages.Select(stage => $"MIN(CASE WHEN stage = '{stage}' AND at < @p1 THEN at END) AS first_{stage}, MAX(CASE WHEN stage = '{stage}' THEN at END) AS last_{stage}"))} FROM entries GROUP BY contact_id";

    private static string Reached(LifecycleStage stage) => $"first_{stage} IS NOT NULL";

    private static string WentOn(LifecycleStage stage) => $"first_{stage} IS NOT NULL AND last_{NextOf(stage)} >= first_{stage}";

    private static string Count(string condition) => $"COALESCE(SUM(CASE WHEN {condition} THEN 1 ELSE 0 END), 0)";

    // The source that saw the person first; of several at one instant the first by name.
    private static string From(string? source, string person, List<object?> values)
    {
        if (source is null) return "";
        values.Add(source);
        return $" AND (SELECT s.source FROM contact_sources s WHERE s.contact_id = {person} ORDER BY s.first_seen_at, s.source LIMIT 1) = @p{(values.Count - 1).ToString(CultureInfo.InvariantCulture)}";
    }

}
