using System.Text.Json.Nodes;
using Automation.Marketing.Contacts;
using Automation.Marketing.Storage;
using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys;

/// <summary>The index of triggers: what publishing a flow puts there, and reading it.</summary>
internal static class FlowTriggers
{
    /// <param name="which">The condition, and the order.</param>
    public static Task<List<FlowTrigger>> ReadAsync(AutomationDb db, string which, CancellationToken cancellation, params object?[] values) => db.QueryAsync(
        $"SELECT definition_version_id, definition_id, activity_id, name, key, payload FROM flow_triggers WHERE {which}",
        row => new FlowTrigger { DefinitionVersionId = row.Text(0), DefinitionId = row.Text(1), ActivityId = row.Text(2), Name = row.Text(3), Key = row.Text(4), Payload = row.Text(5) },
        cancellation, values);

    public static IEnumerable<FlowTrigger> Of(WorkflowDefinition definition, ActivityRegistry registry, DateTimeOffset now) =>
        WorkflowGraph.Build(definition, registry).Triggers.SelectMany(trigger => Index(definition, trigger, now));

    private static IEnumerable<FlowTrigger> Index(WorkflowDefinition definition, WorkflowTrigger trigger, DateTimeOffset now) =>
        BookmarkKeys.Of(trigger.Name, trigger.Payload, trigger.Hash).Select(key => new FlowTrigger
        {
            Id = RowId.New(now),
            DefinitionVersionId = definition.Id,
            DefinitionId = definition.DefinitionId,
            ActivityId = trigger.ActivityId,
            Name = trigger.Name,
            Key = key,
            Payload = trigger.Payload?.ToJsonString() ?? "{}",
        });
}

/// <summary>What triggers and bookmarks are found by in the database.</summary>
internal static class BookmarkKeys
{
    public static IEnumerable<string> Of(string name, JsonNode? payload, string hash) => name switch
    {
        Stimuli.EventReceived or WaitForEventName => [Text(payload, "EventType")],
        Stimuli.MailSettled => [Text(payload, "Identity")],
        Stimuli.RequestReceived => [Stimuli.RequestKey(Text(payload, "Method"), Text(payload, "Path"))],
        Stimuli.CallAnswered => [Text(payload, "CallId")],
        Stimuli.HandedBack => Text(payload, "Reasons").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        Stimuli.SegmentEntered or Stimuli.SegmentLeft => [Text(payload, "Segment")],
        Stimuli.ScoreCrossed => [Stimuli.ScoreKey],
        WaitForAnchorName or CalendarOccurrenceName => [Text(payload, "Anchor")],
        DateReachedName => [Text(payload, "Field")],
        WaitUntilName when Text(payload, "Field") is { Length: > 0 and <= 200 } field => [DateField + field],
        _ => [hash],
    };

    /// <summary>Before the field, in the key of a wait that hangs on a date of the person.</summary>
    public const string DateField = "field ";

    public const string DateReachedName = "Automation.DateReached";
    public const string CalendarOccurrenceName = "Automation.CalendarOccurrence";
    public const string WaitUntilName = "Automation.WaitUntil";
    public const string WaitForAnchorName = "Automation.WaitForAnchor";

    public const string WaitForEventName = "Automation.WaitForEvent";

    /// <summary>The condition of a trigger or wait; null: none.</summary>
    public static string? Where(JsonNode? payload) => Find(payload, "Where");

    /// <summary>One word of a payload; empty when it is not there.</summary>
    public static string Text(JsonNode? payload, string property) => Find(payload, property) ?? "";

    // A payload just made and the same one read from the database spell their names differently.
    private static string? Find(JsonNode? payload, string property) =>
        (payload as JsonObject)?.FirstOrDefault(pair => string.Equals(pair.Key, property, StringComparison.OrdinalIgnoreCase)).Value?.GetValue<string>();
}
