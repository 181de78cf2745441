using System.Text.Json.Nodes;
using Automation.Workflows.Definitions;

namespace Automation.Workflows.Runtime;

/// <summary>What an activity is given. Its expression is evaluated right before the activity runs.</summary>
public abstract class Input
{
    private object? constant;
    private string? conversionError;

    private protected Input(Type type, Expression? expression) => (Type, Expression) = (type, expression);

    public Type Type { get; }
    public Expression? Expression { get; internal set; }
    public string Name { get; internal set; } = "input";
    internal bool AutoEvaluate { get; set; } = true;

    /// <summary>Place among the inputs that change from run to run; −1 when the value is known once and for all.</summary>
    internal int Slot { get; set; } = -1;
    internal bool IsConstant { get; private set; }
    internal bool IsSet => Expression is not null || IsConstant;

    /// <summary>Converts literals once, when the graph is built; a literal that does not convert faults when it is used.</summary>
    internal void Settle(Func<object?, Type, object?> convert)
    {
        if (IsConstant || Expression is null || !ConstantExpressions.TryRead(Expression, Type, out var value)) return;
        IsConstant = true;
        try
        {
            constant = convert(value, Type);
        }
        catch (FormatException broken)
        {
            conversionError = broken.Message;
        }
    }

    private protected void SetConstant(object? value) => (constant, IsConstant) = (value, true);

    /// <summary>Why the literal is no value of the input's type; null when it is.</summary>
    internal string? ConversionError => conversionError;

    internal object? ConstantValue() => conversionError is null ? constant : throw new InputException(Name, conversionError);
}

public sealed class Input<T> : Input
{
    public Input(Expression? expression) : base(typeof(T), expression) { }

    public Input(T value) : base(typeof(T), null) => SetConstant(value);

    /// <exception cref="InputException">The input was not set, or its value is no <typeparamref name="T"/>.</exception>
    public T Get(ActivityExecutionContext context) =>
        IsSet ? ValueIn(context)! : throw new InputException(Name, "it is not set");

    /// <summary>The value when it is the same in every run; false when an expression gives it, when it was left out, or when it is no <typeparamref name="T"/>.</summary>
    public bool TryGetLiteral([System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out T value)
    {
        if (IsConstant && ConversionError is null && ConstantValue() is T known)
        {
            value = known;
            return true;
        }
        value = default;
        return false;
    }

    internal T? ValueIn(ActivityExecutionContext context) => context.InputValue(this) is T value ? value : default;

    internal T? Constant()
    {
        if (!IsSet) return default;
        return IsConstant ? ConstantValue() is T value ? value : default
            : throw new InvalidOperationException($"Input '{Name}' needs a running workflow: a trigger takes only literal values.");
    }
}

/// <summary>An input that has no usable value.</summary>
public sealed class InputException(string name, string problem) : InvalidOperationException($"Input '{name}': {problem}.")
{
    public string InputName { get; } = name;
}

/// <summary>What an activity gives; it may be bound to a variable or to an output of the workflow.</summary>
public abstract class Output
{
    /// <summary>Id of the variable, or name of the workflow output, that receives the value.</summary>
    public string? TargetId { get; internal set; }
    public string Name { get; internal set; } = "";
}

public sealed class Output<T> : Output;

/// <summary>A reference to a variable, as <c>SetVariable</c> holds it.</summary>
public record Variable(string Id, string Name)
{
    internal static Variable? Read(JsonNode? node) => Read(node, typeof(Variable));

    /// <param name="kind">This type, or a <see cref="Variable{T}"/>.</param>
    internal static Variable? Read(JsonNode? node, Type kind)
    {
        if (node is not JsonObject json) return null;
        var (id, name) = (json.Text("id") ?? json.Text("name") ?? "", json.Text("name") ?? json.Text("id") ?? "");
        return kind == typeof(Variable) ? new Variable(id, name) : (Variable)Activator.CreateInstance(kind, id, name)!;
    }
}

/// <summary>A reference to a variable of one type: the nearest one with its id that the step can see.</summary>
public sealed record Variable<T>(string Id, string Name) : Variable(Id, Name)
{
    /// <returns>Its value; the default of the type when it has none.</returns>
    /// <exception cref="InvalidOperationException">There is no such variable here.</exception>
    /// <exception cref="FormatException">What it holds is no <typeparamref name="T"/>.</exception>
    public T? Get(ActivityExecutionContext context) => (T?)ValueConverter.Convert(context.VariableOf(this), typeof(T));

    /// <exception cref="InvalidOperationException">There is no such variable here, or the value is none of its type.</exception>
    public void Set(ActivityExecutionContext context, T? value) => context.SetVariable(this, value);
}

/// <summary>Inputs that may have been left out.</summary>
public static class InputExtensions
{
    public static T? GetOrDefault<T>(this Input<T>? input, ActivityExecutionContext context) =>
        input is null ? default : input.ValueIn(context);

    public static T GetOrDefault<T>(this Input<T>? input, ActivityExecutionContext context, T other) =>
        input is { IsSet: true } && input.ValueIn(context) is { } value ? value : other;
}
