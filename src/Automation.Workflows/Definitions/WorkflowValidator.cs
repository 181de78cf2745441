using System.Text.Json.Nodes;
using Automation.Workflows.Activities;
using Automation.Workflows.Runtime;

namespace Automation.Workflows.Definitions;

/// <summary>Looks a definition over before it is published. Never throws for what a definition holds.</summary>
public static class WorkflowValidator
{
    /// <param name="handlers">Languages of expressions besides the built-in ones.</param>
    /// <param name="resolver">Finds workflows used as activities.</param>
    /// <param name="rules">What the host asks of its workflows besides.</param>
    public static IReadOnlyList<WorkflowFinding> Validate(
        WorkflowDefinition d, ActivityRegistry registry, IEnumerable<IExpressionHandler>? handlers = null, WorkflowResolver? resolver = null,
        IEnumerable<IWorkflowRule>? rules = null)
    {
        var graph = WorkflowGraph.Build(d, registry, resolver);
        var check = new Check(d, registry, new WorkflowRunner(registry, handlers ?? [], TimeProvider.System).Handlers);
        check.Whole(graph);
        foreach (var activity in graph.Steps) check.Step(activity);
        return [.. check.Findings, .. (rules ?? []).SelectMany(rule => rule.Check(graph))];
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
                    Error(null, "bad-default", "The default of input '{0}': {1}.", input.Name, problem);
            if (definition.Options.IncidentStrategy is { } strategy and not ("FaultStrategy" or "ContinueWithIncidentsStrategy"))
                Error(null, "unknown-strategy", "There is no incident strategy '{0}'.", strategy);
            if (definition.Options.ActivationStrategy is { } activation
                and not ("AllowAlwaysStrategy" or "AlwaysStrategy" or "SingletonStrategy" or "CorrelatedSingletonStrategy" or "CorrelationStrategy"))
                Error(null, "unknown-strategy", "There is no activation strategy '{0}'.", activation);
            foreach (var error in graph.IndexTriggers(DateTimeOffset.UnixEpoch).Errors) Error(null, "bad-trigger", "A trigger cannot be indexed: {0}", error);
        }

        public void Step(Activity activity)
        {
            if (activity is NotFoundActivity missing)
            {
                Error(activity, "unknown-activity", "There is no activity type '{0}'.", missing.MissingType);
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
                Warn(activity, "unknown-version", "Version {0} of '{1}' is not known; version {2} runs instead.", version, activity.Type, known.Version);
        }

        private void Inputs(Activity activity)
        {
            var descriptor = registry.Describe(activity.Type);
            foreach (var input in activity.Inputs)
            {
                var about = descriptor?.Inputs.FirstOrDefault(known => known.Name == input.Name);
                if (!input.IsSet)
                {
                    if (about?.IsRequired == true) Error(activity, "missing-input", "Input '{0}' is not set.", input.Name);
                }
                else if (input.ConversionError is { } problem) Error(activity, "bad-literal", "Input '{0}': {1}.", input.Name, problem);
                else if (about?.IsRequired == true && input.IsConstant && input.ConstantValue() is null or "")
                    Error(activity, "missing-input", "Input '{0}' is empty.", input.Name);
                if (input.Expression is { } expression) Expressions(activity, input.Name, expression);
            }
            if (activity is SetVariable { Variable: null }) Error(activity, "missing-input", "Input 'Variable' is not set.");
        }

        private void Case(Activity activity, string label, Expression? condition)
        {
            if (condition is null) Error(activity, "missing-input", "Case '{0}' has no condition.", label);
            else Expressions(activity, $"Case '{label}'", condition);
        }

        private void Script(Activity activity, Expression script) => Expressions(activity, "Script", script);

        private void Expressions(Activity activity, string name, Expression expression)
        {
            if (!handlers.TryGetValue(expression.Type, out var handler))
                Error(activity, "unknown-expression", "Input '{0}': expressions of kind '{1}' are not supported.", name, expression.Type);
            else if (handler.Check(expression) is { } problem)
                Error(activity, "bad-expression", "Input '{0}': {1}", name, problem);
        }

        private void Variables(Activity? owner, IReadOnlyList<VariableDefinition> variables, JsonNode? source)
        {
            foreach (var variable in variables)
                if (variable.Default is { } value && Problem(value, variable.Type) is { } problem)
                    Error(owner, "bad-default", "The default of variable '{0}': {1}.", variable.Name, problem);
            foreach (var json in (source as JsonArray ?? []).OfType<JsonObject>())
                if (json.Text("typeName") is { } type && !TypeAliases.IsKnown(type))
                    Warn(owner, "unknown-type", "Variable '{0}' has the unknown type '{1}'; it is kept as it comes.", json.Text("name"), type);
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
                Error(container, "duplicate-id", "The id '{0}' is used {1} times.", twice.Key, twice.Count());
        }

        private void Flow(Flowchart flowchart)
        {
            var ids = flowchart.Activities.Select(activity => activity.Id).ToHashSet(StringComparer.Ordinal);
            var seen = new HashSet<(string, string, string, string)>();
            foreach (var connection in FlowConnection.ReadAll(flowchart.Source?["connections"]))
            {
                if (!ids.Contains(connection.Source) || !ids.Contains(connection.Target))
                    Error(flowchart, "dangling-connection", "The connection from '{0}' to '{1}' has no such end.", connection.Source, connection.Target);
                else if (!seen.Add(connection))
                    Warn(flowchart, "duplicate-connection", "'{0}' is connected twice to '{1}' by '{2}'.", connection.Source, connection.Target, connection.Port);
            }
            if (flowchart.StartId is { } start && !ids.Contains(start)) Error(flowchart, "unknown-start", "The start '{0}' is not among the steps.", start);
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
                Error(connection.Source, "unknown-port", "'{0}' has no outcome '{1}' ({2}).", connection.Source.Id, connection.Port, string.Join(", ", known));
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
                        Error(connection.Source, "invalid-loop", "The way back {0} enters a loop in its middle: not every path to '{1}' passes '{2}'.", connection, connection.Source.Id, connection.Target.Id);
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
            Error(back.Source, "endless-loop", "The loop back to '{0}' neither waits nor counts: it would run without end.", back.Target.Id);
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

        private void Error(Activity? activity, string code, string message, params IReadOnlyList<object?> values) =>
            findings.Add(WorkflowFinding.Error(activity, code, message, values));

        private void Warn(Activity? activity, string code, string message, params IReadOnlyList<object?> values) =>
            findings.Add(WorkflowFinding.Warning(activity, code, message, values));
    }
}
