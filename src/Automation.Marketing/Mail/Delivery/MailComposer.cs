using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Law;
using Automation.SendGrid;
using Automation.Templates;

namespace Automation.Marketing.Mail.Delivery;

/// <summary>Makes the provider's request of a message: content at the moment of sending, links, headers.</summary>
public sealed class MailComposer(TemplateCatalogue catalogue, ITemplateRenderer renderer)
{
    // Unsubscribing is ours: SendGrid must not add a second way that we do not hear of in time.
    private static readonly TrackingSettings Tracking = new()
    {
        ClickTracking = new ClickTracking(Enable: true, EnableText: false),
        OpenTracking = new OpenTracking(Enable: true),
        SubscriptionTracking = new SubscriptionTracking(Enable: false),
    };

    /// <summary>Whether any of these templates reads a root of the model.</summary>
    internal bool Reads(IEnumerable<string> templates, string root) => templates.Distinct().Any(id => catalogue.Find(id)?.Reads(root) ?? false);

    /// <summary>Adds <see cref="ClaimedMail.Request"/>, or <see cref="ClaimedMail.Problem"/> when the mail cannot be made.</summary>
    internal ClaimedMail Compose(ClaimedMail mail, MailModels models, MailLinks links)
    {
        if (catalogue.Find(mail.Template) is not { } template) return mail with { Problem = $"template '{mail.Template}' does not exist" };
        if (models.Find(mail.ContactId) is not { } contact) return mail with { Problem = "the contact no longer exists" };
        var shop = models.Identity;
        if (mail.Class is MessageClass.Marketing && LawChecks.Missing(shop, links.PublicUrl) is { Count: > 0 } missing)
            return mail with { Problem = $"the sender's {string.Join(", ", missing)} is not set" };
        if (shop.FromEmail.Length == 0) return mail with { Problem = "the sender's from_email is not set" };
        var unsubscribe = links.UnsubscribeUrl(mail.ContactId, mail.Id);
        var linkModel = new TemplateObject(3)
        {
            ["unsubscribe"] = unsubscribe,
            ["preferences"] = links.PreferencesUrl(mail.ContactId, mail.Id),
        };
        try
        {
            var rendered = renderer.Render(
                template, contact.Language, shop.Language, models.For(mail.ContactId, mail.Context, linkModel, template.Defaults));
            if (mail.Class is MessageClass.Marketing && LawChecks.MissingIn(rendered, shop, unsubscribe) is { Count: > 0 } unshown)
                return mail with { Problem = $"the mail does not show {string.Join(", ", unshown)}" };
            return mail with { Request = Request(mail, contact.Name, shop, rendered, unsubscribe) };
        }
        catch (TemplateException broken)
        {
            return mail with { Problem = broken.Messages.Count > 0 ? broken.Messages[0].ToString() : broken.Message };
        }
    }

    private static MailSendRequest Request(ClaimedMail mail, string? name, Storage.ShopIdentity shop, RenderedMail rendered, string unsubscribe) => new()
    {
        From = new MailAddress(shop.FromEmail, DisplayName(shop.FromName)),
        ReplyTo = shop.ReplyTo is { } replyTo ? new MailAddress(replyTo) : null,
        Personalizations =
        [
            new Personalization
            {
                To = [new MailAddress(mail.Recipient, DisplayName(name))],
                Subject = rendered.Subject,
                Headers = mail.Class is MessageClass.Marketing
                    ? new Dictionary<string, string>(StringComparer.Ordinal)
                    {
                        ["List-Unsubscribe"] = $"<{unsubscribe}>",
                        ["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click",
                    }
                    : null,
                CustomArgs = new Dictionary<string, string>(StringComparer.Ordinal) { [WebhookEvents.MessageIdArgument] = mail.Id.ToString("D") },
            },
        ],
        Content = [new MailContent("text/plain", NotEmpty(rendered.Text)), new MailContent("text/html", NotEmpty(rendered.Html))],
        Categories = [mail.Template],
        TrackingSettings = Tracking,
    };

    // SendGrid refuses ; and , in names.
    private static string? DisplayName(string? name) =>
        string.IsNullOrWhiteSpace(name) ? null : name.Replace(';', ' ').Replace(',', ' ').Trim();

    private static string NotEmpty(string text) => text.Length == 0 ? " " : text;
}
