using System.Security.Cryptography;

namespace Automation.SendGrid.StandIn;

/// <summary>Where events go, which, and the key that signs them.</summary>
internal sealed class WebhookState : IDisposable
{
    public const string Id = "0f6b3c52-5f1e-4d53-9a58-0d6a1f0c7e11";
    private readonly HashSet<string> _off = [];
    private readonly Lock _gate = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private volatile Uri? _url;

    /// <exception cref="ArgumentException">The private key is not a PEM private key on P-256.</exception>
    public WebhookState(StandInOptions options)
    {
        _url = options.WebhookUrl;
        if (options.PrivateKeyPem is { } pem) _key.ImportFromPem(pem);
        PublicKey = Convert.ToBase64String(_key.ExportSubjectPublicKeyInfo());
        if (!WebhookKey.TryParse(PublicKey, out _)) throw new ArgumentException("The key that signs events must be on P-256.", nameof(options));
    }

    public Uri? Url
    {
        get => _url;
        set => _url = value;
    }

    /// <summary>Whether posts carry a signature.</summary>
    public bool Signed { get; set; } = true;

    /// <summary>Base64 of the SubjectPublicKeyInfo.</summary>
    public string PublicKey { get; }

    public string Sign(string timestamp, ReadOnlySpan<byte> body)
    {
        lock (_gate) return WebhookSignature.Sign(_key, timestamp, body);
    }

    /// <summary>Settings are named as in <see cref="EventKinds"/>.</summary>
    public void Switch(string setting, bool on)
    {
        lock (_gate)
        {
            if (on) _off.Remove(setting);
            else _off.Add(setting);
        }
    }

    public bool Wants(string setting)
    {
        lock (_gate) return !_off.Contains(setting);
    }

    public void Dispose() => _key.Dispose();
}
