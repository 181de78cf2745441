using Automation.Marketing.Contacts;
using Automation.Marketing.Storage;
using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys.Activities;

/// <summary>Files the person under a word.</summary>
[Activity("Automation", "Customer", "Gives the person a tag.")]
public sealed class AddTag : PersonStep
{
    [Input(UIHint = InputUIHints.DropDown)]
    public Input<string> Tag { get; set; } = default!;

    private protected override async Task DoAsync(ActivityExecutionContext context, FlowScope scope)
    {
        await scope.Db.ExecuteAsync(
            "INSERT INTO contact_tags (contact_id, tag) VALUES (@p0, @p1) ON CONFLICT DO NOTHING", context.CancellationToken,
            scope.Instance.ContactId, TagOf(Tag.Get(context)));
    }

    internal static string TagOf(string text) =>
        text.Trim() is { Length: > 0 and <= ContactTag.MaxLength } tag ? tag : throw new InvalidOperationException($"A tag has 1 to {ContactTag.MaxLength} characters.");
}

/// <summary>Takes a word off the person.</summary>
[Activity("Automation", "Customer", "Takes a tag off the person.")]
public sealed class RemoveTag : PersonStep
{
    [Input(UIHint = InputUIHints.DropDown)]
    public Input<string> Tag { get; set; } = default!;

    private protected override async Task DoAsync(ActivityExecutionContext context, FlowScope scope)
    {
        await scope.Db.ExecuteAsync(
            "DELETE FROM contact_tags WHERE contact_id = @p0 AND tag = @p1", context.CancellationToken, scope.Instance.ContactId, AddTag.TagOf(Tag.Get(context)));
    }
}
