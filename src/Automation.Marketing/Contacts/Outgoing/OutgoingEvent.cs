using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Contacts.Outgoing;

/// <summary>Something that other programs may want to hear of, e.g. <c>lead.hot</c>, <c>lead.handed_back</c>, <c>deal.won</c>.</summary>
public sealed class OutgoingEvent
{
    public const int MaxType = 50;

    public Guid Id { get; init; }
    public required string Type { get; init; }
    public Guid ContactId { get; init; }
    public DateTimeOffset At { get; init; }

    /// <summary>A JSON object.</summary>
    public required string Data { get; init; }
}

/// <summary>Tells other programs, in the caller's transaction.</summary>
public static class OutgoingEvents
{
    private static readonly string[] Columns = ["id", "type", "contact_id", "at", "data"];

    /// <param name="events">Type, person and a JSON object each.</param>
    public static Task<int> TellAsync(
        AutomationDb db, IReadOnlyCollection<(string Type, Guid ContactId, string Data)> events, DateTimeOffset now, CancellationToken cancellation) =>
        db.InsertManyAsync(
            "outgoing_events", Columns, [.. events.Select(one => new object?[] { Guid.CreateVersion7(now), one.Type, one.ContactId, now, one.Data })], "", cancellation);
}

internal sealed class OutgoingEventMapping : IEntityTypeConfiguration<OutgoingEvent>
{
    public void Configure(EntityTypeBuilder<OutgoingEvent> one)
    {
        one.ToTable("outgoing_events");
        one.HasKey(e => e.Id);
        one.Property(e => e.Type).HasMaxLength(OutgoingEvent.MaxType);
    }
}
