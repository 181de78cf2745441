using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Contacts.Outgoing;

/// <summary>Whether events go out. A paused one's are kept until it goes on.</summary>
public enum EndpointState { Active, Paused }

/// <summary>An address of another program that is told of what happens here.</summary>
public sealed class OutgoingEndpoint
{
    public const int MaxName = 60;
    public const int MaxUrl = 1000;
    public const int MaxReason = 300;

    public Guid Id { get; init; }
    public required string Name { get; set; }
    public required string Url { get; set; }

    /// <summary>Names out of <see cref="OutgoingTypes.All"/>, with commas.</summary>
    public required string Types { get; set; }

    /// <summary>Whether the person's mail address is told besides their ids.</summary>
    public bool WithAddress { get; set; }

    /// <summary>What its events are signed with. Kept readable, since every event is signed anew.</summary>
    public required string Secret { get; set; }

    /// <summary>The one before; signs too until <see cref="OldSecretUntil"/>.</summary>
    public string? OldSecret { get; set; }

    public DateTimeOffset? OldSecretUntil { get; set; }

    public EndpointState State { get; set; }

    /// <summary>Who paused it; <c>automation</c>: it had failed for long.</summary>
    public string PausedBy { get; set; } = "";

    public DateTimeOffset? PausedAt { get; set; }

    /// <summary>The first failure after the last success.</summary>
    public DateTimeOffset? FailingSince { get; set; }

    /// <summary>Times in a row that it could not be reached or was down; while there are any, it is tried with one event at a time.</summary>
    public int Failures { get; set; }

    /// <summary>Not tried before this.</summary>
    public DateTimeOffset? RetryAt { get; set; }

    /// <summary>What it answered to the last event that it did not take.</summary>
    public string LastProblem { get; set; } = "";

    public required string CreatedBy { get; init; }
    public DateTimeOffset CreatedAt { get; init; }

    public IReadOnlyList<string> ChosenTypes => Types.Split(',', StringSplitOptions.RemoveEmptyEntries);
}

internal sealed class OutgoingEndpointMapping : IEntityTypeConfiguration<OutgoingEndpoint>
{
    public void Configure(EntityTypeBuilder<OutgoingEndpoint> endpoint)
    {
        endpoint.ToTable("outgoing_endpoints");
        endpoint.HasKey(e => e.Id);
        endpoint.Property(e => e.Name).HasMaxLength(OutgoingEndpoint.MaxName);
        endpoint.Property(e => e.Url).HasMaxLength(OutgoingEndpoint.MaxUrl);
        endpoint.Property(e => e.Types).HasMaxLength(1000);
        endpoint.Property(e => e.Secret).HasMaxLength(100);
        endpoint.Property(e => e.OldSecret).HasMaxLength(100);
        endpoint.Property(e => e.State).HasConversion<string>().HasMaxLength(16);
        endpoint.Property(e => e.PausedBy).HasMaxLength(100);
        endpoint.Property(e => e.LastProblem).HasMaxLength(OutgoingEndpoint.MaxReason);
        endpoint.Property(e => e.CreatedBy).HasMaxLength(100);
        endpoint.HasIndex(e => e.Name).IsUnique();
    }
}
