using System.Text;
using Automation.Workflows.Activities;
using Automation.Workflows.Runtime;

namespace Automation.Workflows.Tests.Runtime;

public sealed class RunnerTests
{
    [Fact]
    public async Task End_cancels_what_still_waits_in_its_flowchart()
    {
        using var flow = await new Flow().Of(Flow.Chart($"{Flow.Begin},{Flow.OnEvent("e")},{Flow.Write("a")},{Flow.Step("end", "Elsa.End")}", "start->e; start->a; a->end")).Run();
        Assert.Equal(WorkflowSubStatus.Finished, flow.State.SubStatus);
        Assert.Empty(flow.State.Bookmarks);
        Assert.Contains("Canceled e", flow.Journal);
    }

    [Fact]
    public async Task Finish_ends_the_instance_and_leaves_its_containers_as_they_were()
    {
        using var flow = await new Flow().Of(Flow.Chart($"{Flow.Begin},{Flow.OnEvent("e")},{Flow.Step("fin", "Elsa.Finish")},{Flow.Write("never")}", "start->e; start->fin; start->never")).Run();
        Assert.Equal(WorkflowSubStatus.Finished, flow.State.SubStatus);
        Assert.Empty(flow.State.Bookmarks);
        Assert.Empty(flow.Lines);
        Assert.Equal("Completed fin", flow.Journal.Last());
    }

    [Fact]
    public async Task Complete_in_a_nested_flowchart_completes_the_whole_workflow()
    {
        var inner = $$"""{ "id": "inner", "type": "Elsa.Flowchart", "activities": [{{Flow.Step("c", "Elsa.Complete")}}] }""";
        using var flow = await new Flow().Of(Flow.Chart($"{Flow.Begin},{inner},{Flow.OnEvent("e")}", "start->inner; inner->e")).Run();
        Assert.Equal(WorkflowSubStatus.Finished, flow.State.SubStatus);
        Assert.Empty(flow.State.Bookmarks);
        Assert.Empty(flow.State.Incidents);
    }

    [Fact]
    public async Task Break_leaves_out_the_rest_of_the_round_and_ends_the_loop()
    {
        var body = Flow.Sequence("body", Flow.Say("w", "getVariable('CurrentValue')"),
            Flow.Step("if", "Elsa.If", Flow.JavaScript("condition", "getVariable('CurrentValue') == 1", "Boolean") + ",\"then\":" + Flow.Step("brk", "Elsa.Break")), Flow.Write("rest"));
        using var flow = await new Flow().Of(Flow.Sequence("s", Flow.Step("f", "Elsa.For", Flow.Input("end", 5) + ",\"body\":" + body), Flow.Write("after"))).Run();
        Assert.Equal(["0", "rest", "1", "after"], flow.Lines);
    }

    [Fact]
    public async Task Do_runs_its_body_at_least_once()
    {
        using var flow = await new Flow().Of(Flow.Step("d", "Elsa.Do", Flow.Input("condition", false) + ",\"body\":" + Flow.Write("w"))).Run();
        Assert.Equal(["w"], flow.Lines);
    }

    [Fact]
    public async Task A_loop_goes_on_after_a_suspend()
    {
        var body = Flow.Sequence("body", Flow.OnEvent("e"), Flow.Say("w", "getCurrentValue() + getCurrentIndex()"));
        using var flow = await new Flow().Of(Flow.Step("f", "Elsa.ForEach", Flow.JavaScript("items", "['a', 'b']") + ",\"body\":" + body)).Run();
        await flow.Resume("e");
        await flow.Resume("e");
        Assert.Equal(["a0", "b1"], flow.Lines);
        Assert.Equal(WorkflowSubStatus.Finished, flow.State.SubStatus);
    }

    [Fact]
    public async Task A_classic_switch_runs_the_matching_branch()
    {
        var cases = $$"""[{ "label": "one", "condition": { "type": "JavaScript", "value": "false" }, "activity": {{Flow.Write("one")}} }, { "label": "two", "condition": { "type": "JavaScript", "value": "true" }, "activity": {{Flow.Write("two")}} }]""";
        using var flow = await new Flow().Of(Flow.Step("s", "Elsa.Switch", "\"cases\":" + cases + ",\"default\":" + Flow.Write("other"))).Run();
        Assert.Equal(["two"], flow.Lines);
    }

    [Fact]
    public async Task A_classic_fork_that_waits_for_any_cancels_the_other_branches()
    {
        using var flow = await new Flow().Of(Flow.Sequence("s", Flow.Step("f", "Elsa.Fork", $"\"joinMode\":\"WaitAny\",\"branches\":[{Flow.OnEvent("a")},{Flow.OnEvent("b")}]"), Flow.Write("done"))).Run();
        await flow.Resume("b");
        Assert.Equal(["done"], flow.Lines);
        Assert.Contains("Canceled a", flow.Journal);
    }

    [Fact]
    public async Task A_way_back_into_the_middle_of_a_loop_faults()
    {
        using var flow = await new Flow().Of(Flow.Chart(
            $"{Flow.Begin},{Flow.Write("a")},{Flow.Write("b")},{Flow.Write("c")}", "start->a; start->c; a->b; b->c; c->b")).Run();
        Assert.Equal(WorkflowSubStatus.Faulted, flow.State.SubStatus);
        Assert.Contains("Invalid backward connection: b:Done->c:In", flow.State.Incidents[0].Message, StringComparison.Ordinal);
        Assert.Equal("b", flow.State.Incidents[0].ActivityId);
    }

    [Fact]
    public async Task A_dead_path_keeps_a_join_of_all_from_running_and_the_flow_ends()
    {
        var join = Flow.Step("j", "Elsa.FlowJoin", Flow.Input("mode", "WaitAll"));
        var decide = Flow.Step("d", "Elsa.FlowDecision", Flow.Input("condition", true));
        using var flow = await new Flow().Of(Flow.Chart($"{Flow.Begin},{decide},{Flow.Write("a")},{Flow.Write("b")},{join},{Flow.Write("c")}",
            "start->d; d:True->a; d:False->b; a->j; b->j; j->c")).Run();
        Assert.Equal(["a"], flow.Lines);
        Assert.Equal(WorkflowSubStatus.Finished, flow.State.SubStatus);
    }

    [Fact]
    public async Task A_loop_without_a_wait_is_stopped()
    {
        var graph = WorkflowGraph.Build(Flow.Definition(Flow.Chart($"{Flow.Begin},{Flow.Step("j", "Elsa.FlowJoin")}", "start->j; j->j")), ActivityRegistry.WithGeneralActivities());
        var runner = new WorkflowRunner(ActivityRegistry.WithGeneralActivities(), [], TimeProvider.System) { MaxActivitiesPerBurst = 500 };
        var result = await runner.StartAsync(graph, new WorkflowStart { InstanceId = "1" }, new Flow().Host, CancellationToken.None);
        Assert.Equal(WorkflowSubStatus.Faulted, result.State.SubStatus);
        Assert.Contains("500", result.State.Incidents[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_variable_survives_a_suspend_by_its_storage()
    {
        const string variables = """
            "variables": [
              { "id": "a", "name": "A", "typeName": "String", "value": "0", "storageDriverTypeName": "WorkflowInstanceStorageDriver" },
              { "id": "b", "name": "B", "typeName": "String", "value": "0", "storageDriverTypeName": "MemoryStorageDriver" },
              { "id": "c", "name": "C", "typeName": "String", "value": "0" }]
            """;
        using var flow = await new Flow().Of(Flow.Sequence("s",
            Flow.Step("js", "Elsa.RunJavaScript", Flow.Input("script", "setA('a'); setB('b'); setC('c');")), Flow.OnEvent("e"), Flow.Say("w", "getA() + getB() + getC()")), variables).Run();
        await flow.Resume("e");
        Assert.Equal(["abnull"], flow.Lines);
        // In another process only the saved one is left.
        var elsewhere = WorkflowState.FromJson(flow.Instance.Json);
        Assert.DoesNotContain("\"b\":\"b\"", elsewhere.ToJson(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Times_keep_their_kind_over_a_suspend()
    {
        using var flow = await new Flow().Of(Flow.Sequence("s", Flow.OnEvent("e"), Flow.Say("w", "getInput('at').getUTCFullYear() + getInput('text') + getInput('n')")))
            .Run(new Dictionary<string, object?> { ["at"] = Flow.Start, ["text"] = "2026-01-01", ["n"] = 1.5 });
        await flow.Resume("e");
        Assert.Equal(["20262026-01-011.5"], flow.Lines);
    }

    [Fact]
    public async Task A_step_knows_how_often_it_was_executed()
    {
        using var flow = await new Flow(registry => registry.Add<Ask>()).Of(Flow.Chart($"{Flow.Begin},{Flow.Step("ask", "Test.Ask")}", "start->ask; ask:Again->ask")).Run();
        await flow.Resume("ask", new Dictionary<string, object?> { ["Answer"] = "Again" });
        await flow.Resume("ask", new Dictionary<string, object?> { ["Answer"] = "Again" });
        Assert.Equal(["1", "2", "3"], flow.Lines);
        await flow.Resume("ask", new Dictionary<string, object?> { ["Answer"] = "Done" });
        Assert.Equal(WorkflowSubStatus.Finished, flow.State.SubStatus);
        Assert.Equal("Again", flow.Instance.Journal.First(entry => entry is { EventName: "Completed", ActivityId: "ask" }).Outcomes);
    }

    [Fact]
    public async Task A_waiting_instance_is_small()
    {
        using var flow = await new Flow().Of(Flow.Chart($"{Flow.Begin},{Flow.Write("w1")},{Flow.OnEvent("e")},{Flow.Write("w2")}", "start->w1; w1->e; e->w2")).Run();
        Assert.InRange(Encoding.UTF8.GetByteCount(flow.Instance.Json), 1, 1200);
    }

    [Fact]
    public async Task A_delay_is_due_at_an_instant_the_host_can_store()
    {
        using var flow = await new Flow().Of(Flow.Sequence("s", Flow.Step("d", "Elsa.Delay", Flow.Input("timeSpan", "P3DT2H")), Flow.Write("w"))).Run();
        Assert.Equal(Flow.Start + new TimeSpan(3, 2, 0, 0), flow.State.Bookmarks[0].DueAt);
        await flow.Wait(TimeSpan.FromDays(3));
        Assert.Empty(flow.Lines);
        await flow.Wait(TimeSpan.FromHours(2));
        Assert.Equal(["w"], flow.Lines);
    }

    [Fact]
    public async Task A_finished_instance_does_not_go_on()
    {
        using var flow = await new Flow().Of(Flow.Chart($"{Flow.Begin},{Flow.OnEvent("e")},{Flow.Step("f", "Elsa.Fault", Flow.Input("message", "boom"))}", "start->e; start->f")).Run();
        Assert.Equal(WorkflowSubStatus.Faulted, flow.State.SubStatus);
        var before = flow.Instance.Json;
        await flow.Resume("e");
        Assert.Equal(before, flow.Instance.Json);
    }

    [Fact]
    public async Task An_instance_resumed_where_it_does_not_wait_says_so()
    {
        using var flow = await new Flow().Of(Flow.OnEvent("e")).Run();
        await Assert.ThrowsAsync<BookmarkNotFoundException>(async () => await flow.Host.ResumeAsync(flow.Instance, "nothing", null, CancellationToken.None));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"id\":1}")]
    [InlineData("nonsense")]
    public void What_is_no_saved_instance_is_refused(string json) => Assert.Throws<FormatException>(() => WorkflowState.FromJson(json));

    [Fact]
    public async Task What_a_resume_brings_is_gone_with_its_burst_unless_it_is_a_declared_input()
    {
        var tell = Flow.Say("t1", "getInput('News') + '/' + getInput('Kept')");
        using var flow = await new Flow().Of(Flow.Sequence("s", Flow.OnEvent("a"), tell, Flow.OnEvent("b"), tell.Replace("t1", "t2", StringComparison.Ordinal)),
            "\"inputs\":[{\"name\":\"Kept\",\"type\":\"String\"}]").Run(new Dictionary<string, object?> { ["News"] = "old" });
        await flow.Resume("a", new Dictionary<string, object?> { ["News"] = "new", ["Kept"] = "kept", ["More"] = 1 });
        await flow.Resume("b");
        Assert.Equal(["new/kept", "old/kept"], flow.Lines);
        Assert.DoesNotContain("More", flow.State.Input.Keys);
    }

    [Fact]
    public async Task The_payload_of_a_bookmark_is_read_by_either_spelling()
    {
        using var flow = await new Flow().Of(Flow.OnEvent("e")).Run();
        Assert.Equal("e", (string?)flow.State.Bookmarks[0].Payload!["EventName"]);
        Assert.Equal("e", (string?)flow.State.Bookmarks[0].Payload!["eventName"]);
    }

    [Fact]
    public async Task A_dead_path_may_be_as_long_as_it_likes()
    {
        const int length = 15_000;
        var steps = string.Join(',', Enumerable.Range(0, length).Select(n => Flow.Write("n" + n)));
        var chain = string.Join("; ", Enumerable.Range(1, length - 1).Select(n => $"n{n - 1}->n{n}"));
        var decide = Flow.Step("d", "Elsa.FlowDecision", Flow.Input("condition", false));
        using var flow = await new Flow().Of(Flow.Chart($"{decide},{steps},{Flow.Write("join")}", $"d:True->n0; {chain}; n{length - 1}->join; d:False->join")).Run();
        Assert.Equal(["join"], flow.Lines);
    }

    [Fact]
    public async Task Workflows_that_multiply_are_refused()
    {
        using var flow = new Flow();
        flow.Of(Flow.Write("w"), "\"options\":{\"usableAsActivity\":true}", "W0");
        for (var level = 1; level <= 8; level++)
            flow.Of(Flow.Sequence("s", [.. Enumerable.Range(0, 10).Select(n => Flow.Step("a" + n, "W" + (level - 1)))]), "\"options\":{\"usableAsActivity\":true}", "W" + level);
        await flow.Run();
        Assert.Contains("too large", flow.State.Incidents[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_input_faults_by_its_name()
    {
        using var flow = await new Flow().Of(Flow.Step("e", "Elsa.Event")).Run();
        Assert.Equal("Input 'EventName': it is not set.", flow.State.Incidents[0].Message);
    }

    [Fact]
    public async Task A_lambda_cannot_be_a_callback_because_only_its_name_would_be_saved()
    {
        using var flow = await new Flow(registry => registry.Add<Forgetful>()).Of(Flow.Step("f", "Test.Forgetful")).Run();
        Assert.Contains("must be a method of that class", flow.State.Incidents[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Children_dispatched_for_every_item_are_waited_for()
    {
        using var flow = new Flow();
        flow.Of(Flow.Sequence("c", Flow.Step("d", "Elsa.Delay", Flow.Input("timeSpan", "00:01:00")), Flow.Say("w", "'child ' + getInput('Item')")), "\"inputs\":[{\"name\":\"Item\",\"type\":\"String\"}]", "child");
        flow.Of(Flow.Chart($"{Flow.Step("bulk", "Elsa.BulkDispatchWorkflows", Flow.Input("workflowDefinitionId", "child") + "," + Flow.JavaScript("items", "['a', 'b']"))},{Flow.Write("all")}", "bulk:Completed->all"));
        await flow.Run();
        Assert.Equal(WorkflowSubStatus.Suspended, flow.State.SubStatus);
        await flow.Wait(TimeSpan.FromMinutes(5));
        Assert.Equal(["child a", "child b", "all"], flow.Lines);
        Assert.Equal(WorkflowSubStatus.Finished, flow.State.SubStatus);
        Assert.All(flow.Host.Instances.Skip(1), child => Assert.Equal(flow.Instance.Id, child.Load().ParentInstanceId));
    }

    [Fact]
    public async Task A_published_event_starts_and_resumes_once_its_burst_is_saved()
    {
        using var flow = new Flow();
        flow.Of(Flow.Sequence("t", Flow.Step("on", "Elsa.Event", Flow.Input("eventName", "Ping") + ",\"customProperties\":{\"canStartWorkflow\":true}"), Flow.Say("w", "'got ' + getLastResult().n")), "", "listener");
        flow.Of(Flow.Step("p", "Elsa.PublishEvent", Flow.Input("eventName", "Ping") + "," + Flow.JavaScript("payload", "({n: 5})")));
        await flow.Run();
        Assert.Empty(flow.Lines);
        await flow.Wait(TimeSpan.FromSeconds(1));
        Assert.Equal(["got 5"], flow.Lines);
    }

    [Fact]
    public async Task An_event_shortly_before_its_wait_is_not_lost()
    {
        using var flow = await new Flow().Of(Flow.Sequence("s", Flow.OnEvent("a"), Flow.OnEvent("b"), Flow.Write("w"))).Run();
        await flow.Publish("b");
        await flow.Publish("a");
        await flow.Wait(TimeSpan.FromSeconds(1));
        Assert.Equal(["w"], flow.Lines);
    }

    [Fact]
    public async Task A_singleton_is_started_once_by_its_trigger()
    {
        using var flow = new Flow();
        flow.Of(Flow.Sequence("t", Flow.Step("on", "Elsa.Event", Flow.Input("eventName", "Go") + ",\"customProperties\":{\"canStartWorkflow\":true}"), Flow.OnEvent("wait")), "\"options\":{\"activationStrategyType\":\"SingletonStrategy\"}");
        await flow.Publish("Go");
        await flow.Publish("Go");
        Assert.Single(flow.Host.Instances);
    }

    [Fact]
    public async Task A_timer_trigger_starts_its_workflow_again_and_again()
    {
        using var flow = new Flow().Of(Flow.Sequence("t", Flow.Step("on", "Elsa.Timer", Flow.Input("interval", "00:10:00") + ",\"customProperties\":{\"canStartWorkflow\":true}"), Flow.Write("tick")));
        await flow.Wait(TimeSpan.FromMinutes(35));
        Assert.Equal(["tick", "tick", "tick"], flow.Lines);
    }

    [Fact]
    public async Task A_task_is_asked_for_and_its_report_is_the_result()
    {
        using var flow = await new Flow().Of(Flow.Sequence("s", Flow.Step("t", "Elsa.RunTask", Flow.Input("taskName", "Call")), Flow.Say("w", "getLastResult()"))).Run();
        Assert.True(await flow.Host.ReportTaskAsync(flow.Instance, "called", CancellationToken.None));
        Assert.Equal(["called"], flow.Lines);
    }

    [Fact]
    public async Task A_workflow_that_uses_itself_is_refused_when_it_runs()
    {
        using var flow = await new Flow().Of(Flow.Step("me", "Flow1"), "\"options\":{\"usableAsActivity\":true}").Run();
        Assert.Contains("uses itself", flow.State.Incidents[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_activity_describes_itself_to_the_designer()
    {
        var ask = new ActivityRegistry().Add<Ask>().Describe("Test.Ask")!;
        Assert.Equal(["Again", "Done"], ask.Ports.Select(port => port.Name));
        Assert.Equal("Question", Assert.Single(ask.Inputs).DisplayName);
        Assert.True(new ActivityRegistry().Add<Event>().Describe("Elsa.Event")!.Inputs.Single().IsRequired);
        Assert.Equal(ActivityKind.Trigger, new ActivityRegistry().Add<Event>().Describe("Elsa.Event")!.Kind);
    }

    [Activity("Test", "Tests", "Waits for an answer.")]
    [FlowNode("Again", "Done")]
    private sealed class Ask : Activity
    {
        [Input]
        public Input<string?>? Question { get; set; }

        protected override ValueTask ExecuteAsync(ActivityExecutionContext context)
        {
            context.GetRequiredService<TextWriter>().WriteLine(context.VisitNumber);
            context.CreateBookmark(new { context.VisitNumber }, OnAnsweredAsync);
            return default;
        }

        private static ValueTask OnAnsweredAsync(ActivityExecutionContext context) =>
            context.CompleteActivityWithOutcomesAsync(context.GetWorkflowInput<string>("Answer"));
    }

    [Activity("Test", "Tests")]
    private sealed class Forgetful : Activity
    {
        protected override void Execute(ActivityExecutionContext context) => context.CreateBookmark(null, _ => default);
    }
}
