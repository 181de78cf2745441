using System.Text;
using System.Text.Json;

namespace Automation.Workflows.Definitions;

/// <summary>Where in a text the value at a JSON path begins. Only used once something is already wrong, so it reads the text again.</summary>
internal static class JsonPosition
{
    /// <returns>Line and column from 1; of the nearest enclosing value when the path itself does not exist.</returns>
    public static (long Line, long Column) Find(string json, string path)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = 256 });
        var best = 0L;
        var bestLength = 0;
        var names = new Stack<(string Prefix, int Index)>();
        var current = "$";
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    current = $"{names.Peek().Prefix}.{reader.GetString()}";
                    continue;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    names.Pop();
                    continue;
            }
            if (names.Count > 0 && names.Peek() is { Index: >= 0 } list)
            {
                current = $"{list.Prefix}[{list.Index}]";
                names.Pop();
                names.Push((list.Prefix, list.Index + 1));
            }
            if (path.StartsWith(current, StringComparison.OrdinalIgnoreCase) && current.Length > bestLength)
                (best, bestLength) = (reader.TokenStartIndex, current.Length);
            if (reader.TokenType == JsonTokenType.StartObject) names.Push((current, -1));
            else if (reader.TokenType == JsonTokenType.StartArray) names.Push((current, 0));
        }
        return LineAndColumn(bytes, best);
    }

    private static (long, long) LineAndColumn(byte[] bytes, long offset)
    {
        var before = bytes.AsSpan(0, (int)offset);
        var line = before.Count((byte)'\n') + 1;
        var start = before.LastIndexOf((byte)'\n') + 1;
        return (line, Encoding.UTF8.GetCharCount(before[start..]) + 1);
    }
}
