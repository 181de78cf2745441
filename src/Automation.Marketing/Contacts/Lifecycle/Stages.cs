using Automation.Marketing.Storage;

namespace Automation.Marketing.Contacts.Lifecycle;

/// <summary>Moves people along their life cycle, in the caller's transaction: only the listed steps, each on record.</summary>
public static class Stages
{
    /// <summary>Whose step it is when no person took it.</summary>
    public const string Automatic = "automation";

    private static int steps;

    private static readonly LifecycleStage[] WayToDeal =
        [LifecycleStage.Subscriber, LifecycleStage.Lead, LifecycleStage.Qualified, LifecycleStage.Accepted, LifecycleStage.Deal];

    // Qualified, Accepted and Deal may follow what ended a deal: a hand-back that is undone, a deal that is opened again.
    private static readonly Dictionary<LifecycleStage, LifecycleStage[]> Steps = new()
    {
        [LifecycleStage.Subscriber] = [LifecycleStage.Lead, LifecycleStage.Dormant, LifecycleStage.Disqualified],
        [LifecycleStage.Lead] = [LifecycleStage.Qualified, LifecycleStage.Dormant, LifecycleStage.Disqualified],
        [LifecycleStage.Qualified] = [LifecycleStage.Accepted, LifecycleStage.Recycled, LifecycleStage.Dormant, LifecycleStage.Disqualified],
        [LifecycleStage.Accepted] = [LifecycleStage.Deal, LifecycleStage.Recycled, LifecycleStage.Dormant, LifecycleStage.Disqualified],
        [LifecycleStage.Deal] = [LifecycleStage.Won, LifecycleStage.Lost, LifecycleStage.Recycled, LifecycleStage.Dormant, LifecycleStage.Disqualified],
        [LifecycleStage.Won] = [LifecycleStage.Qualified, LifecycleStage.Deal, LifecycleStage.Dormant],
        [LifecycleStage.Lost] = [LifecycleStage.Qualified, LifecycleStage.Deal, LifecycleStage.Recycled, LifecycleStage.Dormant, LifecycleStage.Disqualified],
        [LifecycleStage.Recycled] = [LifecycleStage.Qualified, LifecycleStage.Accepted, LifecycleStage.Deal, LifecycleStage.Dormant, LifecycleStage.Disqualified],
        [LifecycleStage.Dormant] = [LifecycleStage.Lead, LifecycleStage.Qualified, LifecycleStage.Accepted, LifecycleStage.Deal, LifecycleStage.Disqualified],
        [LifecycleStage.Disqualified] = [LifecycleStage.Lead, LifecycleStage.Qualified, LifecycleStage.Accepted, LifecycleStage.Deal],
    };

    /// <summary>The stages that may follow, in the order of the enumeration.</summary>
    public static IReadOnlyList<LifecycleStage> After(LifecycleStage stage) => Steps[stage];

    public static bool May(LifecycleStage from, LifecycleStage to) => Array.IndexOf(Steps[from], to) >= 0;

    /// <summary>Takes one step. Asking for the stage that the person is in already changes nothing.</summary>
    /// <returns>Whether the person moved.</returns>
    /// <exception cref="RuleBrokenException">There is no such person, or the step is not a listed one.</exception>
    public static async Task<bool> MoveAsync(
        AutomationDb db, Guid contactId, LifecycleStage to, string actor, string reason, DateTimeOffset now, CancellationToken cancellation)
    {
        var from = await StageAsync(db, contactId, cancellation);
        if (from == to) return false;
        if (!May(from, to)) throw new RuleBrokenException($"A person who is {from} cannot become {to}.");
        await StepAsync(db, contactId, from, to, actor, reason, now, cancellation);
        return true;
    }

    /// <summary>Brings a person to a stage on the way to a deal, over every stage between, each on record; e.g. when the sales
    /// system tells of a deal with somebody whom we knew as an address. Who is there or further on that way stays.</summary>
    /// <param name="to">Lead, Qualified, Accepted or Deal.</param>
    /// <returns>Whether the person moved.</returns>
    /// <exception cref="RuleBrokenException">There is no such person, or no listed step leads there.</exception>
    public static async Task<bool> AdvanceAsync(
        AutomationDb db, Guid contactId, LifecycleStage to, string actor, string reason, DateTimeOffset now, CancellationToken cancellation)
    {
        var from = await StageAsync(db, contactId, cancellation);
        var (at, goal) = (Array.IndexOf(WayToDeal, from), Array.IndexOf(WayToDeal, to));
        if (goal < 0) throw new RuleBrokenException($"{to} is not on the way to a deal.");
        if (at < 0) return await MoveAsync(db, contactId, to, actor, reason, now, cancellation);
        for (var next = at; next < goal; next++)
            await StepAsync(db, contactId, WayToDeal[next], WayToDeal[next + 1], actor, reason, now, cancellation);
        return at < goal;
    }

    /// <summary>The stage on the way to a deal that a person was taken out of by a step of one instant.</summary>
    /// <param name="reason">How the step's reason begins.</param>
    /// <returns>Null: no such step, or it came from elsewhere.</returns>
    internal static async Task<LifecycleStage?> LeftByAsync(AutomationDb db, Guid contactId, DateTimeOffset at, string reason, CancellationToken cancellation)
    {
        var left = await db.QueryAsync(
            "SELECT from_stage FROM lifecycle_changes WHERE contact_id = @p0 AND at = @p1 AND reason LIKE @p2 ORDER BY id DESC LIMIT 1", row => row.Enum<LifecycleStage>(0), cancellation,
            contactId, at, reason + "%");
        return left.Count > 0 && Array.IndexOf(WayToDeal, left[0]) >= 0 ? left[0] : null;
    }

    private static async Task<LifecycleStage> StageAsync(AutomationDb db, Guid contactId, CancellationToken cancellation)
    {
        await db.HoldAsync("contacts", [contactId], cancellation);
        var found = await db.QueryAsync("SELECT stage FROM contacts WHERE id = @p0", row => row.Enum<LifecycleStage>(0), cancellation, contactId);
        return found.Count > 0 ? found[0] : throw new RuleBrokenException("There is no such person.");
    }

    private static async Task StepAsync(
        AutomationDb db, Guid contactId, LifecycleStage from, LifecycleStage to, string actor, string reason, DateTimeOffset now, CancellationToken cancellation)
    {
        await db.ExecuteAsync("UPDATE contacts SET stage = @p1, stage_at = @p2 WHERE id = @p0", cancellation, contactId, to, now);
        await db.ExecuteAsync(
            "INSERT INTO lifecycle_changes (id, contact_id, from_stage, to_stage, at, actor, reason) VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6)", cancellation,
            IdAfterThose(now), contactId, from, to, now, Cut(actor, LifecycleChange.MaxActor), Cut(reason, LifecycleChange.MaxReason));
    }

    // Steps of one instant are told apart by their ids alone: each is above the one before it. Two processes that step one person at one
    // instant hold the person one after the other, and are milliseconds apart.
    private static Guid IdAfterThose(DateTimeOffset now)
    {
        Span<byte> id = stackalloc byte[16];
        Guid.CreateVersion7(now).TryWriteBytes(id, bigEndian: true, out _);
        // Version 7 leaves the bits after the time to a counter (RFC 9562 §6.2): here 26 of them.
        var count = Interlocked.Increment(ref steps);
        (id[6], id[7]) = ((byte)(0x70 | (count >> 22 & 0xF)), (byte)(count >> 14));
        (id[8], id[9]) = ((byte)(0x80 | (count >> 8 & 0x3F)), (byte)count);
        return new Guid(id, bigEndian: true);
    }

    private static string Cut(string text, int most) => text.Length > most ? text[..most] : text;
}
