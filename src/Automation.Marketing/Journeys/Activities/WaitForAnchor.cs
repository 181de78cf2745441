using Automation.Marketing.Campaigns.Calendar;
using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys.Activities;

/// <summary>
/// Waits until days before, on or after a day of the season calendar. Where this year's day is not known yet it waits for that
/// too: last year's never stands in. When the moment has passed already, the steps up to the next wait are left out.
/// </summary>
[Activity("Automation", "Wait", "Waits until days before, on or after a day of the season calendar.")]
public sealed class WaitForAnchor : Activity
{
    /// <summary>A day of the calendar, e.g. <c>漁期終了</c>.</summary>
    [Input(UIHint = InputUIHints.DropDown)]
    public Input<string> Anchor { get; set; } = default!;

    /// <summary>E.g. <c>-21d</c> or <c>-21d 10:00</c>; default on the day at 10:00, local time of the person.</summary>
    [Input(UIHint = InputUIHints.SingleLine)]
    public Input<string>? Lead { get; set; }

    protected override async ValueTask ExecuteAsync(ActivityExecutionContext context)
    {
        var scope = context.GetRequiredService<FlowScope>();
        var stimulus = new AnchorStimulus(Anchor.Get(context), context.Get(Lead) ?? "");
        var due = await DueAsync(stimulus, scope, context.CancellationToken);
        if (due is null || due > scope.Now)
        {
            Wait(context, stimulus, due);
            return;
        }
        LateSteps.LeaveOutAfter(context);
        await context.CompleteActivityAsync();
    }

    /// <returns>The moment of the season under way or to come; null when its day is not known.</returns>
    internal static async Task<DateTimeOffset?> DueAsync(AnchorStimulus wanted, FlowScope scope, CancellationToken cancellation)
    {
        var offset = DayOffset.Parse(wanted.Lead);
        var zone = await scope.PersonZoneAsync(cancellation);
        var dates = await SeasonCalendar.DatesAsync(scope.Db, scope.Now, cancellation);
        if (!dates.TryGetValue(wanted.Anchor, out var days)) throw new InvalidOperationException($"The calendar has no day '{wanted.Anchor}'.");
        var today = LocalTime.DayOf(scope.Now, zone);
        foreach (var day in days.Values)
        {
            var due = offset.From(day, zone);
            if (day >= today || due > scope.Now) return due;
        }
        return null;
    }

    private void Wait(ActivityExecutionContext context, AnchorStimulus stimulus, DateTimeOffset? due) =>
        context.CreateBookmark(new CreateBookmarkArgs { Payload = stimulus, DueAt = due, Callback = OnDueAsync });

    // The day may have been moved meanwhile.
    private async ValueTask OnDueAsync(ActivityExecutionContext context)
    {
        var scope = context.GetRequiredService<FlowScope>();
        var stimulus = new AnchorStimulus(Anchor.Get(context), context.Get(Lead) ?? "");
        if (await DueAsync(stimulus, scope, context.CancellationToken) is { } due && due > scope.Now && IsSameSeason(due, scope.Now)) Wait(context, stimulus, due);
        else await context.CompleteActivityAsync();
    }

    // What is due now is this season's; the next one's day lies the better part of a year ahead.
    private static bool IsSameSeason(DateTimeOffset due, DateTimeOffset now) => due - now < TimeSpan.FromDays(180);
}

/// <summary>What a wait for a day of the calendar hangs on.</summary>
internal sealed record AnchorStimulus(string Anchor, string Lead);
