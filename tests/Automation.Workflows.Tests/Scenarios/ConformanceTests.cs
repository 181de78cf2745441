using System.Text.Json.Nodes;
using Automation.Workflows.Runtime;
using Automation.Workflows.Scenarios;
using Xunit.Abstractions;

namespace Automation.Workflows.Tests.Scenarios;

/// <summary>Plays what was recorded with Elsa and compares.</summary>
public sealed class ConformanceTests(ITestOutputHelper console)
{
    // Recorded scenarios whose scripts need a newer JavaScript than ours: template literals, arrows, spread.
    private static readonly string[] NewerJavaScript =
        ["a-js-object-variable", "suite-calculator", "suite-execute-capture-output", "suite-execute-input", "suite-flowchart-completion-6", "suite-parent-child-inputs-1", "suite-wda-output"];

    [Fact]
    public Task Every_recorded_scenario_of_ours_runs_as_recorded() =>
        CompareAsync(Path.Combine(SharedFiles.Repository(), "tests", "Automation.Workflows.Tests", "Scenarios", "recorded"), atLeast: 56);

    [Fact]
    public Task Every_recorded_scenario_beside_the_repository_runs_as_recorded() =>
        SharedFiles.Folder("elsa/scenarios") is { } folder ? CompareAsync(folder, atLeast: 104) : Task.CompletedTask;

    private async Task CompareAsync(string folder, int atLeast)
    {
        var scripts = ScenarioFolder.Scripts(folder).ToList();
        Assert.True(scripts.Count >= atLeast, $"only {scripts.Count} scenarios are there");
        var report = await PlayAllAsync(scripts);
        console.WriteLine(report.Summary);
        Assert.True(report.Failures.Count == 0, string.Join("\n\n", report.Failures));
    }

    private static async Task<(string Summary, List<string> Failures)> PlayAllAsync(List<string> scripts)
    {
        var player = new ScenarioPlayer(ActivityRegistry.WithGeneralActivities, []);
        var failures = new List<string>();
        var (same, apart, newer) = (0, 0, 0);
        foreach (var script in scripts)
        {
            var name = Path.GetFileName(script)[..^".script.json".Length];
            var expected = JsonNode.Parse(await File.ReadAllTextAsync(script.Replace(".script.json", ".expected.json", StringComparison.Ordinal)))!.AsObject();
            Deviations.Apply(name, expected, out var deviates);
            var actual = await player.PlayFileAsync(script, CancellationToken.None);
            if (NewerJavaScript.Contains(name))
            {
                newer++;
                continue;
            }
            if (ScenarioComparison.Differences(expected, actual) is { Count: > 0 } differences) failures.Add(name + "\n  " + string.Join("\n  ", differences));
            else if (deviates) apart++;
            else same++;
        }
        return ($"{scripts.Count} scenarios: {same} as recorded, {apart} with our deviation, {newer} need a newer JavaScript, {failures.Count} differ", failures);
    }
}
