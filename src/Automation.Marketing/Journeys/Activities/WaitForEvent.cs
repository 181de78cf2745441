using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys.Activities;

/// <summary>Waits until the person does something, at most for a while.</summary>
[Activity("Automation", "Wait", "Waits for something the person does, at most for a while.")]
[FlowNode("Received", "TimedOut")]
public sealed class WaitForEvent : Activity
{
    /// <summary>Input of the burst that an event wakes.</summary>
    public const string EventInput = "Event";

    private const string DefaultTimeout = "P30D";

    /// <summary>E.g. <c>mail.clicked</c>.</summary>
    [Input(UIHint = InputUIHints.DropDown)]
    public Input<string> EventType { get; set; } = default!;

    /// <summary>A Scriban condition over <c>event</c> and <c>contact</c>; empty: any event of the type.</summary>
    [Input(UIHint = InputUIHints.SingleLine)]
    public Input<string>? Where { get; set; }

    /// <summary>ISO 8601, default <c>P30D</c>.</summary>
    [Input(DefaultValue = DefaultTimeout)]
    public Input<string>? Timeout { get; set; }

    protected override ValueTask ExecuteAsync(ActivityExecutionContext context)
    {
        var timeout = Durations.Parse(context.Get(Timeout) is { Length: > 0 } given ? given : DefaultTimeout);
        context.CreateBookmark(new CreateBookmarkArgs
        {
            Payload = new EventStimulus(EventType.Get(context), context.Get(Where)),
            Callback = OnWokenAsync,
            DueAt = context.Now + timeout,
        });
        return default;
    }

    private ValueTask OnWokenAsync(ActivityExecutionContext context) =>
        context.CompleteActivityWithOutcomesAsync(context.BurstInput.ContainsKey(EventInput) ? "Received" : "TimedOut");
}
