using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Automation.Workflows.Runtime;

/// <summary>The key under which something that waits and something that arrives find each other.</summary>
/// <remarks>Upper-case hex SHA-256 over name, payload and activity instance id, the empty ones left out, joined by <c>|</c>. Payload
/// properties are written in Pascal case, nulls left out; so names of events are case-sensitive.</remarks>
public static class StimulusHash
{
    private static readonly JsonSerializerOptions Options = new()
    {
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOutExcluded } },
    };

    public static string Compute(string name, object? payload = null, string? activityInstanceId = null)
    {
        var key = new StringBuilder(name);
        if (payload is not null && Text(payload) is { Length: > 0 } text) key.Append('|').Append(text);
        if (!string.IsNullOrEmpty(activityInstanceId)) key.Append('|').Append(activityInstanceId);
        var bytes = Encoding.UTF8.GetBytes(key.ToString());
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return Convert.ToHexString(hash);
    }

    private static string Text(object payload) => payload switch
    {
        string text => text,
        JsonNode node => Pascal(node)?.ToJsonString() ?? "",
        _ => JsonSerializer.Serialize(payload, payload.GetType(), Options),
    };

    private static JsonNode? Pascal(JsonNode? node) => node switch
    {
        JsonObject shape => new JsonObject(shape.Where(pair => pair.Value is not null)
            .Select(pair => KeyValuePair.Create(Raise(pair.Key), Pascal(pair.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Pascal)]),
        _ => node?.DeepClone(),
    };

    private static string Raise(string name) => name.Length == 0 ? name : char.ToUpperInvariant(name[0]) + name[1..];

    private static void LeaveOutExcluded(JsonTypeInfo type)
    {
        for (var i = type.Properties.Count - 1; i >= 0; i--)
            if (type.Properties[i].AttributeProvider?.IsDefined(typeof(ExcludeFromHashAttribute), inherit: true) == true)
                type.Properties.RemoveAt(i);
    }
}
