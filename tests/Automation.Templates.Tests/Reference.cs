using Automation.Templates.Corpus;

namespace Automation.Templates.Tests;

/// <summary>Finds reference data that lies beside the repository and is not part of it.</summary>
internal static class Reference
{
    /// <summary>Null where the data is not at hand.</summary>
    public static string? Folder(string relative)
    {
        var path = Path.Combine(Repository, "..", "shared", relative);
        return Directory.Exists(path) ? Path.GetFullPath(path) : null;
    }

    public static string Repository
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Automation.sln"))) folder = folder.Parent;
            return folder?.FullName ?? throw new DirectoryNotFoundException("The tests must run below the folder of Automation.sln.");
        }
    }

    /// <summary>How a case differs from what was recorded; null when it does not.</summary>
    public static string? Difference(CorpusCase template) => Difference(template, TemplateOptions.Scriban);

    /// <inheritdoc cref="Difference(CorpusCase)"/>
    public static string? Difference(CorpusCase template, TemplateOptions options)
    {
        var stem = template.Path[..^".sbn".Length];
        var result = template.Run(options);
        if (File.Exists(stem + ".out"))
        {
            var expected = File.ReadAllText(stem + ".out");
            return result.Output == expected ? null : Describe(template, expected, result.Output ?? result.ErrorText);
        }
        var error = File.ReadAllText(stem + ".err").TrimEnd('\n');
        var actual = result.Output is null ? result.ErrorText.TrimEnd('\n') : result.Output;
        return result.Output is null && (actual == error || (NamesThePlatform(error) && Places(actual) == Places(error))) ? null : Describe(template, error, actual);
    }

    // Names of types and texts of exceptions of the platform are compared by their place only.
    private static bool NamesThePlatform(string error) =>
        error.Contains("System.", StringComparison.Ordinal) || error.Contains("Scriban.", StringComparison.Ordinal)
        || error.Contains("BytePositionInLine", StringComparison.Ordinal) || error.Contains("Regex engine", StringComparison.Ordinal);

    private static string Places(string error) => string.Join('\n', error.Split('\n').Select(line => line.Split(" : ")[0]));

    private static string Describe(CorpusCase template, string expected, string actual) => $"{template.Path}\n  expected: {Show(expected)}\n  actual:   {Show(actual)}";

    private static string Show(string text) => text.Replace("\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal);
}
