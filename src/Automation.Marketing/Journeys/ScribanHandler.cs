using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Marketing.Mail.Content;
using Automation.Templates;
using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys;

/// <summary>
/// Scriban expressions in flows: the language that the designer offers first. Beside the person and the event they see what the
/// flow itself keeps: <c>variables.NAME</c> for each variable that is visible from the step, and <c>input.NAME</c>.
/// </summary>
public sealed class ScribanHandler(ITemplateRenderer renderer) : IExpressionHandler
{
    private const string Variables = "variables";
    private const string Input = "input";

    public string Type => "Scriban";

    public async ValueTask<object?> EvaluateAsync(Expression e, Type target, ActivityExecutionContext context)
    {
        var model = context.GetService<FlowScope>() is { } scope ? await scope.ModelAsync(context.CancellationToken) : InputOf(context);
        AddFlowTo(model, e.Text, context);
        return target == typeof(bool) ? renderer.IsTrue(e.Text, model) : renderer.Evaluate(e.Text, model);
    }

    public string? Check(Expression e) => renderer.Check(e.Text);

    // Most expressions read the person alone, and need nothing of the flow converted.
    private static void AddFlowTo(TemplateObject model, string expression, ActivityExecutionContext context)
    {
        if (expression.Contains(Variables, StringComparison.Ordinal))
            model[Variables] = ObjectOf(context.VisibleVariables().Select(name => KeyValuePair.Create(name, context.GetVariable(name))));
        if (expression.Contains(Input, StringComparison.Ordinal)) model[Input] = InputOf(context);
    }

    private static TemplateObject InputOf(ActivityExecutionContext context) => ObjectOf(context.WorkflowInput);

    private static TemplateObject ObjectOf(IEnumerable<KeyValuePair<string, object?>> values)
    {
        var model = new TemplateObject();
        foreach (var (name, value) in values) model[name] = ValueOf(value);
        return model;
    }

    private static object? ValueOf(object? value) => value switch
    {
        null or string or bool or int or long or double or decimal or DateTime or DateTimeOffset or TimeSpan => value,
        IEnumerable<KeyValuePair<string, object?>> shape => ObjectOf(shape),
        IEnumerable<object?> list and not JsonNode => list.Select(ValueOf).ToList(),
        _ => TemplateObject.ValueFromJson(JsonSerializer.SerializeToElement(PlainValue.ToJson(value))),
    };
}
