using Automation.Marketing.Storage;

namespace Automation.Marketing.Contacts.Lifecycle;

/// <summary>Moves people along their life cycle, in the caller's transaction: only the listed steps, each on record.</summary>
public static class Stages
{
    /// <summary>Whose step it is when no person took it.</summary>
    public const string Automatic = "automation";

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
    public static Task<bool> MoveAsync(
        AutomationDb db, Guid contactId, LifecycleStage to, string actor, string reason, DateTimeOffset now, CancellationToken cancellation) =>
        WriteAsync(db, contactId, (steps, from) => steps.Move(contactId, from, to, reason), actor, now, cancellation);

    /// <summary>Brings a person to a stage on the way to a deal, over every stage between, each on record; e.g. when the sales
    /// system tells of a deal with somebody whom we knew as an address. Who is there or further on that way stays.</summary>
    /// <param name="to">Lead, Qualified, Accepted or Deal.</param>
    /// <returns>Whether the person moved.</returns>
    /// <exception cref="RuleBrokenException">There is no such person, or no listed step leads there.</exception>
    public static Task<bool> AdvanceAsync(
        AutomationDb db, Guid contactId, LifecycleStage to, string actor, string reason, DateTimeOffset now, CancellationToken cancellation) =>
        WriteAsync(db, contactId, (steps, from) => steps.Advance(contactId, from, to, reason), actor, now, cancellation);

    /// <returns>The stages on the way to a deal that lie after one and up to another; empty: there or further. Null: not both are on that way.</returns>
    internal static LifecycleStage[]? Between(LifecycleStage from, LifecycleStage to)
    {
        var (at, goal) = (Array.IndexOf(WayToDeal, from), Array.IndexOf(WayToDeal, to));
        if (goal < 0) throw new RuleBrokenException($"{to} is not on the way to a deal.");
        return at < 0 ? null : at >= goal ? [] : WayToDeal[(at + 1)..(goal + 1)];
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

    private static async Task<bool> WriteAsync(
        AutomationDb db, Guid contactId, Func<StageSteps, LifecycleStage, LifecycleStage> take, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        await db.HoldAsync("contacts", [contactId], cancellation);
        var found = await db.QueryAsync("SELECT stage FROM contacts WHERE id = @p0", row => row.Enum<LifecycleStage>(0), cancellation, contactId);
        if (found.Count == 0) throw new RuleBrokenException("There is no such person.");
        var steps = new StageSteps(actor, now);
        take(steps, found[0]);
        return await steps.WriteAsync(db, cancellation) > 0;
    }
}
