namespace Automation.SendGrid.StandIn;

public sealed record StandInOptions
{
    /// <summary>Where to listen; port 0 takes a free one. Default <c>http://127.0.0.1:0</c>.</summary>
    public string Urls { get; init; } = "http://127.0.0.1:0";

    /// <summary>The only bearer taken; null takes any.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Where events go; null until set over the API. Without it no automatic events are made.</summary>
    public Uri? WebhookUrl { get; init; }

    /// <summary>P-256 private key that signs events, PEM; null makes a new one at each start.</summary>
    public string? PrivateKeyPem { get; init; }
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Grows with each mail and event and is read again at start; null keeps mails in memory only.</summary>
    public string? DataFile { get; init; }

    /// <summary>
    /// Bytes of request bodies held in memory, newest first, when there is no <see cref="DataFile"/> (which keeps all). 0 keeps none:
    /// who got what is still known, the text is not. Default 128 MiB.
    /// </summary>
    public long KeepBodyBytes { get; init; } = 128L * 1024 * 1024;

    /// <summary>Makes <c>processed</c> and <c>delivered</c> events for every mail taken. Default true.</summary>
    public bool AutomaticEvents { get; init; } = true;

    /// <summary>From taking a mail to its <c>processed</c> event. Default at once.</summary>
    public TimeSpan ProcessedAfter { get; init; }

    /// <summary>From taking a mail to its <c>delivered</c> event. Default at once.</summary>
    public TimeSpan DeliveredAfter { get; init; }

    /// <summary>Wait after the first refused post of events; doubles with each further one, to 1 h at most, for 24 h. Default 1 s.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>More in one second of the clock are answered with 429; null is without limit.</summary>
    public int? RequestsPerSecond { get; init; }
    public StandInFaults Faults { get; init; } = StandInFaults.None;
}
