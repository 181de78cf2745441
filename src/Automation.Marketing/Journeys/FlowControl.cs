using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Journeys;

/// <summary>
/// What holds for a flow over all its versions. The row is held while versions of the flow change and while it is paused or
/// resumed; a round of the engine holds it against that.
/// </summary>
public sealed class FlowControl
{
    public required string DefinitionId { get; init; }

    /// <summary>The highest version ever made, deleted ones too: an id is never given twice.</summary>
    public int LastVersion { get; set; }

    /// <summary>Since when nobody enters, no wait ends and no mail leaves; null: it runs.</summary>
    public DateTimeOffset? PausedAt { get; set; }

    public string? PausedBy { get; set; }

    /// <summary>Since when the guard lets nobody enter: too many came in an hour, and a person must decide; null: it is open.</summary>
    public DateTimeOffset? EntryHeldAt { get; set; }
}

internal sealed class FlowControlMapping : IEntityTypeConfiguration<FlowControl>
{
    public void Configure(EntityTypeBuilder<FlowControl> control)
    {
        control.ToTable("flow_controls");
        control.HasKey(c => c.DefinitionId);
        control.Property(c => c.DefinitionId).HasMaxLength(100);
        control.Property(c => c.PausedBy).HasMaxLength(100);
    }
}

internal static class FlowControls
{
    /// <summary>Keeps others off the flow until the transaction ends; makes its row when it is new. What the context knew before is forgotten: it may be old.</summary>
    public static async Task<FlowControl> HoldFlowAsync(this AutomationDb db, string definitionId, CancellationToken cancellation)
    {
        await db.ExecuteAsync("INSERT INTO flow_controls (definition_id, last_version) VALUES (@p0, 0) ON CONFLICT DO NOTHING", cancellation, definitionId);
        await db.QueryAsync(
            $"SELECT definition_id FROM flow_controls WHERE definition_id = @p0{db.Dialect.ForUpdate}", row => row.Text(0), cancellation, definitionId);
        db.ChangeTracker.Clear();
        return await db.FlowControls.SingleAsync(control => control.DefinitionId == definitionId, cancellation);
    }
}
