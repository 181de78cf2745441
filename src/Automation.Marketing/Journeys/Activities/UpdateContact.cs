using System.Text.Json.Nodes;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Scoring;
using Automation.Marketing.Storage;
using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys.Activities;

/// <summary>Writes one declared field of the person.</summary>
[Activity("Automation", "Customer", "Writes one field of the person.")]
public sealed class UpdateContact : PersonStep
{
    /// <summary>E.g. <c>prefecture</c>, or a declared one: <c>custom.renewal_on</c>.</summary>
    [Input(UIHint = InputUIHints.DropDown)]
    public Input<string> Field { get; set; } = default!;

    /// <summary>Empty: the field is cleared. Dates as <c>2027-04-01</c>.</summary>
    [Input(UIHint = InputUIHints.SingleLine)]
    public Input<string?>? Value { get; set; }

    private protected override async Task DoAsync(ActivityExecutionContext context, FlowScope scope)
    {
        var key = Field.Get(context);
        var field = (await ContactFields.LoadAsync(scope.Db, context.CancellationToken)).Find(key) ?? throw new InvalidOperationException($"'{key}' is not a declared field of a person.");
        var value = field.Read(context.Get(Value));
        if (field.IsCustom) await SetCustomAsync(scope, field, value, context.CancellationToken);
        else await SetOwnAsync(scope, field, value, context.CancellationToken);
        await ScoreChecks.ProfilesChangedAsync(scope.Db, [scope.Instance.ContactId], scope.Now, context.CancellationToken);
        if (field.Type is ContactFieldType.Date || field.Key == "time_zone") await Stimuli.DatesChangedAsync(scope.Db, [scope.Instance.ContactId], scope.Now, context.CancellationToken);
    }

    private static Task SetOwnAsync(FlowScope scope, ContactField field, JsonNode? value, CancellationToken cancellation)
    {
        object? stored = value?.GetValue<string>() is { } text && field.Type is ContactFieldType.Date ? DateOnly.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : value?.GetValue<string>();
        // The column's name is one of the fixed ones; a null has no type that PostgreSQL could tell.
        return stored is null
            ? scope.Db.ExecuteAsync($"UPDATE contacts SET {field.Name} = NULL, updated_at = @p1 WHERE id = @p0", cancellation, scope.Instance.ContactId, scope.Now)
            : scope.Db.ExecuteAsync($"UPDATE contacts SET {field.Name} = @p2, updated_at = @p1 WHERE id = @p0", cancellation, scope.Instance.ContactId, scope.Now, stored);
    }

    private static async Task SetCustomAsync(FlowScope scope, ContactField field, JsonNode? value, CancellationToken cancellation)
    {
        var before = await scope.Db.QueryAsync("SELECT custom FROM contacts WHERE id = @p0", row => row.Text(0), cancellation, scope.Instance.ContactId);
        var custom = JsonNode.Parse(before[0]) as JsonObject ?? [];
        if (value is null) custom.Remove(field.Name);
        else custom[field.Name] = value;
        await scope.Db.ExecuteAsync(
            "UPDATE contacts SET custom = @p2, updated_at = @p1 WHERE id = @p0", cancellation, scope.Instance.ContactId, scope.Now, custom.ToJsonString());
    }
}
