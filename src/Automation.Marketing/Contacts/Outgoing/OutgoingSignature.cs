using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Automation.Marketing.Contacts.Outgoing;

/// <summary>By what a receiver knows that an event is ours: HMAC-SHA256 over the timestamp, a dot and the body, in lower-case hex.</summary>
public static class OutgoingSignature
{
    public const string IdHeader = "Automation-Event-Id";
    public const string TypeHeader = "Automation-Event-Type";
    public const string TimestampHeader = "Automation-Timestamp";
    public const string Header = "Automation-Signature";

    private const string Version = "v1=";
    private const string Prefix = "whsec_";

    /// <returns>A new secret of 190 bits, e.g. <c>whsec_…</c>.</returns>
    public static string NewSecret() =>
        Prefix + RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 32);

    /// <param name="secrets">While a secret is changed there are two: a receiver that knows either is content.</param>
    /// <returns>The header's value: <c>v1=…</c> for each secret, with commas.</returns>
    public static string Of(IEnumerable<string> secrets, long timestamp, string body) =>
        string.Join(',', secrets.Select(secret => Version + Hex(secret, timestamp, body)));

    /// <summary>As a receiver would check it.</summary>
    public static bool Holds(string secret, string header, string timestamp, string body) =>
        long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        && header.Split(',').Any(one => CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(one.Trim()), Encoding.ASCII.GetBytes(Version + Hex(secret, seconds, body))));

    private static string Hex(string secret, long timestamp, string body) => Convert.ToHexStringLower(HMACSHA256.HashData(
        Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(timestamp.ToString(CultureInfo.InvariantCulture) + "." + body)));
}
