using Automation.Templates.Corpus;
using Xunit.Abstractions;

namespace Automation.Templates.Tests;

/// <summary>Templates with the results they must give. <c>UPDATE_GOLDEN=1</c> rewrites the results of <c>golden/sent</c>.</summary>
public sealed class GoldenTests(ITestOutputHelper log)
{
    private static string Folder => Path.Combine(Reference.Repository, "tests", "Automation.Templates.Tests", "golden");

    [Fact]
    public void Every_golden_template_gives_its_result()
    {
        var cases = CorpusCase.Under(Path.Combine(Folder, "language")).ToList();
        var differences = cases.Select(Reference.Difference).OfType<string>().ToList();
        foreach (var difference in differences) log.WriteLine(difference);
        Assert.Empty(differences);
        Assert.True(cases.Count >= 125, $"Only {cases.Count} cases were found.");
    }
}
