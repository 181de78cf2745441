using Automation.Workflows.Definitions;

namespace Automation.Workflows.Runtime;

/// <summary>One language of expressions.</summary>
public interface IExpressionHandler
{
    /// <summary>As in the JSON, e.g. <c>JavaScript</c>.</summary>
    string Type { get; }

    /// <returns>The value, not yet converted to <paramref name="target"/> (it may be).</returns>
    ValueTask<object?> EvaluateAsync(Expression e, Type target, ActivityExecutionContext context);

    /// <returns>What is wrong with the text; null when it parses.</returns>
    string? Check(Expression e);
}

internal static class ExpressionHandlers
{
    public static IExpressionHandler[] BuiltIn() =>
        [new ConstantHandler("Literal"), new ConstantHandler("Object"), new ConstantHandler("Json"), new VariableHandler(), new InputHandler(), new JavaScriptHandler()];
}

/// <summary>Literals and JSON. The runner reads them itself, once per graph; this is for the check and for hosts that ask.</summary>
internal sealed class ConstantHandler(string type) : IExpressionHandler
{
    public string Type => type;

    public ValueTask<object?> EvaluateAsync(Expression e, Type target, ActivityExecutionContext context) =>
        new(ConstantExpressions.TryRead(e, target, out var value) ? value : null);

    public string? Check(Expression e)
    {
        if (type == "Literal" || e.Value is not System.Text.Json.Nodes.JsonValue || string.IsNullOrWhiteSpace(e.Text)) return null;
        if (type == "Object" && e.Text.TrimStart() is not ['{' or '[', ..]) return null;
        try
        {
            JsonSoundness.Parse(e.Text);
            return null;
        }
        catch (System.Text.Json.JsonException broken)
        {
            return broken.Message;
        }
    }
}

/// <summary>The value of a variable; the expression holds the variable <c>{id, name}</c>.</summary>
internal sealed class VariableHandler : IExpressionHandler
{
    public string Type => "Variable";

    public ValueTask<object?> EvaluateAsync(Expression e, Type target, ActivityExecutionContext context) =>
        new(Variable.Read(e.Value) is { } variable ? (context.FindById(variable.Id) ?? context.FindByName(variable.Name))?.Get() : null);

    public string? Check(Expression e) => Variable.Read(e.Value) is null ? "A variable expression holds a variable." : null;
}

/// <summary>The value of a workflow input; the expression holds the input's definition <c>{name, type}</c>.</summary>
internal sealed class InputHandler : IExpressionHandler
{
    public string Type => "Input";

    // A bare name gives nothing: recorded so.
    public ValueTask<object?> EvaluateAsync(Expression e, Type target, ActivityExecutionContext context) =>
        new(Variable.Read(e.Value) is { } input ? context.InputNamed(input.Name) : null);

    public string? Check(Expression e) => Variable.Read(e.Value) is null ? "An input expression holds an input definition." : null;
}
