using System.Globalization;
using System.Text.Json.Nodes;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Contacts;

public enum ContactFieldType { Text, Date, Number, Flag }

/// <summary>One field of a person that flows may read as a date or write.</summary>
/// <param name="Key">A column's name, or <c>custom.</c> and the name of a declared field.</param>
public sealed record ContactField(string Key, ContactFieldType Type)
{
    public const string CustomPrefix = "custom.";

    public bool IsCustom => Key.StartsWith(CustomPrefix, StringComparison.Ordinal);

    /// <summary>The name within the custom fields, or the column.</summary>
    public string Name => IsCustom ? Key[CustomPrefix.Length..] : Key;

    /// <summary>The text as this field keeps it: what is empty is nothing.</summary>
    /// <exception cref="FormatException">The text is no value of this field.</exception>
    public JsonNode? Read(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        text = text.Trim();
        return Type switch
        {
            ContactFieldType.Date => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
                ? date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : throw Wrong(text, "a date like 2027-04-01"),
            ContactFieldType.Number => decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out var number) ? number : throw Wrong(text, "a number"),
            ContactFieldType.Flag => bool.TryParse(text, out var flag) ? flag : throw Wrong(text, "true or false"),
            _ when Key == "language" && text is not ("ja" or "en") => throw Wrong(text, "ja or en"),
            _ when Key == "time_zone" && !TimeZoneInfo.TryFindSystemTimeZoneById(text, out _) => throw Wrong(text, "a time zone like Asia/Tokyo"),
            _ => text.Length <= Contact.MaxText ? text : throw Wrong(text[..20] + "…", $"at most {Contact.MaxText} characters"),
        };
    }

    private FormatException Wrong(string text, string right) => new($"'{text}' is no value of '{Key}': it takes {right}.");
}

/// <summary>The fields there are: those every person has, and those the workspace declares.</summary>
public sealed class ContactFields
{
    private const string SettingKey = "contact-fields";

    private static readonly ContactField[] Own =
    [
        .. new[] { "name", "kana", "company", "postal_code", "prefecture", "address", "phone", "language", "time_zone" }.Select(key => new ContactField(key, ContactFieldType.Text)),
        new("birth_date", ContactFieldType.Date),
    ];

    private readonly Dictionary<string, ContactField> byKey;

    private ContactFields(IEnumerable<ContactField> declared) => byKey = Own.Concat(declared).ToDictionary(field => field.Key, StringComparer.Ordinal);

    public static async Task<ContactFields> LoadAsync(AutomationDb db, CancellationToken cancellation) =>
        new(await db.ReadSettingAsync<ContactField[]>(SettingKey, cancellation) ?? []);

    /// <summary>Declares the workspace's own fields; their keys begin with <see cref="ContactField.CustomPrefix"/>.</summary>
    /// <exception cref="BadInputException">A key is not one of a custom field, or is given twice.</exception>
    public static Task DeclareAsync(AutomationDb db, IReadOnlyCollection<ContactField> declared, DateTimeOffset now, CancellationToken cancellation)
    {
        foreach (var field in declared)
        {
            if (!field.IsCustom || field.Name.Length is 0 or > 64 || !field.Name.All(letter => char.IsLetterOrDigit(letter) || letter == '_'))
                throw new BadInputException("contact-fields", $"'{field.Key}' must be 'custom.' and 1 to 64 letters, digits or '_'.");
        }
        if (declared.GroupBy(field => field.Key).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new BadInputException("contact-fields", $"'{twice.Key}' is given twice.");
        return db.WriteSettingAsync(SettingKey, declared, now, cancellation);
    }

    /// <summary>Null when no such field is declared.</summary>
    public ContactField? Find(string key) => byKey.GetValueOrDefault(key);

    public IEnumerable<string> Keys(bool dateOnly) => byKey.Values.Where(field => !dateOnly || field.Type is ContactFieldType.Date).Select(field => field.Key);
}
