using System.Text.Json;
using System.Text.Json.Nodes;

namespace Automation.Workflows.Definitions;

/// <summary>
/// Looks at every name and text of a JSON tree once. The tree is read lazily: without this, a name given twice or half a surrogate pair would
/// come to light only where somebody happens to look, as an error that names nothing.
/// </summary>
internal static class JsonSoundness
{
    // Deeper values are refused by the parser before.
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    /// <returns>The path and what is wrong there; null when the tree is sound.</returns>
    /// <param name="text">What it was parsed from: texts need a look only when something in it is escaped as a surrogate.</param>
    public static (string Path, string Problem)? FaultIn(JsonNode? node, string text)
    {
        var path = new List<string>();
        if (Find(node, path, text.Contains("\\ud", StringComparison.OrdinalIgnoreCase)) is not { } problem) return null;
        path.Reverse();
        return ("$" + string.Concat(path), problem);
    }

    /// <summary>Parses a value that is not part of a definition, e.g. the text of an expression.</summary>
    /// <exception cref="JsonException">The text is no JSON that can be read.</exception>
    public static JsonNode? Parse(string text)
    {
        try
        {
            var node = JsonNode.Parse(text, null, Options);
            return FaultIn(node, text) is { } fault ? throw new JsonException($"{fault.Path}: {fault.Problem}.") : node;
        }
        catch (Exception broken) when (broken is ArgumentException or InvalidOperationException)   // half a surrogate pair in the text or in a name
        {
            throw new JsonException(HalfACharacter, broken);
        }
    }

    private const string HalfACharacter = "a text ends in the middle of a character";

    private static string? Find(JsonNode? node, List<string> path, bool looksAtTexts)
    {
        switch (node)
        {
            case JsonObject shape: return InObject(shape, path, looksAtTexts);
            case JsonArray list:
                for (var i = 0; i < list.Count; i++)
                {
                    if (Find(list[i], path, looksAtTexts) is not { } problem) continue;
                    path.Add($"[{i}]");
                    return problem;
                }
                return null;
            case JsonValue value when looksAtTexts && value.GetValueKind() == JsonValueKind.String: return InText(value);
            default: return null;
        }
    }

    private static string? InObject(JsonObject shape, List<string> path, bool looksAtTexts)
    {
        try
        {
            foreach (var (name, value) in shape)
            {
                if (Find(value, path, looksAtTexts) is not { } problem) continue;
                path.Add("." + name);
                return problem;
            }
            return null;
        }
        catch (ArgumentException)
        {
            return "a property is given twice";
        }
        catch (InvalidOperationException)
        {
            return HalfACharacter;
        }
    }

    private static string? InText(JsonValue value)
    {
        try
        {
            value.GetValue<string>();
            return null;
        }
        catch (InvalidOperationException)
        {
            return HalfACharacter;
        }
    }
}
