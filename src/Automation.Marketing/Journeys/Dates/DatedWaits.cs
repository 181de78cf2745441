using Automation.Marketing.Journeys.Activities;
using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys.Dates;

/// <summary>Waits that hang on a date which can change: of the person, or of the calendar.</summary>
internal static class DatedWaits
{
    public static bool IsOne(FlowBookmark wait) =>
        wait.Name == BookmarkKeys.WaitForAnchorName
        || (wait.Name == BookmarkKeys.WaitUntilName && wait.Key.StartsWith(BookmarkKeys.DateField, StringComparison.Ordinal));

    /// <summary>Puts each of these waits to the instant at which it is over by now's dates.</summary>
    /// <returns>Whether any has moved.</returns>
    public static async Task<bool> PlanAnewAsync(WorkflowState state, FlowScope scope, CancellationToken cancellation)
    {
        var moved = false;
        for (var at = 0; at < state.Bookmarks.Count; at++)
        {
            var mark = state.Bookmarks[at];
            if (mark.DueAt <= scope.Now || await DueAsync(mark, scope, cancellation) is not { } planned || planned.At == mark.DueAt) continue;
            state.Bookmarks[at] = mark with { DueAt = planned.At };
            moved = true;
        }
        return moved;
    }

    // Null: it hangs on no date. What has passed, or is known no more, ends the wait now: it then sees for itself that it is late.
    private static async Task<Planned?> DueAsync(Bookmark mark, FlowScope scope, CancellationToken cancellation)
    {
        if (mark.Name == BookmarkKeys.WaitForAnchorName)
        {
            var stimulus = new AnchorStimulus(BookmarkKeys.Text(mark.Payload, "Anchor"), BookmarkKeys.Text(mark.Payload, "Lead"));
            return new Planned(await WaitForAnchor.DueAsync(stimulus, scope, cancellation) is { } due ? Later(due, scope.Now) : null);
        }
        if (mark.Name != BookmarkKeys.WaitUntilName || BookmarkKeys.Text(mark.Payload, "Field").Length == 0) return null;
        return new Planned(Later(await WaitUntil.DueAsync(Moment.Parse(BookmarkKeys.Text(mark.Payload, "Until")), scope, cancellation) ?? scope.Now, scope.Now));
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private sealed record Planned(DateTimeOffset? At);
}
