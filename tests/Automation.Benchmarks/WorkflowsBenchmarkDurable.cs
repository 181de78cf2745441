using System.Diagnostics;
using System.Globalization;
using Automation.Marketing.Journeys;
using Automation.Marketing.Storage;

namespace Automation.Benchmarks;

/// <summary>What running flows costs when every burst is committed, beside raw prepared inserts of the same rows with the same commits.</summary>
internal static class WorkflowsBenchmarkDurable
{
    private const int Together = 4_000;
    private const int Alone = 500;
    private const int Measured = 5;
    private const double MostTimesTheFloor = 5;    // a ratio of 0.2
    private const int StimuliACommit = 100;
    private const int Waiting = 10_000;
    private const double LeastWokenASecond = 2_000;
    private const int Sized = 100_000;
    private const double MostBytesWaiting = 2_000;

    /// <returns>Whether every limit holds.</returns>
    public static async Task<bool> RunAsync()
    {
        var fits = true;
        await using var scene = await FlowScene.StartAsync();
        using var raw = new RawRows(scene.File, Path.Combine(scene.Folder, "floor.db"));
        var people = new Queue<Guid[]>();
        for (var round = 0; round <= Measured; round++) people.Enqueue(await scene.PeopleAsync(Together));
        for (var round = 0; round <= Measured; round++) people.Enqueue(await scene.PeopleAsync(Alone));
        var commits = 0;
        fits &= Holds(await Rounds.CompareAsync(
            "c  start, suspend, resume on an event, many at once", Together, Measured,
            async _ =>
            {
                var before = scene.Committed;
                await CyclesAsync(scene, people.Dequeue());
                commits = scene.Committed - before;
            },
            _ => Floor(raw, Together, commits)));
        fits &= Holds(await Rounds.CompareAsync(
            "c  the same, each event and each burst by itself", Alone, Measured,
            async _ =>
            {
                var before = scene.Committed;
                foreach (var person in people.Dequeue()) await CyclesAsync(scene, [person]);
                commits = scene.Committed - before;
            },
            _ => Floor(raw, Alone, commits)));
        fits &= await WakeAllAsync(scene, raw);
        fits &= await SizeAsync();
        return fits;
    }

    private static async Task<bool> WakeAllAsync(FlowScene scene, RawRows raw)
    {
        var seconds = new List<double>();
        var commits = 0;
        await Rounds.CompareAsync(
            $"d  one event wakes {Waiting:N0}", Waiting, 3,
            async _ =>
            {
                var before = scene.Committed;
                var watch = Stopwatch.StartNew();
                await using (var db = scene.Open())
                {
                    await using var transaction = await db.BeginWriteAsync(default);
                    var woken = await PublishedEvents.ToAllWaitingAsync(db, FlowScene.ForAll, null, TimeProvider.System.GetUtcNow(), default);
                    if (woken != Waiting) throw new InvalidOperationException($"{woken} were woken.");
                    await transaction.CommitAsync(default);
                }
                await scene.WorkAsync();
                seconds.Add(watch.Elapsed.TotalSeconds);
                commits = scene.Committed - before;
            },
            _ => FloorOfWaking(raw, commits),
            async _ =>
            {
                await scene.HappensAsync(FlowScene.GoForAll, await scene.PeopleAsync(Waiting), StimuliACommit);
                await scene.WorkAsync();
            });
        if (await scene.CountAsync("SELECT COUNT(*) FROM flow_instances WHERE definition_id = 'bench-for-all' AND status = 'Running'") > 0)
            throw new InvalidOperationException("Somebody was not woken.");
        var rate = Waiting / seconds.Skip(1).Order().ElementAt(1);
        var holds = rate >= LeastWokenASecond;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"   median {rate:F0} a second, must be {LeastWokenASecond:F0} or more{(holds ? "" : ": TOO SLOW")}"));
        return holds;
    }

    private static Task FloorOfWaking(RawRows raw, int commits)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        using (var transaction = raw.Begin())
        {
            for (var number = 0; number < Waiting; number++)
            {
                (contact, instance) = (NewId(), NewId());
                Stimulus(raw, transaction, FlowScene.ForAll, now);
            }
            transaction.Commit();
        }
        for (var commit = 1; commit < commits; commit++)
        {
            using var transaction = raw.Begin();
            for (var number = Waiting * (commit - 1) / (commits - 1); number < Waiting * commit / (commits - 1); number++)
            {
                (contact, instance) = (NewId(), NewId());
                Instance(raw, transaction, now);
                Insert(raw, transaction, 3, now);
            }
            transaction.Commit();
        }
        return Task.CompletedTask;
    }

    // What a dropped table and its indexes leave free is what they took up.
    private static async Task<bool> SizeAsync()
    {
        await using var scene = await FlowScene.StartAsync();
        for (var made = 0; made < Sized; made += Waiting)
        {
            await scene.HappensAsync(FlowScene.Go, await scene.PeopleAsync(Waiting), StimuliACommit);
            await scene.WorkAsync();
        }
        if (await scene.CountAsync("SELECT COUNT(*) FROM flow_bookmarks") != Sized) throw new InvalidOperationException("Not everybody waits.");
        await using var db = scene.Open();
        await using var transaction = await db.BeginWriteAsync(default);
        var page = (await db.QueryAsync("PRAGMA page_size", row => row.Int(0), default))[0];
        var total = 0.0;
        foreach (var table in new[] { "flow_instances", "flow_bookmarks" })
        {
            var before = await FreeAsync(db);
            await db.ExecuteAsync($"DROP TABLE {table}", default);
            var bytes = (await FreeAsync(db) - before) * (double)page / Sized;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"   {table} with its indexes: {bytes:F0} bytes for each of {Sized:N0} waiting"));
            total += bytes;
        }
        var fits = total <= MostBytesWaiting;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"f  a waiting instance: {total:F0} bytes of database, may have {MostBytesWaiting:F0}{(fits ? "" : ": TOO LARGE")}"));
        return fits;
    }

    private static async Task<int> FreeAsync(AutomationDb db) => (await db.QueryAsync("PRAGMA freelist_count", row => row.Int(0), default))[0];

    private static bool Holds(double timesTheFloor)
    {
        var holds = timesTheFloor <= MostTimesTheFloor;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"   ratio {1 / timesTheFloor:F2}, must be {1 / MostTimesTheFloor:F2} or better{(holds ? "" : ": TOO SLOW")}"));
        return holds;
    }

    private static async Task CyclesAsync(FlowScene scene, Guid[] people)
    {
        await scene.HappensAsync(FlowScene.Go, people, StimuliACommit);
        await scene.WorkAsync();
        await scene.HappensAsync(FlowScene.Wake, people, StimuliACommit);
        await scene.WorkAsync();
    }

    // The rows that one person's way through the flow leaves or passes through.
    private static Task Floor(RawRows raw, int cycles, int commits)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        for (var commit = 0; commit < commits; commit++)
        {
            using var transaction = raw.Begin();
            // A cycle's rows are spread over its commits as the product spreads them: four steps of a cycle, in turn.
            for (var quarter = (long)cycles * 4 * commit / commits; quarter < (long)cycles * 4 * (commit + 1) / commits; quarter++)
                Insert(raw, transaction, quarter, now);
            transaction.Commit();
        }
        return Task.CompletedTask;
    }

    private static string contact = "";
    private static string instance = "";

    private static void Insert(RawRows raw, Microsoft.Data.Sqlite.SqliteTransaction transaction, long quarter, long now)
    {
        switch (quarter % 4)
        {
            case 0:
                (contact, instance) = (NewId(), NewId());
                Stimulus(raw, transaction, FlowScene.Go, now);
                break;
            case 1:
                Instance(raw, transaction, now);
                raw.Insert(
                    transaction, "flow_bookmarks", "id, instance_id, contact_id, name, key, node_id, due_at",
                    "0198d3a000007000800000000000abcd-b1", instance, contact, "Automation.WaitForEvent", FlowScene.Wake, "Workflow1:flow:wait", now);
                Step(raw, transaction, "Automation.EventReceived", "go", "Completed", now);
                Step(raw, transaction, "Automation.WaitForEvent", "wait", "Suspended", now);
                break;
            case 2:
                Stimulus(raw, transaction, FlowScene.Wake, now);
                break;
            default:
                raw.Insert(transaction, "contact_tags", "contact_id, tag", contact, FlowScene.Tag);
                Step(raw, transaction, "Automation.WaitForEvent", "wait", "Completed", now);
                Step(raw, transaction, "Automation.AddTag", "tag", "Completed", now);
                break;
        }
    }

    private static void Instance(RawRows raw, Microsoft.Data.Sqlite.SqliteTransaction transaction, long now) => raw.Insert(
        transaction, "flow_instances",
        "id, definition_id, definition_version_id, contact_id, entry, entry_key, status, end_reason, state, event, revision, started_at, updated_at, finished_at",
        instance, "bench", "bench:1", contact, 1L, "", "Finished", "", State, FlowScene.Payload(FlowScene.Go), 2L, now, now, now);

    private static void Stimulus(RawRows raw, Microsoft.Data.Sqlite.SqliteTransaction transaction, string type, long now) => raw.Insert(
        transaction, "stimuli", "name, key, contact_id, payload, created_at, failures", "Automation.EventReceived", type, contact, FlowScene.Payload(type), now, 0L);

    private static void Step(RawRows raw, Microsoft.Data.Sqlite.SqliteTransaction transaction, string type, string id, string happened, long now) => raw.Insert(
        transaction, "flow_steps", "instance_id, contact_id, activity_type, activity_id, happened, detail, at", instance, contact, type, id, happened, "", now);

    private static string NewId() => Guid.CreateVersion7().ToString().ToUpperInvariant();

    private static readonly string State = new('x', 700);
}
