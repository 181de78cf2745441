using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Mail.Suppression;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Pages.People;

/// <summary>When a person can be mailed next, by kind of mail, and what they asked for.</summary>
/// <param name="InFlight">Mails that were on their way when the person opted out.</param>
public sealed record MailOutlook(
    Guid PersonId, IReadOnlyList<(Approach Approach, SendDecision Decision)> Next, MailPreference? Wishes, IReadOnlyList<(string Topic, ConsentState State)> Topics,
    IReadOnlyList<AttemptInFlight> InFlight)
{
    private const int Shown = 10;

    public static readonly MailOutlook None = new(Guid.Empty, [], null, [], []);

    internal static async Task<MailOutlook> OfAsync(AutomationDb db, Guid id, Show show, CancellationToken cancellation)
    {
        var policy = await db.SendingPolicyAsync(cancellation);
        var topics = await db.ConsentEntries.Where(e => e.ContactId == id && e.Topic != "").Select(e => e.Topic).Distinct().OrderBy(topic => topic).ToListAsync(cancellation);
        var said = await ConsentLedger.StandingsAsync(db, [id], topics, cancellation);
        return new MailOutlook(
            id,
            await PolicyTrial.NextFreeAsync(db, id, policy, show.Shop.TimeZone, show.Now, cancellation),
            await db.MailPreferences.AsNoTracking().SingleOrDefaultAsync(p => p.ContactId == id, cancellation),
            [.. said.OrderBy(line => line.Key.Topic, StringComparer.Ordinal).Select(line => (line.Key.Topic, line.Value.State))],
            await db.AttemptsInFlight.AsNoTracking().Where(attempt => attempt.ContactId == id).OrderByDescending(attempt => attempt.At).Take(Shown).ToListAsync(cancellation));
    }
}
