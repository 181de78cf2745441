using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Automation.Workflows.Definitions;

/// <summary>Workflow definitions from and to JSON, losing nothing.</summary>
public static class WorkflowJson
{
    internal static readonly JsonNodeOptions NodeOptions = new() { PropertyNameCaseInsensitive = true };

    // Depth: a designer nests an activity in about four levels; 128 allows thirty nested containers and still bounds our recursion.
    private static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = 128, AllowDuplicateProperties = false };
    private static readonly JsonSerializerOptions WriteOptions = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,   // files are read by people, Japanese included; pages encode for themselves
        MaxDepth = 256,
    };

    /// <param name="file">Named in errors.</param>
    /// <exception cref="WorkflowFormatException">Not JSON, or not a workflow definition.</exception>
    public static WorkflowDefinition Read(string json, string file = "<input>")
    {
        var root = Parse(json, file);
        if (JsonSoundness.FaultIn(root, json) is { } fault) throw Shape(json, file, fault.Path, fault.Problem);
        if (root is not JsonObject definition) throw Shape(json, file, "$", "a workflow definition is a JSON object");
        new ShapeCheck(json, file).Check(definition);
        return new WorkflowDefinition(definition);
    }

    /// <summary>Any JSON value that is not a definition, e.g. an input.</summary>
    /// <exception cref="JsonException">Not JSON, a name given twice, or text that is not well-formed.</exception>
    public static JsonNode? ReadValue(string json) => JsonSoundness.Parse(json);

    public static string Write(WorkflowDefinition definition) => definition.Json.ToJsonString(WriteOptions);

    private static JsonNode? Parse(string json, string file)
    {
        try
        {
            return JsonNode.Parse(json, NodeOptions, DocumentOptions);
        }
        catch (JsonException broken)
        {
            var (line, column) = Position(json, broken.LineNumber ?? 0, broken.BytePositionInLine ?? 0);
            throw new WorkflowFormatException(file, line, column, broken.Path ?? "$", Sentence(broken.Message), broken);
        }
        catch (Exception broken) when (broken is ArgumentException or InvalidOperationException)   // half a surrogate pair: no JSON text can hold it
        {
            throw new WorkflowFormatException(file, 1, 1, "$", "the text ends in the middle of a character", broken);
        }
    }

    // "… LineNumber: 3 | BytePositionInLine: 4." repeats what the position already says.
    private static string Sentence(string message) =>
        message.IndexOf(" LineNumber:", StringComparison.Ordinal) is var at and > 0 ? message[..at].TrimEnd('.', ' ') : message.TrimEnd('.');

    private static (long Line, long Column) Position(string json, long line, long byteInLine)
    {
        var start = 0;
        for (var i = 0L; i < line; i++)
        {
            var next = json.IndexOf('\n', start);
            if (next < 0) break;
            start = next + 1;
        }
        var column = 1;
        var bytes = 0L;
        for (var i = start; i < json.Length && bytes < byteInLine; i++, column++) bytes += Encoding.UTF8.GetByteCount(json, i, 1);
        return (line + 1, column);
    }

    internal static WorkflowFormatException Shape(string json, string file, string path, string text)
    {
        var (line, column) = JsonPosition.Find(json, path);
        return new WorkflowFormatException(file, line, column, path, text);
    }

    /// <summary>Refuses what no workflow can mean, so that everything behind may trust the kinds of the properties it reads.</summary>
    private sealed class ShapeCheck(string json, string file)
    {
        private static readonly string[] Texts = ["id", "definitionId", "name", "description", "toolVersion"];
        private static readonly string[] Lists = ["variables", "inputs", "outputs", "outcomes"];
        private static readonly string[] Flags = ["isLatest", "isPublished", "isReadonly", "isSystem"];

        public void Check(JsonObject definition)
        {
            foreach (var name in Texts) Expect(definition, "$", name, JsonValueKind.String, "text");
            foreach (var name in Lists) ExpectList(definition, name);
            foreach (var name in Flags) ExpectFlag(definition, name);
            Expect(definition, "$", "options", JsonValueKind.Object, "an object");
            Expect(definition, "$", "customProperties", JsonValueKind.Object, "an object");
            ExpectVersion(definition, "$");
            if (definition["root"] is not JsonObject root) throw Shape(json, file, "$.root", "'root' must be an activity");
            CheckActivity(root, "$.root");
        }

        private void CheckActivity(JsonObject activity, string path)
        {
            if (activity["type"] is not JsonValue type || type.GetValueKind() != JsonValueKind.String || type.GetValue<string>() is "")
                throw Shape(json, file, path, "an activity needs a 'type'");
            Expect(activity, path, "id", JsonValueKind.String, "text");
            Expect(activity, path, "customProperties", JsonValueKind.Object, "an object");
            ExpectVersion(activity, path);
            foreach (var (name, value) in activity)
            {
                var at = $"{path}.{name}";
                // Customised parts of the designer may hold anything, also things that look like activities.
                if (Is(name, "customProperties") || Is(name, "metadata")) continue;
                if (value is JsonObject child && LooksLikeActivity(child)) CheckActivity(child, at);
                else if (value is JsonArray list) CheckList(name, list, at);
            }
        }

        private void CheckList(string name, JsonArray list, string path)
        {
            for (var i = 0; i < list.Count; i++)
            {
                var at = $"{path}[{i}]";
                if (Is(name, "activities"))
                {
                    if (list[i] is not JsonObject activity) throw Shape(json, file, at, "an activity is a JSON object");
                    CheckActivity(activity, at);
                }
                else if (Is(name, "connections"))
                {
                    if (list[i] is not JsonObject connection || connection["source"] is null || connection["target"] is null)
                        throw Shape(json, file, at, "a connection needs a 'source' and a 'target'");
                }
                else if (list[i] is JsonObject item && LooksLikeActivity(item)) CheckActivity(item, at);
            }
        }

        private static bool LooksLikeActivity(JsonObject node) => node.ContainsKey("type") && (node.ContainsKey("version") || node.ContainsKey("activities"));

        private void ExpectVersion(JsonObject owner, string path)
        {
            if (owner["version"] is { } version && owner.Number("version") is null)
                throw Shape(json, file, $"{path}.version", $"'version' must be a whole number, not {Kind(version)}");
        }

        private void ExpectList(JsonObject owner, string name)
        {
            Expect(owner, "$", name, JsonValueKind.Array, "a list");
            if (Is(name, "outcomes") || owner[name] is not JsonArray list) return;
            for (var i = 0; i < list.Count; i++)
                if (list[i] is not JsonObject item || item.Text("name") is null)
                    throw Shape(json, file, $"$.{name}[{i}]", $"an entry of '{name}' needs a 'name'");
        }

        private void ExpectFlag(JsonObject owner, string name)
        {
            if (owner[name] is { } value && value.GetValueKind() is not (JsonValueKind.True or JsonValueKind.False))
                throw Shape(json, file, $"$.{name}", $"'{name}' must be true or false, not {Kind(value)}");
        }

        private void Expect(JsonObject owner, string path, string name, JsonValueKind kind, string word)
        {
            if (owner[name] is { } value && value.GetValueKind() != kind)
                throw Shape(json, file, $"{path}.{name}", $"'{name}' must be {word}, not {Kind(value)}");
        }

        private static string Kind(JsonNode value) => value.GetValueKind() switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "a list",
            JsonValueKind.String => "text",
            JsonValueKind.Number => "a number",
            _ => value.ToJsonString(),
        };

        private static bool Is(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
    }
}
