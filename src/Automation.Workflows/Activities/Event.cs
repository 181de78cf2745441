using Automation.Workflows.Runtime;

namespace Automation.Workflows.Activities;

/// <summary>What an <see cref="Event"/> waits for.</summary>
public sealed record EventStimulus(string EventName);

/// <summary>Waits for an event by name, or starts a workflow on it.</summary>
[Activity("Elsa", "Events", "Wait for an event to be published.")]
public sealed class Event : Trigger<object?>
{
    /// <summary>Name of the input that carries what came with the event.</summary>
    public const string PayloadInput = "__EventPayloadWorkflowInput";
    public const string StimulusName = "Elsa.Event";

    [Input(Description = "The name of the event to listen for.")]
    public Input<string> EventName { get; set; } = default!;

    /// <summary>The input with which a host resumes or starts for an event.</summary>
    public static IReadOnlyDictionary<string, object?> InputOf(object? payload) => new Dictionary<string, object?> { [PayloadInput] = payload };

    /// <summary>The hash under which an event is waited for.</summary>
    public static string HashOf(string eventName) => StimulusHash.Compute(StimulusName, new EventStimulus(eventName));

    protected override object? GetTriggerPayload(TriggerIndexingContext context) =>
        context.Get(EventName) is { Length: > 0 } name ? new EventStimulus(name) : throw new InputException(nameof(EventName), "it is not set");

    internal override ValueTask RunAsync(ActivityExecutionContext context)
    {
        if (context.IsTriggerOfWorkflow()) return CompleteInternalAsync(context);
        context.CreateBookmark(new EventStimulus(EventName.Get(context)), CompleteInternalAsync);
        return default;
    }

    private ValueTask CompleteInternalAsync(ActivityExecutionContext context)
    {
        context.Set(Result, context.WorkflowInput.GetValueOrDefault(PayloadInput));
        return context.CompleteActivityAsync();
    }
}

/// <summary>Publishes an event: starts what it triggers and resumes what waits for it, once this burst is saved.</summary>
[Activity("Elsa", "Events", "Publishes an event.")]
public sealed class PublishEvent : CodeActivity
{
    [Input]
    public Input<string> EventName { get; set; } = default!;

    [Input]
    public Input<string?>? CorrelationId { get; set; }

    [Input(DisplayName = "Local event", Description = "Only this instance receives it.")]
    public Input<bool>? IsLocalEvent { get; set; }

    [Input]
    public Input<object?>? Payload { get; set; }

    protected override void Execute(ActivityExecutionContext context)
    {
        var local = IsLocalEvent.GetOrDefault(context);
        context.WorkflowExecutionContext.Request(new WorkflowRequest.Publish(
            EventName.Get(context), Payload.GetOrDefault(context), CorrelationId.GetOrDefault(context), local ? context.WorkflowExecutionContext.Id : null));
    }
}
