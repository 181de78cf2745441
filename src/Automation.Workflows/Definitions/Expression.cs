using System.Text.Json.Nodes;

namespace Automation.Workflows.Definitions;

/// <summary>How an input gets its value: a kind (<c>Literal</c>, <c>JavaScript</c>, <c>Variable</c> …) and its text or object.</summary>
public sealed class Expression(string type, JsonNode? value)
{
    public string Type { get; } = type;
    public JsonNode? Value { get; } = value;

    /// <summary>The value when it is text, else its JSON.</summary>
    public string Text => text ??= Value switch
    {
        null => "",
        JsonValue literal when literal.TryGetValue<string>(out var raw) => raw,
        _ => Value.ToJsonString(),
    };

    /// <summary>What a handler made of the text once (a parsed script, a template); an expression lives as long as its graph.</summary>
    public object? Compiled { get; set; }

    private string? text;

    public static Expression Literal(object? value) => new("Literal", System.Text.Json.JsonSerializer.SerializeToNode(value));
    public static Expression JavaScript(string script) => new("JavaScript", JsonValue.Create(script));

    /// <summary>Reads <c>{type, value}</c>; a bare scalar is a literal; anything else is no expression.</summary>
    public static Expression? Read(JsonNode? node) => node switch
    {
        JsonObject shape when shape["type"] is JsonValue kind && kind.TryGetValue<string>(out var type) => new(type, shape["value"]),
        JsonValue scalar => new("Literal", scalar),
        _ => null,
    };
}
