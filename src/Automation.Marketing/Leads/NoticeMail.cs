using System.Net;
using Automation.Marketing.Contacts;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Storage;
using Automation.SendGrid;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Leads;

/// <summary>
/// Mails colleagues what they are told of, on the way all mail goes and outside the books (<see cref="LoneMail"/>). As with
/// mail about orders, an unknown outcome is tried once more after five minutes, and then never again.
/// </summary>
public sealed class NoticeMail(IDbContextFactory<AutomationDb> dbs, IMailProvider provider, PublicAddress address, TimeProvider clock)
{
    private const int MostTries = 2;

    /// <summary>After this a notice is no news any more.</summary>
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromDays(3);

    private static readonly TimeSpan UnknownFor = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan AskAgain = TimeSpan.FromMinutes(15);

    /// <returns>1, or 0 when none is due.</returns>
    public async Task<int> WorkAsync(CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        if (await ClaimAsync(db, cancellation) is not { } mail) return 0;
        // Between here and the note of what became of it the outcome is unknown: the claim has said so already.
        var result = mail.At < clock.GetUtcNow() - GiveUpAfter ? new SendResult.Refused("too late", 0, []) : await SendAsync(db, mail, CancellationToken.None);
        var now = clock.GetUtcNow();
        await (result switch
        {
            SendResult.Accepted => db.ExecuteAsync("UPDATE notices SET mail_due_at = NULL, mailed_at = @p1 WHERE id = @p0", CancellationToken.None, mail.Id, now),
            SendResult.TryLater later => LaterAsync(db, mail, now + later.Wait),
            SendResult.Paused => LaterAsync(db, mail, now + AskAgain),
            SendResult.Unknown when mail.Tries < MostTries => Task.FromResult(0),
            _ => db.ExecuteAsync("UPDATE notices SET mail_due_at = NULL WHERE id = @p0", CancellationToken.None, mail.Id),
        });
        return 1;
    }

    private async Task<Claimed?> ClaimAsync(AutomationDb db, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        if ((await db.QueryAsync("SELECT 1 FROM notices WHERE mail_due_at <= @p0 LIMIT 1", row => row.Int(0), cancellation, now)).Count == 0) return null;
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var due = await db.QueryAsync(
            $"SELECT id, contact_id, mail_to, mail_subject, mail_text, mail_tries, at FROM notices WHERE mail_due_at <= @p0 ORDER BY mail_due_at, id LIMIT 1{db.Dialect.SkipLocked}",
            row => new Claimed(row.Guid(0), row.Guid(1), row.Text(2), row.Text(3), row.Text(4), row.Int(5) + 1, row.Instant(6)), cancellation, now);
        if (due.Count == 0) return null;
        var gone = due[0].Tries > MostTries;
        await (gone
            ? db.ExecuteAsync("UPDATE notices SET mail_due_at = NULL WHERE id = @p0", cancellation, due[0].Id)
            : db.ExecuteAsync("UPDATE notices SET mail_tries = mail_tries + 1, mail_due_at = @p1 WHERE id = @p0", cancellation, due[0].Id, now + UnknownFor));
        await transaction.CommitAsync(cancellation);
        return gone ? null : due[0];
    }

    private async Task<SendResult> SendAsync(AutomationDb db, Claimed mail, CancellationToken cancellation)
    {
        var shop = await db.ShopAsync(cancellation);
        if (shop.FromEmail.Length == 0) return new SendResult.TryLater(AskAgain, "the sender's address is not set", WholeKey: false);
        if (!EmailAddress.TryParse(mail.To, out var to)) return new SendResult.Refused("not an address", 0, []);
        var link = new Uri(address.Url, $"leads/{mail.Contact}");
        var text = mail.Text + Environment.NewLine + Environment.NewLine + link;
        var html = $"<p>{WebUtility.HtmlEncode(mail.Text).ReplaceLineEndings("<br>")}</p><p><a href=\"{WebUtility.HtmlEncode(link.ToString())}\">{WebUtility.HtmlEncode(link.ToString())}</a></p>";
        return await LoneMail.AttemptAsync(
            provider, shop, MessageClass.Transactional, to, new RenderedMail(mail.Subject.ReplaceLineEndings(" "), html, text), mark: "notice", unsubscribe: null, cancellation);
    }

    // The provider certainly did not act: the attempt does not count.
    private static Task<int> LaterAsync(AutomationDb db, Claimed mail, DateTimeOffset at) =>
        db.ExecuteAsync("UPDATE notices SET mail_due_at = @p1, mail_tries = mail_tries - 1 WHERE id = @p0", CancellationToken.None, mail.Id, at);

    private sealed record Claimed(Guid Id, Guid Contact, string To, string Subject, string Text, int Tries, DateTimeOffset At);
}
