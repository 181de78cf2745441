using System.Text.Json.Nodes;

namespace Automation.Workflows.Definitions;

/// <summary>A named value of a workflow or of one of its containers.</summary>
/// <param name="Storage">Whether the value outlives a suspend.</param>
public sealed record VariableDefinition(string Id, string Name, Type Type, JsonNode? Default, VariableStorage Storage)
{
    internal static VariableDefinition Read(JsonObject json)
    {
        var name = json.Text("name") ?? "";
        var element = TypeAliases.Resolve(json.Text("typeName"));
        var type = json.Flag("isArray") ? element.MakeArrayType() : element;
        return new(json.Text("id") is { Length: > 0 } id ? id : name, name, type, json["value"], StorageOf(json.Text("storageDriverTypeName")));
    }

    internal static VariableDefinition[] ReadAll(JsonNode? list) =>
        list is not JsonArray array ? [] : [.. array.OfType<JsonObject>().Select(Read)];

    // Older files carry "Namespace.Type, Assembly" and an older name of the same driver.
    internal static VariableStorage StorageOf(string? driver) => driver switch
    {
        null or "" => VariableStorage.None,
        _ when driver.Contains("Memory", StringComparison.Ordinal) => VariableStorage.Memory,
        _ => VariableStorage.Instance,
    };
}

public enum VariableStorage
{
    /// <summary>Gone after a suspend: reads as null.</summary>
    None,
    /// <summary>Kept while the process lives.</summary>
    Memory,
    /// <summary>Saved with the instance.</summary>
    Instance,
}

/// <summary>An input the workflow takes, from whoever starts it or from the flow that uses it as an activity.</summary>
public sealed record InputDefinition(string Name, Type Type, string? DisplayName, string? Description, string? Category, string? UIHint, JsonNode? Default)
{
    internal static InputDefinition[] ReadAll(JsonNode? list) => list is not JsonArray array ? [] :
        [.. array.OfType<JsonObject>().Select(json => new InputDefinition(
            json.Text("name") ?? "", TypeAliases.Resolve(json.Text("type"), json.Flag("isArray")), json.Text("displayName"),
            json.Text("description"), json.Text("category"), json.Text("uiHint"), json["defaultValue"]))];
}

public sealed record OutputDefinition(string Name, Type Type, string? DisplayName, string? Description)
{
    internal static OutputDefinition[] ReadAll(JsonNode? list) => list is not JsonArray array ? [] :
        [.. array.OfType<JsonObject>().Select(json => new OutputDefinition(
            json.Text("name") ?? "", TypeAliases.Resolve(json.Text("type"), json.Flag("isArray")), json.Text("displayName"), json.Text("description")))];
}
