using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys.Activities;

/// <summary>
/// Waits until a moment, in the person's local time. When it hangs on a date that has passed already, or that is not known,
/// the steps up to the next wait are left out: whoever comes late gets what is still to come, not everything at once.
/// </summary>
[Activity("Automation", "Wait", "Waits until a moment: a working day, a weekday, a time of day, or days before a date of the person.")]
public sealed class WaitUntil : Activity
{
    /// <summary><c>next-business-day 10:00</c>, <c>next monday 09:00</c>, <c>at 18:00</c>, <c>field deal.revisit_on -3d 10:00</c>, or <c>+P3D</c>.</summary>
    [Input(UIHint = InputUIHints.SingleLine)]
    public Input<string> Until { get; set; } = default!;

    protected override async ValueTask ExecuteAsync(ActivityExecutionContext context)
    {
        var scope = context.GetRequiredService<FlowScope>();
        var moment = Moment.Parse(Until.Get(context));
        var due = await DueAsync(moment, scope, context.CancellationToken);
        if (due > scope.Now)
        {
            Wait(context, moment, due.Value);
            return;
        }
        if (moment.Field is not null) LateSteps.LeaveOutAfter(context);
        await context.CompleteActivityAsync();
    }

    /// <summary>When a wait of this kind is over; null when the date it hangs on is not known.</summary>
    internal static async Task<DateTimeOffset?> DueAsync(Moment moment, FlowScope scope, CancellationToken cancellation)
    {
        var field = moment.Field is { } expression ? await scope.EvaluateAsync(expression, cancellation) : null;
        return moment.After(scope.Now, field, await scope.PersonZoneAsync(cancellation));
    }

    private void Wait(ActivityExecutionContext context, Moment moment, DateTimeOffset due) => context.CreateBookmark(new CreateBookmarkArgs
    {
        Payload = new MomentStimulus(moment.Text, moment.Field ?? ""),
        DueAt = due,
        Callback = moment.Field is null ? null : OnDueAsync,
    });

    // The date may have moved on meanwhile.
    private async ValueTask OnDueAsync(ActivityExecutionContext context)
    {
        var moment = Moment.Parse(Until.Get(context));
        var scope = context.GetRequiredService<FlowScope>();
        var due = await DueAsync(moment, scope, context.CancellationToken);
        if (due > scope.Now)
        {
            Wait(context, moment, due.Value);
            return;
        }
        // Moved to before this wait began, or gone: whoever is late is late.
        if (due is null || due < context.StartedAt) LateSteps.LeaveOutAfter(context);
        await context.CompleteActivityAsync();
    }
}

/// <summary>What a wait for a moment hangs on.</summary>
/// <param name="Field">Empty: nothing that can change.</param>
internal sealed record MomentStimulus(string Until, string Field);
