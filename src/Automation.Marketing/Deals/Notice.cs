using Automation.Marketing.Contacts;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Deals;

/// <summary>A word to the salesperson who owns the person's deal, shown in the product and, where it has a text for it, mailed.</summary>
public sealed class Notice
{
    public const int MaxSubject = 300;

    public Guid Id { get; init; }

    /// <summary>Null: the person's deals have no owner; everyone in sales sees it.</summary>
    public string? Owner { get; init; }

    public Guid ContactId { get; init; }
    public required string Message { get; init; }
    public DateTimeOffset At { get; init; }
    public DateTimeOffset? SeenAt { get; set; }

    /// <summary>The colleague's own address; null: not mailed.</summary>
    public string? MailTo { get; init; }

    public string MailSubject { get; init; } = "";
    public string MailText { get; init; } = "";

    /// <summary>When it is tried next; null: it has left, or is given up.</summary>
    public DateTimeOffset? MailDueAt { get; init; }

    /// <summary>Attempts that may have reached the provider.</summary>
    public int MailTries { get; init; }

    public DateTimeOffset? MailedAt { get; init; }
}

/// <summary>Tells sales something, in the caller's transaction.</summary>
internal static class Notices
{
    /// <param name="owner">A name under which somebody owns deals; null: everyone in sales.</param>
    /// <param name="mail">Subject and text; null: in the product only.</param>
    public static async Task AddAsync(
        AutomationDb db, string? owner, Guid contactId, string message, (string Subject, string Text)? mail, DateTimeOffset now, CancellationToken cancellation)
    {
        var id = RowId.New(now);
        await db.ExecuteAsync(
            "INSERT INTO notices (id, owner, contact_id, message, at, mail_subject, mail_text, mail_tries) VALUES (@p0, @p1, @p2, @p3, @p4, '', '', 0)", cancellation,
            id, owner, contactId, message, now);
        if (mail is not (var subject, var text) || owner is null || await AddressAsync(db, owner, cancellation) is not { } address) return;
        await db.ExecuteAsync(
            "UPDATE notices SET mail_to = @p1, mail_subject = @p2, mail_text = @p3, mail_due_at = @p4 WHERE id = @p0", cancellation,
            id, address, subject.Length > Notice.MaxSubject ? subject[..Notice.MaxSubject] : subject, text, now);
    }

    private static async Task<string?> AddressAsync(AutomationDb db, string owner, CancellationToken cancellation) =>
        (await db.QueryAsync(
            "SELECT email FROM users WHERE (display_name = @p0 OR user_name = @p0 OR email = @p0) AND disabled_at IS NULL AND email IS NOT NULL ORDER BY id LIMIT 1",
            row => row.Text(0), cancellation, owner)).FirstOrDefault();
}

internal sealed class NoticeMapping : IEntityTypeConfiguration<Notice>
{
    public void Configure(EntityTypeBuilder<Notice> notice)
    {
        notice.ToTable("notices");
        notice.HasKey(n => n.Id);
        notice.Property(n => n.Owner).HasMaxLength(100);
        notice.Property(n => n.MailTo).HasMaxLength(EmailAddress.MaxLength);
        notice.Property(n => n.MailSubject).HasMaxLength(Notice.MaxSubject).HasDefaultValue("");
        notice.Property(n => n.MailText).HasDefaultValue("");
        notice.Property(n => n.MailTries).HasDefaultValue(0);
        notice.HasIndex(n => new { n.SeenAt, n.At });             // what sales has not seen yet
        notice.HasIndex(n => n.ContactId);                        // a person's page
        notice.HasIndex(n => n.MailDueAt);                        // what is to be mailed
    }
}
