using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Marketing.Contacts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Journeys.Control;

/// <summary>Something that would have started or woken a run of a flow that is held: kept until a person decides, then let go in order.</summary>
public sealed class HeldStimulus
{
    public long Id { get; init; }
    public required string DefinitionId { get; init; }

    /// <summary>The run it would have woken; null: somebody would have entered.</summary>
    public Guid? InstanceId { get; init; }

    public Guid ContactId { get; init; }

    /// <summary>The stimulus that it is when it is let go.</summary>
    public required string Name { get; init; }

    public required string Key { get; init; }
    public required string Payload { get; init; }
    public DateTimeOffset At { get; init; }

    internal static readonly string[] Columns = ["definition_id", "instance_id", "contact_id", "name", "key", "payload", "at"];

    /// <summary>One flow's part of what happened.</summary>
    internal static object?[] EntryRow(FlowTrigger trigger, Occasion.Happened happened, DateTimeOffset now) =>
    [
        trigger.DefinitionId, null, happened.ContactId, Stimuli.Enter, trigger.DefinitionId,
        FlowEntry.Payload(trigger.ActivityId, happened.Payload, released: true, happened.Name), now,
    ];

    internal static object?[] WakeRow(string definitionId, Guid instanceId, Guid contactId, string name, string key, string payload, DateTimeOffset now) =>
        [definitionId, instanceId, contactId, Stimuli.Wake, instanceId.ToString("N"), JsonSerializer.Serialize(new { name, key, payload }), now];
}

/// <summary>What <see cref="Stimuli.Enter"/> carries.</summary>
/// <param name="ActivityId">The trigger; null: started by hand or over the API.</param>
/// <param name="Released">A person has let it in: the guard does not ask again.</param>
/// <param name="Name">The stimulus it was.</param>
internal sealed record FlowEntry(string? ActivityId, string Happened, bool Released, string Name)
{
    public static string Payload(string? activityId, string happened, bool released, string name = Stimuli.Enter) =>
        new JsonObject { ["trigger"] = activityId, ["event"] = JsonNode.Parse(happened), ["released"] = released, ["name"] = name }.ToJsonString(JsonSerializerOptions.Web);

    public static FlowEntry Of(string payload)
    {
        var json = JsonNode.Parse(payload)!.AsObject();
        return new FlowEntry((string?)json["trigger"], json["event"]?.ToJsonString(JsonSerializerOptions.Web) ?? "{}", (bool?)json["released"] is true, (string?)json["name"] ?? Stimuli.Enter);
    }
}

internal sealed class HeldStimulusMapping : IEntityTypeConfiguration<HeldStimulus>
{
    public void Configure(EntityTypeBuilder<HeldStimulus> held)
    {
        held.ToTable("flow_held");
        held.HasKey(h => h.Id);
        held.Property(h => h.DefinitionId).HasMaxLength(100);
        held.Property(h => h.Name).HasMaxLength(100);
        held.Property(h => h.Key).HasMaxLength(300);
        held.HasIndex(h => new { h.DefinitionId, h.Id });         // let go in order
    }
}
