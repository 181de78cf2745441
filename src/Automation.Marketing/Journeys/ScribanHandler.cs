using Automation.Marketing.Mail.Content;
using Automation.Templates;
using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys;

/// <summary>Scriban expressions in flows: the language that the designer offers first.</summary>
public sealed class ScribanHandler(ITemplateRenderer renderer) : IExpressionHandler
{
    public string Type => "Scriban";

    public async ValueTask<object?> EvaluateAsync(Expression e, Type target, ActivityExecutionContext context)
    {
        if (context.GetService<FlowScope>() is not { } scope) return renderer.Evaluate(e.Text, InputOnly(context));
        return target == typeof(bool)
            ? await scope.HoldsAsync(e.Text, scope.Instance.Event, context.CancellationToken)
            : await scope.EvaluateAsync(e.Text, context.CancellationToken);
    }

    public string? Check(Expression e) => renderer.Check(e.Text);

    // A flow run by itself, without a person: it sees what it was given.
    private static TemplateObject InputOnly(ActivityExecutionContext context)
    {
        var model = new TemplateObject();
        foreach (var (name, value) in context.WorkflowInput) model[name] = value;
        return model;
    }
}
