using Automation.Marketing.Mail.GoingLive;
using Automation.Marketing.Mail.Law;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Live;

/// <summary>One thing that real sending needs.</summary>
/// <param name="Remedy">Where it is put right; null: a setting of the service.</param>
public sealed record LiveCheck(string Title, bool Passed, string Detail, string? Remedy = null);

/// <summary>What real sending still lacks: for the page that switches it on, and the list on the start page.</summary>
internal sealed class LiveChecks(Settings settings, LiveGate gate, LawGate law, LawWords lawWords, IStringLocalizer words)
{
    // Anybody may have an address there; their owners forbid others to send in their name (DMARC), so mail would not arrive.
    private static readonly string[] SharedDomains =
        ["gmail.com", "yahoo.com", "yahoo.co.jp", "outlook.com", "outlook.jp", "hotmail.com", "hotmail.co.jp", "icloud.com", "me.com", "aol.com", "docomo.ne.jp", "ezweb.ne.jp", "au.com", "softbank.ne.jp", "i.softbank.jp"];

    public async Task<IReadOnlyList<LiveCheck>> AllAsync(AutomationDb db, CancellationToken cancellation)
    {
        var shop = await db.ShopAsync(cancellation);
        var own = await OwnAddresses.ConfirmedAsync(db, cancellation);
        var webhook = await LiveSending.WebhookSeenAsync(db, cancellation);
        var faulty = FaultyTemplates();
        var domain = shop.FromEmail.Split('@')[^1];
        var open = await OpenRecordsAsync(db, domain, cancellation);
        return
        [
            new(words["Sender's details"], shop.Missing.Count == 0, shop.Missing.Count == 0 ? shop.LegalName : words["Missing: {0}", string.Join(words[", "], shop.Missing.Select(lawWords.Name))], "/sender"),
            new(words["A sender domain of your own"], IsOwn(domain), IsOwn(domain) ? domain : words["Mail from an address of a mail service does not arrive. Use one of your own domain."], "/sender"),
            new(words["Records of the domain"], open.Count == 0, open.Count == 0 ? "SPF, DKIM, DMARC" : words["Look at {0} of {1}, and note the result.", string.Join(", ", open), domain], "/law"),
            new(words["Public address"], IsPublic, IsPublic ? settings.PublicUrl!.ToString() : words["Set PublicUrl to the https address at which recipients reach this service; links in mail lead there."]),
            new(words["Key of SendGrid"], gate.IsReal, gate.IsReal ? words["It is set."] : words["Set SendGrid:ApiKey. Until then mails go to the built-in mailbox."]),
            new(words["A mail that arrived"], own.Count > 0, own.Count > 0 ? own[0].Address : words["Confirm an address of your own on this page: it shows that key and sender are accepted."], "/live"),
            new(words["Events from SendGrid"], webhook is not null, webhook is not null ? words["A signed event arrived."] : words["Set SendGrid:Webhook:PublicKeys, point SendGrid's Event Webhook at {0} and press Test there.", WebhookAddress]),
            new(words["Templates as the law asks"], faulty.Count == 0, faulty.Count == 0 ? words["Every template shows what it must."] : words["Something is missing in: {0}", string.Join(", ", faulty)], "/law"),
        ];
    }

    private bool IsPublic => settings.PublicUrl is { Scheme: "https" };

    private string WebhookAddress => settings.PublicUrl is { } known ? new Uri(known, "webhooks/sendgrid").AbsoluteUri : "/webhooks/sendgrid";

    private static bool IsOwn(string domain) => domain.Contains('.', StringComparison.Ordinal) && !SharedDomains.Contains(domain, StringComparer.OrdinalIgnoreCase);

    // As somebody who looked at them says: by now nothing asks the domain's records itself.
    private static async Task<IReadOnlyList<string>> OpenRecordsAsync(AutomationDb db, string domain, CancellationToken cancellation)
    {
        var known = await DomainChecks.OfAsync(db, domain, cancellation);
        return [.. DomainChecks.Records.Where(record => known.GetValueOrDefault(record)?.State is not LawState.Passed).Select(record => record.ToUpperInvariant())];
    }

    private IReadOnlyList<string> FaultyTemplates() =>
        [.. law.OfTemplates().Where(one => one.Checks.Any(check => check.Blocks && check.State is not LawState.Passed)).Select(one => one.Template)];
}
