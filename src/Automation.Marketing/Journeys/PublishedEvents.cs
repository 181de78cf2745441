using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Marketing.Contacts;
using Automation.Marketing.Storage;
using Automation.Workflows.Activities;

namespace Automation.Marketing.Journeys;

/// <summary>Events published by name (Elsa's <c>PublishEvent</c>), by a flow or from outside. Written in the caller's transaction.</summary>
public static class PublishedEvents
{
    /// <summary>The event concerns one person: it starts what it triggers and wakes what waits for it.</summary>
    /// <param name="data">What comes with the event; null: nothing.</param>
    public static Task ToPersonAsync(AutomationDb db, Guid contactId, string name, JsonNode? data, DateTimeOffset now, CancellationToken cancellation) =>
        Stimuli.WriteAsync(db, [new NewStimulus(Stimuli.EventPublished, Event.HashOf(name), contactId, PayloadOf(name, data, now))], now, cancellation);

    /// <summary>The event concerns nobody by name: whoever waits for it now is woken, and nobody enters a flow.</summary>
    /// <param name="but">A person who is left out.</param>
    /// <returns>How many people are woken.</returns>
    public static Task<int> ToAllWaitingAsync(
        AutomationDb db, string name, JsonNode? data, DateTimeOffset now, CancellationToken cancellation, Guid but = default) =>
        db.ExecuteAsync(
            """
            INSERT INTO stimuli (name, key, contact_id, payload, created_at, failures)
            SELECT DISTINCT @p0, @p1, contact_id, @p2, @p3, 0 FROM flow_bookmarks WHERE name = @p4 AND key = @p1 AND contact_id <> @p5
            """,
            cancellation, Stimuli.EventForWaiting, Event.HashOf(name), PayloadOf(name, data, now), now, Event.StimulusName, but);

    /// <summary>The event concerns one run.</summary>
    internal static Task ToRunAsync(AutomationDb db, FlowInstance run, string name, JsonNode? data, DateTimeOffset now, CancellationToken cancellation) =>
        Stimuli.WriteAsync(db, [new NewStimulus(Stimuli.EventForWaiting, Event.HashOf(name), run.ContactId, PayloadOf(name, data, now, run.Id))], now, cancellation);

    /// <summary>Whether a published event is meant for this run.</summary>
    internal static bool IsFor(FlowInstance run, string payload) =>
        JsonNode.Parse(payload)?["run"]?.GetValue<string>() is not { } only || only == run.Id.ToString("N");

    // As conditions and templates see every other event.
    private static string PayloadOf(string name, JsonNode? data, DateTimeOffset now, Guid? run = null) => new JsonObject
    {
        ["type"] = name,
        ["occurred_at"] = now.ToString("O"),
        ["data"] = data?.DeepClone(),
        ["run"] = run?.ToString("N"),
    }.ToJsonString(JsonSerializerOptions.Web);
}
