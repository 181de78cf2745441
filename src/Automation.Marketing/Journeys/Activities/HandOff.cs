using Automation.Marketing.Deals;
using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys.Activities;

/// <summary>
/// Hands the person over to sales: a deal, a notice with what the person did last, and a task for the next working day. While
/// sales owns the person no selling mail goes out, and other runs that sell end.
/// </summary>
[Activity("Automation", "Sales", "Hands the person over to sales.")]
public sealed class HandOff : PersonStep
{
    /// <summary>Default: nobody yet; everyone in sales sees it.</summary>
    [Input(UIHint = InputUIHints.SingleLine)]
    public Input<string>? Owner { get; set; }

    /// <summary>Why now, for the salesperson.</summary>
    [Input(UIHint = InputUIHints.MultiLine)]
    public Input<string>? Note { get; set; }

    private protected override async Task DoAsync(ActivityExecutionContext context, FlowScope scope)
    {
        await HandingOff.HandOffAsync(
            scope.Db, new HandOffRequest(scope.Instance.ContactId, context.Get(Owner), context.Get(Note) ?? "", $"{scope.Instance.Id:N}-{context.VisitNumber}", scope.Instance.Id),
            scope.Zone, scope.Now, context.CancellationToken);
    }
}
