using System.Security.Cryptography;
using System.Text;

namespace Automation.SendGrid;

public enum SignatureCheck
{
    /// <summary>One of the keys signed exactly these bytes.</summary>
    Valid,

    /// <summary>A header is absent or empty.</summary>
    Missing,

    /// <summary>The timestamp, the signature or the start of the body does not have the agreed shape.</summary>
    Malformed,

    /// <summary>None of the keys signed this.</summary>
    Wrong,
}

/// <summary>ECDSA P-256 with SHA-256 over the timestamp header's bytes followed by the raw body.</summary>
/// <remarks>
/// Signatures can be altered and still verify: for (r, s) also (r, n − s). Never recognise a repeated post by its signature.
/// Nor is there a window of time here: retried posts are real for 24 hours, and repeated events are recognised by their keys.
/// </remarks>
public static class WebhookSignature
{
    public const string SignatureHeader = "X-Twilio-Email-Event-Webhook-Signature";
    public const string TimestampHeader = "X-Twilio-Email-Event-Webhook-Timestamp";
    private const int LongestSignature = 256;

    /// <param name="keys">Any may have signed; several while one is being replaced.</param>
    /// <param name="timestampHeader">Unix seconds, 9 or 10 digits without a leading zero.</param>
    /// <param name="signatureHeader">Base64 of DER <c>SEQUENCE { r, s }</c>.</param>
    /// <param name="rawBody">As received, closing CR LF included.</param>
    public static SignatureCheck Verify(
        IReadOnlyCollection<WebhookKey> keys, string? timestampHeader, string? signatureHeader, ReadOnlySpan<byte> rawBody)
    {
        if (string.IsNullOrEmpty(timestampHeader) || string.IsNullOrEmpty(signatureHeader)) return SignatureCheck.Missing;

        // Nothing separates timestamp and body in what is signed, so digits could be moved from one to the other
        // unless both are held to their shapes.
        if (!IsTimestamp(timestampHeader) || rawBody.IsEmpty || rawBody[0] != '[') return SignatureCheck.Malformed;

        Span<byte> signature = stackalloc byte[LongestSignature];
        if (signatureHeader.Length > LongestSignature) return SignatureCheck.Malformed;
        if (!Convert.TryFromBase64String(signatureHeader, signature, out var length)) return SignatureCheck.Malformed;

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Hash(timestampHeader, rawBody, hash);
        foreach (var key in keys)
            if (key.Verifies(hash, signature[..length])) return SignatureCheck.Valid;
        return SignatureCheck.Wrong;
    }

    /// <summary>Signs as SendGrid does; for the stand-in and for tests.</summary>
    /// <returns>The signature header's value.</returns>
    public static string Sign(ECDsa key, string timestamp, ReadOnlySpan<byte> body)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Hash(timestamp, body, hash);
        return Convert.ToBase64String(key.SignHash(hash.ToArray(), DSASignatureFormat.Rfc3279DerSequence));
    }

    // 9 digits are the years before September 2001, which checks on old data use.
    private static bool IsTimestamp(string text)
    {
        if (text.Length is not (9 or 10) || text[0] == '0') return false;
        foreach (var digit in text)
            if (!char.IsAsciiDigit(digit)) return false;
        return true;
    }

    private static void Hash(string timestamp, ReadOnlySpan<byte> body, Span<byte> hash)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(Encoding.ASCII.GetBytes(timestamp));
        sha.AppendData(body);
        sha.GetHashAndReset(hash);
    }
}
