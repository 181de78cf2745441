using Automation.Marketing.Mail.Content;
using Automation.Marketing.Storage;
using Automation.SendGrid;
using Automation.Templates;

namespace Automation.Marketing.Mail.Delivery;

/// <summary>What the mails of one request have in common.</summary>
/// <param name="Model">What they read that is shared.</param>
/// <param name="From">The shop's address for this class of mail.</param>
/// <param name="Category">What the provider's own statistics go by; nothing personal.</param>
/// <param name="ShowsSender">Whether who sends and how to ask stands in what all share.</param>
internal sealed record SharedContent(
    MailTemplate Template, DividedMail Divided, TemplateObject Model, SharedMail Shared, MailAddress From, MailAddress? ReplyTo, string Category,
    bool ShowsSender)
{
    /// <summary>Stands in place of the template's: one of two that are tried. Null: the template's.</summary>
    public string? Subject { get; init; }
}

/// <summary>Contents as they are first needed, each made once; one that cannot be made is not tried again.</summary>
/// <param name="colleagues">In whose name some of the mails go out.</param>
internal sealed class SharedContents(Colleagues colleagues)
{
    private readonly Dictionary<(string Template, string Language, MessageClass Class, string Context), Lazy<SharedContent>> contents = [];
    private readonly Dictionary<SharedContent, Dictionary<(MailAddress From, MailAddress ReplyTo), SharedContent>> signed = new(ReferenceEqualityComparer.Instance);

    /// <param name="context">What of the message's context all its recipients share: JSON.</param>
    public SharedContent Of(string template, string language, MessageClass messageClass, string context, Func<SharedContent> make)
    {
        var key = (template, language, messageClass, context);
        if (!contents.TryGetValue(key, out var content)) contents[key] = content = new Lazy<SharedContent>(make);
        return content.Value;
    }

    /// <summary>The same content in the name that the mail asks for: one request has one sender and one address for answers.</summary>
    public SharedContent Signed(SharedContent content, ClaimedMail mail, ShopIdentity shop)
    {
        if (colleagues.Of(mail, content.From, shop) is not var (from, replyTo)) return content;
        if (!signed.TryGetValue(content, out var bySender)) signed[content] = bySender = [];
        if (!bySender.TryGetValue((from, replyTo), out var own)) bySender[(from, replyTo)] = own = content with { From = from, ReplyTo = replyTo };
        return own;
    }
}
