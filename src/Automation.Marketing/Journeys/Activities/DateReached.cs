using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys.Activities;

/// <summary>Starts the flow for each person days before, on or after a date of theirs.</summary>
[Activity("Automation", "Triggers", "Starts days before, on or after a date of the person, e.g. the birthday.", Kind = ActivityKind.Trigger)]
public sealed class DateReached : Trigger
{
    /// <summary>A date field of the person: <c>birth_date</c>, or a declared one, e.g. <c>custom.renewal_on</c>.</summary>
    [Input(UIHint = InputUIHints.DropDown)]
    public Input<string> Field { get; set; } = default!;

    /// <summary>E.g. <c>-14d</c> or <c>-14d 10:00</c>; default on the day at 10:00, local time of the person.</summary>
    [Input(UIHint = InputUIHints.SingleLine)]
    public Input<string>? Offset { get; set; }

    /// <summary>Every year on that day; default for <c>birth_date</c> only.</summary>
    [Input]
    public Input<bool?>? Yearly { get; set; }

    protected override object? GetTriggerPayload(TriggerIndexingContext context)
    {
        var field = context.Get(Field) ?? "";
        return new DateStimulus(field, context.Get(Offset) ?? "", context.Get(Yearly) ?? field == "birth_date");
    }

    protected override ValueTask ExecuteAsync(ActivityExecutionContext context) => context.CompleteActivityAsync();
}

/// <summary>Which date of a person is looked out for.</summary>
internal sealed record DateStimulus(string Field, string Offset, bool Yearly);
