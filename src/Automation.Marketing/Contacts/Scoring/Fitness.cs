using System.Globalization;
using System.Text.Json;

namespace Automation.Marketing.Contacts.Scoring;

/// <summary>One property's share of a person's fit.</summary>
public readonly record struct FitPart(FitRule Rule, int Points);

/// <summary>How well a person and their company suit us, from what is known of them.</summary>
public static class Fitness
{
    public const string Tag = "tag";
    public const string Email = "email";

    /// <returns>0 to 100.</returns>
    public static int Of(ScoringRules rules, Contact person, IReadOnlyCollection<string> tags) =>
        (int)Math.Clamp(Parts(rules, person, tags).Aggregate((long)rules.FitBase, (sum, part) => sum + part.Points), 0L, 100L);

    /// <returns>The rules that hold for the person.</returns>
    public static IReadOnlyList<FitPart> Parts(ScoringRules rules, Contact person, IReadOnlyCollection<string> tags)
    {
        using var custom = JsonDocument.Parse(person.Custom);
        return [.. rules.Fit.Where(rule => Holds(rule, Values(rule.Field, person, custom.RootElement, tags))).Select(rule => new FitPart(rule, rule.Points))];
    }

    private static bool Holds(FitRule rule, IReadOnlyCollection<string> values) => rule.Operator switch
    {
        FitOperator.Present => values.Count > 0,
        FitOperator.Absent => values.Count == 0,
        FitOperator.Is => rule.Value.Split([',', '、'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Any(wanted => values.Contains(wanted, StringComparer.OrdinalIgnoreCase)),
        FitOperator.Contains => values.Any(value => value.Contains(rule.Value, StringComparison.OrdinalIgnoreCase)),
        _ => decimal.TryParse(rule.Value, NumberStyles.Number, CultureInfo.InvariantCulture, out var level)
            && values.Any(value => decimal.TryParse(value, NumberStyles.Number, CultureInfo.InvariantCulture, out var number)
                && (rule.Operator is FitOperator.AtLeast ? number >= level : number <= level)),
    };

    private static IReadOnlyCollection<string> Values(string field, Contact person, JsonElement custom, IReadOnlyCollection<string> tags) => field switch
    {
        Tag => tags,
        Email => Known(person.Email),
        "name" => Known(person.Name),
        "kana" => Known(person.Kana),
        "company" => Known(person.Company),
        "postal_code" => Known(person.PostalCode),
        "prefecture" => Known(person.Prefecture),
        "address" => Known(person.Address),
        "phone" => Known(person.Phone),
        "language" => Known(person.Language),
        "time_zone" => Known(person.TimeZone),
        "birth_date" => Known(person.BirthDate is { } born ? LocalTime.Iso(born) : null),
        _ when field.StartsWith(ContactField.CustomPrefix, StringComparison.Ordinal)
            && custom.TryGetProperty(field[ContactField.CustomPrefix.Length..], out var value) && value.ValueKind is not JsonValueKind.Null => Known(value.ToString()),
        _ => [],
    };

    private static string[] Known(string? value) => string.IsNullOrWhiteSpace(value) ? [] : [value];
}
