using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Workflows.Activities;
using Automation.Workflows.Definitions;

namespace Automation.Workflows.Runtime;

/// <summary>Makes activities from their JSON, gives them ids and reads the workflows they refer to.</summary>
internal sealed class GraphBuilder(ActivityRegistry registry, WorkflowResolver? resolver)
{
    // More workflows inside one another are a mistake, and each is a level of recursion here; so is one that grows with every level.
    private const int MaxNesting = 10;
    private const int MaxActivities = 20_000;
    private readonly List<Activity> nodes = [];
    private readonly Stack<string> path = new();
    private bool hasNested;
    private bool looksBack;
    private bool hasCommitPoints;
    private int read;

    public WorkflowGraph Build(WorkflowDefinition definition)
    {
        path.Push(definition.DefinitionId);
        var workflow = ReadWorkflow(definition);
        AssignIds(workflow);
        Place(workflow, null, "");
        return new WorkflowGraph(definition, workflow, nodes)
        {
            HasNestedWorkflows = hasNested,
            LooksBack = looksBack,
            HasCommitPoints = hasCommitPoints || CommitStrategies.OfWorkflow(definition.Options.CommitStrategyName) is not CommitPoints.None,
        };
    }

    private Workflow ReadWorkflow(WorkflowDefinition definition)
    {
        var workflow = new Workflow(definition) { Type = Workflow.TypeName, Name = definition.Name, Variables = definition.Variables };
        workflow.Root = definition.Root.Count == 0 ? null : Read(definition.Root);
        return workflow;
    }

    /// <summary>The activity in a property; null when there is none.</summary>
    public Activity? Read(JsonNode? node) => node is JsonObject json && json.Text("type") is not null ? Read(json) : null;

    private Activity Read(JsonObject json)
    {
        var type = json.Text("type")!;
        read++;
        var activity = registry.Describe(type) is { } descriptor ? ReadKnown(json, descriptor) : ReadWorkflowActivity(json, type);
        activity.Source = json;
        activity.Id = json.Text("id") ?? "";
        activity.Name = json.Text("name");
        activity.Metadata = json["metadata"] as JsonObject;
        activity.CustomProperties = json["customProperties"] as JsonObject;
        // Older files have the flag at the activity itself.
        activity.CanStartWorkflow = activity.CustomProperties?.Flag("canStartWorkflow") == true || json.Flag("canStartWorkflow");
        if (activity.CustomProperties is { Count: > 0 } custom)
        {
            activity.Commits = CommitStrategies.OfActivity(custom.Text("commitStrategyName"));
            activity.ContinuesOnFault = WorkflowOptions.ContinuesOnFault(custom.Text("incidentStrategyType"));
            hasCommitPoints |= activity.Commits is not null and not CommitPoints.None;
        }
        if (json["variables"] is JsonArray { Count: > 0 } variables && activity.Variables.Count == 0) activity.Variables = VariableDefinition.ReadAll(variables);
        activity.Bind(json, this);
        return activity;
    }

    private Activity ReadKnown(JsonObject json, ActivityDescriptor descriptor)
    {
        var activity = descriptor.Create();
        (activity.Type, activity.Version) = (descriptor.TypeName, descriptor.Version);
        List<Input>? inputs = null;
        Dictionary<string, Output>? outputs = null;
        var dynamicInputs = 0;
        foreach (var binding in descriptor.Bindings)
        {
            var value = json[binding.JsonName];
            switch (binding.Kind)
            {
                case BindingKind.Input:
                    if (BindInput(activity, binding, value, ref dynamicInputs) is { } input) (inputs ??= new(4)).Add(input);
                    break;
                case BindingKind.Output:
                    if (BindOutput(activity, binding, value) is { } output) (outputs ??= [])[output.Name] = output;
                    break;
                case BindingKind.Port:
                    if (binding.Property.CanWrite && Read(value) is { } child)
                    {
                        binding.Set(activity, child);
                        activity.Embed(child);
                    }
                    break;
                case BindingKind.PortList:
                    if (value is JsonArray list && binding.Get(activity) is ICollection<Activity> children)
                        foreach (var item in list)
                            if (Read(item) is { } member)
                            {
                                children.Add(member);
                                activity.Embed(member);
                            }
                    break;
                case BindingKind.Plain:
                    if (value is not null) BindPlain(activity, binding, value);
                    break;
            }
        }
        if (inputs is not null) activity.Inputs = [.. inputs];
        if (outputs is not null) activity.Outputs = outputs;
        activity.DynamicInputs = dynamicInputs;
        return activity;
    }

    private Input? BindInput(Activity activity, PropertyBinding binding, JsonNode? value, ref int dynamicInputs)
    {
        var input = ReadInput(value, binding.NewInput!) ?? binding.Get(activity) as Input;
        if (input is null)
        {
            // Not given and without a default: asking for it says so by name.
            input = binding.NewInput!(null);
        }
        input.Name = binding.Property.Name;
        input.AutoEvaluate = binding.AutoEvaluate;
        Settle(input, ref dynamicInputs);
        binding.Set(activity, input);
        return input;
    }

    private void Settle(Input input, ref int dynamicInputs)
    {
        input.Settle(ValueConverter.Convert);
        if (input.IsConstant || input.Expression is not { } expression) return;
        input.Slot = dynamicInputs++;
        Notice(expression);
    }

    public void Notice(Expression expression)
    {
        if (looksBack || expression.Value is not JsonValue) return;
        var text = expression.Text;
        looksBack = text.Contains("LastResult", StringComparison.OrdinalIgnoreCase) || text.Contains("From", StringComparison.Ordinal)
            || text.Contains("outputs", StringComparison.Ordinal) || text.Contains("last_result", StringComparison.Ordinal);
    }

    private static Input? ReadInput(JsonNode? value, Func<Expression?, Input> create) => value switch
    {
        JsonValue scalar => create(new Expression("Literal", scalar)),
        // A wrapper that does not name its type gives no input; Elsa reads it so. The designer names it null.
        JsonObject wrapper when wrapper.ContainsKey("typeName") && wrapper["expression"] is { } inner && Expression.Read(inner) is { } expression => create(expression),
        _ => null,
    };

    private static Output? BindOutput(Activity activity, PropertyBinding binding, JsonNode? value)
    {
        if (value is not JsonObject wrapper || (wrapper["memoryReference"] as JsonObject)?.Text("id") is not { Length: > 0 } target) return null;
        var output = binding.NewOutput!();
        (output.Name, output.TargetId) = (binding.Property.Name, target);
        binding.Set(activity, output);
        return output;
    }

    private static void BindPlain(Activity activity, PropertyBinding binding, JsonNode value)
    {
        if (typeof(Variable).IsAssignableFrom(binding.ValueType)) binding.Set(activity, Variable.Read(value, binding.ValueType));
        else if (binding.ValueType == typeof(JsonNode)) binding.Set(activity, value);
        else
        {
            try
            {
                binding.Set(activity, ValueConverter.Convert(PlainValue.FromJson(value), binding.ValueType));
            }
            catch (FormatException)
            {
                // Kept at its default; the validator names it.
            }
        }
    }

    // ---- workflows used as activities ----

    private Activity ReadWorkflowActivity(JsonObject json, string type)
    {
        var reference = new WorkflowReference(type, json.Text("workflowDefinitionId"), json.Text("workflowDefinitionVersionId"), json.Number("version"));
        if (resolver?.Invoke(reference) is not { } definition) return new NotFoundActivity(type) { Type = NotFoundActivity.TypeName };
        if (path.Contains(definition.DefinitionId)) return Refused(type, $"Workflow '{definition.Name}' uses itself as an activity.");
        if (path.Count > MaxNesting || read > MaxActivities) return Refused(type, $"Workflow '{definition.Name}' makes this workflow too large: at most {MaxNesting} inside one another, {MaxActivities} activities.");
        hasNested = true;
        path.Push(definition.DefinitionId);
        var inner = ReadWorkflow(definition);
        path.Pop();
        var activity = new WorkflowActivity(definition, inner) { Type = type, Version = definition.Version };
        var dynamicInputs = 0;
        var inputs = new List<Input>();
        foreach (var declared in definition.Inputs)
        {
            // Recorded: when both ids name nothing and only the type name matched, the inputs are not handed over.
            var given = IsStale(reference, definition) ? null : ReadInput(json[declared.Name], expression => new WorkflowInput(declared.Type, expression));
            if (given is null) continue;
            given.Name = declared.Name;
            Settle(given, ref dynamicInputs);
            inputs.Add(given);
        }
        activity.Inputs = [.. inputs];
        activity.DynamicInputs = dynamicInputs;
        activity.Outputs = definition.Outputs.Select(output => WorkflowOutput(json, output.Name)).OfType<Output>().DistinctBy(output => output.Name).ToDictionary(output => output.Name);
        return activity;
    }

    private static NotFoundActivity Refused(string type, string message) => new(type, message) { Type = NotFoundActivity.TypeName };

    private static bool IsStale(WorkflowReference reference, WorkflowDefinition definition) =>
        reference.DefinitionId is { } id && id != definition.DefinitionId && reference.VersionId is { } version && version != definition.Id;

    private static Output<object>? WorkflowOutput(JsonObject json, string name) =>
        (json[name] as JsonObject)?["memoryReference"] is JsonObject reference && reference.Text("id") is { Length: > 0 } target
            ? new Output<object> { Name = name, TargetId = target } : null;

    // ---- ids ----

    // Inner workflows first: the outermost gets the number that is left, e.g. Workflow2 around Workflow1.
    private static HashSet<string> AssignIds(Workflow workflow)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        var counters = new Dictionary<string, int>(StringComparer.Ordinal);
        var unnamed = new List<Activity>();
        Visit(workflow.Root);
        foreach (var activity in unnamed) activity.Id = NextId(activity.Type[(activity.Type.LastIndexOf('.') + 1)..], used, counters);
        workflow.Id = NextId("Workflow", used, counters);
        return used;

        void Visit(Activity? activity)
        {
            if (activity is null) return;
            if (activity.Id.Length == 0) unnamed.Add(activity);
            else used.Add(activity.Id);
            if (activity is WorkflowActivity inner) used.UnionWith(AssignIds(inner.Workflow));
            else foreach (var child in activity.ChildActivities()) Visit(child);
        }
    }

    private static string NextId(string name, HashSet<string> used, Dictionary<string, int> counters)
    {
        for (var n = counters.GetValueOrDefault(name) + 1; ; n++)
        {
            if (!used.Add(name + n)) continue;
            counters[name] = n;
            return name + n;
        }
    }

    private void Place(Activity activity, Activity? parent, string prefix)
    {
        activity.Parent = parent;
        activity.NodeId = prefix + activity.Id;
        activity.NodeIndex = nodes.Count;
        nodes.Add(activity);
        foreach (var child in activity.ChildActivities()) Place(child, activity, activity.NodeId + ":");
    }

    /// <summary>Reads a plain JSON value of a custom shape.</summary>
    public static T? Plain<T>(JsonNode? node) where T : class
    {
        try
        {
            return node?.Deserialize<T>(PlainValue.ObjectOptions);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
