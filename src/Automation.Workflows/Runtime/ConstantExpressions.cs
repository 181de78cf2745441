using System.Text.Json.Nodes;
using Automation.Workflows.Definitions;

namespace Automation.Workflows.Runtime;

/// <summary>The kinds of expression that mean the same in every run.</summary>
internal static class ConstantExpressions
{
    public static bool TryRead(Expression expression, Type target, out object? value)
    {
        switch (expression.Type)
        {
            case "Literal":
                value = PlainValue.FromJson(expression.Value);
                return true;
            case "Object":
                // Text asked for as an object stays the raw text: recorded so, see the scenario on Complete and an Object expression.
                value = target == typeof(object) || target == typeof(string) ? expression.Text : Parsed(expression);
                return true;
            case "Json":
                value = Parsed(expression);
                return true;
            default:
                value = null;
                return false;
        }
    }

    private static object? Parsed(Expression expression)
    {
        if (expression.Value is JsonObject or JsonArray) return PlainValue.FromJson(expression.Value);
        var text = expression.Text;
        if (string.IsNullOrWhiteSpace(text)) return null;
        try
        {
            return PlainValue.FromJson(JsonSoundness.Parse(text));
        }
        catch (System.Text.Json.JsonException)
        {
            return text;   // converted, or refused, by the type of the input
        }
    }
}
