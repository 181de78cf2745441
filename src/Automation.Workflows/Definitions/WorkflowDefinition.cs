using System.Text.Json.Nodes;

namespace Automation.Workflows.Definitions;

/// <summary>One version of a workflow, as drawn in the designer.</summary>
/// <remarks>
/// A typed view over the JSON it was read from: whatever this program does not know stays in <see cref="Json"/> and is written back.
/// Once a graph was built from it, a definition must not be changed.
/// </remarks>
public sealed class WorkflowDefinition
{
    private VariableDefinition[]? variables;
    private InputDefinition[]? inputs;
    private OutputDefinition[]? outputs;

    private readonly JsonObject json;
    private JsonObject? madeProperties;

    internal WorkflowDefinition(JsonObject json) => this.json = json;

    public WorkflowDefinition() : this(new JsonObject(WorkflowJson.NodeOptions)) { }

    /// <summary>The whole definition, unknown properties included.</summary>
    public JsonObject Json
    {
        get
        {
            // Made because somebody looked, and something was put in since: only then it belongs to the definition.
            if (madeProperties is { Count: > 0, Parent: null }) json["customProperties"] = madeProperties;
            return json;
        }
    }

    /// <summary>Id of this version.</summary>
    public string Id { get => Json.Text("id") ?? ""; set => Json["id"] = value; }

    /// <summary>Id shared by all versions.</summary>
    public string DefinitionId { get => Json.Text("definitionId") ?? ""; set => Json["definitionId"] = value; }

    public string? Name { get => Json.Text("name"); set => Json["name"] = value; }
    public string? Description { get => Json.Text("description"); set => Json["description"] = value; }

    /// <summary>From 1.</summary>
    public int Version { get => Json.Number("version") ?? 1; set => Json["version"] = value; }

    public bool IsLatest { get => Json.Flag("isLatest"); set => Json["isLatest"] = value; }
    public bool IsPublished { get => Json.Flag("isPublished"); set => Json["isPublished"] = value; }

    public IReadOnlyList<VariableDefinition> Variables => variables ??= VariableDefinition.ReadAll(Json["variables"]);
    public IReadOnlyList<InputDefinition> Inputs => inputs ??= InputDefinition.ReadAll(Json["inputs"]);
    public IReadOnlyList<OutputDefinition> Outputs => outputs ??= OutputDefinition.ReadAll(Json["outputs"]);

    /// <summary>Ports this workflow offers when it is used as an activity.</summary>
    public IReadOnlyList<string> Outcomes => Json["outcomes"] is JsonArray list
        ? [.. list.OfType<JsonValue>().Select(item => item.ToString())] : [];

    /// <summary>What is put in here is kept with the definition; looking alone changes nothing.</summary>
    public JsonObject CustomProperties => Json["customProperties"] as JsonObject ?? (madeProperties ??= new JsonObject(WorkflowJson.NodeOptions));

    public WorkflowOptions Options => new(Json["options"] as JsonObject);

    /// <summary>The root activity's JSON.</summary>
    public JsonObject Root => Json["root"] as JsonObject ?? NoRoot();

    /// <summary>The activity type this workflow appears under when it is used as an activity: its name in Pascal case.</summary>
    public string ActivityTypeName => Pascal(Name ?? "");

    private JsonObject NoRoot()
    {
        var root = new JsonObject(WorkflowJson.NodeOptions);
        Json["root"] = root;
        return root;
    }

    public WorkflowDefinition Clone() => new((JsonObject)Json.DeepClone());

    /// <summary>Drops spaces and underscores and raises the letter behind each: <c>Child act</c> is <c>ChildAct</c>.</summary>
    private static string Pascal(string name)
    {
        var result = new System.Text.StringBuilder(name.Length);
        var raise = true;
        foreach (var letter in name)
        {
            if (letter is ' ' or '_') raise = true;
            else
            {
                result.Append(raise ? char.ToUpperInvariant(letter) : letter);
                raise = false;
            }
        }
        return result.ToString();
    }
}

/// <summary>The <c>options</c> of a definition.</summary>
public readonly struct WorkflowOptions(JsonObject? json)
{
    public bool UsableAsActivity => json?.Flag("usableAsActivity") ?? false;
    public bool AutoUpdateConsumingWorkflows => json?.Flag("autoUpdateConsumingWorkflows") ?? false;
    public string? ActivityCategory => json?.Text("activityCategory");
    public string? CommitStrategyName => json?.Text("commitStrategyName");

    /// <summary>Short name, e.g. <c>SingletonStrategy</c>; null when the workflow does not say.</summary>
    public string? ActivationStrategy => ShortName(json?.Text("activationStrategyType"));

    /// <summary>Short name, e.g. <c>ContinueWithIncidentsStrategy</c>; null when the workflow does not say.</summary>
    public string? IncidentStrategy => ShortName(json?.Text("incidentStrategyType"));

    /// <param name="strategy">As a definition or an activity names it.</param>
    /// <returns>Null when it names none that is known.</returns>
    internal static bool? ContinuesOnFault(string? strategy) => ShortName(strategy) switch
    {
        "ContinueWithIncidentsStrategy" => true,
        "FaultStrategy" => false,
        _ => null,
    };

    private static string? ShortName(string? type)
    {
        if (string.IsNullOrEmpty(type)) return null;
        var name = type.Split(',')[0].Trim();
        return name[(name.LastIndexOf('.') + 1)..];
    }
}
