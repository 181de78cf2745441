using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Deals;

/// <summary>Where a deal stands: sales works on <c>Open</c> ones only.</summary>
public enum DealStatus { Open, Won, Lost, Recycled }

/// <summary>A piece of business that sales is working on with one person. Changed through <see cref="DealDesk"/>, which writes what hangs on it.</summary>
public sealed class Deal
{
    public const int MaxKey = 100;
    public const int MaxText = 200;

    /// <summary>How far ahead a promise may lie.</summary>
    public const int MaxRevisitYears = 5;

    public Guid Id { get; init; }

    /// <summary>The deal's id in the sales system.</summary>
    public required string DealKey { get; init; }

    public Guid ContactId { get; init; }

    /// <summary>The sales system's own word, e.g. <c>見積</c>.</summary>
    public string Stage { get; set; } = "";

    public DealStatus Status { get; private set; }
    public string? Owner { get; set; }
    public decimal? Amount { get; set; }
    public string? NextAction { get; set; }
    public DateOnly? NextActionOn { get; set; }

    /// <summary>The day the customer asked to be contacted again; set by a hand-back.</summary>
    public DateOnly? RevisitOn { get; private set; }

    /// <summary>When it was won or lost; null: it was neither, or nobody knows when.</summary>
    public DateTimeOffset? ClosedAt { get; private set; }

    /// <summary>Why it was lost, also when it was handed back in the same step.</summary>
    public HandBackReason? LostReason { get; private set; }

    /// <summary>The proposal to hand it back rests until this day.</summary>
    public DateOnly? ProposeNotBefore { get; private set; }

    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Sales writes down how the deal stands now.</summary>
    /// <returns>Whether anything is different.</returns>
    /// <exception cref="RuleBrokenException">The deal is not open, or it would be without a stage.</exception>
    public bool Change(DealEdit edit, DateTimeOffset now)
    {
        MustBeOpen();
        return Take(edit, now);
    }

    /// <summary>Another system's word for how it stands, also of a deal that is over: an amount is corrected there as well.</summary>
    /// <returns>Whether anything is different.</returns>
    /// <exception cref="RuleBrokenException">The deal would be without a stage, or an amount is below zero.</exception>
    internal bool Take(DealEdit edit, DateTimeOffset now)
    {
        if (string.IsNullOrWhiteSpace(edit.Stage)) throw new RuleBrokenException("A deal needs a stage.");
        if (edit.Amount < 0) throw new RuleBrokenException("The amount cannot be below zero.");
        var before = (Stage, Owner, Amount, NextAction, NextActionOn);
        (Stage, Owner, Amount, NextAction, NextActionOn) = (Fit(edit.Stage)!, Fit(edit.Owner), edit.Amount, Fit(edit.NextAction), edit.NextActionOn);
        if (before == (Stage, Owner, Amount, NextAction, NextActionOn)) return false;
        UpdatedAt = now;
        return true;
    }

    /// <param name="amount">What it came to; null: as it was.</param>
    /// <exception cref="RuleBrokenException">The deal is not open.</exception>
    public void Win(decimal? amount, DateTimeOffset now)
    {
        MustBeOpen();
        if (amount < 0) throw new RuleBrokenException("The amount cannot be below zero.");
        (Status, Amount, ClosedAt, NextAction, NextActionOn, UpdatedAt) = (DealStatus.Won, amount ?? Amount, now, null, null, now);
    }

    /// <param name="reason">Null: not said.</param>
    /// <exception cref="RuleBrokenException">The deal is not open.</exception>
    public void Lose(HandBackReason? reason, DateTimeOffset now)
    {
        MustBeOpen();
        (Status, LostReason, ClosedAt, NextAction, NextActionOn, UpdatedAt) = (DealStatus.Lost, reason, now, null, null, now);
    }

    /// <summary>It was closed by mistake, or the customer thought again.</summary>
    /// <exception cref="RuleBrokenException">The deal is open, or handed back: that is undone at the hand-back.</exception>
    public void Reopen(DateTimeOffset now)
    {
        if (Status is not (DealStatus.Won or DealStatus.Lost))
            throw new RuleBrokenException($"Deal '{DealKey}' is {Status}; only a won or lost deal can be opened again.");
        (Status, LostReason, ClosedAt, UpdatedAt) = (DealStatus.Open, null, null, now);
    }

    /// <summary>Sales gives the deal back to nurturing.</summary>
    /// <exception cref="RuleBrokenException">The deal is not open, the revisit date has passed or is years away, or nobody will come back to such a deal.</exception>
    public HandBack HandBackToNurturing(HandBackRequest request, string actor, DateOnly today, DateTimeOffset now)
    {
        if (Status is not DealStatus.Open)
            throw new RuleBrokenException($"Deal '{DealKey}' is {Status}; only an open deal can be handed back.");
        return Return(request, actor, today, now);
    }

    /// <summary>The same for a deal that is being lost in this very step.</summary>
    internal HandBack LoseToNurturing(HandBackRequest request, string actor, DateOnly today, DateTimeOffset now)
    {
        Lose(request.Reason, now);
        return Return(request, actor, today, now);
    }

    /// <summary>The hand-back was a slip: the deal is sales' again.</summary>
    /// <exception cref="RuleBrokenException">The deal is not recycled.</exception>
    public void TakeBack(DateTimeOffset now)
    {
        if (Status is not DealStatus.Recycled)
            throw new RuleBrokenException($"Deal '{DealKey}' is {Status}; only a handed-back deal can be taken back.");
        (Status, RevisitOn, LostReason, ClosedAt, UpdatedAt) = (DealStatus.Open, null, null, null, now);
    }

    /// <summary>The customer named another day.</summary>
    /// <exception cref="RuleBrokenException">No day was promised, or the new one has passed or is years away.</exception>
    public void MoveRevisit(DateOnly day, DateOnly today, DateTimeOffset now)
    {
        if (Status is not DealStatus.Recycled || RevisitOn is null)
            throw new RuleBrokenException($"No day to come back is agreed for deal '{DealKey}'.");
        MustLieAhead(day, today);
        (RevisitOn, UpdatedAt) = (day, now);
    }

    /// <summary>It is not proposed for a hand-back until then.</summary>
    /// <exception cref="RuleBrokenException">The deal is not open.</exception>
    public void Snooze(DateOnly until)
    {
        MustBeOpen();
        ProposeNotBefore = until;
    }

    private HandBack Return(HandBackRequest request, string actor, DateOnly today, DateTimeOffset now)
    {
        if (request.RevisitOn is { } day)
        {
            MustLieAhead(day, today);
            if (!request.Reason.IsNurtured()) throw new RuleBrokenException("Nobody comes back to a deal that is no fit or a duplicate: leave the revisit date empty.");
        }
        (Status, RevisitOn, UpdatedAt) = (DealStatus.Recycled, request.RevisitOn, now);
        return new HandBack
        {
            Id = RowId.New(now),
            DealId = Id,
            ContactId = ContactId,
            Reason = request.Reason,
            RevisitOn = request.RevisitOn,
            Note = request.Note,
            Actor = actor,
            At = now,
        };
    }

    private void MustBeOpen()
    {
        if (Status is not DealStatus.Open) throw new RuleBrokenException($"Deal '{DealKey}' is {Status}; only an open deal can be changed.");
    }

    private static void MustLieAhead(DateOnly day, DateOnly today)
    {
        if (day <= today) throw new RuleBrokenException($"The revisit date {day:yyyy-MM-dd} has already passed.");
        if (day > today.AddYears(MaxRevisitYears)) throw new RuleBrokenException($"The revisit date {day:yyyy-MM-dd} lies more than {MaxRevisitYears} years ahead.");
    }

    private static string? Fit(string? text) =>
        string.IsNullOrWhiteSpace(text) ? null : text.Trim() is { Length: <= MaxText } fits ? fits
            : throw new RuleBrokenException($"At most {MaxText} characters fit into a field of a deal.");
}

/// <summary>How a deal stands: all of it, as a form has it.</summary>
public sealed record DealEdit(string Stage, string? Owner, decimal? Amount, string? NextAction, DateOnly? NextActionOn)
{
    public static DealEdit Of(Deal deal) => new(deal.Stage, deal.Owner, deal.Amount, deal.NextAction, deal.NextActionOn);

    /// <returns>Names of the fields that differ, as other programs know them.</returns>
    public IReadOnlyList<string> OtherThan(DealEdit other)
    {
        var names = new List<string>();
        if (Stage != other.Stage) names.Add("stage");
        if (Owner != other.Owner) names.Add("owner");
        if (Amount != other.Amount) names.Add("amount");
        if (NextAction != other.NextAction) names.Add("nextAction");
        if (NextActionOn != other.NextActionOn) names.Add("nextActionOn");
        return names;
    }
}

internal sealed class DealMapping : IEntityTypeConfiguration<Deal>
{
    public void Configure(EntityTypeBuilder<Deal> deal)
    {
        deal.ToTable("deals");
        deal.HasKey(d => d.Id);
        deal.Property(d => d.DealKey).HasMaxLength(Deal.MaxKey);
        deal.Property(d => d.Status).HasConversion<string>().HasMaxLength(16);
        deal.Property(d => d.LostReason).HasConversion<string>().HasMaxLength(16);
        deal.HasIndex(d => d.DealKey).IsUnique();
        deal.HasIndex(d => new { d.ContactId, d.Status });        // is a person sales-owned; with the state, or SQLite goes through everybody's open deals
        deal.HasIndex(d => new { d.Status, d.NextActionOn });     // the deals page
        deal.HasIndex(d => new { d.UpdatedAt, d.Id });            // what changed since, for other systems
        deal.HasIndex(d => new { d.Status, d.UpdatedAt });        // proposals: open and long untouched
        deal.HasIndex(d => d.ClosedAt);                           // won or lost in a period
    }
}
