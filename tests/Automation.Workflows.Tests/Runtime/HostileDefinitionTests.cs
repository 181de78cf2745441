using System.Diagnostics;
using System.Text;
using Automation.Workflows.Activities;
using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;
using Automation.Workflows.Scenarios;
using Automation.Workflows.Tests.Definitions;
using Xunit.Abstractions;

namespace Automation.Workflows.Tests.Runtime;

/// <summary>Whatever a definition holds: it is refused by name, or it is checked and run within its bounds.</summary>
public sealed class HostileDefinitionTests(ITestOutputHelper console)
{
    private const int Steps = 300;

    // Far more than any of them takes; what it guards against takes for ever.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Any_definition_is_checked_and_run_to_an_end_or_a_wait()
    {
        var states = new Dictionary<WorkflowSubStatus, int>();
        for (var seed = 0; seed < 1500; seed++) await TryAsync(seed, AnyDefinition.Text(seed), state => states[state.SubStatus] = states.GetValueOrDefault(state.SubStatus) + 1);
        console.WriteLine(string.Join(", ", states.Select(pair => $"{pair.Value} {pair.Key}")));
        // The made-up ones must really run: some end well, some wait, some fail.
        Assert.All(new[] { WorkflowSubStatus.Finished, WorkflowSubStatus.Suspended, WorkflowSubStatus.Faulted }, status => Assert.InRange(states.GetValueOrDefault(status), 50, 1500));
    }

    [Fact]
    public async Task A_definition_with_characters_changed_is_refused_by_name_or_runs()
    {
        var refused = 0;
        for (var seed = 0; seed < 1500; seed++)
        {
            var random = new Random(seed);
            var text = new StringBuilder(AnyDefinition.Text(seed));
            for (var n = random.Next(1, 4); n > 0; n--) text[random.Next(text.Length)] = "{}[]\":,0ax\\u\ud800e-"[random.Next(15)];
            if (random.Next(4) == 0) text.Length = random.Next(text.Length);
            if (await TryAsync(seed, text.ToString()) is null) refused++;
        }
        console.WriteLine($"{refused} of 1500 refused");
        Assert.InRange(refused, 500, 1500);
    }

    [Fact]
    public void Half_a_character_is_refused_by_name() => Assert.Contains(
        "the text ends in the middle of a character", Assert.Throws<WorkflowFormatException>(() => WorkflowJson.Read("{\"root\":{\"type\":\"x\",\"name\":\"\ud800\"}}")).Message, StringComparison.Ordinal);

    [Fact]
    public void Ten_thousand_steps_at_random_are_read_and_checked()
    {
        var random = new Random(5);
        var steps = string.Join(',', Enumerable.Range(0, 10_000).Select(n => random.Next(4) == 0
            ? Flow.Step("s" + n, "Elsa.Event", Flow.Input("eventName", "e") + ",\"canStartWorkflow\":true") : Flow.Step("s" + n, "Elsa.FlowDecision", Flow.JavaScript("condition", "getN()"))));
        var ways = string.Join(';', Enumerable.Range(0, 30_000).Select(_ => $"s{random.Next(10_000)}:True->s{random.Next(10_000)}"));
        Assert.NotEmpty(InTime(() => WorkflowValidator.Validate(Flow.Definition(Flow.Chart(steps, ways)), ActivityRegistry.WithGeneralActivities())));
    }

    [Fact]
    public async Task Ten_thousand_steps_in_a_row_in_a_ring_and_into_one_join_are_run()
    {
        const int count = 10_000;
        var steps = string.Join(',', Enumerable.Range(0, count).Select(n => Flow.Step("s" + n, "Elsa.FlowJoin", n == count - 1 ? Flow.Input("mode", "WaitAll") : "")));
        var row = string.Join(';', Enumerable.Range(1, count - 1).Select(n => $"s{n - 1}->s{n}"));
        var into = string.Join(';', Enumerable.Range(1, count - 2).SelectMany(n => new[] { $"s0->s{n}", $"s{n}->s{count - 1}" }));
        foreach (var (connections, expected) in new[] { (row, WorkflowSubStatus.Finished), ($"{row};s{count - 1}->s0", WorkflowSubStatus.Faulted), (into, WorkflowSubStatus.Finished) })
        {
            var watch = Stopwatch.StartNew();
            var definition = Flow.Definition(Flow.Chart(steps, connections));
            WorkflowValidator.Validate(definition, ActivityRegistry.WithGeneralActivities());
            using var host = new InMemoryWorkflowHost(ActivityRegistry.WithGeneralActivities(), [], new VirtualClock(Flow.Start));
            host.Import(definition);
            Assert.Equal(expected, (await host.RunAsync("flow1", null, null, CancellationToken.None)).Load().SubStatus);
            console.WriteLine($"{watch.Elapsed.TotalSeconds:0.0} s");
            Assert.True(watch.Elapsed < Patience);
        }
    }

    [Fact]
    public async Task Ten_thousand_steps_without_ids_and_ten_thousand_side_by_side()
    {
        var unnamed = string.Join(',', Enumerable.Repeat("""{ "type": "Elsa.WriteLine" }""", 10_000));
        foreach (var type in new[] { "Elsa.Sequence", "Elsa.Parallel", "Elsa.Fork" })
        {
            var root = $$"""{ "type": "{{type}}", "joinMode": "WaitAll", "{{(type == "Elsa.Fork" ? "branches" : "activities")}}": [{{unnamed}}] }""";
            using var flow = await new Flow().Of(root).Run();
            Assert.Equal(WorkflowSubStatus.Finished, flow.State.SubStatus);
        }
        var waits = Flow.Step("p", "Elsa.ParallelForEach", $"\"items\":{{\"typeName\":\"Object[]\",\"expression\":{{\"type\":\"Json\",\"value\":[{string.Join(',', Enumerable.Range(0, 5000))}]}}}}" + ",\"body\":" + Flow.Sequence("b", Flow.OnEvent("e"), Flow.Write("w")));
        using var many = await new Flow().Of(waits).Run();
        Assert.Empty(many.State.Incidents.Select(one => one.Message));
        Assert.Equal(5000, many.State.Bookmarks.Count);
    }

    [Theory]
    [InlineData("Elsa.Sequence", "\"activities\":[", "]")]
    [InlineData("Elsa.If", "\"condition\":true,\"then\":", "")]
    [InlineData("Elsa.While", "\"condition\":true,\"body\":", "")]
    [InlineData("Elsa.Flowchart", "\"activities\":[", "]")]
    public async Task Deep_nesting_runs_or_is_refused(string type, string open, string close)
    {
        foreach (var depth in new[] { 20, 50, 200, 5000 })
        {
            var text = string.Concat(Enumerable.Range(0, depth).Select(n => $"{{\"id\":\"a{n}\",\"type\":\"{type}\",\"version\":1,{open}")) + Flow.Step("end", "Elsa.Break") + string.Concat(Enumerable.Repeat(close + "}", depth));
            Assert.Equal(depth >= 200, await TryAsync(depth, $$"""{ "definitionId": "d", "root": {{text}} }""") is null);
        }
    }

    [Theory]
    [InlineData("List<")]
    [InlineData("[]")]
    public async Task A_type_of_types_of_types_is_taken_for_any(string repeated)
    {
        var name = repeated == "[]" ? "Int32" + string.Concat(Enumerable.Repeat("[]", 100_000)) : string.Concat(Enumerable.Repeat("List<", 100_000)) + "Int32" + new string('>', 100_000);
        var state = await TryAsync(1, $$"""{ "definitionId": "d", "variables": [{ "id": "v", "name": "V", "typeName": "{{name}}", "value": "5" }], "root": {{Flow.Say("w", "getV()")}} }""");
        Assert.Equal(WorkflowSubStatus.Finished, state!.SubStatus);
    }

    /// <returns>Null when the text was refused.</returns>
    private static async Task<WorkflowState?> TryAsync(int seed, string text, Action<WorkflowState>? begun = null)
    {
        var registry = ActivityRegistry.WithGeneralActivities().AddHttpActivities();
        WorkflowDefinition definition;
        try
        {
            definition = WorkflowJson.Read(text);
        }
        catch (WorkflowFormatException)
        {
            return null;
        }
        try
        {
            foreach (var finding in WorkflowValidator.Validate(definition, registry)) Assert.NotEmpty(finding.ToString());
            return await RunAsync(definition, registry, begun);
        }
        catch (Exception broken) when (broken is not Xunit.Sdk.XunitException)
        {
            throw new InvalidOperationException($"seed {seed}: {text}", broken);
        }
    }

    private static async Task<WorkflowState> RunAsync(WorkflowDefinition definition, ActivityRegistry registry, Action<WorkflowState>? begun)
    {
        var clock = new VirtualClock(Flow.Start);
        var runner = new WorkflowRunner(registry, [], clock) { MaxActivitiesPerBurst = Steps };
        var graph = WorkflowGraph.Build(definition, registry);
        graph.IndexTriggers(clock.GetUtcNow());
        var result = await runner.StartAsync(graph, new WorkflowStart { InstanceId = "1", Input = new Dictionary<string, object?> { ["I0"] = "x" } }, NoOutput.Instance, CancellationToken.None);
        begun?.Invoke(result.State);
        for (var resumes = 0; resumes < 3 && result.State.Bookmarks.Count > 0 && result.State.Status == WorkflowStatus.Running; resumes++)
        {
            Assert.InRange(result.Journal.Count, 0, Steps * 5);
            var saved = WorkflowState.FromJson(result.State.ToJson());
            result = await runner.ResumeAsync(graph, saved, saved.Bookmarks[0].Id, Event.InputOf(resumes), NoOutput.Instance, CancellationToken.None);
        }
        WorkflowState.FromJson(result.State.ToJson());
        return result.State;
    }

    private static T InTime<T>(Func<T> work)
    {
        var watch = Stopwatch.StartNew();
        var result = work();
        Assert.True(watch.Elapsed < Patience, $"{watch.Elapsed}");
        return result;
    }

    private sealed class NoOutput : IServiceProvider
    {
        public static readonly NoOutput Instance = new();
        public object? GetService(Type serviceType) => serviceType == typeof(TextWriter) ? TextWriter.Null : null;
    }
}
