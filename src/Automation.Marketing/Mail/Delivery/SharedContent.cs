using Automation.Marketing.Mail.Content;
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
internal sealed class SharedContents
{
    private readonly Dictionary<(string Template, string Language, MessageClass Class, string Context), Lazy<SharedContent>> contents = [];

    /// <param name="context">What of the message's context all its recipients share: JSON.</param>
    public SharedContent Of(string template, string language, MessageClass messageClass, string context, Func<SharedContent> make)
    {
        var key = (template, language, messageClass, context);
        if (!contents.TryGetValue(key, out var content)) contents[key] = content = new Lazy<SharedContent>(make);
        return content.Value;
    }
}
