using System.Globalization;
using Automation.Marketing;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Imports;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Commands;

/// <summary><c>import customers|purchases|deals|cdnow|suppressions|connections FILE</c>: takes a file and reports what was taken, changed and refused, and why.</summary>
internal static class ImportCommand
{
    private const string Usage =
        "Usage: import customers|purchases|deals|cdnow|suppressions|connections FILE [--basis B --evidence TEXT] [--source NAME] [--dry-run] [--lang ja|en]";

    private static readonly string[] Options = ["--basis", "--evidence", "--source", "--lang"];

    private static readonly Dictionary<string, ImportKind> Kinds = new(StringComparer.Ordinal)
    {
        ["customers"] = ImportKind.Customers,
        ["purchases"] = ImportKind.Purchases,
        ["deals"] = ImportKind.Deals,
        ["cdnow"] = ImportKind.Cdnow,
        ["suppressions"] = ImportKind.Suppressions,
        ["connections"] = ImportKind.Connections,
    };

    /// <param name="args">What follows <c>import</c>.</param>
    /// <returns>0: done, perhaps without some rows, which are named; 1: the file is at fault and nothing was applied; 2: wrong usage.</returns>
    public static async Task<int> RunAsync(string[] args, IServiceProvider services, TextWriter output, TextWriter error, CancellationToken ct)
    {
        if (Read(args) is not { } given || !Kinds.TryGetValue(given.Kind, out var kind) || Basis(given.Options) is not { } basis)
        {
            await error.WriteLineAsync(Usage);
            await error.WriteLineAsync("B: " + string.Join(", ", ConsentBases.Words));
            return CommandLine.WrongUsage;
        }
        var words = new ImportWords(IsJapanese(given.Options.GetValueOrDefault("--lang")));
        try
        {
            await using var content = new FileStream(given.File, FileMode.Open, FileAccess.Read, FileShare.Read, 64 * 1024, FileOptions.SequentialScan);
            var report = await Importer.ImportAsync(
                services.GetRequiredService<IDbContextFactory<AutomationDb>>(),
                new ImportRequest
                {
                    Kind = kind,
                    Content = content,
                    FileName = Path.GetFileName(given.File),
                    Basis = basis.Value,
                    Evidence = given.Options.GetValueOrDefault("--evidence"),
                    Source = given.Options.GetValueOrDefault("--source", ImportRequest.DefaultSource),
                    DryRun = given.IsDryRun,
                    Actor = "import",
                },
                new ProgressLine(error), services.GetRequiredService<TimeProvider>(), ct);
            await error.WriteLineAsync();
            await words.WriteAsync(report, output);
            return CommandLine.Done;
        }
        catch (BadInputException fault)
        {
            await error.WriteLineAsync();
            var (phrase, facts) = FileFault.Of(fault);
            await error.WriteLineAsync($"{fault.Place}: {words.Say(phrase, facts)}");
            return CommandLine.InputAtFault;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync(fault.Message);
            return CommandLine.InputAtFault;
        }
    }

    private static Given? Read(string[] args)
    {
        if (args.Length < 2 || args[0].StartsWith('-') || args[1].StartsWith('-')) return null;
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        var isDryRun = false;
        for (var at = 2; at < args.Length; at++)
        {
            if (args[at] == "--dry-run") isDryRun = true;
            else if (!Options.Contains(args[at]) || at + 1 == args.Length || !options.TryAdd(args[at], args[++at])) return null;
        }
        return new Given(args[0], args[1], options, isDryRun);
    }

    // Half of a consent is a slip of the person at the keyboard: nothing is imported.
    private static (ConsentBasis? Value, bool IsGiven)? Basis(Dictionary<string, string> options)
    {
        if (options.ContainsKey("--basis") != options.ContainsKey("--evidence")) return null;
        if (!options.TryGetValue("--basis", out var word)) return (null, false);
        return ConsentBases.TryParse(word, out var basis) ? (basis, true) : null;
    }

    private static bool IsJapanese(string? language) =>
        (language ?? Environment.GetEnvironmentVariable("LC_ALL") ?? Environment.GetEnvironmentVariable("LANG") ?? "").StartsWith("ja", StringComparison.OrdinalIgnoreCase);

    private sealed record Given(string Kind, string File, Dictionary<string, string> Options, bool IsDryRun);

    private sealed class ProgressLine(TextWriter error) : IProgress<ImportProgress>
    {
        public void Report(ImportProgress value)
        {
            var percent = value.BytesTotal == 0 ? 100 : 100 * value.BytesRead / value.BytesTotal;
            error.Write(string.Create(CultureInfo.InvariantCulture, $"\r{value.RowsRead:N0} ({percent} %)"));
        }
    }
}
