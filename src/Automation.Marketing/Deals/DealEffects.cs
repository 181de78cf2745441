using System.Text.Json;
using System.Text.Json.Serialization;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Lifecycle;
using Automation.Marketing.Contacts.Outgoing;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Deals;

/// <summary>What happened to a deal.</summary>
internal enum DealChangeKind
{
    Opened,
    Changed,
    Won,
    Lost,
    HandedBack,
    TakenBack,

    /// <summary>It was over when we first heard of it: nobody knows since when, so no flow is told.</summary>
    SeenClosed,
}

/// <summary>One thing that happened to a deal, with the deal as it is now.</summary>
internal sealed record DealChange(DealChangeKind Kind, Guid ContactId, string DealKey, string Stage, DealStatus Status, string? Owner, decimal? Amount, DateOnly? RevisitOn)
{
    public HandBackReason? Reason { get; init; }
    public string? Note { get; init; }

    public string? NextAction { get; init; }
    public DateOnly? NextActionOn { get; init; }
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>Names of the fields that are different now; empty: what happened says it.</summary>
    public IReadOnlyList<string> Changed { get; init; } = [];

    /// <summary>Where the person goes when no other deal of theirs is open; of what is taken back, where they were before. Null: they had stayed where they were.</summary>
    public LifecycleStage? Becomes { get; init; }

    /// <summary>It was opened again.</summary>
    public bool Again { get; init; }

    /// <summary>A hand-back follows in the same step.</summary>
    public bool IsHandedBack { get; init; }

    public static DealChange Of(Deal deal, DealChangeKind kind) =>
        new(kind, deal.ContactId, deal.DealKey, deal.Stage, deal.Status, deal.Owner, deal.Amount, deal.RevisitOn)
        { NextAction = deal.NextAction, NextActionOn = deal.NextActionOn, UpdatedAt = deal.UpdatedAt };
}

/// <summary>Writes what hangs on deals, for one or for very many, in the caller's transaction: whose the person is, the life cycle, what flows and other programs hear.</summary>
internal static class DealEffects
{
    /// <param name="changes">In the order in which they happened; the deals are stored as they are now.</param>
    public static async Task WriteAsync(AutomationDb db, IReadOnlyList<DealChange> changes, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        if (changes.Count == 0) return;
        var people = changes.Select(change => change.ContactId).Distinct().ToArray();
        await db.HoldAsync("contacts", people, cancellation);
        var before = await StandingsAsync(db, people, cancellation);
        await SetSalesOwnedAsync(db, people, cancellation);
        var after = await StandingsAsync(db, people, cancellation);
        var steps = new StageSteps(actor, now);
        foreach (var ofPerson in changes.GroupBy(change => change.ContactId))
        {
            if (after.TryGetValue(ofPerson.Key, out var person)) MoveAlong(steps, ofPerson, person);
        }
        await steps.WriteAsync(db, cancellation);
        var dated = changes.Where(change => change.Kind is DealChangeKind.HandedBack or DealChangeKind.TakenBack).Select(change => change.ContactId).ToHashSet();
        dated.UnionWith(after.Where(person => person.Value.HasPromise).Select(person => person.Key));
        dated.UnionWith(before.Where(person => person.Value.HasPromise).Select(person => person.Key));
        // The day to come back is a date of the person: waits that hang on it move before anything starts on it.
        await Stimuli.DatesChangedAsync(db, dated, now, cancellation);
        await Stimuli.WriteAsync(db, [.. changes.Select(change => EventOf(change, now)).OfType<NewStimulus>()], now, cancellation);
        // A goal that an opened deal is comes first; what else sells ends because sales has taken over.
        var taken = changes.Where(change => change.Kind is DealChangeKind.Opened && before.TryGetValue(change.ContactId, out var then) && !then.SalesOwned && after[change.ContactId].SalesOwned)
            .Select(change => change.ContactId).Distinct();
        await Stimuli.WriteAsync(db, [.. taken.Select(person => new NewStimulus(Stimuli.MustEnd, "sales-owned", person))], now, cancellation);
        await OutgoingEvents.TellAsync(
            db, _ => changes.Where(change => change.Kind is not DealChangeKind.SeenClosed).Select(change => (Name(change), change.ContactId, ForOthers(change, actor))), now, cancellation);
    }

    /// <summary>People are sales-owned while any of their deals is open.</summary>
    public static Task<int> SetSalesOwnedAsync(AutomationDb db, IReadOnlyCollection<Guid> people, CancellationToken cancellation) =>
        db.ExecuteAsync(
            $"UPDATE contacts SET sales_owned = EXISTS (SELECT 1 FROM deals d WHERE d.contact_id = contacts.id AND d.status = 'Open') WHERE {db.Dialect.Among("id", "@p0")}",
            cancellation, people);

    private static async Task<Dictionary<Guid, Standing>> StandingsAsync(AutomationDb db, Guid[] people, CancellationToken cancellation) =>
        (await db.QueryAsync(
            $"""
            SELECT id, stage, sales_owned,
                   EXISTS (SELECT 1 FROM deals d WHERE d.contact_id = contacts.id AND d.status = 'Open'),
                   EXISTS (SELECT 1 FROM deals d WHERE d.contact_id = contacts.id AND d.revisit_on IS NOT NULL)
            FROM contacts WHERE {db.Dialect.Among("id", "@p0")}
            """,
            row => (Id: row.Guid(0), Standing: new Standing(row.Enum<LifecycleStage>(1), row.Bool(2), row.Bool(3), row.Bool(4))), cancellation, people))
        .ToDictionary(row => row.Id, row => row.Standing);

    private static void MoveAlong(StageSteps steps, IEnumerable<DealChange> changes, Standing person)
    {
        var stage = person.Stage;
        foreach (var change in changes)
        {
            if (change.Kind is DealChangeKind.Opened or DealChangeKind.TakenBack)
            {
                if (stage is LifecycleStage.Deal) continue;
                // Whom sales had not taken up yet waits again; somebody who was with sales by another deal has not moved at all.
                if (change.Kind is DealChangeKind.TakenBack && change.Becomes is null && stage is LifecycleStage.Qualified or LifecycleStage.Accepted) continue;
                stage = steps.Advance(change.ContactId, stage, change.Becomes ?? LifecycleStage.Deal, ReasonOf(change));
            }
            else if (!person.HasOpenDeal && EndOf(change) is { } end)
            {
                stage = End(steps, change, stage, end);
            }
        }
    }

    private static LifecycleStage? EndOf(DealChange change) => change.Kind switch
    {
        DealChangeKind.Changed => null,
        DealChangeKind.HandedBack => change.Becomes,
        _ => change.Status is DealStatus.Won ? LifecycleStage.Won : change.Status is DealStatus.Open ? null : LifecycleStage.Lost,
    };

    // A deal of somebody whom we knew as an address, or who was won before, brings them to the deal first.
    private static LifecycleStage End(StageSteps steps, DealChange change, LifecycleStage at, LifecycleStage end)
    {
        if (at != end && !Stages.May(at, end)) at = steps.Advance(change.ContactId, at, LifecycleStage.Deal, $"deal: {change.DealKey}");
        return steps.Move(change.ContactId, at, end, ReasonOf(change));
    }

    private static string ReasonOf(DealChange change) => change.Kind switch
    {
        DealChangeKind.HandedBack => Recycling.Reason + change.Reason!.Value.Word(),
        DealChangeKind.TakenBack => Recycling.Undone,
        DealChangeKind.Lost when change.Reason is { } reason => "deal-lost: " + reason.Word(),
        DealChangeKind.Opened => (change.Again ? "deal-opened-again: " : "deal-opened: ") + change.DealKey,
        _ => (change.Status is DealStatus.Won ? "deal-won: " : "deal-lost: ") + change.DealKey,
    };

    private static NewStimulus? EventOf(DealChange change, DateTimeOffset now) => change.Kind is DealChangeKind.Opened or DealChangeKind.Won or DealChangeKind.Lost
        ? new NewStimulus(Stimuli.EventReceived, Name(change), change.ContactId, Stimuli.EventOf(Name(change), now, DataOf(change)))
        : null;

    private static string Name(DealChange change) => change.Kind switch
    {
        DealChangeKind.Opened => "deal.opened",
        DealChangeKind.Won => "deal.won",
        DealChangeKind.Lost => "deal.lost",
        DealChangeKind.HandedBack => "lead.handed_back",
        _ => "deal.changed",
    };

    private static DealFacts DataOf(DealChange change) => new(
        change.DealKey, change.Stage, change.Status.ToString().ToLowerInvariant(), change.Owner, change.Amount, change.Reason?.Word(),
        change.RevisitOn, change.Note, change.Again ? true : null, change.IsHandedBack ? true : null, change.Kind is DealChangeKind.TakenBack ? true : null);

    // As the API shows a deal: whoever keeps a copy writes both with the same hand. What is empty says so, or it could not be emptied there.
    private static string ForOthers(DealChange change, string actor) => JsonSerializer.Serialize(new
    {
        key = change.DealKey,
        status = change.Status.ToString(),
        stage = change.Stage,
        owner = change.Owner,
        amount = change.Amount,
        nextAction = change.NextAction,
        nextActionOn = change.NextActionOn,
        revisitOn = change.RevisitOn,
        updatedAt = change.UpdatedAt?.UtcDateTime,
        actor,
        changed = change.Changed,
        reason = change.Reason?.Word(),
        note = change.Note,
        again = change.Again,
        handBackUndone = change.Kind is DealChangeKind.TakenBack,
    });

    private sealed record Standing(LifecycleStage Stage, bool SalesOwned, bool HasOpenDeal, bool HasPromise);

    // The names under which flows and other programs read it.
    private sealed record DealFacts(
        [property: JsonPropertyName("deal_id")] string DealId, [property: JsonPropertyName("stage")] string Stage, [property: JsonPropertyName("status")] string Status,
        [property: JsonPropertyName("owner")] string? Owner, [property: JsonPropertyName("amount")] decimal? Amount, [property: JsonPropertyName("reason")] string? Reason,
        [property: JsonPropertyName("revisit_on")] DateOnly? RevisitOn, [property: JsonPropertyName("note")] string? Note, [property: JsonPropertyName("again")] bool? Again,
        [property: JsonPropertyName("handed_back")] bool? HandedBack, [property: JsonPropertyName("hand_back_undone")] bool? HandBackUndone);
}
