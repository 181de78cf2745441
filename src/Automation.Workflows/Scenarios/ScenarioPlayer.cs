using System.Text.Json.Nodes;
using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;

namespace Automation.Workflows.Scenarios;

/// <summary>Plays one script against a host of its own and writes down what happened, step by step.</summary>
public sealed class ScenarioPlayer(Func<ActivityRegistry> newRegistry, IReadOnlyCollection<IExpressionHandler> handlers)
{
    // Any instant will do, as long as it is always the same.
    private static readonly DateTimeOffset Beginning = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);
    private const int MaxResumes = 1000;

    /// <param name="scriptFile"><c>name.script.json</c>; its <c>name.workflow.json</c> and what it imports lie beside it.</param>
    public Task<JsonObject> PlayFileAsync(string scriptFile, CancellationToken cancellation)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(scriptFile))!;
        var script = JsonNode.Parse(File.ReadAllText(scriptFile)) as JsonObject ?? throw new FormatException("A script is a JSON object.");
        var imports = (script["imports"] as JsonArray ?? []).Select(file => file?.ToString() ?? "").Append(ScenarioFolder.WorkflowOf(Path.GetFullPath(scriptFile), script));
        return PlayAsync(script, imports, file => WorkflowJson.Read(File.ReadAllText(Path.Combine(folder, file)), file), Beginning, cancellation);
    }

    /// <summary>Imports the named definitions, the main one last, and performs the steps.</summary>
    public async Task<JsonObject> PlayAsync(
        JsonObject script, IEnumerable<string> imports, Func<string, WorkflowDefinition> read, DateTimeOffset start, CancellationToken cancellation)
    {
        using var host = new InMemoryWorkflowHost(newRegistry(), handlers, new VirtualClock(start));
        var play = new Play(host, read, cancellation);
        foreach (var file in imports) play.Import(file, publish: true);
        foreach (var step in (script["script"] as JsonArray ?? []).OfType<JsonObject>()) await play.DoAsync(step);
        return play.Report();
    }

    private sealed class Play(InMemoryWorkflowHost host, Func<string, WorkflowDefinition> read, CancellationToken cancellation)
    {
        private readonly JsonArray steps = [];
        private readonly JsonArray importErrors = [];
        private WorkflowDefinition? subject;
        private HostedInstance? main;

        public void Import(string file, bool publish)
        {
            var definition = read(file);
            foreach (var error in host.Import(definition, publish)) importErrors.Add(JsonValue.Create(error));
            subject = definition;
        }

        public async Task DoAsync(JsonObject step)
        {
            var op = step.Text("op") ?? "";
            var done = new JsonObject { ["op"] = op };
            if (step.Text("activityId") is { } activityId) done["activityId"] = activityId;
            try
            {
                await PerformAsync(op, step, done);
            }
            catch (InvalidOperationException refused)
            {
                done["error"] = refused.Message;
            }
            main ??= host.Instances.Count > 0 ? host.Instances[0] : null;
            Describe(done);
            steps.Add(done);
        }

        private async Task PerformAsync(string op, JsonObject step, JsonObject done)
        {
            switch (op)
            {
                case "run":
                    main = await host.RunAsync(subject!.DefinitionId, Map(step["input"]), step.Text("correlationId"), cancellation);
                    break;
                case "resume":
                    await ResumeAsync(step.Text("activityId"), Map(step["input"]));
                    break;
                case "resumeUntilEnd":
                    await ResumeUntilEndAsync(done);
                    break;
                case "publishEvent":
                    await host.PublishEventAsync(
                        step.Text("eventName") ?? "", PlainValue.FromJson(step["payload"]) ?? new Dictionary<string, object?>(), step.Text("correlationId"), cancellation);
                    break;
                case "reportTask":
                    if (main is null || !await host.ReportTaskAsync(main, PlainValue.FromJson(step["result"]), cancellation)) throw new InvalidOperationException("no such task");
                    break;
                case "wait":
                    await host.PassAsync(Length(step), cancellation);
                    break;
                case "waitUntilFinished":
                    await host.PassAsync(TimeSpan.FromMilliseconds(step.Number("maxMs") ?? 0), cancellation, () => main?.Load().Status == WorkflowStatus.Finished);
                    break;
                case "cancel":
                    if (main is not null) host.Cancel(main);
                    break;
                case "import":
                    Import(step.Text("file") ?? "", step["publish"] is null || step.Flag("publish"));
                    break;
                case "retract":
                    host.Retract(subject!.DefinitionId);
                    break;
                case "triggers":
                    done["triggers"] = new JsonArray([.. host.Triggers.Select(item => Describe(item.Definition, item.Trigger))]);
                    break;
                default:
                    throw new InvalidOperationException($"unknown step '{op}'");
            }
        }

        private async Task ResumeAsync(string? activityId, IReadOnlyDictionary<string, object?>? input)
        {
            var mark = main?.Load().Bookmarks.Find(open => open.ActivityId == activityId) ?? throw new InvalidOperationException("no such bookmark");
            await host.ResumeAsync(main!, mark.Id, input, cancellation);
        }

        private async Task ResumeUntilEndAsync(JsonObject done)
        {
            var resumed = new JsonArray();
            while (resumed.Count < MaxResumes && main?.Load() is { Status: WorkflowStatus.Running, Bookmarks: [var first, ..] })
            {
                resumed.Add(JsonValue.Create(first.ActivityId));
                await host.ResumeAsync(main, first.Id, null, cancellation);
            }
            done["resumedActivityIds"] = resumed;
        }

        private void Describe(JsonObject done)
        {
            done["stdout"] = new JsonArray([.. host.TakeLines().Select(line => JsonValue.Create(line))]);
            if (main is null) return;
            var state = main.Load();
            done["status"] = state.Status.ToString();
            done["subStatus"] = state.SubStatus.ToString();
            done["output"] = PlainValue.ToJson(state.Output);
            done["bookmarks"] = new JsonArray([.. state.Bookmarks.Select(mark => new JsonObject
            {
                ["name"] = mark.Name,
                ["activityId"] = mark.ActivityId,
                ["payload"] = mark.Payload?.DeepClone(),
            })]);
            done["incidents"] = new JsonArray([.. state.Incidents.Select(incident => new JsonObject
            {
                ["activityId"] = incident.ActivityId,
                ["message"] = incident.Message,
            })]);
            if (state.CorrelationId is { } correlation) done["correlationId"] = correlation;
        }

        private static JsonObject Describe(WorkflowDefinition definition, WorkflowTrigger trigger) => new()
        {
            ["name"] = trigger.Name,
            ["definitionId"] = definition.DefinitionId,
            ["activityId"] = trigger.ActivityId,
            ["hash"] = trigger.Hash,
            ["payload"] = trigger.Payload?.DeepClone(),
        };

        public JsonObject Report() => new()
        {
            ["steps"] = steps,
            ["instances"] = new JsonArray([.. host.Instances.OrderBy(instance => instance != main).Select(Describe)]),
            ["importErrors"] = importErrors,
        };

        private JsonObject Describe(HostedInstance instance)
        {
            var state = instance.Load();
            var described = new JsonObject
            {
                ["definitionId"] = instance.DefinitionId,
                ["version"] = instance.Version,
                ["isMain"] = instance == main,
                ["name"] = state.Name,
                ["correlationId"] = state.CorrelationId,
                ["hasParent"] = state.ParentInstanceId is not null,
                ["status"] = state.Status.ToString(),
                ["subStatus"] = state.SubStatus.ToString(),
                ["journal"] = new JsonArray([.. instance.Journal.Select(entry => JsonValue.Create($"{entry.EventName} {entry.ActivityId} {entry.ActivityType}"))]),
                ["variables"] = PlainValue.ToJson(state.Variables),
            };
            if (state.Output.Count > 0) described["output"] = PlainValue.ToJson(state.Output);
            return described;
        }

        private static TimeSpan Length(JsonObject step) =>
            step.Text("duration") is { } duration ? System.Xml.XmlConvert.ToTimeSpan(duration) : TimeSpan.FromMilliseconds(step.Number("ms") ?? 0);

        private static Dictionary<string, object?>? Map(JsonNode? node) =>
            (node as JsonObject)?.ToDictionary(pair => pair.Key, pair => PlainValue.FromJson(pair.Value));
    }
}
