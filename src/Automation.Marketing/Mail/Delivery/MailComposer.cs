using System.Text;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Law;
using Automation.Marketing.Storage;
using Automation.SendGrid;
using Automation.Templates;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Mail.Delivery;

/// <summary>Makes mails of messages: content at the moment of sending, links, headers.</summary>
public sealed class MailComposer(TemplateCatalogue catalogue, ITemplateRenderer renderer)
{
    private const int LongestCategory = 255;

    /// <summary>The templates as they stand: taken once for a batch, so that what is loaded for it is what its mails read.</summary>
    internal TemplateShelf Shelf => catalogue.Current;

    /// <summary>Whether any of these templates reads a root of the model.</summary>
    internal static bool Reads(TemplateShelf shelf, IEnumerable<string> templates, string root) => templates.Any(id => shelf.Find(id)?.Reads(root) ?? false);

    /// <summary>The HTML of a mail that was sent, as it would be made now; null when there is none, or when it cannot be made.</summary>
    public async Task<string?> InBrowserAsync(AutomationDb db, Guid contactId, Guid messageId, MailLinks links, CancellationToken cancellation)
    {
        var message = await db.OutboxMessages.AsNoTracking().SingleOrDefaultAsync(
            one => one.Id == messageId && one.ContactId == contactId && one.State == MessageState.Sent, cancellation);
        if (message is null || catalogue.Find(message.Template) is not { } template) return null;
        var models = await MailModels.LoadAsync(db, [contactId], await db.ShopAsync(cancellation), template.Reads, cancellation);
        if (models.Find(contactId) is not { } contact) return null;
        try
        {
            var model = models.For(contactId, message.Context, links.Of(contactId, messageId).ToModel(), template.Defaults);
            return renderer.Render(template, contact.Language, models.Identity.Language, model).Html;
        }
        catch (TemplateException)
        {
            return null;
        }
    }

    /// <summary>Composes mails, each with the content it shares with others.</summary>
    /// <param name="contents">What was shared so far, for the same shelf and models; grows.</param>
    internal ComposedMail[] Compose(IReadOnlyList<ClaimedMail> mails, TemplateShelf shelf, MailModels models, MailLinks links, SharedContents contents)
    {
        // One after the other: other lanes are at work meanwhile.
        return [.. mails.Select(mail => Compose(mail, shelf, models, links, contents))];
    }

    private ComposedMail Compose(
        ClaimedMail mail, TemplateShelf shelf, MailModels models, MailLinks links, SharedContents contents)
    {
        if (shelf.Find(mail.Template) is not { } template) return Fails(mail, $"template '{mail.Template}' does not exist");
        if (models.Find(mail.ContactId) is not { } contact) return Fails(mail, "the contact no longer exists");
        if (ProblemOf(models.Identity, links.PublicUrl, mail.Class) is { } problem) return Fails(mail, problem);
        try
        {
            var parts = template.In(contact.Language, models.Identity.Language);
            var context = MailModels.SharedContext(mail.Context);
            var content = contents.Signed(contents.Of(template.Id, parts.Language, mail.Class, context, () => Share(template, parts, context, models)), mail, models.Identity);
            var own = links.Of(mail.ContactId, mail.Id);
            var personal = content.Divided.RenderPersonal(content.Shared, ModelOf(mail, content, models, own));
            if (content.Subject is { } tried) personal = personal with { Subject = tried };
            if (mail.Class is MessageClass.Marketing && Unshown(content, personal, models.Identity, own.Unsubscribe) is { Count: > 0 } unshown)
                return Fails(mail, $"the mail does not show {string.Join(", ", unshown)}");
            return new ComposedMail(mail)
            {
                Content = content,
                Own = personal,
                RecipientName = DisplayName(contact.Name),
                Headers = HeadersOf(mail.Class, mail.Topics, content.From, own.Unsubscribe),
            };
        }
        catch (TemplateException broken)
        {
            return Fails(mail, broken.Messages.Count > 0 ? broken.Messages[0].ToString() : broken.Message);
        }
    }

    private static TemplateObject ModelOf(ClaimedMail mail, SharedContent content, MailModels models, OwnLinks own) =>
        content.Divided.ChangesNothing
            ? models.Over(content.Model, mail.ContactId, mail.Context, own.ToModel(), content.Template.Defaults)
            : models.For(mail.ContactId, mail.Context, own.ToModel(), content.Template.Defaults);

    // What the law asks for is mostly in what all share: looked for there once, and in the whole mail only when it is not.
    private static IReadOnlyList<string> Unshown(SharedContent content, PersonalMail own, ShopIdentity shop, string unsubscribe) =>
        content.ShowsSender && own.Html.Any(piece => piece.Contains(unsubscribe, StringComparison.Ordinal)) && own.Text.Any(piece => piece.Contains(unsubscribe, StringComparison.Ordinal))
            ? []
            : LawChecks.MissingIn(new RenderedMail(own.Subject, content.Shared.Html.With(own.Html), content.Shared.Text.With(own.Text)), shop, unsubscribe);

    private static ComposedMail Fails(ClaimedMail mail, string problem) => new(mail) { Problem = problem };

    private static string? ProblemOf(ShopIdentity shop, Uri publicUrl, MessageClass messageClass)
    {
        if (messageClass is MessageClass.Marketing && LawChecks.Missing(shop, publicUrl) is { Count: > 0 } missing) return $"the sender's {string.Join(", ", missing)} is not set";
        return shop.FromEmail.Length == 0 ? "the sender's from_email is not set" : null;
    }

    private SharedContent Share(MailTemplate template, MailParts parts, string context, MailModels models)
    {
        var shop = models.Identity;
        var model = models.Shared(context, template.Defaults);
        var divided = renderer.Divide(template, parts, model.Select(root => root.Key).Concat(MailModels.SharedRoots).ToHashSet(StringComparer.Ordinal));
        var shared = divided.RenderShared(model);
        return new SharedContent(
            template, divided, model, shared, From(shop, template.Class), ReplyTo(shop), Category(template.Id), ShowsSender(shared, shop))
        {
            Subject = model["campaign"] is TemplateObject campaign ? campaign["tried_subject"] as string : null,
        };
    }

    private static bool ShowsSender(SharedMail shared, ShopIdentity shop) =>
        LawChecks.MissingIn(new RenderedMail("", string.Join('\n', shared.Html.Pieces), string.Join('\n', shared.Text.Pieces)), shop, unsubscribeUrl: "").Count == 0;

    internal static MailAddress From(ShopIdentity shop, MessageClass messageClass) =>
        new(messageClass is MessageClass.Transactional && shop.OrderEmail is { Length: > 0 } own ? own : shop.FromEmail, DisplayName(shop.FromName));

    internal static MailAddress? ReplyTo(ShopIdentity shop) => shop.ReplyTo is { } replyTo ? new MailAddress(replyTo) : null;

    /// <summary>What Gmail and Yahoo ask of bulk senders, with RFC 8058 and RFC 2919; null for mail that is not marketing.</summary>
    /// <param name="topics">Comma-separated.</param>
    internal static Dictionary<string, string>? HeadersOf(MessageClass messageClass, string topics, MailAddress from, string unsubscribe) =>
        messageClass is not MessageClass.Marketing ? null : new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["List-Unsubscribe"] = $"<{unsubscribe}>",
            ["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click",
            ["List-Id"] = $"<{ListName(topics)}.{from.Email[(from.Email.LastIndexOf('@') + 1)..]}>",
        };

    /// <summary>One request, of whatever kind.</summary>
    internal static MailSendRequest Request(
        MailAddress from, MailAddress? replyTo, IReadOnlyList<Personalization> recipients, string text, string html, string category, TrackingSettings tracking) =>
        new()
        {
            From = from,
            ReplyTo = replyTo,
            Personalizations = recipients,
            Content = [new MailContent("text/plain", NotEmpty(text)), new MailContent("text/html", NotEmpty(html))],
            Categories = [category],
            TrackingSettings = tracking,
        };

    // The first topic, where it can stand in a host name.
    private static string ListName(string topics)
    {
        var first = topics.Split(',')[0].ToLowerInvariant();
        return first.Length > 0 && first.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-') ? first : "marketing";
    }

    // SendGrid refuses ; and , in names.
    internal static string? DisplayName(string? name) =>
        string.IsNullOrWhiteSpace(name) ? null : name.Replace(';', ' ').Replace(',', ' ').Trim();

    private static string NotEmpty(string text) => text.Length == 0 ? " " : text;

    // Categories are ASCII.
    private static string Category(string template)
    {
        var category = Ascii.IsValid(template) ? template : Uri.EscapeDataString(template);
        return category.Length <= LongestCategory ? category : category[..LongestCategory];
    }
}
