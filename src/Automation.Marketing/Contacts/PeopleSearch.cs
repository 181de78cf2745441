using System.Text;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Contacts;

/// <param name="Next">Where the next page goes on; null: that was all.</param>
public sealed record PeoplePage(IReadOnlyList<Contact> People, Guid? Next);

/// <summary>Finds people by what one remembers of them.</summary>
public static class PeopleSearch
{
    private const int MaxWords = 5;

    /// <summary>One page, newest people first. Every word must be found in name, kana, address, company, customer number, or be a tag.</summary>
    /// <param name="text">Empty: everyone. Width and kana script do not matter.</param>
    /// <param name="before">The last person of the page before.</param>
    public static async Task<PeoplePage> PageAsync(AutomationDb db, string? text, Guid? before, int size, CancellationToken cancellation)
    {
        var values = new List<object?> { size + 1 };
        var conditions = new List<string>();
        if (before is { } last) conditions.Add($"c.id < {Add(last)}");
        foreach (var word in WordsOf(text))
        {
            var like = Add($"%{Escaped(word)}%");
            var kana = Add($"%{Escaped(ToKatakana(word))}%");
            var whole = Add(word);
            conditions.Add($"""
                (LOWER(REPLACE(REPLACE(c.name, ' ', ''), '　', '')) LIKE {like} ESCAPE '!' OR REPLACE(REPLACE(c.kana, ' ', ''), '　', '') LIKE {kana} ESCAPE '!'
                 OR c.email_key LIKE {like} ESCAPE '!' OR LOWER(c.company) LIKE {like} ESCAPE '!' OR LOWER(c.external_id) = {whole}
                 OR EXISTS (SELECT 1 FROM contact_tags t WHERE t.contact_id = c.id AND LOWER(t.tag) = {whole}))
                """);
        }
        var where = conditions.Count == 0 ? "" : "WHERE " + string.Join(" AND ", conditions);
        var ids = await db.QueryAsync($"SELECT c.id FROM contacts c {where} ORDER BY c.id DESC LIMIT @p0", row => row.Guid(0), cancellation, [.. values]);
        var page = ids.Take(size).ToList();
        var people = await db.Contacts.AsNoTracking().Where(c => page.Contains(c.Id)).ToListAsync(cancellation);
        return new PeoplePage([.. page.Join(people, id => id, c => c.Id, (_, c) => c)], ids.Count > size ? page[^1] : null);

        string Add(object value)
        {
            values.Add(value);
            return $"@p{values.Count - 1}";
        }
    }

    private static IEnumerable<string> WordsOf(string? text) =>
        Folded(text ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Take(MaxWords);

    // Broken UTF-16 has no normal form and matches nobody; neither does a NUL, which PostgreSQL refuses even to compare.
    private static string Folded(string text)
    {
        var whole = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) whole.Append(rune.Value == 0 ? Rune.ReplacementChar : rune);
        return whole.ToString().Normalize(NormalizationForm.FormKC).ToLowerInvariant();
    }

    private static string Escaped(string word) =>
        word.Replace("!", "!!", StringComparison.Ordinal).Replace("%", "!%", StringComparison.Ordinal).Replace("_", "!_", StringComparison.Ordinal);

    // Hiragana ぁ–ゖ lie 0x60 below their katakana.
    private static string ToKatakana(string word) => string.Concat(word.Select(c => c is >= 'ぁ' and <= 'ゖ' ? (char)(c + 0x60) : c));
}
