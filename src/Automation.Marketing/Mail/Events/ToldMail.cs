using System.Text.Json;
using Automation.Marketing.Contacts.Outgoing;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Mail.Events;

/// <summary>What became of a mail, for other programs.</summary>
/// <param name="Detail">The link of a click, the reason of a failure; null: nothing to add.</param>
internal sealed record ToldMail(string Type, Guid ContactId, Guid MessageId, string Template, string OriginId, string? Detail = null)
{
    /// <summary>In the transaction that changes the mails, as one set; where nobody listens it costs one look.</summary>
    /// <param name="mails">Takes whether a type is wanted; asked only when somebody listens at all.</param>
    public static Task<int> TellAsync(AutomationDb db, Func<Func<string, bool>, IEnumerable<ToldMail>> mails, DateTimeOffset now, CancellationToken cancellation) =>
        OutgoingEvents.TellAsync(db, wants => mails(wants).Where(mail => wants(mail.Type)).Select(mail => (mail.Type, mail.ContactId, mail.ToJson())), now, cancellation);

    private string ToJson() => JsonSerializer.Serialize(Type switch
    {
        OutgoingTypes.MessageClicked => new { messageId = MessageId, template = Template, origin = OriginId, url = Detail },
        OutgoingTypes.MessageBounced or OutgoingTypes.MessageFailed => new { messageId = MessageId, template = Template, origin = OriginId, reason = Detail },
        _ => (object)new { messageId = MessageId, template = Template, origin = OriginId },
    });
}
