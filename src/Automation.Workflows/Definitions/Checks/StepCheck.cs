using System.Text.Json.Nodes;
using Automation.Workflows.Activities;
using Automation.Workflows.Runtime;

namespace Automation.Workflows.Definitions.Checks;

/// <summary>What concerns one step by itself: its type, its inputs and what they refer to.</summary>
internal sealed class StepCheck(ActivityRegistry registry, IReadOnlyDictionary<string, IExpressionHandler> handlers) : IWorkflowRule
{
    public IEnumerable<WorkflowFinding> Check(WorkflowGraph graph) => graph.Steps.SelectMany(step => Step(graph, step));

    private IEnumerable<WorkflowFinding> Step(WorkflowGraph graph, Activity step) => step is NotFoundActivity missing
        ? [WorkflowFinding.Error(step, "unknown-activity", "There is no activity type '{0}'. Remove the step, or publish the workflow that is used here as an activity.", missing.MissingType)]
        : Version(step).Concat(Inputs(step)).Concat(Cases(step)).Concat(References(graph, step)).Concat(Strategies(step))
            .Concat(Conversion.CheckVariables(step, step is WorkflowActivity ? [] : step.Variables, step.Source?["variables"]));

    private IEnumerable<WorkflowFinding> Version(Activity step)
    {
        if (registry.Describe(step.Type) is { } known && step.Source?.Number("version") is { } version && version > known.Version)
            yield return WorkflowFinding.Warning(step, "unknown-version", "Version {0} of '{1}' is not known: version {2} runs instead. Check that it does what is meant.", version, step.Type, known.Version);
    }

    private IEnumerable<WorkflowFinding> Inputs(Activity step)
    {
        var descriptor = registry.Describe(step.Type);
        foreach (var input in step.Inputs)
        {
            var isRequired = descriptor?.Inputs.FirstOrDefault(known => known.Name == input.Name)?.IsRequired == true;
            if (!input.IsSet)
            {
                if (isRequired) yield return NotSet(step, input.Name);
            }
            else if (input.ConversionError is { } problem)
                yield return WorkflowFinding.Error(step, "bad-literal", "Input '{0}': {1}. Write a value of that type, or an expression that gives one.", input.Name, problem);
            else if (isRequired && input.IsConstant && input.ConstantValue() is null or "") yield return NotSet(step, input.Name);
            if (input.Expression is { } expression)
                foreach (var finding in Expression(step, input.Name, expression)) yield return finding;
        }
        foreach (var finding in PlainInputs(step, descriptor)) yield return finding;
        if (step is SetVariable { Variable: null }) yield return NotSet(step, nameof(SetVariable.Variable));
        if (step is RunJavaScript { Script: var script } && script.TryGetLiteral(out var text))
            foreach (var finding in Expression(step, nameof(RunJavaScript.Script), Definitions.Expression.JavaScript(text))) yield return finding;
    }

    private static WorkflowFinding NotSet(Activity step, string input) =>
        WorkflowFinding.Error(step, "missing-input", "Input '{0}' is not set. Give it a value.", input);

    // A plain property that cannot be read keeps its default, and nobody would know.
    private static IEnumerable<WorkflowFinding> PlainInputs(Activity step, ActivityDescriptor? descriptor)
    {
        foreach (var binding in descriptor?.Bindings ?? [])
        {
            if (binding.Kind != BindingKind.Plain || binding.ValueType == typeof(Variable) || typeof(JsonNode).IsAssignableFrom(binding.ValueType)) continue;
            if (step.Source?[binding.JsonName] is { } value && Conversion.Problem(value, binding.ValueType) is { } problem)
                yield return WorkflowFinding.Error(step, "bad-literal", "Input '{0}': {1}. Write a value of that type, or an expression that gives one.", binding.Property.Name, problem);
        }
    }

    private IEnumerable<WorkflowFinding> Cases(Activity step)
    {
        IEnumerable<(string Label, Expression? Condition)> cases = step switch
        {
            FlowSwitch ways => ways.Cases.Select(way => (way.Label, way.Condition)),
            Switch branches => branches.Cases.Select(branch => (branch.Label, branch.Condition)),
            _ => [],
        };
        foreach (var (label, condition) in cases)
        {
            if (condition is null) yield return WorkflowFinding.Error(step, "missing-input", "Case '{0}' has no condition. Give it one, or remove the case.", label);
            else
                foreach (var finding in Expression(step, $"Case '{label}'", condition)) yield return finding;
        }
        foreach (var twice in DefinitionCheck.Repeated(cases.Select(way => way.Label)))
            yield return WorkflowFinding.Warning(step, "duplicate-name", "Two cases are called '{0}': they share one way out. Rename one.", twice);
    }

    private IEnumerable<WorkflowFinding> Expression(Activity step, string input, Expression expression)
    {
        if (!handlers.TryGetValue(expression.Type, out var handler))
            yield return WorkflowFinding.Error(step, "unknown-expression", "Input '{0}': expressions of kind '{1}' are not supported. Use one of: {2}.", input, expression.Type, string.Join(", ", handlers.Keys.Order(StringComparer.Ordinal)));
        else if (handler.Check(expression) is { } problem)
            yield return WorkflowFinding.Error(step, "bad-expression", "Input '{0}' does not parse as {1}: {2}", input, expression.Type, problem);
    }

    // ---- what a step refers to ----

    private static IEnumerable<WorkflowFinding> References(WorkflowGraph graph, Activity step)
    {
        if (step is SetVariable { Variable: { } target } && !Sees(step, variable => variable.Id == target.Id))
            yield return WorkflowFinding.Error(step, "unknown-variable", "This step sees no variable '{0}'. Choose one of the workflow or of a container around this step.", target.Name);
        foreach (var input in step.Inputs)
        {
            if (Variable.Read(input.Expression?.Value) is not { } named) continue;
            if (input.Expression!.Type == "Variable" && !Sees(step, variable => variable.Id == named.Id || variable.Name == named.Name) && !IsOfLoop(step, named.Name))
                yield return WorkflowFinding.Error(step, "unknown-variable", "This step sees no variable '{0}'. Choose one of the workflow or of a container around this step.", named.Name);
            if (input.Expression.Type == "Input" && graph.Definition.Inputs.All(declared => declared.Name != named.Name))
                yield return WorkflowFinding.Warning(step, "unknown-input", "The workflow declares no input '{0}': it is empty unless whoever starts the workflow gives it. Declare it.", named.Name);
        }
        if (step is SetOutput { OutputName: var output } && output.TryGetLiteral(out var name) && name.Length > 0 && graph.Definition.Outputs.All(declared => declared.Name != name))
            yield return WorkflowFinding.Warning(step, "unknown-output", "The workflow declares no output '{0}': who uses the workflow cannot see it. Declare it.", name);
    }

    private static bool Sees(Activity step, Func<VariableDefinition, bool> matches)
    {
        for (var scope = step; scope is not null; scope = scope.Parent)
            if (scope.Variables.Any(matches)) return true;
        return false;
    }

    private static bool IsOfLoop(Activity step, string name)
    {
        if (name is not (Loop.CurrentValueName or Loop.CurrentIndexName)) return false;
        for (var scope = step.Parent; scope is not null; scope = scope.Parent)
            if (scope is Loop or ParallelForEach) return true;
        return false;
    }

    private static IEnumerable<WorkflowFinding> Strategies(Activity step)
    {
        if (step.CustomProperties?.Text("commitStrategyName") is { Length: > 0 } commit && CommitStrategies.OfActivity(commit) is null)
            yield return WorkflowFinding.Warning(step, "unknown-strategy", "There is no commit strategy '{0}' for a step. Choose one of: {1}.", commit, string.Join(", ", CommitStrategies.OfActivities));
        if (step.CustomProperties?.Text("incidentStrategyType") is { Length: > 0 } incident && WorkflowOptions.ContinuesOnFault(incident) is null)
            yield return WorkflowFinding.Error(step, "unknown-strategy", "There is no incident strategy '{0}'. Choose FaultStrategy or ContinueWithIncidentsStrategy.", incident);
    }
}
