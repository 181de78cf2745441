using System.Text.Json.Nodes;
using Automation.Marketing.Journeys.Activities;
using Automation.Marketing.Journeys.Reports;
using Automation.Marketing.Mail.Content.Authoring;
using Automation.Marketing.Storage;
using Automation.Workflows.Definitions;

namespace Automation.Marketing.Journeys;

public enum TemplateUser { Flow, Broadcast, Occurrence }

/// <summary>Something that will send a template.</summary>
/// <param name="Id">The flow's definition id, else the row's id.</param>
/// <param name="Name">As people know it.</param>
public sealed record TemplateUse(string Template, TemplateUser By, string Id, string Name);

/// <summary>Knows what sends which template, and so which may be retired.</summary>
public sealed class TemplateUses(FlowCatalogue flows, TemplateDesk desk)
{
    /// <summary>
    /// Flows that are published, shipped or still have people in them, the calendars' mailings, broadcasts under way; by template.
    /// </summary>
    public async Task<ILookup<string, TemplateUse>> AllAsync(AutomationDb db, CancellationToken cancellation)
    {
        var uses = await PlannedAsync(db, cancellation);
        // Shipped files are read and checked again at every start, published or not.
        var versions = await db.QueryAsync("""
            SELECT id, definition_id, name FROM flow_definitions AS flow WHERE is_published = true
                OR version = (SELECT MAX(version) FROM flow_definitions AS shipped WHERE shipped.definition_id = flow.definition_id AND shipped.file_hash IS NOT NULL)
            UNION SELECT id, definition_id, name FROM flow_definitions
            WHERE id IN (SELECT DISTINCT definition_version_id FROM flow_instances WHERE status = 'Running')
            """, row => (Version: row.Text(0), Flow: row.Text(1), Name: row.Text(2)), cancellation);
        foreach (var (version, flow, name) in versions)
        {
            var graph = (await flows.LoadAsync(db, version, cancellation)).Graph;
            uses.AddRange(graph.Nodes.OfType<SendEmail>().Select(mail => mail.Template?.Expression).Where(template => template is { Type: "Literal" })
                .Select(template => new TemplateUse(template!.Text ?? "", TemplateUser.Flow, flow, name)));
        }
        return uses.Distinct().ToLookup(use => use.Template, StringComparer.Ordinal);
    }

    /// <summary>The templates that the mails of a drawing name, drafts with faults included; one that is worked out in the run is not known before.</summary>
    public static IReadOnlyList<string> In(WorkflowDefinition definition) =>
        [.. DrawnStep.AllOf(definition).Where(step => step.Type == "Automation.SendEmail").Select(step => step.Inputs.GetValueOrDefault("template")).OfType<string>().Distinct(StringComparer.Ordinal)];

    /// <summary>Takes a template out of use, if nothing will send it any more.</summary>
    /// <exception cref="RuleBrokenException">Something uses it; the message says what.</exception>
    public async Task RetireAsync(AutomationDb db, string id, string note, string actor, CancellationToken cancellation)
    {
        var users = string.Join(", ", (await AllAsync(db, cancellation))[id].Select(use => use.Name).Distinct());
        if (users.Length > 0) throw new RuleBrokenException($"'{id}' cannot be retired: it is sent by {users}.");
        var waiting = await db.QueryAsync(
            "SELECT COUNT(*) FROM outbox_messages WHERE state IN ('Deferred', 'Queued', 'Sending', 'Uncertain') AND template = @p0", row => row.Int(0), cancellation, id);
        if (waiting[0] > 0) throw new RuleBrokenException($"'{id}' cannot be retired: {waiting[0]} mails made from it are still waiting.");
        await desk.RetireAsync(id, note, actor, cancellation);
    }

    private static async Task<List<TemplateUse>> PlannedAsync(AutomationDb db, CancellationToken cancellation)
    {
        var planned = await db.QueryAsync("""
            SELECT template, 'Occurrence', id, title FROM occurrences WHERE state = 'Planned'
            UNION ALL SELECT template, 'Broadcast', id, name FROM broadcasts WHERE state IN ('Scheduled', 'Selecting', 'Sending')
            """, row => new TemplateUse(row.Text(0), row.Enum<TemplateUser>(1), row.Guid(2).ToString(), row.Text(3)), cancellation);
        var calendars = await db.QueryAsync("SELECT value FROM settings WHERE key LIKE 'calendar:%'", row => row.Text(0), cancellation);
        return [.. planned, .. calendars.SelectMany(OfCalendar)];
    }

    // Also what has no date yet: it is planned as soon as it gets one.
    private static IEnumerable<TemplateUse> OfCalendar(string calendar) =>
        JsonNode.Parse(calendar)?["occurrences"]?.AsArray()
            .Select(row => new TemplateUse($"{row?["template"]}", TemplateUser.Occurrence, "", $"{row?["title"] ?? row?["key"]}")) ?? [];
}
