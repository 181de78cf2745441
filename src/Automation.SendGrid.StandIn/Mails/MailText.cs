using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace Automation.SendGrid.StandIn;

/// <summary>What one person would get: the request with that person's headers, subject and substitutions put in.</summary>
internal sealed record MailText(string Subject, string From, string? Text, string? Html, Dictionary<string, string> Headers)
{
    public static MailText Of(byte[] body, int index)
    {
        using var json = JsonDocument.Parse(body);
        var request = json.RootElement;
        var mine = request.GetProperty("personalizations")[index];
        var substitutions = Pairs(mine, "substitutions");
        return new MailText(
            Replace(StringOf(mine, "subject") ?? StringOf(request, "subject") ?? "", substitutions),
            SenderOf(mine) ?? SenderOf(request) ?? "",
            Replace(Content(request, "text/plain"), substitutions),
            Replace(Content(request, "text/html"), substitutions),
            HeadersOf(request, mine));
    }

    /// <summary>One pass from the left, the longest name first: a value that holds another name stays as it is.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Replace(string? text, IReadOnlyDictionary<string, string> substitutions)
    {
        var names = substitutions.Keys.Where(name => name.Length > 0).OrderByDescending(name => name.Length).ToArray();
        if (text is null || names.Length == 0) return text;
        var first = new HashSet<char>(names.Select(name => name[0]));
        var result = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length;)
        {
            var name = first.Contains(text[at])
                ? Array.Find(names, candidate => text.AsSpan(at).StartsWith(candidate, StringComparison.Ordinal))
                : null;
            result.Append(name is null ? text[at].ToString() : substitutions[name]);
            at += name?.Length ?? 1;
        }

        return result.ToString();
    }

    private static Dictionary<string, string> HeadersOf(JsonElement request, JsonElement mine)
    {
        var headers = new Dictionary<string, string>(Pairs(request, "headers"), StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in Pairs(mine, "headers")) headers[name] = value;
        return headers;
    }

    private static Dictionary<string, string> Pairs(JsonElement of, string name)
    {
        var pairs = new Dictionary<string, string>();
        if (!of.TryGetProperty(name, out var map)) return pairs;
        foreach (var pair in map.EnumerateObject()) pairs[pair.Name] = pair.Value.GetString()!;
        return pairs;
    }

    private static string? SenderOf(JsonElement of)
    {
        if (!of.TryGetProperty("from", out var from)) return null;
        return StringOf(from, "name") is { Length: > 0 } name ? $"{name} <{StringOf(from, "email")}>" : StringOf(from, "email");
    }

    private static string? Content(JsonElement request, string type)
    {
        if (!request.TryGetProperty("content", out var blocks)) return null;
        foreach (var block in blocks.EnumerateArray())
            if (StringOf(block, "type") == type) return StringOf(block, "value");
        return null;
    }

    private static string? StringOf(JsonElement of, string name) => of.TryGetProperty(name, out var value) ? value.GetString() : null;
}
