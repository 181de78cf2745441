using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Automation.Templates.Rendering;

namespace Automation.Templates.Functions;

/// <summary>The group <c>regex</c>; every match has a time limit.</summary>
internal sealed class RegexFunctions : FunctionGroup
{
    private const int Capacity = 256;
    private const int Work = 256;    // a match may take as long as its time limit: the clock is looked at before each

    private static readonly ConcurrentDictionary<(string Pattern, RegexOptions Options, TimeSpan Timeout), Regex> s_known = new();

    public RegexFunctions() : base(8)
    {
        Define("regex", "escape", "pattern", static (in Call call) => Regex.Escape(Needed(call, 0, "Escape", "pattern")));
        Define("regex", "match", "text pattern options?", Match);
        Define("regex", "matches", "text pattern options?", Matches);
        Define("regex", "replace", "text pattern replace options?", Replace);
        Define("regex", "split", "text pattern options?", Split);
        Define("regex", "unescape", "pattern", static (in Call call) => Regex.Unescape(Needed(call, 0, "Unescape", "pattern")));
    }

    private static string Needed(in Call call, int index, string function, string name) =>
        call.TextOrNull(index) ?? throw new CallFault($"Argument `{name}` cannot be null for function `{function}`.");

    private static object? Match(in Call call)
    {
        var text = Needed(call, 0, "Match", "text");
        return GroupsOf(Of(call, "Match", 2).Match(text), call.Context);
    }

    private static object? Matches(in Call call)
    {
        var text = Needed(call, 0, "Matches", "text");
        var result = new TemplateArray();
        for (var match = Of(call, "Matches", 2).Match(text); match.Success; match = match.NextMatch()) result.Add(GroupsOf(match, call.Context));
        return result;
    }

    private static object? Replace(in Call call)
    {
        var text = Needed(call, 0, "Replace", "text");
        var pattern = Of(call, "Replace", 3);
        var by = Needed(call, 2, "Replace", "replace");
        var matches = 0;
        for (var match = pattern.Match(text); match.Success; match = match.NextMatch()) matches++;
        call.Context.Charge(matches, call.Site.At);
        if (text.Length + ((long)matches * (by.Length + text.Length)) <= call.Context.LongestText || by.Length == 0) return pattern.Replace(text, by);
        var result = pattern.Replace(text, by);
        return result.Length <= call.Context.LongestText ? result : throw StringFunctions.TooLong(call);
    }

    private static object? Split(in Call call)
    {
        var text = Needed(call, 0, "Split", "text");
        return new TemplateArray(Of(call, "Split", 2).Split(text));
    }

    private static TemplateArray GroupsOf(Match match, TemplateContext context)
    {
        var result = new TemplateArray();
        if (!match.Success) return result;
        context.Charge(match.Groups.Count);
        for (var i = 0; i < match.Groups.Count; i++) result.Add(match.Groups[i].Value);
        return result;
    }

    private static Regex Of(in Call call, string function, int optionsAt)
    {
        call.Context.Charge(Work, call.Site.At);
        var pattern = Needed(call, 1, function, "pattern");
        var timeout = call.Context.Options.RegexTimeout;
        var key = (pattern, OptionsOf(call.TextOrNull(optionsAt)), timeout > TimeSpan.Zero ? timeout : Regex.InfiniteMatchTimeout);
        if (s_known.TryGetValue(key, out var known)) return known;
        var made = new Regex(key.pattern, key.Item2, key.Item3);
        if (s_known.Count >= Capacity) s_known.Clear();
        return s_known[key] = made;
    }

    private static RegexOptions OptionsOf(string? letters)
    {
        var options = RegexOptions.None;
        foreach (var letter in letters ?? "")
        {
            options |= letter switch
            {
                'i' => RegexOptions.IgnoreCase,
                'm' => RegexOptions.Multiline,
                's' => RegexOptions.Singleline,
                'x' => RegexOptions.IgnorePatternWhitespace,
                _ => RegexOptions.None,
            };
        }
        return options;
    }
}
