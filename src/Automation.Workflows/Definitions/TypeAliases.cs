using System.Text.Json.Nodes;

namespace Automation.Workflows.Definitions;

/// <summary>Names of types in workflow files and the .NET types they mean. An unknown name means <see cref="object"/>.</summary>
internal static class TypeAliases
{
    private static readonly Dictionary<string, Type> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["String"] = typeof(string),
        ["Boolean"] = typeof(bool),
        ["Bool"] = typeof(bool),
        ["Int16"] = typeof(short),
        ["Int32"] = typeof(int),
        ["Int64"] = typeof(long),
        ["Single"] = typeof(float),
        ["Float"] = typeof(float),
        ["Double"] = typeof(double),
        ["Decimal"] = typeof(decimal),
        ["Guid"] = typeof(Guid),
        ["DateTime"] = typeof(DateTime),
        ["DateTimeOffset"] = typeof(DateTimeOffset),
        ["DateOnly"] = typeof(DateOnly),
        ["TimeOnly"] = typeof(TimeOnly),
        ["TimeSpan"] = typeof(TimeSpan),
        ["Uri"] = typeof(Uri),
        ["Object"] = typeof(object),
        ["JSON"] = typeof(IDictionary<string, object?>),
        ["ExpandoObject"] = typeof(IDictionary<string, object?>),
        ["ObjectDictionary"] = typeof(IDictionary<string, object?>),
        ["IDictionary<String, Object>"] = typeof(IDictionary<string, object?>),
        ["JsonElement"] = typeof(JsonNode),
        ["JsonNode"] = typeof(JsonNode),
        ["JsonObject"] = typeof(JsonNode),
    };

    public static Type Resolve(string? name, bool isArray) => isArray ? Resolve(name).MakeArrayType() : Resolve(name);

    public static Type Resolve(string? name) => Resolve(name, MaxNesting);

    // Lists of lists of lists … of a hostile file; each kind stays in memory for good.
    private const int MaxNesting = 3;

    private static Type Resolve(string? name, int levels)
    {
        if (string.IsNullOrEmpty(name) || levels == 0) return typeof(object);
        if (Known.TryGetValue(name, out var type)) return type;
        if (name.EndsWith("[]", StringComparison.Ordinal)) return Resolve(name[..^2], levels - 1).MakeArrayType();
        if (ElementOf(name, "List<") is { } element) return typeof(List<>).MakeGenericType(Resolve(element, levels - 1));
        // "System.Int32, System.Private.CoreLib" and the like
        var simple = name.Split(',')[0];
        simple = simple[(simple.LastIndexOf('.') + 1)..];
        return Known.TryGetValue(simple, out type) ? type : typeof(object);
    }

    public static bool IsKnown(string name) => Resolve(name) != typeof(object) || name is "Object" or "System.Object";

    private static string? ElementOf(string name, string prefix) =>
        name.StartsWith(prefix, StringComparison.Ordinal) && name.EndsWith('>') ? name[prefix.Length..^1] : null;
}
