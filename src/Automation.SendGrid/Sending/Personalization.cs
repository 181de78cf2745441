using System.Text.Json;

namespace Automation.SendGrid;

/// <summary>One mail of a request: who gets it and what differs for them.</summary>
public sealed record Personalization
{
    /// <summary>At least one; no address twice over to, cc and bcc.</summary>
    public required IReadOnlyList<MailAddress> To { get; init; }
    public IReadOnlyList<MailAddress>? Cc { get; init; }
    public IReadOnlyList<MailAddress>? Bcc { get; init; }
    public MailAddress? From { get; init; }
    public string? Subject { get; init; }
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>Replaced in subject, text and HTML; 10,000 bytes a person.</summary>
    public IReadOnlyDictionary<string, string>? Substitutions { get; init; }
    public IReadOnlyDictionary<string, JsonElement>? DynamicTemplateData { get; init; }

    /// <summary>Come back at the top level of every event; 10,000 bytes. Kept by SendGrid for good: nothing personal.</summary>
    public IReadOnlyDictionary<string, string>? CustomArgs { get; init; }
    public DateTimeOffset? SendAt { get; init; }
}
