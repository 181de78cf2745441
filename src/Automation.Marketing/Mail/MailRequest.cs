namespace Automation.Marketing.Mail;

/// <summary>One mail asked for, by a flow's step or a broadcast.</summary>
/// <param name="Context">What the template sees beside the person: JSON with <c>event</c>, <c>season</c>, <c>campaign</c>.</param>
/// <param name="InstanceId">The run to tell of the outcome.</param>
/// <param name="MessageId">The message's id where it must be known before; null: a new one.</param>
public sealed record MailRequest(
    MessageIdentity Identity,
    string Template,
    MessageClass Class,
    Approach Approach,
    OverCap OverCap,
    int Priority,
    DateTimeOffset? ValidUntil,
    string? CollapseKey = null,
    string Topics = "",
    string Context = "{}",
    Guid? InstanceId = null,
    Guid? MessageId = null);
