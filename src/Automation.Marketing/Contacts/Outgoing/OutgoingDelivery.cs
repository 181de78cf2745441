using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Contacts.Outgoing;

/// <summary><c>Waiting ─► Delivered | Dead</c>; a replay makes either <c>Waiting</c> again.</summary>
public enum DeliveryState { Waiting, Delivered, Dead }

/// <summary>One event on its way to one endpoint. Written with the event, in the transaction of what happened.</summary>
public sealed class OutgoingDelivery
{
    public const int MaxAnswer = 1000;

    /// <summary>In the order in which things happened.</summary>
    public long Id { get; init; }

    public Guid EventId { get; init; }
    public Guid EndpointId { get; init; }

    /// <summary>Empty: about nobody, as a test is.</summary>
    public Guid ContactId { get; init; }

    public required string Type { get; init; }

    /// <summary>When it happened.</summary>
    public DateTimeOffset At { get; init; }

    public DeliveryState State { get; set; }

    /// <summary>From when a worker may take it; while one has it, until when that one may.</summary>
    public DateTimeOffset DueAt { get; set; }

    /// <summary>Times a worker has taken it; only the last one's answer counts.</summary>
    public int Attempts { get; set; }

    /// <summary>Failures since it was first due, or since its replay.</summary>
    public int Failures { get; set; }

    public DateTimeOffset? FirstFailedAt { get; set; }

    /// <summary>HTTP status of the last answer; null: none came.</summary>
    public int? Status { get; set; }

    /// <summary>The beginning of the last answer, or why there was none.</summary>
    public string Answer { get; set; } = "";

    public DateTimeOffset? AnsweredAt { get; set; }
}

internal sealed class OutgoingDeliveryMapping : IEntityTypeConfiguration<OutgoingDelivery>
{
    public void Configure(EntityTypeBuilder<OutgoingDelivery> delivery)
    {
        delivery.ToTable("outgoing_deliveries");
        delivery.HasKey(d => d.Id);
        delivery.Property(d => d.Type).HasMaxLength(OutgoingEvent.MaxType);
        delivery.Property(d => d.State).HasConversion<string>().HasMaxLength(16);
        delivery.Property(d => d.Answer).HasMaxLength(OutgoingDelivery.MaxAnswer);
        delivery.HasIndex(d => new { d.EndpointId, d.DueAt }).HasFilter("state = 'Waiting'");                // the next ones
        delivery.HasIndex(d => new { d.EndpointId, d.ContactId, d.Id }).HasFilter("state = 'Waiting'");      // what goes before them
        delivery.HasIndex(d => new { d.EndpointId, d.State, d.At });                                         // the page, a replay, the tidying up
        delivery.HasIndex(d => d.EventId);                                                                   // whether an event is still needed
    }
}
