using System.Collections.Concurrent;
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
    bool ShowsSender);

/// <summary>Contents as they are first needed, each made once, whoever asks at the same time.</summary>
internal sealed class SharedContents
{
    private readonly ConcurrentDictionary<(string Template, string Language, MessageClass Class, string Context), Lazy<SharedContent>> contents = new();

    /// <param name="context">What of the message's context all its recipients share: JSON.</param>
    public SharedContent Of(string template, string language, MessageClass messageClass, string context, Func<SharedContent> make) =>
        contents.GetOrAdd((template, language, messageClass, context), _ => new Lazy<SharedContent>(make)).Value;
}
