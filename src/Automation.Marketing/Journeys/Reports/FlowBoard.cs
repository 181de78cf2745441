using Automation.Marketing.Mail;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Journeys.Reports;

/// <summary>Where a flow stands as a whole.</summary>
public enum FlowStanding { Draft, Published, Changed, Retracted }

/// <summary>One flow in the list.</summary>
/// <param name="Standing"><see cref="FlowStanding.Changed"/>: published, and a newer draft is under way.</param>
/// <param name="Version">The published version; the latest when none is.</param>
/// <param name="Goal">Runs that ended because the goal was reached.</param>
/// <param name="Faulted">Runs stopped by an error in the last seven days.</param>
public sealed record FlowOnBoard(
    string DefinitionId, string Name, FlowStanding Standing, int Version, IReadOnlyList<FlowTrigger> Triggers, int Inside, int Entered, int Goal, int Sent, int Faulted)
{
    public DateTimeOffset? PausedAt { get; init; }

    /// <summary>Since when the guard lets nobody in.</summary>
    public DateTimeOffset? HeldAt { get; init; }

    public bool HasAlarm => HeldAt is not null || Faulted > 0;
}

/// <summary>All flows with their figures.</summary>
public static class FlowBoard
{
    /// <summary>An error older than this alarms nobody any more.</summary>
    public static readonly TimeSpan AlarmSpan = TimeSpan.FromDays(7);

    public static async Task<IReadOnlyList<FlowOnBoard>> LoadAsync(AutomationDb db, DateTimeOffset now, CancellationToken cancellation)
    {
        var versions = (await db.FlowDefinitions.AsNoTracking().Where(flow => flow.IsLatest || flow.IsPublished)
            .Select(flow => new Version(flow.Id, flow.DefinitionId, flow.Name, flow.Version, flow.IsPublished, flow.PublishedAt != null)).ToListAsync(cancellation))
            .GroupBy(version => version.DefinitionId).ToList();
        var triggers = (await db.FlowTriggers.AsNoTracking().ToListAsync(cancellation)).ToLookup(trigger => trigger.DefinitionVersionId);
        var controls = await db.FlowControls.AsNoTracking().Where(control => control.PausedAt != null || control.EntryHeldAt != null)
            .ToDictionaryAsync(control => control.DefinitionId, cancellation);
        var runs = await RunsAsync(db, now, cancellation);
        var sent = await SentAsync(db, [.. versions.Select(flow => flow.Key)], cancellation);
        return [.. versions.Select(flow =>
        {
            var shown = flow.OrderByDescending(version => version.IsPublished).ThenByDescending(version => version.Number).First();
            var figures = runs.GetValueOrDefault(flow.Key);
            var control = controls.GetValueOrDefault(flow.Key);
            return new FlowOnBoard(
                flow.Key, shown.Name, StandingOf([.. flow]), shown.Number, [.. triggers[shown.Id]], figures.Inside, figures.Entered, figures.Goal, sent.GetValueOrDefault(flow.Key), figures.Faulted)
            {
                PausedAt = control?.PausedAt,
                HeldAt = control?.PausedAt is null ? control?.EntryHeldAt : null,
            };
        })];
    }

    private static FlowStanding StandingOf(IReadOnlyList<Version> versions)
    {
        var latest = versions.MaxBy(version => version.Number)!;
        if (versions.Any(version => version.IsPublished)) return latest.IsPublished ? FlowStanding.Published : FlowStanding.Changed;
        return latest.WasPublished ? FlowStanding.Retracted : FlowStanding.Draft;
    }

    private static async Task<Dictionary<string, Figures>> RunsAsync(AutomationDb db, DateTimeOffset now, CancellationToken cancellation) =>
        (await db.QueryAsync(
            """
            SELECT definition_id, COUNT(*), SUM(CASE WHEN status = 'Running' THEN 1 ELSE 0 END), SUM(CASE WHEN end_reason = 'goal' THEN 1 ELSE 0 END),
                   SUM(CASE WHEN status = 'Faulted' AND finished_at >= @p0 THEN 1 ELSE 0 END)
            FROM flow_instances GROUP BY definition_id
            """,
            row => (Flow: row.Text(0), Figures: new Figures(row.Int(1), row.Int(2), row.Int(3), row.Int(4))), cancellation, now - AlarmSpan))
        .ToDictionary(row => row.Flow, row => row.Figures, StringComparer.Ordinal);

    private static async Task<Dictionary<string, int>> SentAsync(AutomationDb db, string[] flows, CancellationToken cancellation) =>
        (await db.QueryAsync(
            $"SELECT origin_id, COUNT(*) FROM outbox_messages WHERE {db.Dialect.Among("origin_id", "@p0")} AND state = '{nameof(MessageState.Sent)}' GROUP BY origin_id",
            row => (Flow: row.Text(0), Mails: row.Int(1)), cancellation, flows))
        .ToDictionary(row => row.Flow, row => row.Mails, StringComparer.Ordinal);

    private readonly record struct Figures(int Entered, int Inside, int Goal, int Faulted);

    private sealed record Version(string Id, string DefinitionId, string Name, int Number, bool IsPublished, bool WasPublished);
}
