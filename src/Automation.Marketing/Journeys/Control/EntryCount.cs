using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Journeys.Control;

/// <summary>Entries into a flow within one second, for an hour.</summary>
public sealed class EntryCount
{
    public required string DefinitionId { get; init; }

    /// <summary>Whole seconds.</summary>
    public DateTimeOffset At { get; init; }

    public int Entries { get; init; }
}

internal sealed class EntryCountMapping : IEntityTypeConfiguration<EntryCount>
{
    public void Configure(EntityTypeBuilder<EntryCount> count)
    {
        count.ToTable("flow_entries");
        count.HasKey(c => new { c.DefinitionId, c.At });          // the last hour of a flow
        count.Property(c => c.DefinitionId).HasMaxLength(100);
    }
}

/// <summary>The enrolment guard (brief §4.4): more than it expects in a rolling hour, and a flow lets nobody in until a person has looked.</summary>
/// <remarks>Costs a row a second and flow, gone after an hour: what was long ago costs nothing.</remarks>
internal static class EnrolmentGuard
{
    public static readonly TimeSpan Window = TimeSpan.FromHours(1);

    private const int Least = 500;

    /// <summary>Entries an hour that need no look: the larger of 500 and three times the forecast.</summary>
    public static int LimitOf(FlowSettings settings) => (int)Math.Min(int.MaxValue, Math.Max(Least, 3L * settings.Forecast));

    /// <summary>Entries within the last hour, by flow.</summary>
    public static async Task<Dictionary<string, int>> EnteredAsync(AutomationDb db, IReadOnlyCollection<string> flows, DateTimeOffset now, CancellationToken cancellation) =>
        (await db.QueryAsync(
            $"SELECT definition_id, SUM(entries) FROM flow_entries WHERE {db.Dialect.Among("definition_id", "@p0")} AND at > @p1 GROUP BY definition_id",
            row => (Flow: row.Text(0), Entered: row.Int(1)), cancellation, flows.ToArray(), now - Window))
        .ToDictionary(row => row.Flow, row => row.Entered, StringComparer.Ordinal);

    public static async Task CountAsync(AutomationDb db, IReadOnlyDictionary<string, int> entered, DateTimeOffset now, CancellationToken cancellation)
    {
        var second = new DateTimeOffset(now.Ticks - now.Ticks % TimeSpan.TicksPerSecond, now.Offset);
        foreach (var (flow, entries) in entered.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            await db.ExecuteAsync(
                "INSERT INTO flow_entries (definition_id, at, entries) VALUES (@p0, @p1, @p2) ON CONFLICT (definition_id, at) DO UPDATE SET entries = flow_entries.entries + excluded.entries",
                cancellation, flow, second, entries);
            await db.ExecuteAsync("DELETE FROM flow_entries WHERE definition_id = @p0 AND at <= @p1", cancellation, flow, now - Window);
        }
    }

    public static Task ForgetAsync(AutomationDb db, string flow, CancellationToken cancellation) =>
        db.ExecuteAsync("DELETE FROM flow_entries WHERE definition_id = @p0", cancellation, flow);
}
