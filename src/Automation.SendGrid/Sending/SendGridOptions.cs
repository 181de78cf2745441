namespace Automation.SendGrid;

public sealed record SendGridOptions
{
    public static readonly Uri Global = new("https://api.sendgrid.com/");

    /// <summary>Sent as the bearer; never logged.</summary>
    public required string ApiKey { get; init; }

    /// <summary>Default <c>https://api.sendgrid.com/</c>; <c>https://api.eu.sendgrid.com/</c> for EU subusers; or the stand-in's.</summary>
    public Uri BaseAddress { get; init; } = Global;

    /// <summary>For one whole call. Real time whatever the clock says: a socket knows no moved or simulated time. Default 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For name, connection and TLS; shorter than <see cref="Timeout"/>. Default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Connections to the provider at a time. Default 64.</summary>
    public int Connections { get; init; } = 64;

    /// <summary>Advised after a failure to connect. Default 5 s.</summary>
    public TimeSpan WaitAfterNoConnection { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>After a 429 that names no instant. Default 10 s.</summary>
    public TimeSpan WaitAfterRateLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>No answer of the provider makes us wait longer than this. Default 1 h.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Up to this much is added to a wait at random, so that workers do not come back together. Default 1 s.</summary>
    public TimeSpan Jitter { get; init; } = TimeSpan.FromSeconds(1);
}
