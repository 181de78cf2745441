using System.Net;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Storage;
using Automation.Templates;

namespace Automation.Marketing.Mail.Law;

/// <summary>How one legal or deliverability requirement stands. Unknown: nobody has looked yet.</summary>
public enum LawState { Passed, Failed, Unknown }

/// <summary>One requirement of brief §7.</summary>
/// <param name="Key">What words for it are found by, e.g. <c>legal-name</c>.</param>
/// <param name="Blocks">While it is not passed, no marketing mail is published or sent.</param>
public sealed record LawCheck(string Key, LawState State, bool Blocks);

/// <summary>Requirements by their keys, as a fact of a message: pages say each in words.</summary>
public sealed record LawKeys(IReadOnlyList<string> Keys)
{
    public override string ToString() => string.Join(", ", Keys);
}

/// <summary>
/// The one place that says what marketing mail must show before it is published or sent (特定電子メール法, CAN-SPAM, RFC 8058):
/// who sends, where they are, how to ask, how to refuse.
/// </summary>
public static class LawChecks
{
    public const string LegalName = "legal-name";
    public const string PostalAddress = "postal-address";
    public const string Contact = "contact";
    public const string FromAddress = "from-address";
    public const string OwnOrderAddress = "own-order-address";
    public const string OptOut = "opt-out";
    public const string OneClick = "one-click";
    public const string Readable = "readable";

    /// <summary>Requirements on the sender.</summary>
    /// <param name="publicUrl">Where links in mail lead.</param>
    public static IReadOnlyList<LawCheck> OfSender(ShopIdentity shop, Uri publicUrl) =>
    [
        Given(LegalName, shop.LegalName),
        Given(PostalAddress, shop.Address),
        Given(Contact, shop.Phone),
        Given(FromAddress, shop.FromEmail),
        // On this machine alone plain http will do: nothing reaches anybody.
        new(OptOut, publicUrl.Scheme == Uri.UriSchemeHttps || publicUrl.IsLoopback ? LawState.Passed : LawState.Failed, Blocks: true),
        new(OneClick, LawState.Passed, Blocks: true),
        new(OwnOrderAddress, shop.OrderEmail is { Length: > 0 } own && !own.Equals(shop.FromEmail, StringComparison.OrdinalIgnoreCase) ? LawState.Passed : LawState.Failed, Blocks: false),
    ];

    /// <summary>What is missing of the sender before marketing mail may leave; empty when nothing is.</summary>
    public static IReadOnlyList<string> Missing(ShopIdentity shop, Uri publicUrl) =>
        [.. OfSender(shop, publicUrl).Where(check => check.Blocks && check.State is not LawState.Passed).Select(check => check.Key)];

    /// <summary>Requirements on a template: each of its parts, in each language, for a sender that is complete.</summary>
    public static IReadOnlyList<LawCheck> OfTemplate(MailTemplate template, ITemplateRenderer renderer)
    {
        if (template.Class is MessageClass.Transactional) return [];
        var missing = new HashSet<string>(StringComparer.Ordinal);
        foreach (var language in template.Parts.Keys)
        {
            try
            {
                missing.UnionWith(MissingIn(renderer.Render(template, language, language, Sample()), Model, SampleOptOut));
            }
            catch (TemplateException)
            {
                // With a made-up person not everything can be shown; the mail itself is looked at before it is sent.
                return [new LawCheck(Readable, LawState.Unknown, Blocks: false)];
            }
        }
        return [.. new[] { LegalName, PostalAddress, Contact, OptOut }.Select(key => new LawCheck(key, missing.Contains(key) ? LawState.Failed : LawState.Passed, Blocks: true))];
    }

    /// <summary>What a marketing mail fails to show; empty when it may leave. Postal address and inquiry contact may be one link away.</summary>
    public static IReadOnlyList<string> MissingIn(RenderedMail mail, ShopIdentity shop, string unsubscribeUrl)
    {
        var missing = new List<string>();
        foreach (var (body, isHtml) in new[] { (mail.Html, true), (mail.Text, false) })
        {
            if (!Shows(body, shop.LegalName, isHtml)) missing.Add(LegalName);
            if (!Shows(body, unsubscribeUrl, isHtml)) missing.Add(OptOut);
            var isOneLinkAway = shop.Url.Length > 0 && Shows(body, shop.Url, isHtml);
            if (!isOneLinkAway && !Shows(body, shop.Address, isHtml)) missing.Add(PostalAddress);
            if (!isOneLinkAway && !Shows(body, shop.Phone, isHtml)) missing.Add(Contact);
        }
        return [.. missing.Distinct()];
    }

    /// <summary>Marketing mail may be published.</summary>
    /// <exception cref="RuleBrokenException">The sender's details or the template do not meet the law; it is said which.</exception>
    public static async Task RequireAsync(AutomationDb db, Uri publicUrl, MailTemplate template, ITemplateRenderer renderer, CancellationToken cancellation)
    {
        if (template.Class is MessageClass.Transactional) return;
        var missing = new LawKeys(Missing(await db.ShopAsync(cancellation), publicUrl));
        if (missing.Keys.Count > 0) throw new RuleBrokenException($"Marketing mail cannot go out: the sender's details lack {missing}. Complete them under 'Law and delivery'.");
        var unshown = new LawKeys([.. OfTemplate(template, renderer).Where(check => check.State is LawState.Failed).Select(check => check.Key)]);
        if (unshown.Keys.Count > 0) throw new RuleBrokenException($"The template does not show {unshown}, which the law asks of every marketing mail. Add the sender block to it.");
    }

    private static LawCheck Given(string key, string value) => new(key, string.IsNullOrWhiteSpace(value) ? LawState.Failed : LawState.Passed, Blocks: true);

    private static bool Shows(string body, string what, bool isHtml) =>
        body.Contains(what, StringComparison.Ordinal) || (isHtml && body.Contains(WebUtility.HtmlEncode(what), StringComparison.Ordinal));

    private const string SampleOptOut = "https://sample.example.com/u/opt-out";

    private static readonly ShopIdentity Model = new("見本の店", "株式会社見本の店", "見本県見本市1-2-3", "000-0000-0000", "https://sample.example.com/", "sample@example.com", "見本の店", null);

    private static TemplateObject Sample() => new(6)
    {
        ["shop"] = new TemplateObject(8)
        {
            ["name"] = Model.Name,
            ["legal_name"] = Model.LegalName,
            ["address"] = Model.Address,
            ["phone"] = Model.Phone,
            ["url"] = Model.Url,
            ["email"] = Model.FromEmail,
        },
        ["links"] = new TemplateObject(2) { ["unsubscribe"] = SampleOptOut, ["preferences"] = SampleOptOut + "/preferences" },
        ["contact"] = new TemplateObject(1) { ["name"] = "見本 太郎" },
        ["purchases"] = new TemplateArray(),
    };
}
