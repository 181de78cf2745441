using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Law;
using Automation.Marketing.Storage;
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

    /// <summary>The templates as they stand: taken once for a batch, so that what is loaded for it is what its mails read.</summary>
    internal TemplateShelf Shelf => catalogue.Current;

    /// <summary>Whether any of these templates reads a root of the model.</summary>
    internal static bool Reads(TemplateShelf shelf, IEnumerable<string> templates, string root) => templates.Any(id => shelf.Find(id)?.Reads(root) ?? false);

    /// <summary>Adds <see cref="ClaimedMail.Request"/>, or <see cref="ClaimedMail.Problem"/> when the mail cannot be made.</summary>
    internal ClaimedMail Compose(ClaimedMail mail, TemplateShelf shelf, MailModels models, MailLinks links)
    {
        if (shelf.Find(mail.Template) is not { } template) return mail with { Problem = $"template '{mail.Template}' does not exist" };
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
            return mail with
            {
                Request = Request(
                    shop, new MailAddress(mail.Recipient, DisplayName(contact.Name)), rendered, mail.Class, unsubscribe,
                    (WebhookEvents.MessageIdArgument, mail.Id.ToString("D")), mail.Template, Tracking),
            };
        }
        catch (TemplateException broken)
        {
            return mail with { Problem = broken.Messages.Count > 0 ? broken.Messages[0].ToString() : broken.Message };
        }
    }

    /// <summary>The request of one mail to one person.</summary>
    /// <param name="argument">The custom argument by which events of it are known.</param>
    internal static MailSendRequest Request(
        ShopIdentity shop, MailAddress to, RenderedMail mail, MessageClass messageClass, string unsubscribe, (string Name, string Value) argument, string category,
        TrackingSettings tracking) => new()
        {
            From = new MailAddress(shop.FromEmail, DisplayName(shop.FromName)),
            ReplyTo = shop.ReplyTo is { } replyTo ? new MailAddress(replyTo) : null,
            Personalizations =
        [
            new Personalization
            {
                To = [to],
                Subject = mail.Subject,
                Headers = messageClass is MessageClass.Marketing ? OneClickHeaders(unsubscribe) : null,
                CustomArgs = new Dictionary<string, string>(StringComparer.Ordinal) { [argument.Name] = argument.Value },
            },
        ],
            Content = [new MailContent("text/plain", NotEmpty(mail.Text)), new MailContent("text/html", NotEmpty(mail.Html))],
            Categories = [category],
            TrackingSettings = tracking,
        };

    /// <summary>RFC 8058.</summary>
    private static Dictionary<string, string> OneClickHeaders(string unsubscribe) => new(StringComparer.Ordinal)
    {
        ["List-Unsubscribe"] = $"<{unsubscribe}>",
        ["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click",
    };

    // SendGrid refuses ; and , in names.
    private static string? DisplayName(string? name) =>
        string.IsNullOrWhiteSpace(name) ? null : name.Replace(';', ' ').Replace(',', ' ').Trim();

    private static string NotEmpty(string text) => text.Length == 0 ? " " : text;
}
