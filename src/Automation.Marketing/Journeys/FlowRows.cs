using Automation.Marketing.Storage;

namespace Automation.Marketing.Journeys;

/// <summary>Reads and writes the rows of runs, many at once; written by hand because every burst of every flow comes through here.</summary>
internal static class FlowRows
{
    private static readonly string[] InstanceColumns =
    [
        "id", "definition_id", "definition_version_id", "contact_id", "entry", "entry_key", "status", "end_reason", "state", "event", "revision",
        "started_at", "updated_at", "finished_at",
    ];

    private static readonly string[] BookmarkColumns = ["id", "instance_id", "contact_id", "name", "key", "node_id", "due_at"];
    private static readonly string[] StepColumns = ["instance_id", "contact_id", "activity_type", "activity_id", "happened", "detail", "at"];

    /// <summary>The live runs of these people, in the order in which they began, and what each waits for.</summary>
    public static async Task<List<FlowRun>> LiveOfAsync(AutomationDb db, Guid[] contactIds, CancellationToken cancellation)
    {
        var runs = await db.QueryAsync(
            $"""
            SELECT id, definition_id, definition_version_id, contact_id, entry, entry_key, state, event, revision, started_at, paused_at
            FROM flow_instances WHERE {db.Dialect.Among("contact_id", "@p0")} AND status = 'Running' ORDER BY id
            """,
            row => new FlowRun(
                new FlowInstance
                {
                    Id = row.Guid(0),
                    DefinitionId = row.Text(1),
                    DefinitionVersionId = row.Text(2),
                    ContactId = row.Guid(3),
                    Entry = row.Int(4),
                    EntryKey = row.Text(5),
                    State = row.Text(6),
                    Event = row.Text(7),
                    Revision = row.Int(8),
                    StartedAt = row.Instant(9),
                    PausedAt = row.InstantOrNull(10),
                },
                isNew: false),
            cancellation, contactIds);
        if (runs.Count == 0) return runs;
        var waits = (await db.QueryAsync(
            $"SELECT instance_id, id, contact_id, name, key, due_at FROM flow_bookmarks WHERE {db.Dialect.Among("instance_id", "@p0")}",
            row => new FlowBookmark { InstanceId = row.Guid(0), Id = row.Text(1), ContactId = row.Guid(2), Name = row.Text(3), Key = row.Text(4), DueAt = row.InstantOrNull(5) },
            cancellation, runs.Select(run => run.Instance.Id).ToArray())).ToLookup(wait => wait.InstanceId);
        foreach (var run in runs) run.Waits = [.. waits[run.Instance.Id]];
        return runs;
    }

    /// <summary>How often each of these people has entered each of these flows, and when they left it last.</summary>
    public static async Task<Dictionary<(Guid Contact, string Flow), Entries>> EntriesAsync(
        AutomationDb db, Guid[] contactIds, string[] flows, CancellationToken cancellation) =>
        (await db.QueryAsync(
            $"""
            SELECT contact_id, definition_id, MAX(entry), MAX(finished_at) FROM flow_instances
            WHERE {db.Dialect.Among("contact_id", "@p0")} AND {db.Dialect.Among("definition_id", "@p1")} GROUP BY contact_id, definition_id
            """,
            row => (Key: (row.Guid(0), row.Text(1)), Entries: new Entries(row.Int(2), row.InstantOrNull(3))), cancellation, contactIds, flows))
        .ToDictionary(row => row.Key, row => row.Entries);

    /// <summary>Writes what changed, and the lines of the journal in the order in which it happened.</summary>
    /// <exception cref="InvalidOperationException">A run was changed by another worker since it was read.</exception>
    public static async Task SaveAsync(AutomationDb db, IReadOnlyList<FlowRun> changed, IReadOnlyList<FlowStep> journal, CancellationToken cancellation)
    {
        var known = changed.Where(run => !run.IsNew).ToList();
        foreach (var run in changed) run.Instance.Revision++;
        await db.InsertManyAsync("flow_instances", InstanceColumns, [.. changed.Where(run => run.IsNew).Select(Row)], "", cancellation);
        var updated = await db.ExecuteManyAsync(
            """
            UPDATE flow_instances SET status = @p2, end_reason = @p3, state = @p4, revision = @p5, updated_at = @p6, finished_at = @p7
            WHERE id = @p0 AND revision = @p1
            """,
            [.. known.Select(run => new object?[]
            {
                run.Instance.Id, run.SavedRevision, run.Instance.Status, run.Instance.EndReason, run.NewState(), run.Instance.Revision, run.Instance.UpdatedAt,
                run.Instance.FinishedAt,
            })],
            cancellation);
        // The people are held, so this cannot be; should it ever, then nothing of this round may be kept.
        if (updated != known.Count) throw new InvalidOperationException("A run was changed by another worker meanwhile.");
        if (known.Count > 0)
            await db.ExecuteAsync($"DELETE FROM flow_bookmarks WHERE {db.Dialect.Among("instance_id", "@p0")}", cancellation, known.Select(run => run.Instance.Id).ToArray());
        await db.InsertManyAsync("flow_bookmarks", BookmarkColumns, [.. changed.SelectMany(run => run.Waits).Select(Row)], "", cancellation);
        await db.InsertManyAsync("flow_steps", StepColumns, [.. journal.Select(Row)], "", cancellation);
        foreach (var run in changed) run.Saved();
    }

    /// <summary>Sets a run apart with what went wrong; the rest of its row stays as it was.</summary>
    public static async Task SetApartAsync(AutomationDb db, FlowRun run, FlowStep incident, DateTimeOffset now, CancellationToken cancellation)
    {
        var instance = run.Instance;
        if (run.IsNew)
        {
            await db.ExecuteAsync(
                $"""
                INSERT INTO flow_instances ({string.Join(", ", InstanceColumns)})
                SELECT @p0, @p1, @p2, @p3, COALESCE(MAX(entry), 0) + 1, '', 'Faulted', 'fault', '', @p4, 1, @p5, @p5, @p5
                FROM flow_instances WHERE contact_id = @p3 AND definition_id = @p1
                """,
                cancellation, instance.Id, instance.DefinitionId, instance.DefinitionVersionId, instance.ContactId, instance.Event, now);
        }
        else
        {
            await db.ExecuteAsync(
                "UPDATE flow_instances SET status = 'Faulted', end_reason = 'fault', revision = revision + 1, updated_at = @p1, finished_at = @p1 WHERE id = @p0 AND status = 'Running'",
                cancellation, instance.Id, now);
            await db.ExecuteAsync("DELETE FROM flow_bookmarks WHERE instance_id = @p0", cancellation, instance.Id);
        }
        await db.InsertManyAsync("flow_steps", StepColumns, [Row(incident)], "", cancellation);
    }

    /// <summary>Ends a run whose state cannot be read.</summary>
    public static async Task EndUnreadAsync(AutomationDb db, Guid instanceId, string reason, DateTimeOffset now, CancellationToken cancellation)
    {
        await db.ExecuteAsync(
            "UPDATE flow_instances SET status = 'Cancelled', end_reason = @p1, revision = revision + 1, updated_at = @p2, finished_at = @p2 WHERE id = @p0", cancellation,
            instanceId, reason, now);
        await db.ExecuteAsync("DELETE FROM flow_bookmarks WHERE instance_id = @p0", cancellation, instanceId);
    }

    private static object?[] Row(FlowRun run) =>
    [
        run.Instance.Id, run.Instance.DefinitionId, run.Instance.DefinitionVersionId, run.Instance.ContactId, run.Instance.Entry, run.Instance.EntryKey,
        run.Instance.Status, run.Instance.EndReason, run.NewState(), run.Instance.Event, run.Instance.Revision, run.Instance.StartedAt, run.Instance.UpdatedAt,
        run.Instance.FinishedAt,
    ];

    private static object?[] Row(FlowBookmark wait) => [wait.Id, wait.InstanceId, wait.ContactId, wait.Name, wait.Key, wait.NodeId, wait.DueAt];

    private static object?[] Row(FlowStep step) =>
        [step.InstanceId, step.ContactId, step.ActivityType, step.ActivityId, step.Happened, step.Detail, step.At];
}

/// <param name="Last">The number of the last entry; 0: never.</param>
/// <param name="LeftAt">When the person left the flow last.</param>
internal readonly record struct Entries(int Last, DateTimeOffset? LeftAt);
