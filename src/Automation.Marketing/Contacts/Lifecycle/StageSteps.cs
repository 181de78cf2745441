using Automation.Marketing.Storage;

namespace Automation.Marketing.Contacts.Lifecycle;

/// <summary>Steps that people take at one instant: thought out first, then written for all of them together.</summary>
internal sealed class StageSteps(string actor, DateTimeOffset now)
{
    private static int count;

    private readonly List<(Guid Contact, LifecycleStage From, LifecycleStage To, string Reason)> taken = [];

    /// <inheritdoc cref="Stages.MoveAsync"/>
    /// <returns>Where the person is now.</returns>
    public LifecycleStage Move(Guid contact, LifecycleStage from, LifecycleStage to, string reason)
    {
        if (from == to) return from;
        if (!Stages.May(from, to)) throw new RuleBrokenException($"A person who is {from} cannot become {to}.");
        taken.Add((contact, from, to, reason));
        return to;
    }

    /// <inheritdoc cref="Stages.AdvanceAsync"/>
    /// <returns>Where the person is now.</returns>
    public LifecycleStage Advance(Guid contact, LifecycleStage from, LifecycleStage to, string reason)
    {
        if (Stages.Between(from, to) is not { } between) return Move(contact, from, to, reason);
        return between.Aggregate(from, (at, next) => Move(contact, at, next, reason));
    }

    /// <summary>Writes them; whoever asked holds the people.</summary>
    /// <returns>Steps taken.</returns>
    public async Task<int> WriteAsync(AutomationDb db, CancellationToken cancellation)
    {
        foreach (var stage in taken.GroupBy(step => step.Contact).GroupBy(steps => steps.Last().To, steps => steps.Key))
            await db.ExecuteAsync($"UPDATE contacts SET stage = @p1, stage_at = @p2 WHERE {db.Dialect.Among("id", "@p0")}", cancellation, stage.ToArray(), stage.Key, now);
        return await db.InsertManyAsync(
            "lifecycle_changes", ["id", "contact_id", "from_stage", "to_stage", "at", "actor", "reason"],
            [.. taken.Select(step => new object?[] { IdAfterThose(now), step.Contact, step.From, step.To, now, Cut(actor, LifecycleChange.MaxActor), Cut(step.Reason, LifecycleChange.MaxReason) })],
            "", cancellation);
    }

    // Steps of one instant are told apart by their ids alone: each is above the one before it. Two processes that step one person at one
    // instant hold the person one after the other, and are milliseconds apart.
    private static Guid IdAfterThose(DateTimeOffset now)
    {
        Span<byte> id = stackalloc byte[16];
        RowId.New(now).TryWriteBytes(id, bigEndian: true, out _);
        // Version 7 leaves the bits after the time to a counter (RFC 9562 §6.2): here 26 of them.
        var number = Interlocked.Increment(ref count);
        (id[6], id[7]) = ((byte)(0x70 | (number >> 22 & 0xF)), (byte)(number >> 14));
        (id[8], id[9]) = ((byte)(0x80 | (number >> 8 & 0x3F)), (byte)number);
        return new Guid(id, bigEndian: true);
    }

    private static string Cut(string text, int most) => text.Length > most ? text[..most] : text;
}
