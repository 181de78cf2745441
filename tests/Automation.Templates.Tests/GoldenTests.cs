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

    [Fact]
    public void Mail_is_rendered_as_it_was_approved()
    {
        var cases = CorpusCase.Under(Path.Combine(Folder, "sent")).ToList();
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1") cases.ForEach(Approve);
        var differences = cases.Select(template => Reference.Difference(template, Profile(template))).OfType<string>().ToList();
        foreach (var difference in differences) log.WriteLine(difference);
        Assert.Empty(differences);
        Assert.True(cases.Count >= 60, $"Only {cases.Count} cases were found.");
    }

    // The HTML part escapes; subject and text do not.
    private static TemplateOptions Profile(CorpusCase template) =>
        TemplateOptions.Mail with { EscapeHtml = Path.GetFileName(Path.GetDirectoryName(template.Path)) == "html" };

    private static void Approve(CorpusCase template)
    {
        var stem = template.Path[..^".sbn".Length];
        File.Delete(stem + ".out");
        File.Delete(stem + ".err");
        var result = template.Run(Profile(template));
        if (result.Output is { } text) File.WriteAllText(stem + ".out", text);
        else File.WriteAllText(stem + ".err", result.ErrorText);
    }
}
