using System.Text.Json;

namespace Automation.SendGrid;

/// <summary>Reads <c>{"errors":[{"message","field","help"}]}</c>, whatever of it is there.</summary>
internal static class SendGridErrors
{
    private const int Most = 1000;

    public static IReadOnlyList<SendGridError> Read(JsonElement answer)
    {
        if (answer.ValueKind is not JsonValueKind.Object || !answer.TryGetProperty("errors", out var errors)) return [];
        if (errors.ValueKind is not JsonValueKind.Array) return [];
        return [.. errors.EnumerateArray().Take(Most).Where(error => error.ValueKind is JsonValueKind.Object).Select(One)];
    }

    private static SendGridError One(JsonElement error) =>
        new(Text(error, "message") ?? "No message was given.", Text(error, "field"), Text(error, "help"));

    private static string? Text(JsonElement error, string name) =>
        error.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
}
