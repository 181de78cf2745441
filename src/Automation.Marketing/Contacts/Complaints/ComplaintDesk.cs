using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Contacts.Complaints;

/// <summary>Opens and closes complaints, each in one transaction with what hangs on it.</summary>
public static class ComplaintDesk
{
    public const string Opened = "complaint.opened";
    public const string Closed = "complaint.closed";

    /// <summary>So long after its end a complaint is still told at a hand-over.</summary>
    public static readonly TimeSpan RecalledFor = TimeSpan.FromDays(180);

    private const int MostAtHandOver = 5;

    /// <param name="wholeCompany">Selling rests for everyone of the person's company.</param>
    /// <exception cref="RuleBrokenException">There is no such person, they are of no company, or nothing says what went wrong.</exception>
    public static async Task<Complaint> OpenAsync(
        AutomationDb db, Guid contactId, string text, bool wholeCompany, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(text)) throw new RuleBrokenException("Write what went wrong.");
        if (text.Length > Complaint.MaxText) throw new RuleBrokenException($"At most {Complaint.MaxText} characters.");
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var person = await LoadAsync(db, contactId, cancellation);
        if (wholeCompany && string.IsNullOrWhiteSpace(person.Company)) throw new RuleBrokenException("This person belongs to no company.");
        var complaint = new Complaint
        {
            Id = RowId.New(now),
            ContactId = contactId,
            Text = text.Trim(),
            Company = wholeCompany ? person.Company : null,
            OpenedBy = actor.Length > Complaint.MaxActor ? actor[..Complaint.MaxActor] : actor,
            OpenedAt = now,
        };
        db.Add(complaint);
        person.ComplaintOpenedAt ??= now;
        await db.SaveChangesAsync(cancellation);
        await TellAsync(db, Opened, complaint, now, cancellation);
        await transaction.CommitAsync(cancellation);
        return complaint;
    }

    /// <summary>Selling begins again after the cool-down of the sending rules, once no other complaint is open.</summary>
    /// <exception cref="RuleBrokenException">There is no such complaint, it is closed, or nothing says how it was dealt with.</exception>
    public static async Task<Complaint> CloseAsync(
        AutomationDb db, Guid complaintId, string handling, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var contactId = await db.Complaints.Where(one => one.Id == complaintId).Select(one => (Guid?)one.ContactId).SingleOrDefaultAsync(cancellation)
            ?? throw new RuleBrokenException("There is no such complaint.");
        var person = await LoadAsync(db, contactId, cancellation);
        var complaint = await db.Complaints.SingleAsync(one => one.Id == complaintId, cancellation);
        complaint.Close(handling, actor.Length > Complaint.MaxActor ? actor[..Complaint.MaxActor] : actor, now);
        person.ComplaintOpenedAt = await db.Complaints.Where(one => one.ContactId == contactId && one.ClosedAt == null && one.Id != complaintId)
            .MinAsync(one => (DateTimeOffset?)one.OpenedAt, cancellation);
        person.ComplaintClosedAt = now;
        await db.SaveChangesAsync(cancellation);
        await TellAsync(db, Closed, complaint, now, cancellation);
        await transaction.CommitAsync(cancellation);
        return complaint;
    }

    /// <summary>What to know of a person before talking to them: their own complaints and those that hold their company, newest first.</summary>
    public static Task<List<Complaint>> ConcerningAsync(AutomationDb db, Guid contactId, string? company, CancellationToken cancellation) =>
        db.Complaints.AsNoTracking().Where(one => one.ContactId == contactId || (company != null && company != "" && one.Company == company))
            .OrderByDescending(one => one.OpenedAt).Take(50).ToListAsync(cancellation);

    /// <summary>What whoever takes the person over must know: complaints that are open, or were closed less than <see cref="RecalledFor"/> ago; newest first.</summary>
    public static async Task<IReadOnlyList<Complaint>> AtHandOverAsync(AutomationDb db, Guid contactId, DateTimeOffset now, CancellationToken cancellation)
    {
        var company = await db.Contacts.Where(person => person.Id == contactId).Select(person => person.Company).SingleOrDefaultAsync(cancellation);
        return [.. (await ConcerningAsync(db, contactId, company, cancellation)).Where(one => one.ClosedAt is null || now - one.ClosedAt < RecalledFor).Take(MostAtHandOver)];
    }

    // Whoever decides about a mail to this person waits until it is known whether one may be sold to.
    private static async Task<Contact> LoadAsync(AutomationDb db, Guid contactId, CancellationToken cancellation)
    {
        await db.HoldAsync("contacts", [contactId], cancellation);
        return await db.Contacts.SingleOrDefaultAsync(person => person.Id == contactId, cancellation) ?? throw new RuleBrokenException("There is no such person.");
    }

    private static Task<int> TellAsync(AutomationDb db, string type, Complaint complaint, DateTimeOffset now, CancellationToken cancellation) => Stimuli.WriteAsync(
        db,
        [
            new NewStimulus(
                Stimuli.EventReceived, type, complaint.ContactId,
                Stimuli.EventOf(type, now, new { complaint_id = complaint.Id, text = complaint.Text, handling = complaint.Handling, whole_company = complaint.Company is not null })),
        ],
        now, cancellation);
}
