namespace Automation.SendGrid;

public enum WebhookEventKind
{
    /// <summary>One that is not known here; <see cref="WebhookEvent.Name"/> has its word.</summary>
    Other,
    Processed,

    /// <summary>Temporary; SendGrid keeps trying up to 72 hours.</summary>
    Deferred,
    Delivered,

    /// <summary>Refused by the receiver for good; <c>type=bounce</c> or none.</summary>
    Bounce,

    /// <summary>Refused this time; <c>event=bounce</c> with <c>type=blocked</c>.</summary>
    Blocked,

    /// <summary>Not tried.</summary>
    Dropped,
    Open,
    Click,
    SpamReport,
    Unsubscribe,
    GroupUnsubscribe,
    GroupResubscribe,
}

/// <summary>One element of an Event Webhook post.</summary>
public sealed record WebhookEvent
{
    /// <summary>Place in the posted array, from 0.</summary>
    public required int Index { get; init; }
    public required WebhookEventKind Kind { get; init; }

    /// <summary>The <c>event</c> property as posted.</summary>
    public required string Name { get; init; }

    /// <summary>When it happened, whole seconds, UTC.</summary>
    public required DateTimeOffset Timestamp { get; init; }

    /// <summary>Null for events that are not about a mail.</summary>
    public string? Email { get; init; }

    /// <summary><c>sg_event_id</c>; seen missing on unsubscribes and changed on repeats.</summary>
    public string? EventId { get; init; }

    /// <summary><c>sg_message_id</c>; begins with the request's <c>X-Message-Id</c>. Missing on late bounces.</summary>
    public string? ProviderMessageId { get; init; }
    public string? Url { get; init; }

    /// <summary><c>reason</c>, or the receiver's <c>response</c> where there is no reason.</summary>
    public string? Reason { get; init; }
    public string? Status { get; init; }

    /// <summary><c>type</c> of a bounce: <c>bounce</c> or <c>blocked</c>.</summary>
    public string? BounceType { get; init; }

    /// <summary><c>bounce_classification</c>; compare without regard to case.</summary>
    public string? Classification { get; init; }
    public string? UserAgent { get; init; }
    public string? Ip { get; init; }

    /// <summary>Opened by a mail program's privacy proxy, not known to be a person.</summary>
    public bool MachineOpen { get; init; }
    public int? AsmGroupId { get; init; }
    public int? Attempt { get; init; }
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Top-level texts that are not SendGrid's own.</summary>
    public required IReadOnlyDictionary<string, string> CustomArgs { get; init; }

    /// <summary>The element as posted.</summary>
    public required string Raw { get; init; }

    /// <summary>
    /// 32 hexadecimal digits over event, our message id or else <c>sg_message_id</c>, address, timestamp, url and group. An event is a
    /// repeat when either this or <see cref="EventId"/> is known already.
    /// </summary>
    public required string NaturalKey { get; init; }
}

/// <param name="Index">Place in the posted array, from 0.</param>
/// <param name="Message">What is wrong; holds nothing of the content.</param>
/// <param name="Raw">The element as posted.</param>
public sealed record WebhookEventError(int Index, string Message, string Raw);

/// <param name="Events">Those that could be read, in the order posted.</param>
/// <param name="Errors">Those that could not.</param>
public sealed record WebhookBatch(IReadOnlyList<WebhookEvent> Events, IReadOnlyList<WebhookEventError> Errors);

/// <summary>The post as a whole is not a JSON array.</summary>
public sealed class WebhookFormatException : FormatException
{
    public WebhookFormatException() { }

    public WebhookFormatException(string message) : base(message) { }

    public WebhookFormatException(string message, Exception inner) : base(message, inner) { }
}
