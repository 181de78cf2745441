using Automation.SendGrid;

namespace Automation.Marketing.Mail.Delivery;

/// <summary>A queued message that this worker holds.</summary>
internal sealed record ClaimedMail(
    Guid Id, string Identity, Guid ContactId, Guid? InstanceId, string Recipient, string Template, MessageClass Class, Approach Approach,
    string Context, int Attempt, DateTimeOffset? ValidUntil)
{
    /// <summary>Set once it is composed.</summary>
    public MailSendRequest? Request { get; init; }

    /// <summary>Why it cannot be composed.</summary>
    public string? Problem { get; init; }

    public string? Subject => Request?.Personalizations[0].Subject;
}
