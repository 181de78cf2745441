using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Templates;

/// <summary>What the editor's script says by itself.</summary>
internal static class EditorWords
{
    public static object Of(IStringLocalizer words) => new
    {
        unsaved = words["Not saved yet"].Value,
        saving = words["Saving…"].Value,
        notSaved = words["Not saved."].Value,
        signedOut = words["You are signed out. Sign in again in another tab; your text stays here."].Value,
        unreachable = words["The server cannot be reached."].Value,
        englishMissing = words["English is missing: Japanese will be sent."].Value,
        japaneseMissing = words["Japanese is missing: English will be sent."].Value,
        removeEnglish = words["Remove the English mail? Japanese will be sent instead."].Value,
        removeJapanese = words["Remove the Japanese mail? English will be sent instead."].Value,
        replaceText = words["Replace the text part by one made from the HTML? You can undo it."].Value,
        previewTitle = words["The mail as its recipient sees it"].Value,
        error = words["Error"].Value,
        warning = words["Advice"].Value,
        line = words["line {0}"].Value,
        languages = new { ja = words["Japanese"].Value, en = words["English"].Value },
        parts = new { subject = words["Subject"].Value, html = "HTML", text = words["Text"].Value, settings = words["Settings"].Value, partial = words["Shared part"].Value },
        phrases = Phrases(words),
    };

    // By the English that the editor's own panels use.
    private static Dictionary<string, string> Phrases(IStringLocalizer words) => new(StringComparer.Ordinal)
    {
        ["Find"] = words["Find"],
        ["Replace"] = words["Replace with"],
        ["next"] = words["next"],
        ["previous"] = words["previous"],
        ["all"] = words["all"],
        ["match case"] = words["match case"],
        ["by word"] = words["whole words"],
        ["regexp"] = words["pattern"],
        ["replace"] = words["replace"],
        ["replace all"] = words["replace all"],
        ["close"] = words["close"],
        ["current match"] = words["current match"],
        ["on line"] = words["on line"],
        ["Go to line"] = words["Go to line"],
        ["go"] = words["go"],
        ["Diagnostics"] = words["Findings"],
        ["No diagnostics"] = words["Nothing to mend"],
        ["Completions"] = words["Suggestions"],
        ["Control character"] = words["Control character"],
    };
}
