using System.ComponentModel.DataAnnotations;

namespace Automation.Marketing.Mail.Delivery;

/// <summary>Setting <c>Mail</c>.</summary>
public sealed class DeliveryOptions
{
    /// <summary>Messages whose attempts begin together, in one request where they may: as many can a crash leave unknown in each of two lanes. Default 100.</summary>
    [Range(1, 1000)]
    public int Batch { get; init; } = 100;

    /// <summary>Messages taken at a time. Default 500.</summary>
    [Range(1, 10_000)]
    public int Claim { get; init; } = 500;

    /// <summary>Requests to the provider at the same time. Default 16.</summary>
    [Range(1, 256)]
    public int Connections { get; init; } = 16;

    /// <summary>How long a worker may hold messages before another takes them. Default 2 minutes.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromMinutes(2);
}
