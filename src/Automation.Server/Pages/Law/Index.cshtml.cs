using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Mail.Law;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Law;

/// <summary>What the law and the big mailbox providers ask of marketing mail, how each point stands, and what to do about it.</summary>
internal sealed class LawModel(AutomationDb db, LawGate law, Show show, IStringLocalizer words) : PageModel
{
    public IReadOnlyList<LawCheck> Sender { get; private set; } = [];
    public IReadOnlyList<(string Template, IReadOnlyList<LawCheck> Checks)> Templates { get; private set; } = [];
    public string? Domain { get; private set; }
    public IReadOnlyDictionary<string, DomainRecord> Records { get; private set; } = new Dictionary<string, DomainRecord>();
    public ConsentPolicy Consent { get; private set; } = ConsentPolicy.Default;
    public ShopIdentity Shop { get; private set; } = ShopIdentity.Unnamed;
    public Uri PublicUrl => law.PublicUrl;

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        Shop = await db.ShopAsync(cancellation);
        Sender = LawChecks.OfSender(Shop, law.PublicUrl);
        Templates = [.. law.OfTemplates()];
        Consent = await db.ConsentPolicyAsync(cancellation);
        if (!EmailAddress.TryParse(Shop.FromEmail, out var from)) return;
        Domain = from.Domain;
        Records = await DomainChecks.OfAsync(db, from.Domain, cancellation);
    }

    public async Task<IActionResult> OnPostRecordAsync(string record, LawState state, CancellationToken cancellation)
    {
        var shop = await db.ShopAsync(cancellation);
        if (!EmailAddress.TryParse(shop.FromEmail, out var from)) return NotFound();
        await this.TryAsync(who => DomainChecks.SetAsync(db, from.Domain, record, state, who, show.Now, cancellation), words["Saved."], show);
        return RedirectToPage();
    }

    /// <summary>Which grounds a country's law accepts.</summary>
    public async Task<IActionResult> OnPostConsentAsync(string? country, List<ConsentBasis> bases, CancellationToken cancellation)
    {
        var code = country?.Trim().ToUpperInvariant() ?? "";
        if (code.Length > 0 && (code.Length != 2 || !code.All(char.IsAsciiLetterUpper)))
        {
            TempData["Refused"] = words["Name the country by its two letters, e.g. JP; leave it empty for all others."].Value;
            return RedirectToPage();
        }
        var policy = await db.ConsentPolicyAsync(cancellation);
        IReadOnlyList<ConsentBasis> accepted = [.. bases.Where(basis => basis is not ConsentBasis.OwnWithdrawal).Distinct().Order()];
        var next = code.Length == 0
            ? policy with { Elsewhere = accepted }
            : policy with { Countries = new Dictionary<string, IReadOnlyList<ConsentBasis>>(policy.Countries, StringComparer.Ordinal) { [code] = accepted } };
        await db.SaveConsentPolicyAsync(next, User.Identity!.Name!, show.Now, cancellation);
        this.Done(words["Saved."]);
        return RedirectToPage();
    }
}
