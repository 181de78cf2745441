using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Wording;

/// <summary>The product's words: the English phrase is the key, <c>words.ja.json</c> holds the Japanese.</summary>
internal sealed class Words : IStringLocalizer, IStringLocalizerFactory
{
    private static readonly Dictionary<string, string> Japanese = Load();

    public LocalizedString this[string name] => new(name, Find(name, out var missing), missing);

    public LocalizedString this[string name, params object[] arguments] =>
        new(name, string.Format(CultureInfo.CurrentCulture, Find(name, out var missing), arguments), missing);

    public static bool SpeaksJapanese => CultureInfo.CurrentUICulture.TwoLetterISOLanguageName == "ja";

    /// <summary>What data carries in both languages, in the person's own; without English the Japanese stands.</summary>
    public static string Either(string japanese, string? english) => SpeaksJapanese ? japanese : english ?? japanese;

    public IEnumerable<LocalizedString> GetAllStrings(bool includeParentCultures) =>
        Japanese.Select(pair => new LocalizedString(pair.Key, SpeaksJapanese ? pair.Value : pair.Key));

    public IStringLocalizer Create(Type resourceSource) => this;

    public IStringLocalizer Create(string baseName, string location) => this;

    private static string Find(string phrase, out bool missing)
    {
        missing = false;
        if (!SpeaksJapanese) return phrase;
        missing = !Japanese.TryGetValue(phrase, out var japanese);
        return japanese ?? phrase;
    }

    private static Dictionary<string, string> Load()
    {
        using var words = typeof(Words).Assembly.GetManifestResourceStream("words.ja.json")!;
        return JsonSerializer.Deserialize<Dictionary<string, string>>(words)!;
    }
}
