using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Automation.Server.Tests.Wording;

public sealed partial class WordsTests
{
    private static readonly string Source = Path.Combine(Root(), "src");
    private static readonly Dictionary<string, string> Japanese =
        JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(Path.Combine(Source, "Automation.Server", "Wording", "words.ja.json")))!;

    [Fact]
    public void Every_phrase_of_the_pages_has_its_japanese()
    {
        var phrases = Phrases();
        Assert.True(phrases.Count > 300, $"Only {phrases.Count} phrases were found: does the search still match how pages are written?");
        var silent = phrases.Where(phrase => string.IsNullOrWhiteSpace(Japanese.GetValueOrDefault(phrase))).ToList();
        Assert.Empty(silent);
    }

    [Fact]
    public void Nothing_is_translated_that_no_page_says()
    {
        Assert.Empty(Japanese.Keys.Except(Phrases()));
    }

    [Fact]
    public void The_japanese_takes_up_the_same_facts_as_the_english()
    {
        Assert.Empty(Japanese.Where(pair => !Places(pair.Key).SetEquals(Places(pair.Value))).Select(pair => pair.Key));
    }

    private static HashSet<string> Places(string phrase) => [.. Place().Matches(phrase).Select(match => match.Value)];

    private static HashSet<string> Phrases()
    {
        var phrases = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in Files("Automation.Server", "*.cs*"))
        {
            var text = File.ReadAllText(file);
            foreach (Match match in Said().Matches(text)) phrases.Add(Unescaped(match.Groups[1].Value));
        }
        foreach (var file in Files("Automation.Server", "*.cs").Concat(Files("Automation.Marketing", "*.cs")))
        {
            foreach (Match match in Rule().Matches(File.ReadAllText(file)))
                phrases.Add(match.Groups["dollar"].Length == 0 ? Unescaped(match.Groups["text"].Value) : Numbered(match.Groups["text"].Value));
        }
        foreach (var file in Files(Path.Combine("Automation.Marketing", "Mail", "Content", "Lint"), "*.cs"))
        {
            foreach (Match match in LintFinding().Matches(File.ReadAllText(file))) phrases.Add(Unescaped(match.Groups[1].Value));
        }
        foreach (var file in Files(Path.Combine("Automation.Workflows", "Definitions"), "*.cs").Concat(Files(Path.Combine("Automation.Marketing", "Journeys", "Publishing"), "*.cs")))
        {
            foreach (Match match in FlowFinding().Matches(File.ReadAllText(file))) phrases.Add(Unescaped(match.Groups[1].Value));
        }
        return phrases;
    }

    private static IEnumerable<string> Files(string project, string pattern) =>
        Directory.EnumerateFiles(Path.Combine(Source, project), pattern, SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".cs" or ".cshtml" && !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    private static string Unescaped(string literal) => JsonSerializer.Deserialize<string>($"\"{literal}\"")!;

    // $"Deal '{DealKey}' is {Status}." is kept as "Deal '{0}' is {1}.".
    private static string Numbered(string interpolated)
    {
        var phrase = new StringBuilder();
        var (depth, facts) = (0, 0);
        foreach (var c in interpolated)
        {
            if (c == '{' && depth++ == 0) phrase.Append('{').Append(facts++);
            if (c == '}') depth--;
            if (depth == 0) phrase.Append(c);
        }
        return Unescaped(phrase.ToString());
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Automation.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }

    [GeneratedRegex("""(?:(?:\bL|\bwords)\[|ErrorMessage\s*=)\s*"((?:[^"\\]|\\.)*)["]""", RegexOptions.None, 10_000)]
    private static partial Regex Said();

    [GeneratedRegex("""new RuleBrokenException\(\s*(?<dollar>\$?)"(?<text>(?:[^"\\]|\\.)*)"\)""", RegexOptions.None, 10_000)]
    private static partial Regex Rule();

    [GeneratedRegex("""\b(?:Error|Warning)\(\s*LintCodes\.\w+,\s*"((?:[^"\\]|\\.)*)["]""", RegexOptions.None, 10_000)]
    private static partial Regex LintFinding();

    // A finding about a flow: its fixed word, then its sentence.
    [GeneratedRegex("""[(]?"[a-z]+(?:-[a-z]+)*",\s*"(['{A-Z](?:[^"\\]|\\.)*)["]""", RegexOptions.None, 10_000)]
    private static partial Regex FlowFinding();

    [GeneratedRegex(@"\{\d+\}", RegexOptions.None, 10_000)]
    private static partial Regex Place();
}
