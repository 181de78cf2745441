using System.Text.Json.Nodes;
using Automation.Server.Commands.FlowTrials;
using Automation.Workflows.Scenarios;
using Xunit.Abstractions;

namespace Automation.Server.Tests.Flows;

/// <summary>Plays every script in <c>Flows/scenarios</c> in a whole shop and holds it to what is expected beside it.</summary>
/// <remarks><c>UPDATE_GOLDEN=1</c> writes what is expected anew; the difference is then looked over.</remarks>
public sealed class FlowScenarioTests(ITestOutputHelper console)
{
    private const int AtLeast = 80;
    private static readonly string Folder = Path.Combine(Root(), "tests", "Automation.Server.Tests", "Flows", "scenarios");

    public static TheoryData<string> Names => [.. ScenarioFolder.Scripts(Folder).Select(file => Path.GetFileName(file)[..^".script.json".Length])];

    [Fact]
    public void There_are_many_scenarios_and_each_says_what_it_is_about()
    {
        var scripts = ScenarioFolder.Scripts(Folder).ToList();
        console.WriteLine($"{scripts.Count} scenarios");
        Assert.True(scripts.Count >= AtLeast, $"only {scripts.Count} scenarios are there");
        Assert.All(scripts, script => Assert.NotEmpty((string)JsonNode.Parse(File.ReadAllText(script))!["description"]!));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_flow_does_with_its_person_what_is_expected(string name)
    {
        var file = Path.Combine(Folder, name + ".script.json");
        var report = await TrialPlayer.PlayFileAsync(file, JsonNode.Parse(await File.ReadAllTextAsync(file))!.AsObject(), CancellationToken.None);
        var expected = Path.Combine(Folder, name + ".expected.json");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1") await File.WriteAllTextAsync(expected, ScenarioFolder.ToText(report));
        Assert.Equal(await File.ReadAllTextAsync(expected), ScenarioFolder.ToText(report), ignoreLineEndingDifferences: true);
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Automation.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }
}
