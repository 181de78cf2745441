using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Contacts.Outgoing;

/// <summary>Something that other programs want to hear of, e.g. <c>lead.hot</c>, <c>lead.handed_back</c>, <c>deal.won</c>.</summary>
public sealed class OutgoingEvent
{
    public const int MaxType = 50;

    /// <summary>The same at every attempt and every replay: receivers know repetitions by it.</summary>
    public Guid Id { get; init; }

    public required string Type { get; init; }
    public Guid ContactId { get; init; }
    public DateTimeOffset At { get; init; }

    /// <summary>A JSON object.</summary>
    public required string Data { get; init; }
}

/// <summary>Tells other programs, in the caller's transaction. What nobody wants to hear is not written.</summary>
public static class OutgoingEvents
{
    private static readonly string[] Columns = ["id", "type", "contact_id", "at", "data"];
    private static readonly string[] DeliveryColumns =
        ["event_id", "endpoint_id", "contact_id", "type", "at", "state", "due_at", "attempts", "failures", "answer"];

    /// <param name="events">Type, person and a JSON object each.</param>
    /// <returns>Events written.</returns>
    public static Task<int> TellAsync(
        AutomationDb db, IReadOnlyCollection<(string Type, Guid ContactId, string Data)> events, DateTimeOffset now, CancellationToken cancellation) =>
        events.Count == 0 ? Task.FromResult(0) : TellAsync(db, _ => events, now, cancellation);

    /// <summary>For events that would cost something to make up: they are made only when somebody listens.</summary>
    /// <param name="events">Takes whether a type is wanted.</param>
    /// <returns>Events written.</returns>
    public static async Task<int> TellAsync(
        AutomationDb db, Func<Func<string, bool>, IEnumerable<(string Type, Guid ContactId, string Data)>> events, DateTimeOffset now, CancellationToken cancellation)
    {
        var listeners = await db.QueryAsync(
            "SELECT id, types FROM outgoing_endpoints", row => (Id: row.Guid(0), Types: row.Text(1).Split(',').ToHashSet(StringComparer.Ordinal)), cancellation);
        if (listeners.Count == 0) return 0;
        var told = events(type => listeners.Any(one => one.Types.Contains(type))).Where(one => listeners.Any(listener => listener.Types.Contains(one.Type)))
            .Select(one => new OutgoingEvent { Id = RowId.New(now), Type = one.Type, ContactId = one.ContactId, At = now, Data = one.Data }).ToList();
        await WriteAsync(db, told, one => listeners.Where(listener => listener.Types.Contains(one.Type)).Select(listener => listener.Id), cancellation);
        return told.Count;
    }

    /// <param name="endpoints">Whom an event is for.</param>
    internal static async Task WriteAsync(
        AutomationDb db, IReadOnlyCollection<OutgoingEvent> events, Func<OutgoingEvent, IEnumerable<Guid>> endpoints, CancellationToken cancellation)
    {
        await db.InsertManyAsync("outgoing_events", Columns, [.. events.Select(one => new object?[] { one.Id, one.Type, one.ContactId, one.At, one.Data })], "", cancellation);
        await db.InsertManyAsync(
            "outgoing_deliveries", DeliveryColumns,
            [.. events.SelectMany(one => endpoints(one).Select(endpoint => new object?[] { one.Id, endpoint, one.ContactId, one.Type, one.At, DeliveryState.Waiting, one.At, 0, 0, "" }))],
            "", cancellation);
    }
}

internal sealed class OutgoingEventMapping : IEntityTypeConfiguration<OutgoingEvent>
{
    public void Configure(EntityTypeBuilder<OutgoingEvent> one)
    {
        one.ToTable("outgoing_events");
        one.HasKey(e => e.Id);
        one.Property(e => e.Type).HasMaxLength(OutgoingEvent.MaxType);
        one.HasIndex(e => e.At);                                  // the tidying up
    }
}
