using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Mail.Suppression;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Mail.OptIn;

/// <summary>What came of asking a person to confirm.</summary>
public enum OptInAnswer { Asked, AskedShortlyBefore, AgreedAlready }

/// <summary>What came of pressing the button behind the mailed link.</summary>
public enum Confirmation { Granted, Lapsed, Unknown }

/// <summary>
/// Double opt-in: whoever enters an address gets a mail with a link, and only the press of a button behind it counts as
/// agreement. The link works for 72 hours; opening it changes nothing.
/// </summary>
public static class DoubleOptIn
{
    public const string Template = "consent/confirm";

    private const int MostAtATime = 3;
    private static readonly TimeSpan Between = TimeSpan.FromMinutes(10);

    /// <summary>Writes the open question and asks for the mail, in the caller's transaction.</summary>
    /// <param name="topic">Empty: all topics.</param>
    /// <param name="wording">Version of the words that the person saw.</param>
    public static async Task<OptInAnswer> AskAsync(
        AutomationDb db, MailLinks links, Guid contactId, string topic, string? wording, Said said, DateTimeOffset now, CancellationToken cancellation)
    {
        await db.HoldAsync("contacts", [contactId], cancellation);
        var standings = await ConsentLedger.StandingsAsync(db, [contactId], ["", topic], cancellation);
        var all = standings.TryGetValue((contactId, ""), out var general) ? general : (ConsentStanding?)null;
        var own = topic.Length > 0 && standings.TryGetValue((contactId, topic), out var special) ? special : (ConsentStanding?)null;
        if (ConsentLedger.Effective(all, own) is ConsentState.Granted) return OptInAnswer.AgreedAlready;
        // Anybody can enter an address; nobody shall flood it.
        var asked = await db.QueryAsync(
            "SELECT at FROM consent_entries WHERE contact_id = @p0 AND channel = 'email' AND state = 'Pending' ORDER BY at DESC", row => row.Instant(0), cancellation, contactId);
        if (asked.Count > 0 && (now - asked[0] < Between || asked.Count(at => now - at < ConsentLedger.PendingLasts) >= MostAtATime)) return OptInAnswer.AskedShortlyBefore;
        var entry = new ConsentEntry
        {
            Id = RowId.New(now),
            ContactId = contactId,
            Topic = topic,
            State = ConsentState.Pending,
            Basis = ConsentBasis.DoubleOptIn,
            Source = said.Source,
            Evidence = said.Evidence,
            Wording = wording,
            IpAddress = said.IpAddress,
            UserAgent = said.UserAgent,
            Actor = said.Actor,
            At = now,
        };
        await ConsentLedger.WriteAsync(db, [entry], cancellation);
        var shop = await db.ShopAsync(cancellation);
        await Outbox.RequestAsync(
            db,
            [
                new MailRequest(
                    new MessageIdentity(contactId, MessageOrigin.Flow, "consent", "confirm", asked.Count + 1, 1), Template, MessageClass.Transactional, Approach.None, OverCap.Defer,
                    Priority: 90, now + ConsentLedger.PendingLasts, CollapseKey: "consent-confirm", Context: ContextOf(links.ConfirmUrl(contactId, entry.Id))),
            ],
            await db.SendingPolicyAsync(cancellation), shop.TimeZone, now, cancellation);
        return OptInAnswer.Asked;
    }

    /// <summary>The button behind the link was pressed.</summary>
    public static async Task<Confirmation> ConfirmAsync(AutomationDb db, Guid contactId, Guid entryId, Said said, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        await db.HoldAsync("contacts", [contactId], cancellation);
        if (await FindAsync(db, contactId, entryId, cancellation) is not { } asked) return Confirmation.Unknown;
        if (now - asked.At > ConsentLedger.PendingLasts) return Confirmation.Lapsed;
        var standing = (await ConsentLedger.StandingsAsync(db, [contactId], [asked.Topic], cancellation)).GetValueOrDefault((contactId, asked.Topic));
        // A refusal that came after the question stands.
        if (standing.State is ConsentState.Withdrawn && standing.At >= asked.At) return Confirmation.Lapsed;
        if (ConsentLedger.MayGrant((standing.State, standing.At), ConsentBasis.DoubleOptIn, now))
        {
            await ConsentLedger.WriteAsync(
                db,
                [
                    new ConsentEntry
                    {
                        Id = RowId.New(now), ContactId = contactId, Topic = asked.Topic, State = ConsentState.Granted, Basis = ConsentBasis.DoubleOptIn,
                        Source = asked.Source, Evidence = asked.Id.ToString(), Wording = asked.Wording, IpAddress = said.IpAddress, UserAgent = said.UserAgent, Actor = said.Actor, At = now,
                    },
                ],
                cancellation);
        }
        await transaction.CommitAsync(cancellation);
        return Confirmation.Granted;
    }

    /// <summary>The open question that a link belongs to; null: there is none.</summary>
    public static Task<ConsentEntry?> FindAsync(AutomationDb db, Guid contactId, Guid entryId, CancellationToken cancellation) =>
        db.ConsentEntries.AsNoTracking().SingleOrDefaultAsync(
            entry => entry.Id == entryId && entry.ContactId == contactId && entry.State == ConsentState.Pending, cancellation);

    private static string ContextOf(string url) =>
        new JsonObject { ["confirm"] = new JsonObject { ["url"] = url, ["hours"] = (int)ConsentLedger.PendingLasts.TotalHours } }.ToJsonString(JsonSerializerOptions.Web);
}
