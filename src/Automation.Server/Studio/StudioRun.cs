using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Marketing.Journeys;
using Automation.Marketing.Storage;
using Automation.Workflows.Runtime;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Studio;

/// <summary>One thing that happened in a run.</summary>
/// <param name="Execution">The one execution of the activity; begins with the run's id.</param>
/// <param name="State">What the step worked with, as far as it is kept.</param>
internal sealed record RunLine(
    long Sequence, string Happened, string ActivityId, string NodeId, string ActivityType, int ActivityVersion, string? ActivityName, string Execution, DateTimeOffset At,
    string? Outcomes, string? Problem, JsonObject? State);

/// <summary>A run as the designer shows it: a person's, or a test.</summary>
internal sealed class StudioRun
{
    private StudioRun(string id) => Id = id;

    /// <summary>32 hexadecimal digits.</summary>
    public string Id { get; }

    public required string DefinitionId { get; init; }
    public required string VersionId { get; init; }
    public required Guid ContactId { get; init; }
    public required string Name { get; init; }
    public required bool IsTest { get; init; }
    public required FlowInstanceStatus Status { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }
    public string Event { get; private init; } = "{}";
    public IReadOnlyList<RunLine> Lines { get; private set; } = [];

    /// <summary>Node ids at which the run waits.</summary>
    public IReadOnlySet<string> Waiting { get; private set; } = new HashSet<string>(StringComparer.Ordinal);

    private string SavedState { get; init; } = "";

    public int Version => int.TryParse(VersionId[(VersionId.LastIndexOf(':') + 1)..], out var number) ? number : 1;

    public IEnumerable<RunLine> Problems => Lines.Where(line => line.Happened == "Faulted");

    public static string IdOf(Guid id) => id.ToString("N");

    /// <summary>Without its lines.</summary>
    public static async Task<StudioRun?> FindAsync(AutomationDb db, string id, CancellationToken cancellation)
    {
        if (!Guid.TryParse(id, out var guid)) return null;
        if (await db.FlowInstances.AsNoTracking().SingleOrDefaultAsync(one => one.Id == guid, cancellation) is { } instance)
        {
            return new StudioRun(IdOf(guid))
            {
                DefinitionId = instance.DefinitionId,
                VersionId = instance.DefinitionVersionId,
                ContactId = instance.ContactId,
                Name = await NameOfAsync(db, instance.ContactId, cancellation),
                IsTest = false,
                Status = instance.Status,
                StartedAt = instance.StartedAt,
                UpdatedAt = instance.UpdatedAt,
                FinishedAt = instance.FinishedAt,
                Event = instance.Event,
                SavedState = instance.State,
            };
        }
        if (await db.FlowTestRuns.AsNoTracking().SingleOrDefaultAsync(one => one.Id == guid, cancellation) is not { } test) return null;
        var run = new StudioRun(IdOf(guid))
        {
            DefinitionId = test.DefinitionId,
            VersionId = test.DefinitionVersionId,
            ContactId = test.ContactId,
            Name = FlowTestRuns.Mark + await NameOfAsync(db, test.ContactId, cancellation),
            IsTest = true,
            Status = test.Status,
            StartedAt = test.StartedAt,
            UpdatedAt = test.EndedAt,
            FinishedAt = test.Status is FlowInstanceStatus.Running ? null : test.EndedAt,
            SavedState = test.State,
        };
        run.Lines = [.. JsonSerializer.Deserialize<List<FlowTestLine>>(test.Lines)!.Select(LineOf)];
        return run;
    }

    /// <summary>With everything that happened in it.</summary>
    public static async Task<StudioRun?> LoadAsync(AutomationDb db, string id, ActivityRegistry registry, CancellationToken cancellation)
    {
        if (await FindAsync(db, id, cancellation) is not { } run) return null;
        if (!run.IsTest)
        {
            var guid = Guid.Parse(run.Id);
            var graph = await FlowDefinitions.FindVersionAsync(db, run.VersionId, cancellation) is { } version ? WorkflowGraph.Build(version.Definition(), registry) : null;
            var steps = await db.FlowSteps.AsNoTracking().Where(step => step.InstanceId == guid).OrderBy(step => step.Id).ToListAsync(cancellation);
            run.Lines = Told(run, graph, steps);
            run.Waiting = (await db.FlowBookmarks.AsNoTracking().Where(bookmark => bookmark.InstanceId == guid).Select(bookmark => bookmark.NodeId).ToListAsync(cancellation)).ToHashSet(StringComparer.Ordinal);
        }
        else if (run.Status is FlowInstanceStatus.Running) run.Waiting = run.StateOrNull()?.Bookmarks.Select(bookmark => bookmark.ActivityNodeId).ToHashSet(StringComparer.Ordinal) ?? [];
        return run;
    }

    /// <summary>Null when the saved state cannot be read.</summary>
    public WorkflowState? StateOrNull()
    {
        try
        {
            return SavedState.Length == 0 ? null : WorkflowState.FromJson(SavedState);
        }
        catch (Exception broken) when (broken is FormatException or JsonException)
        {
            return null;
        }
    }

    public static async Task<string> NameOfAsync(AutomationDb db, Guid contactId, CancellationToken cancellation) =>
        await db.Contacts.AsNoTracking().Where(contact => contact.Id == contactId).Select(contact => contact.Name ?? contact.Email ?? "").SingleOrDefaultAsync(cancellation) ?? "";

    // What is kept of a real run are its ends and waits; where each execution begins follows from them.
    private static List<RunLine> Told(StudioRun run, WorkflowGraph? graph, List<FlowStep> steps)
    {
        var lines = new List<RunLine>();
        var open = new Dictionary<string, string>(StringComparer.Ordinal);
        var begun = 0;
        if (graph?.Nodes.ElementAtOrDefault(1) is { } root)
        {
            lines.Add(Line(root, root.Id, root.Type, "Started", $"{run.Id}-{begun++}", run.StartedAt, null, null));
            open[root.Id] = lines[0].Execution;
        }
        foreach (var step in steps)
        {
            var activity = graph?.FindById(step.ActivityId);
            if (!open.TryGetValue(step.ActivityId, out var execution))
            {
                execution = open[step.ActivityId] = $"{run.Id}-{begun++}";
                lines.Add(Line(activity, step.ActivityId, step.ActivityType, "Started", execution, step.At, null, null));
            }
            var faulted = step.Happened == "Faulted";
            lines.Add(Line(activity, step.ActivityId, step.ActivityType, step.Happened, execution, step.At, faulted ? null : step.Detail, faulted ? step.Detail : null));
            if (step.Happened is "Completed" or "Canceled" or "Faulted") open.Remove(step.ActivityId);
        }
        if (run.FinishedAt is { } end && graph?.Nodes.ElementAtOrDefault(1) is { } done)
            lines.Add(Line(done, done.Id, done.Type, run.Status switch { FlowInstanceStatus.Finished => "Completed", FlowInstanceStatus.Faulted => "Faulted", _ => "Canceled" }, open.GetValueOrDefault(done.Id) ?? run.Id, end, null, null));
        return lines;

        RunLine Line(Activity? activity, string id, string type, string happened, string execution, DateTimeOffset at, string? outcomes, string? problem) => new(
            lines.Count + 1, happened, id, activity?.NodeId ?? id, type, activity is null ? 1 : activity.Version, activity?.Name, execution, at,
            outcomes is { Length: > 0 } ? outcomes : null, problem, State: null);
    }

    private static RunLine LineOf(FlowTestLine line) => new(
        line.Sequence, line.Happened, line.ActivityId, line.NodeId, line.ActivityType, 1, line.ActivityName, line.Execution, line.At, line.Outcomes, line.Problem ?? line.Mail?.Problem,
        line.Mail is not { } mail ? null : new JsonObject { ["Template"] = mail.Template, ["Subject"] = mail.Subject, ["Text"] = mail.Text, ["Html"] = mail.Html });
}

/// <summary>One execution of an activity, put together from the lines of a run.</summary>
internal sealed record RunExecution(RunLine First, RunLine Last, JsonObject? State, bool Waits)
{
    public static IReadOnlyList<RunExecution> Of(StudioRun run) =>
    [
        .. run.Lines.GroupBy(line => line.Execution, StringComparer.Ordinal).Select(lines => new RunExecution(
            lines.First(), lines.Last(), lines.Select(line => line.State).FirstOrDefault(state => state is not null),
            Waits: lines.Last().Happened is "Suspended" && run.Waiting.Contains(lines.Last().NodeId))),
    ];

    public bool IsOver => Last.Happened is "Completed" or "Faulted" or "Canceled";

    public string Status => Last.Happened switch
    {
        "Completed" => "Completed",
        "Faulted" => "Faulted",
        "Canceled" => "Canceled",
        _ => "Running",
    };
}
