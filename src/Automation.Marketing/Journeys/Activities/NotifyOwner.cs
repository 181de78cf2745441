using Automation.Marketing.Storage;
using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys.Activities;

/// <summary>Tells the salesperson who owns the person's newest deal.</summary>
[Activity("Automation", "Sales", "Tells the owner of the person's deal something.")]
public sealed class NotifyOwner : PersonStep
{
    [Input(UIHint = InputUIHints.MultiLine)]
    public Input<string> Message { get; set; } = default!;

    private protected override async Task DoAsync(ActivityExecutionContext context, FlowScope scope)
    {
        var owner = (await scope.Db.QueryAsync(
            "SELECT owner FROM deals WHERE contact_id = @p0 AND owner IS NOT NULL ORDER BY updated_at DESC LIMIT 1", row => row.Text(0),
            context.CancellationToken, scope.Instance.ContactId)).FirstOrDefault();
        await scope.Db.ExecuteAsync(
            "INSERT INTO notices (id, owner, contact_id, message, at) VALUES (@p0, @p1, @p2, @p3, @p4)", context.CancellationToken,
            RowId.New(scope.Now), owner, scope.Instance.ContactId, Message.Get(context), scope.Now);
    }
}
