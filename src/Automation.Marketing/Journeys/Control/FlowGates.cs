using Automation.Marketing.Storage;

namespace Automation.Marketing.Journeys.Control;

/// <summary>
/// What a round of the engine may do with each flow: let people in, let runs go on. Keeps what it may not, and writes that
/// with the round. While the round lasts, nobody can pause or resume these flows.
/// </summary>
internal sealed class FlowGates
{
    private readonly Dictionary<string, Gate> gates;
    private readonly Dictionary<string, int> entering = new(StringComparer.Ordinal);
    private readonly List<object?[]> held = [];
    private readonly List<object?[]> setAside = [];
    private readonly List<(string Flow, int Limit)> tripped = [];

    private FlowGates(Dictionary<string, Gate> gates) => this.gates = gates;

    private sealed record Gate(bool IsPaused)
    {
        public bool HoldsEntry { get; set; }
        public int Entered { get; set; }
    }

    /// <param name="flows">Those whose runs may go on.</param>
    /// <param name="starting">Those that may be entered.</param>
    public static async Task<FlowGates> LoadAsync(
        AutomationDb db, IReadOnlyCollection<string> flows, IReadOnlyCollection<string> starting, DateTimeOffset now, CancellationToken cancellation)
    {
        if (flows.Count == 0) return new FlowGates([]);
        var gates = (await db.QueryAsync(
            $"SELECT definition_id, paused_at, entry_held_at FROM flow_controls WHERE {db.Dialect.Among("definition_id", "@p0")} ORDER BY definition_id{db.Dialect.ForShare}",
            row => (Flow: row.Text(0), Gate: new Gate(!row.IsNull(1)) { HoldsEntry = !row.IsNull(1) || !row.IsNull(2) }), cancellation, flows.ToArray()))
            .ToDictionary(row => row.Flow, row => row.Gate, StringComparer.Ordinal);
        if (starting.Count > 0)
        {
            foreach (var (flow, entered) in await EnrolmentGuard.EnteredAsync(db, starting, now, cancellation))
                if (gates.TryGetValue(flow, out var gate)) gate.Entered = entered;
        }
        return new FlowGates(gates);
    }

    public bool IsPaused(string flow) => gates.TryGetValue(flow, out var gate) && gate.IsPaused;

    /// <summary>Whether somebody may enter now; the guard closes when it is one too many.</summary>
    /// <param name="released">A person has let this one in: only a pause holds it.</param>
    public bool LetsIn(string flow, FlowSettings settings, bool released)
    {
        if (!gates.TryGetValue(flow, out var gate)) return true;
        if (released) return !gate.IsPaused;
        if (gate.HoldsEntry) return false;
        if (gate.Entered < EnrolmentGuard.LimitOf(settings)) return true;
        gate.HoldsEntry = true;
        tripped.Add((flow, EnrolmentGuard.LimitOf(settings)));
        return false;
    }

    public void Entered(string flow, bool released)
    {
        if (released) return;
        if (gates.TryGetValue(flow, out var gate)) gate.Entered++;
        entering[flow] = entering.GetValueOrDefault(flow) + 1;
    }

    public void KeepEntry(FlowTrigger trigger, Occasion.Happened happened, DateTimeOffset now) => held.Add(HeldStimulus.EntryRow(trigger, happened, now));

    public void KeepWake(FlowInstance run, string name, string key, string payload, DateTimeOffset now) =>
        held.Add(HeldStimulus.WakeRow(run.DefinitionId, run.Id, run.ContactId, name, key, payload, now));

    /// <summary>A wait that is over stays over; it comes back, in its place, when the flow goes on.</summary>
    public void SetAside(Guid instanceId, string bookmarkId) => setAside.Add([instanceId, bookmarkId]);

    public async Task SaveAsync(AutomationDb db, DateTimeOffset now, CancellationToken cancellation)
    {
        await db.InsertManyAsync("flow_held", HeldStimulus.Columns, held, "", cancellation);
        await db.ExecuteManyAsync("UPDATE flow_bookmarks SET held_due_at = due_at, due_at = NULL WHERE instance_id = @p0 AND id = @p1 AND due_at IS NOT NULL", setAside, cancellation);
        if (entering.Count > 0) await EnrolmentGuard.CountAsync(db, entering, now, cancellation);
        foreach (var (flow, limit) in tripped)
        {
            if (await db.ExecuteAsync("UPDATE flow_controls SET entry_held_at = @p1 WHERE definition_id = @p0 AND entry_held_at IS NULL", cancellation, flow, now) > 0)
                await db.NoteAsync(flow, null, FlowAction.EntryHeld, FlowAction.ByItself, now, new { limit }, cancellation);
        }
        held.Clear();
        setAside.Clear();
        entering.Clear();
        tripped.Clear();
    }
}
