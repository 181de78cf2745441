using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Campaigns.Calendar;

/// <summary>What people do with one occurrence before it goes out: approve, change, move, leave out this year.</summary>
public sealed class OccurrenceReview(IDbContextFactory<AutomationDb> dbs, TemplateCatalogue templates, TimeProvider clock)
{
    private const int MaxOwner = 100;

    /// <exception cref="RuleBrokenException">It has gone out, was missed, or does not go out; or its template is not published.</exception>
    public Task ApproveAsync(Guid id, string by, CancellationToken cancellation) =>
        OnPlannedAsync(
            id,
            occurrence =>
            {
                // A draft is no mail yet; approved, it would stand in the way of everything else that is due.
                if (templates.Find(occurrence.Template) is null) throw new RuleBrokenException($"The template '{occurrence.Template}' is not published yet. Publish it first, then approve.");
                (occurrence.ApprovedAt, occurrence.ApprovedBy) = (clock.GetUtcNow(), by);
            },
            cancellation);

    /// <summary>It waits for approval from now on, also where the calendar does not ask for it.</summary>
    public Task WithdrawApprovalAsync(Guid id, CancellationToken cancellation) => OnPlannedAsync(id, occurrence =>
    {
        (occurrence.ApprovedAt, occurrence.ApprovedBy, occurrence.NeedsApproval) = (null, null, true);
        occurrence.Changes = (OccurrenceChanges.Of(occurrence) with { Held = true }).ToJson();
    }, cancellation);

    /// <summary>Lays these changes over what the calendar says, in place of earlier ones. What was approved has to be approved again.</summary>
    /// <exception cref="BadInputException">A field does not fit.</exception>
    public async Task<IReadOnlyList<MovedOccurrence>> ChangeAsync(Guid id, OccurrenceChanges changes, CancellationToken cancellation)
    {
        Check(changes);
        return await ReplanAsync(id, occurrence =>
        {
            (occurrence.ApprovedAt, occurrence.ApprovedBy) = (null, null);
            return changes with { Cancelled = false, Held = OccurrenceChanges.Of(occurrence).Held };
        }, cancellation);
    }

    /// <summary>Moves it to a day of its own. An approval stays: whoever moves it has seen what goes out.</summary>
    /// <exception cref="BadInputException">The day is too far from the one that the rule gives.</exception>
    public Task<IReadOnlyList<MovedOccurrence>> MoveAsync(Guid id, DateOnly to, TimeZoneInfo zone, CancellationToken cancellation) => ReplanAsync(id, occurrence =>
    {
        var changes = OccurrenceChanges.Of(occurrence);
        changes = changes with { DaysMoved = changes.DaysMoved + to.DayNumber - LocalTime.DayOf(occurrence.OpensAt, zone).DayNumber };
        Check(changes);
        return changes;
    }, cancellation);

    /// <summary>This year it does not go out.</summary>
    public Task LeaveOutAsync(Guid id, CancellationToken cancellation) => ReplanAsync(id, occurrence => OccurrenceChanges.Of(occurrence) with { Cancelled = true }, cancellation);

    /// <summary>Takes <see cref="LeaveOutAsync"/> back.</summary>
    /// <exception cref="RuleBrokenException">It was not left out by hand.</exception>
    public Task TakeInAgainAsync(Guid id, CancellationToken cancellation) => OnAsync(id, occurrence =>
    {
        if (occurrence.State is not OccurrenceState.Cancelled || OccurrenceChanges.Of(occurrence) is not { Cancelled: true } changes)
            throw new RuleBrokenException("This mailing was not left out.");
        occurrence.Changes = (changes with { Cancelled = false }).ToJson();
    }, cancellation);

    private Task<IReadOnlyList<MovedOccurrence>> ReplanAsync(Guid id, Func<Occurrence, OccurrenceChanges> change, CancellationToken cancellation) =>
        OnPlannedAsync(id, occurrence => occurrence.Changes = change(occurrence).ToJson(), cancellation);

    private Task<IReadOnlyList<MovedOccurrence>> OnPlannedAsync(Guid id, Action<Occurrence> change, CancellationToken cancellation) => OnAsync(id, occurrence =>
    {
        if (occurrence.State is not OccurrenceState.Planned) throw new RuleBrokenException("This mailing is not planned any more.");
        change(occurrence);
    }, cancellation);

    private async Task<IReadOnlyList<MovedOccurrence>> OnAsync(Guid id, Action<Occurrence> change, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        await using var transaction = await db.BeginWriteAsync(cancellation);
        // Held before it is read: it may be launched at this instant.
        await db.HoldAsync("occurrences", [id], cancellation);
        var occurrence = await db.Occurrences.SingleAsync(one => one.Id == id, cancellation);
        change(occurrence);
        await db.SaveChangesAsync(cancellation);
        var moved = await SeasonCalendar.PlanAsync(db, clock.GetUtcNow(), cancellation);
        await transaction.CommitAsync(cancellation);
        return moved;
    }

    private void Check(OccurrenceChanges changes)
    {
        if (Math.Abs(changes.DaysMoved) > OccurrenceChanges.MostDays)
            throw new BadInputException("day", $"is more than {OccurrenceChanges.MostDays} days from the day that the rule gives.");
        if (changes.Template is { } template && templates.Find(template) is not { Class: MessageClass.Marketing })
            throw new BadInputException("template", $"there is no marketing template '{template}'.");
        if (changes.Priority is < 0 or > 100) throw new BadInputException("priority", "must be 0 to 100.");
        if (changes.Capacity is < 0) throw new BadInputException("capacity", "must be 0 (no limit) or more.");
        if (changes.Owner is { Length: > MaxOwner }) throw new BadInputException("owner", $"has at most {MaxOwner} characters.");
    }
}
