using System.Diagnostics.CodeAnalysis;
using System.Net.Mail;
using System.Text;

namespace Automation.Marketing.Contacts;

/// <summary>An address that mail can be sent to.</summary>
public readonly record struct EmailAddress
{
    /// <summary>RFC 5321 §4.5.3.1.3, less the angle brackets.</summary>
    public const int MaxLength = 254;

    private const int MaxLocalPart = 64;

    private EmailAddress(string value) => Value = value;

    /// <summary>The address as given, trimmed and narrowed to half width.</summary>
    public string Value { get; }

    /// <summary>What two spellings of one address share: case and width folded.</summary>
    public string Key => Value.ToLowerInvariant();

    /// <summary>The part after the at sign, lower case.</summary>
    public string Domain => Key[(Key.LastIndexOf('@') + 1)..];

    /// <exception cref="FormatException"><paramref name="text"/> is not an address.</exception>
    public static EmailAddress Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException("Not an email address.");

    /// <summary>Accepts what RFC 5321 can deliver to: no quoted local parts, no comments, a domain with a dot.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out EmailAddress address)
    {
        address = default;
        if (string.IsNullOrWhiteSpace(text) || text.Length > 2 * MaxLength) return false;
        // Broken UTF-16 has no normal form, and no mailbox either.
        if (!IsWellFormed(text)) return false;
        var folded = text.Normalize(NormalizationForm.FormKC).Trim();
        if (folded.Length > MaxLength || !MailAddress.TryCreate(folded, out var parsed) || parsed.Address != folded) return false;
        if (parsed.User.Length > MaxLocalPart || !IsPlain(parsed.User) || !IsDomain(parsed.Host)) return false;
        address = new EmailAddress(folded);
        return true;
    }

    public override string ToString() => Value;

    private static bool IsWellFormed(string text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1])) at++;
            else if (char.IsSurrogate(text[at])) return false;
        }
        return true;
    }

    private static bool IsPlain(string local) => !local.Any(c => c <= ' ' || c >= 127 || "\"(),:;<>[\\]".Contains(c, StringComparison.Ordinal));

    private static bool IsDomain(string host) =>
        host.Contains('.', StringComparison.Ordinal)
        && host.Split('.').All(label => label.Length is > 0 and <= 63
            && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') && label[0] != '-' && label[^1] != '-');
}
