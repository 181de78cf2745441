using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Automation.SendGrid;

/// <summary>The body of <c>POST /v3/mail/send</c>: one text, one or many recipients.</summary>
/// <remarks>
/// Message-level <c>custom_args</c> is left out on purpose: the published schema calls it a string, the official
/// libraries send an object. Put custom arguments in <see cref="Personalization.CustomArgs"/>.
/// </remarks>
public sealed record MailSendRequest
{
    // Japanese stays readable UTF-8 instead of six bytes a letter; the body is only ever read as JSON.
    private static readonly JsonWriterOptions Plain = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <summary>1 to 1,000; each becomes a mail of its own.</summary>
    public required IReadOnlyList<Personalization> Personalizations { get; init; }
    public required MailAddress From { get; init; }
    public MailAddress? ReplyTo { get; init; }

    /// <summary>Instead of <see cref="ReplyTo"/>, never with it.</summary>
    public IReadOnlyList<MailAddress>? ReplyToList { get; init; }

    /// <summary>Needed here or in every personalization, unless a template supplies it.</summary>
    public string? Subject { get; init; }

    /// <summary><c>text/plain</c> first, then <c>text/html</c>, then others; needed unless a template is named.</summary>
    public IReadOnlyList<MailContent>? Content { get; init; }
    public IReadOnlyList<MailAttachment>? Attachments { get; init; }
    public string? TemplateId { get; init; }
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>At most 10, different, ASCII, up to 255 characters. Kept by SendGrid for good: nothing personal.</summary>
    public IReadOnlyList<string>? Categories { get; init; }

    /// <summary>Sent as whole Unix seconds; at most 72 hours ahead, the past means at once.</summary>
    public DateTimeOffset? SendAt { get; init; }
    public string? BatchId { get; init; }
    public UnsubscribeGroup? Asm { get; init; }

    /// <summary>2 to 64 characters.</summary>
    public string? IpPoolName { get; init; }
    public MailSettings? MailSettings { get; init; }
    public TrackingSettings? TrackingSettings { get; init; }

    /// <summary>The request as it goes over the line, for callers that prepare bytes ahead of sending.</summary>
    public byte[] ToUtf8Json()
    {
        var bytes = new ArrayBufferWriter<byte>(4096);
        WriteTo(bytes);
        return bytes.WrittenSpan.ToArray();
    }

    public void WriteTo(IBufferWriter<byte> bytes)
    {
        using var writer = new Utf8JsonWriter(bytes, Plain);
        JsonSerializer.Serialize(writer, this, MailSendJson.Default.MailSendRequest);
    }

    /// <summary>What SendGrid would refuse, each with its field; empty when nothing is known to be wrong.</summary>
    /// <param name="now">Against which <see cref="SendAt"/> is measured.</param>
    public IReadOnlyList<SendGridError> Check(DateTimeOffset now) => MailSendCheck.Run(this, now);
}

public sealed record MailAddress(string Email, string? Name = null);

/// <param name="Type">MIME type, e.g. <c>text/html</c>.</param>
/// <param name="Value">At least one character.</param>
public sealed record MailContent(string Type, string Value);

/// <param name="Content">Base64.</param>
/// <param name="Filename">As the reader sees it.</param>
/// <param name="Type">MIME type.</param>
/// <param name="Disposition"><c>attachment</c> (default) or <c>inline</c>.</param>
/// <param name="ContentId">What <c>cid:</c> in the HTML names, with <c>inline</c>.</param>
public sealed record MailAttachment(
    string Content, string Filename, string? Type = null, string? Disposition = null, string? ContentId = null);

/// <param name="GroupId">SendGrid's unsubscribe group.</param>
/// <param name="GroupsToDisplay">At most 25.</param>
public sealed record UnsubscribeGroup(int GroupId, IReadOnlyList<int>? GroupsToDisplay = null);
