using System.Text.Json.Nodes;
using Automation.Workflows.Activities;
using Automation.Workflows.Runtime;

namespace Automation.Workflows.Definitions;

/// <summary>Looks a definition over before it is published. Never throws for what a definition holds.</summary>
public static class WorkflowValidator
{
    public static IReadOnlyList<WorkflowFinding> Validate(WorkflowDefinition d, ActivityRegistry registry) => Validate(d, registry, []);

    /// <param name="handlers">Languages of expressions besides the built-in ones.</param>
    /// <param name="resolver">Finds workflows used as activities.</param>
    public static IReadOnlyList<WorkflowFinding> Validate(
        WorkflowDefinition d, ActivityRegistry registry, IEnumerable<IExpressionHandler> handlers, WorkflowResolver? resolver = null)
    {
        var graph = WorkflowGraph.Build(d, registry, resolver);
        var check = new Check(d, registry, new WorkflowRunner(registry, handlers, TimeProvider.System).Handlers);
        check.Whole(graph);
        foreach (var activity in graph.Nodes)
            if (!IsForeign(activity)) check.Step(activity);
        return check.Findings;
    }

    // What is inside a workflow used as an activity is checked with that workflow.
    private static bool IsForeign(Activity activity)
    {
        for (var parent = activity.Parent; parent is not null; parent = parent.Parent)
            if (parent is WorkflowActivity) return true;
        return activity is Workflow;
    }

    private sealed class Check(WorkflowDefinition definition, ActivityRegistry registry, IReadOnlyDictionary<string, IExpressionHandler> handlers)
    {
        private readonly List<WorkflowFinding> findings = [];

        public IReadOnlyList<WorkflowFinding> Findings => findings;

        public void Whole(WorkflowGraph graph)
        {
            Variables(null, definition.Variables, definition.Json["variables"]);
            foreach (var input in definition.Inputs)
                if (input.Default is { } value && Problem(value, input.Type) is { } problem)
                    Error(null, "bad-default", $"The default of input '{input.Name}': {problem}.");
            if (definition.Options.IncidentStrategy is { } strategy and not ("FaultStrategy" or "ContinueWithIncidentsStrategy"))
                Error(null, "unknown-strategy", $"There is no incident strategy '{strategy}'.");
            if (definition.Options.ActivationStrategy is { } activation
                and not ("AllowAlwaysStrategy" or "AlwaysStrategy" or "SingletonStrategy" or "CorrelatedSingletonStrategy" or "CorrelationStrategy"))
                Error(null, "unknown-strategy", $"There is no activation strategy '{activation}'.");
            foreach (var error in graph.IndexTriggers(DateTimeOffset.UnixEpoch).Errors) Error(null, "bad-trigger", error);
        }

        public void Step(Activity activity)
        {
            if (activity is NotFoundActivity missing)
            {
                Error(activity, "unknown-activity", $"There is no activity type '{missing.MissingType}'.");
                return;
            }
            Version(activity);
            Inputs(activity);
            Variables(activity, activity.Variables, activity.Source?["variables"]);
            if (activity is FlowSwitch flowSwitch)
                foreach (var way in flowSwitch.Cases) Case(activity, way.Label, way.Condition);
            if (activity is Switch branches)
                foreach (var way in branches.Cases) Case(activity, way.Label, way.Condition);
            if (activity is RunJavaScript { Script.IsConstant: true, Script.ConversionError: null } code)
                Script(activity, Expression.JavaScript(code.Script.ConstantValue() as string ?? ""));
            if (activity is Flowchart flowchart) Flow(flowchart);
            if (activity is Container container) Ids(container);
            if (activity is While { Condition: { IsConstant: true, ConversionError: null } always } loop && always.ConstantValue() is true && !Descendants(loop).Any(Ends))
                Error(activity, "endless-loop", "The loop has no end: its condition is always true and nothing in it waits or breaks out.");
        }

        private void Version(Activity activity)
        {
            if (registry.Describe(activity.Type) is { } known && activity.Source?.Number("version") is { } version && version > known.Version)
                Warn(activity, "unknown-version", $"Version {version} of '{activity.Type}' is not known; version {known.Version} runs instead.");
        }

        private void Inputs(Activity activity)
        {
            var descriptor = registry.Describe(activity.Type);
            foreach (var input in activity.Inputs)
            {
                var about = descriptor?.Inputs.FirstOrDefault(known => known.Name == input.Name);
                if (!input.IsSet)
                {
                    if (about?.IsRequired == true) Error(activity, "missing-input", $"Input '{input.Name}' is not set.");
                }
                else if (input.ConversionError is { } problem) Error(activity, "bad-literal", $"Input '{input.Name}': {problem}.");
                else if (about?.IsRequired == true && input.IsConstant && input.ConstantValue() is null or "")
                    Error(activity, "missing-input", $"Input '{input.Name}' is empty.");
                if (input.Expression is { } expression) Expressions(activity, input.Name, expression);
            }
            if (activity is SetVariable { Variable: null }) Error(activity, "missing-input", "Input 'Variable' is not set.");
        }

        private void Case(Activity activity, string label, Expression? condition)
        {
            if (condition is null) Error(activity, "missing-input", $"Case '{label}' has no condition.");
            else Expressions(activity, $"Case '{label}'", condition);
        }

        private void Script(Activity activity, Expression script) => Expressions(activity, "Script", script);

        private void Expressions(Activity activity, string name, Expression expression)
        {
            if (!handlers.TryGetValue(expression.Type, out var handler))
                Error(activity, "unknown-expression", $"Input '{name}': expressions of kind '{expression.Type}' are not supported.");
            else if (handler.Check(expression) is { } problem)
                Error(activity, "bad-expression", $"Input '{name}': {problem}");
        }

        private void Variables(Activity? owner, IReadOnlyList<VariableDefinition> variables, JsonNode? source)
        {
            foreach (var variable in variables)
                if (variable.Default is { } value && Problem(value, variable.Type) is { } problem)
                    Error(owner, "bad-default", $"The default of variable '{variable.Name}': {problem}.");
            foreach (var json in (source as JsonArray ?? []).OfType<JsonObject>())
                if (json.Text("typeName") is { } type && !TypeAliases.IsKnown(type))
                    Warn(owner, "unknown-type", $"Variable '{json.Text("name")}' has the unknown type '{type}'; it is kept as it comes.");
        }

        private static string? Problem(JsonNode value, Type type)
        {
            try
            {
                ValueConverter.Convert(PlainValue.FromJson(value), type);
                return null;
            }
            catch (FormatException broken)
            {
                return broken.Message;
            }
        }

        private void Ids(Container container)
        {
            foreach (var twice in container.Activities.GroupBy(activity => activity.Id).Where(group => group.Count() > 1))
                Error(container, "duplicate-id", $"The id '{twice.Key}' is used {twice.Count()} times.");
        }

        private void Flow(Flowchart flowchart)
        {
            var ids = flowchart.Activities.Select(activity => activity.Id).ToHashSet(StringComparer.Ordinal);
            var seen = new HashSet<(string, string, string, string)>();
            foreach (var connection in FlowConnection.ReadAll(flowchart.Source?["connections"]))
            {
                if (!ids.Contains(connection.Source) || !ids.Contains(connection.Target))
                    Error(flowchart, "dangling-connection", $"The connection from '{connection.Source}' to '{connection.Target}' has no such end.");
                else if (!seen.Add(connection))
                    Warn(flowchart, "duplicate-connection", $"'{connection.Source}' is connected twice to '{connection.Target}' by '{connection.Port}'.");
            }
            if (flowchart.StartId is { } start && !ids.Contains(start)) Error(flowchart, "unknown-start", $"The start '{start}' is not among the steps.");
            foreach (var connection in flowchart.Connections) Port(connection);
            if (flowchart.DefaultStart() is >= 0 and var first) Reach(flowchart, first);
        }

        private void Port(FlowConnection connection)
        {
            if (connection.Source is NotFoundActivity) return;
            var known = connection.Source.OwnOutcomes;
            if (known is null && registry.Describe(connection.Source.Type) is { } descriptor && connection.Source is not RunJavaScript)
            {
                var ports = descriptor.Ports.Where(port => port.Type == PortType.Flow).Select(port => port.Name).ToList();
                known = ports.Count > 0 ? ports : ["Done"];
            }
            if (known is not null && !known.Contains(connection.Port))
                Error(connection.Source, "unknown-port", $"'{connection.Source.Id}' has no outcome '{connection.Port}' ({string.Join(", ", known)}).");
        }

        private void Reach(Flowchart flowchart, int first)
        {
            // Every trigger can be a beginning, besides the drawn one.
            var starts = Enumerable.Range(0, flowchart.Activities.Count)
                .Where(at => at == first || (flowchart.Activities[at].CanStartWorkflow && flowchart.Activities[at] is ITrigger)).ToList();
            var graphs = starts.ConvertAll(start => new FlowGraph(flowchart.Activities, flowchart.Connections, start));
            for (var node = 0; node < flowchart.Activities.Count; node++)
                if (!graphs.Exists(graph => graph.IsReachable(node))) Warn(flowchart.Activities[node], "unreachable", "No path leads to this step: it never runs.");
            foreach (var connection in flowchart.Connections)
            {
                foreach (var graph in graphs.Where(graph => graph.IsBackward(connection)).Take(1))
                {
                    if (!graph.IsValidBackward(connection))
                        Error(connection.Source, "invalid-loop", $"The way back {connection} enters a loop in its middle: not every path to '{connection.Source.Id}' passes '{connection.Target.Id}'.");
                    else Loop(flowchart, graph, connection);
                }
            }
        }

        // The body of the loop: what lies on forward paths from its head to the step that leads back.
        private void Loop(Flowchart flowchart, FlowGraph graph, FlowConnection back)
        {
            var head = graph.TargetOf(back);
            var tail = flowchart.Activities.IndexOf(back.Source);
            var before = graph.AncestorsOf(tail);
            before[tail] = true;
            var body = Enumerable.Range(0, flowchart.Activities.Count)
                .Where(node => node == head || (before[node] && graph.AncestorsOf(node)[head])).Select(node => flowchart.Activities[node]).ToList();
            if (body.SelectMany(step => Descendants(step).Prepend(step)).Any(Waits)) return;
            if (body.Any(step => Leaves(step, flowchart, body)) && body.Any(Changes)) return;
            Error(back.Source, "endless-loop", $"The loop back to '{back.Target.Id}' neither waits nor counts: it would run without end.");
        }

        private static bool Leaves(Activity step, Flowchart flowchart, List<Activity> body) =>
            step.IsTerminal || flowchart.Connections.Any(connection => connection.Source == step && !body.Contains(connection.Target))
            || step.OwnOutcomes?.Count > 1 || step is FlowDecision;

        private static bool Changes(Activity step) => Descendants(step).Prepend(step).Any(inner => inner is SetVariable or RunJavaScript or WorkflowActivity or ExecuteWorkflow
            || inner.GetType().Assembly != typeof(Activity).Assembly);

        private static bool Waits(Activity step) => step is Delay or StartAt or ITrigger or RunTask or DispatchWorkflow or BulkDispatchWorkflows or WorkflowActivity
            || (step is not CodeActivity && step.GetType().Assembly != typeof(Activity).Assembly);

        private static bool Ends(Activity step) => step is Break or Finish or Fault or Complete || Waits(step);

        private static IEnumerable<Activity> Descendants(Activity activity) =>
            activity.ChildActivities().SelectMany(child => Descendants(child).Prepend(child));

        private void Error(Activity? activity, string code, string message) => findings.Add(new(activity?.Id, Severity.Error, code, message));

        private void Warn(Activity? activity, string code, string message) => findings.Add(new(activity?.Id, Severity.Warning, code, message));
    }
}
