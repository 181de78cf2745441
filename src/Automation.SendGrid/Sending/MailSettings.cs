namespace Automation.SendGrid;

/// <summary>The bypass settings are absent on purpose: they skip suppression lists.</summary>
public sealed record MailSettings
{
    /// <summary>Checked and answered with 200; nothing is sent.</summary>
    public Switch? SandboxMode { get; init; }
    public MailFooter? Footer { get; init; }
}

public sealed record Switch(bool Enable);

public sealed record MailFooter(bool Enable, string? Text = null, string? Html = null);

public sealed record TrackingSettings
{
    public ClickTracking? ClickTracking { get; init; }
    public OpenTracking? OpenTracking { get; init; }

    /// <summary>Off when we put our own <c>List-Unsubscribe</c> headers.</summary>
    public SubscriptionTracking? SubscriptionTracking { get; init; }
    public GoogleAnalytics? Ganalytics { get; init; }

    /// <summary>Everything off: this service counts by itself and makes its own unsubscribe links.</summary>
    public static TrackingSettings None { get; } = new()
    {
        ClickTracking = new(Enable: false, EnableText: false),
        OpenTracking = new(Enable: false),
        SubscriptionTracking = new(Enable: false),
        Ganalytics = new(Enable: false),
    };
}

public sealed record ClickTracking(bool Enable, bool? EnableText = null);

public sealed record OpenTracking(bool Enable, string? SubstitutionTag = null);

public sealed record SubscriptionTracking(bool Enable, string? Text = null, string? Html = null, string? SubstitutionTag = null);

public sealed record GoogleAnalytics(
    bool Enable, string? UtmSource = null, string? UtmMedium = null, string? UtmTerm = null, string? UtmContent = null,
    string? UtmCampaign = null);
