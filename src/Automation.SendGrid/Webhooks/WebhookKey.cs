using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Automation.SendGrid;

/// <summary>A public key of the Event Webhook: base64 of a DER SubjectPublicKeyInfo on P-256, as SendGrid's settings show it.</summary>
public sealed class WebhookKey
{
    private const string P256 = "1.2.840.10045.3.1.7";

    // ECDsa promises nothing about several threads at once, and making one costs more than a verification.
    private readonly ConcurrentBag<ECDsa> _idle = [];
    private readonly byte[] _publicKey;

    private WebhookKey(byte[] publicKey, ECDsa first)
    {
        _publicKey = publicKey;
        _idle.Add(first);
    }

    /// <exception cref="FormatException"><paramref name="base64"/> is not such a key.</exception>
    public static WebhookKey Parse(string base64) =>
        TryParse(base64, out var key)
            ? key
            : throw new FormatException("Not a webhook public key: base64 of a P-256 SubjectPublicKeyInfo is expected.");

    public static bool TryParse(string? base64, [NotNullWhen(true)] out WebhookKey? key)
    {
        key = null;
        if (base64 is null) return false;
        try
        {
            var bytes = Convert.FromBase64String(base64);
            var imported = Import(bytes);
            if (imported.ExportParameters(includePrivateParameters: false).Curve.Oid.Value == P256) key = new(bytes, imported);
            else imported.Dispose();
        }
        catch (Exception fault) when (fault is FormatException or CryptographicException)
        {
            return false;
        }

        return key is not null;
    }

    public override string ToString() => Convert.ToBase64String(_publicKey);

    internal bool Verifies(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> derSignature)
    {
        if (!_idle.TryTake(out var ecdsa)) ecdsa = Import(_publicKey);
        try
        {
            return ecdsa.VerifyHash(hash, derSignature, DSASignatureFormat.Rfc3279DerSequence);
        }
        finally
        {
            _idle.Add(ecdsa);
        }
    }

    private static ECDsa Import(byte[] publicKey)
    {
        var ecdsa = ECDsa.Create();
        try
        {
            ecdsa.ImportSubjectPublicKeyInfo(publicKey, out _);
            return ecdsa;
        }
        catch
        {
            ecdsa.Dispose();
            throw;
        }
    }
}
