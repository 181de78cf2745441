using System.Buffers.Text;
using System.Security.Cryptography;
using Automation.Templates;

namespace Automation.Marketing.Mail.Content;

/// <summary>
/// Makes and reads the opaque tokens in mailed links. A token names a person and a message and is signed; it has no
/// expiry, since refusing must work for ever (brief §4.3).
/// </summary>
public sealed class MailLinks(byte[] key, Uri publicUrl)
{
    /// <summary>Stands for the person and the message in links of previews and test mails: they are well formed and change nothing.</summary>
    public static readonly Guid Nobody = Guid.Empty;

    private const int IdBytes = 16;
    private const int SignatureBytes = 16;

    private const string TrapPath = "/trap/";

    private readonly string home = publicUrl.AbsoluteUri;

    /// <summary>All the links of one mail.</summary>
    public OwnLinks Of(Guid contactId, Guid messageId)
    {
        var token = Token(contactId, messageId);
        return new OwnLinks($"{home}u/{token}", $"{home}preferences/{token}", $"{home}view/{token}", $"{home[..^1]}{TrapPath}{token}");
    }

    public string UnsubscribeUrl(Guid contactId, Guid messageId) => Of(contactId, messageId).Unsubscribe;

    public string PreferencesUrl(Guid contactId, Guid messageId) => Of(contactId, messageId).Preferences;

    /// <summary>Whether this is a link that no person sees.</summary>
    public static bool IsTrap(string? url) => url?.Contains(TrapPath, StringComparison.Ordinal) ?? false;

    /// <summary>The button page of a double opt-in; its question lapses, the link itself does not.</summary>
    public string ConfirmUrl(Guid contactId, Guid entryId) => $"{home}confirm/{Token(contactId, entryId)}";

    public Uri PublicUrl => publicUrl;

    public string Token(Guid contactId, Guid messageId)
    {
        Span<byte> token = stackalloc byte[2 * IdBytes + SignatureBytes];
        contactId.TryWriteBytes(token);
        messageId.TryWriteBytes(token[IdBytes..]);
        Sign(token[..(2 * IdBytes)], token[(2 * IdBytes)..]);
        return Base64Url.EncodeToString(token);
    }

    /// <returns>Null when the token is not ours.</returns>
    public (Guid ContactId, Guid MessageId)? Read(string token)
    {
        Span<byte> bytes = stackalloc byte[2 * IdBytes + SignatureBytes];
        if (token.Length > 100 || !Base64Url.IsValid(token, out var length) || length != bytes.Length || !Base64Url.TryDecodeFromChars(token, bytes, out _)) return null;
        Span<byte> expected = stackalloc byte[SignatureBytes];
        Sign(bytes[..(2 * IdBytes)], expected);
        return CryptographicOperations.FixedTimeEquals(expected, bytes[(2 * IdBytes)..])
            ? (new Guid(bytes[..IdBytes]), new Guid(bytes[IdBytes..(2 * IdBytes)]))
            : null;
    }

    private void Sign(ReadOnlySpan<byte> content, Span<byte> signature)
    {
        Span<byte> whole = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, content, whole);
        whole[..SignatureBytes].CopyTo(signature);
    }
}

/// <summary>The links of one mail to our own pages.</summary>
/// <param name="View">The mail in the browser.</param>
/// <param name="Trap">For a link that no person sees: whoever follows it is a machine.</param>
public sealed record OwnLinks(string Unsubscribe, string Preferences, string View, string Trap)
{
    /// <summary>As templates see them.</summary>
    public TemplateObject ToModel() => new(4)
    {
        ["unsubscribe"] = Unsubscribe,
        ["preferences"] = Preferences,
        ["view"] = View,
        ["trap"] = Trap,
    };
}
