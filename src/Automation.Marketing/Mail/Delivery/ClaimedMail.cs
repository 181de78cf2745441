namespace Automation.Marketing.Mail.Delivery;

/// <summary>A queued message that this worker holds.</summary>
internal sealed record ClaimedMail(
    Guid Id, string Identity, Guid ContactId, Guid? InstanceId, MessageOrigin Origin, string OriginId, string Recipient, string Template,
    MessageClass Class, Approach Approach, string Topics, string Context, int Attempt, DateTimeOffset? ValidUntil, DateOnly? BookedOn, DateTimeOffset? PacedFor)
{
    /// <summary>A message that is about to be asked for.</summary>
    public static ClaimedMail Of(MailRequest request, string recipient) => new(
        request.MessageId!.Value, request.Identity.ToString(), request.Identity.ContactId, request.InstanceId, request.Identity.Origin, request.Identity.OriginId, recipient,
        request.Template, request.Class, request.Approach, request.Topics, request.Context, 0, request.ValidUntil, null, null);
}

/// <summary>A message as it would go out now; or why it cannot.</summary>
internal sealed record ComposedMail(ClaimedMail Mail)
{
    /// <summary>What it has in common with others; null when there is a <see cref="Problem"/>.</summary>
    public SharedContent? Content { get; init; }

    /// <summary>What is this person's own.</summary>
    public Content.PersonalMail? Own { get; init; }

    public string? RecipientName { get; init; }

    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>Why it cannot be composed.</summary>
    public string? Problem { get; init; }
}
