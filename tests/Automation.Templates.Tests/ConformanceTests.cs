using Automation.Templates.Corpus;
using Xunit.Abstractions;

namespace Automation.Templates.Tests;

public sealed class ConformanceTests(ITestOutputHelper log)
{
    private const int ExpectedCases = 528;

    [Fact]
    public void Every_recorded_case_of_the_language_gives_what_was_recorded()
    {
        if (Reference.Folder("scriban/conformance") is not { } folder)
        {
            log.WriteLine("0 cases: the recordings are not at hand.");
            return;
        }
        var differences = new List<string>();
        var count = 0;
        foreach (var area in Directory.GetDirectories(folder).Order(StringComparer.Ordinal))
        {
            if (Path.GetFileName(area) == "liquid") continue;
            var cases = CorpusCase.Under(area).ToList();
            var failed = cases.Select(Reference.Difference).OfType<string>().ToList();
            log.WriteLine($"{Path.GetFileName(area)}: {cases.Count - failed.Count} of {cases.Count}");
            differences.AddRange(failed);
            count += cases.Count;
        }
        foreach (var difference in differences) log.WriteLine(difference);
        Assert.Empty(differences);
        Assert.True(count >= ExpectedCases, $"Only {count} cases were found.");
    }
}
