using System.Text;
using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;

namespace Automation.Workflows.Tests.Runtime;

public sealed class CommitPointTests
{
    private static readonly ActivityRegistry Registry = ActivityRegistry.WithGeneralActivities();
    private static readonly WorkflowRunner Runner = new(Registry, [], TimeProvider.System);

    [Theory]
    [InlineData("", "", 0)]
    [InlineData("WorkflowExecuted", "", 0)]
    [InlineData("WorkflowExecuting", "", 1)]
    [InlineData("ActivityExecuting", "", 5)]
    [InlineData("ActivityExecuted", "", 4)]
    [InlineData("", "Executing", 1)]
    [InlineData("", "Executed", 1)]
    [InlineData("", "CommitAlways", 2)]
    [InlineData("ActivityExecuting", "CommitNever", 4)]
    [InlineData("ActivityExecuted", "Executing", 4)]
    public async Task An_instance_is_saved_where_its_strategies_say(string ofWorkflow, string ofStep, int commits)
    {
        var saved = new Saved();
        await Runner.StartAsync(Graph(ofWorkflow, ofStep), new WorkflowStart { InstanceId = "1" }, saved, CancellationToken.None);
        Assert.Equal(commits, saved.Results.Count);
    }

    [Fact]
    public async Task What_was_saved_midway_goes_on_from_there_in_another_process_and_does_nothing_twice()
    {
        var graph = Graph("ActivityExecuted", "");
        var whole = new Saved();
        var end = await Runner.StartAsync(graph, new WorkflowStart { InstanceId = "1", Input = new Dictionary<string, object?> { ["Who"] = "Ann" } }, whole, CancellationToken.None);
        var journal = whole.Results.SelectMany(result => result.Journal).Concat(end.Journal).Select(entry => $"{entry.Sequence} {entry.EventName} {entry.ActivityId}").ToList();
        foreach (var (result, at) in whole.Results.Select((result, at) => (result, at)))
        {
            var other = new Saved();
            var state = WorkflowState.FromJson(result.State.ToJson());
            Assert.Equal(WorkflowSubStatus.Executing, state.SubStatus);
            var rest = await Runner.ContinueAsync(graph, state, other, CancellationToken.None);
            Assert.Equal(WorkflowSubStatus.Finished, rest.State.SubStatus);
            var before = whole.Results.Take(at + 1).SelectMany(earlier => earlier.Journal);
            var after = other.Results.SelectMany(later => later.Journal).Concat(rest.Journal);
            Assert.Equal(journal, before.Concat(after).Select(entry => $"{entry.Sequence} {entry.EventName} {entry.ActivityId}"));
            Assert.Equal(whole.Lines.Skip(whole.LinesAt[at]), other.Lines);
        }
    }

    [Fact]
    public async Task A_resume_that_was_interrupted_keeps_what_it_was_given()
    {
        var definition = Flow.Definition(Flow.Sequence("s", Flow.OnEvent("e"), Flow.Say("a", "getInput('News')"), Flow.Say("b", "getInput('News')")), "\"options\":{\"commitStrategyName\":\"ActivityExecuting\"}");
        var graph = WorkflowGraph.Build(definition, Registry);
        var waiting = await Runner.StartAsync(graph, new WorkflowStart { InstanceId = "1" }, new Saved(), CancellationToken.None);
        var whole = new Saved();
        await Runner.ResumeAsync(graph, waiting.State, waiting.State.Bookmarks[0].Id, new Dictionary<string, object?> { ["News"] = "n" }, whole, CancellationToken.None);
        var other = new Saved();
        var end = await Runner.ContinueAsync(graph, WorkflowState.FromJson(whole.Results[0].State.ToJson()), other, CancellationToken.None);
        Assert.Equal(["n", "n"], other.Lines);
        Assert.Empty(end.State.Input);
    }

    [Fact]
    public async Task Nothing_queued_means_nothing_to_go_on_with()
    {
        var graph = WorkflowGraph.Build(Flow.Definition(Flow.OnEvent("e")), Registry);
        var waiting = await Runner.StartAsync(graph, new WorkflowStart { InstanceId = "1" }, new Saved(), CancellationToken.None);
        Assert.Empty((await Runner.ContinueAsync(graph, waiting.State, new Saved(), CancellationToken.None)).Journal);
    }

    [Fact]
    public async Task Requests_are_handed_over_once()
    {
        var publish = Flow.Step("p", "Elsa.PublishEvent", Flow.Input("eventName", "Go"));
        var graph = WorkflowGraph.Build(Flow.Definition(Flow.Sequence("s", publish, Flow.Write("w")), "\"options\":{\"commitStrategyName\":\"ActivityExecuted\"}"), Registry);
        var saved = new Saved();
        var end = await Runner.StartAsync(graph, new WorkflowStart { InstanceId = "1" }, saved, CancellationToken.None);
        Assert.Single(saved.Results.SelectMany(result => result.Requests).Concat(end.Requests));
    }

    private static WorkflowGraph Graph(string ofWorkflow, string ofStep)
    {
        var step = Flow.Step("b", "Elsa.WriteLine", Flow.JavaScript("text", "getInput('Who')") + (ofStep.Length > 0 ? $",\"customProperties\":{{\"commitStrategyName\":\"{ofStep}\"}}" : ""));
        WorkflowDefinition definition = Flow.Definition(Flow.Sequence("s", Flow.Write("a"), step, Flow.Write("c")), ofWorkflow.Length > 0 ? $"\"options\":{{\"commitStrategyName\":\"{ofWorkflow}\"}}" : "");
        return WorkflowGraph.Build(definition, Registry);
    }

    private sealed class Saved : IServiceProvider, IWorkflowCommits
    {
        private readonly StringBuilder text = new();
        public List<WorkflowResult> Results { get; } = [];
        public List<int> LinesAt { get; } = [];
        public string[] Lines => text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

        public object? GetService(Type serviceType) => serviceType == typeof(IWorkflowCommits) ? this : serviceType == typeof(TextWriter) ? new StringWriter(text) { NewLine = "\n" } : null;

        public ValueTask CommitAsync(WorkflowResult soFar, CancellationToken cancellation)
        {
            Results.Add(soFar);
            LinesAt.Add(Lines.Length);
            return default;
        }
    }
}
