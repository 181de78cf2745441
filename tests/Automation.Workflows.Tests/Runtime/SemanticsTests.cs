using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;

namespace Automation.Workflows.Tests.Runtime;

/// <summary>What Elsa's definitions mean, rule by rule.</summary>
public sealed class SemanticsTests
{
    private const string Starts = "\"customProperties\":{\"canStartWorkflow\":true}";
    private const string Usable = "\"options\":{\"usableAsActivity\":true}";
    private const string Continue = "\"options\":{\"incidentStrategyType\":\"ContinueWithIncidentsStrategy\"}";
    private const string Texts = """
        "variables": [{ "id": "v1", "name": "X", "typeName": "String", "value": "outer", "storageDriverTypeName": "WorkflowInstanceStorageDriver" }]
        """;

    private static string Trigger(string id, string eventName) => Flow.Step(id, "Elsa.Event", Flow.Input("eventName", eventName) + "," + Starts);
    private static string Boom(string id) => Flow.Step(id, "Elsa.Fault", Flow.Input("message", "boom"));
    private static string Join(string id, string mode) => Flow.Step(id, "Elsa.FlowJoin", Flow.Input("mode", mode));
    private static string Decide(string id, bool answer) => Flow.Step(id, "Elsa.FlowDecision", Flow.Input("condition", answer));
    private static string Of(string kind, string name, string value, string type = "String") =>
        $"\"{name}\":{{\"typeName\":\"{type}\",\"expression\":{{\"type\":\"{kind}\",\"value\":{value}}}}}";

    // ---- reading ----

    [Fact]
    public async Task Names_of_properties_are_read_in_any_case_and_old_forms_still()
    {
        const string root = """
            { "Id": "f", "Type": "Elsa.Flowchart", "Activities": [
                { "Id": "t", "Type": "Elsa.Event", "eventname": "Go", "canStartWorkflow": true },
                { "id": "w", "type": "Elsa.WriteLine", "TEXT": { "TypeName": "String", "Expression": { "Type": "Literal", "Value": "old" } } }],
              "Connections": [{ "source": "t", "sourcePort": "Done", "target": "w", "targetPort": "In" }] }
            """;
        using var flow = new Flow().Of(root);
        await flow.Publish("Go");
        Assert.Equal(["old"], flow.Lines);
    }

    [Fact]
    public async Task A_bare_scalar_is_a_literal_and_a_wrapper_without_a_type_is_no_input()
    {
        using var flow = await new Flow().Of(Flow.Sequence("s",
            Flow.Step("a", "Elsa.WriteLine", "\"text\":5"), Flow.Step("b", "Elsa.WriteLine", "\"text\":{\"expression\":{\"type\":\"Literal\",\"value\":\"lost\"}}"),
            Flow.Step("c", "Elsa.WriteLine", "\"text\":null"))).Run();
        Assert.Equal(["5", "", ""], flow.Lines);
    }

    [Fact]
    public async Task Activities_without_an_id_are_numbered_by_their_type()
    {
        using var flow = await new Flow().Of("""{ "type": "Elsa.Sequence", "activities": [{ "type": "Elsa.WriteLine" }, { "id": "WriteLine1", "type": "Elsa.WriteLine" }, { "type": "Elsa.WriteLine" }] }""").Run();
        Assert.Equal(["Workflow1", "Sequence1", "WriteLine2", "WriteLine1", "WriteLine3"], flow.Instance.Journal.Where(entry => entry.EventName == "Started").Select(entry => entry.ActivityId));
    }

    [Fact]
    public async Task An_unknown_activity_fails_only_when_it_is_reached()
    {
        using var flow = await new Flow().Of(Flow.Chart($"{Flow.Begin},{Decide("d", false)},{Flow.Step("x", "Elsa.Teleport")},{Flow.Write("w")}", "start->d; d:True->x; d:False->w")).Run();
        Assert.Equal(WorkflowSubStatus.Finished, flow.State.SubStatus);
        using var other = await new Flow().Of(Flow.Step("x", "Elsa.Teleport")).Run();
        Assert.Equal("Activity type 'Elsa.Teleport' version '0' could not be found.", other.State.Incidents.Single().Message);
    }

    // ---- expressions ----

    [Fact]
    public async Task Variables_and_inputs_are_expressions_and_a_bare_input_name_gives_nothing()
    {
        using var flow = await new Flow().Of(Flow.Sequence("s",
            Flow.Step("a", "Elsa.WriteLine", Of("Variable", "text", """{"id":"v1","name":"X"}""")),
            Flow.Step("b", "Elsa.WriteLine", Of("Input", "text", """{"name":"Who","type":"String"}""")),
            Flow.Step("c", "Elsa.WriteLine", Of("Input", "text", "\"Who\""))), Texts + ",\"inputs\":[{\"name\":\"Who\",\"type\":\"String\"}]")
            .Run(new Dictionary<string, object?> { ["Who"] = "Ann" });
        Assert.Equal(["outer", "Ann", ""], flow.Lines);
    }

    [Fact]
    public async Task An_object_expression_of_another_type_is_parsed_and_of_type_object_is_raw_text()
    {
        using var flow = await new Flow().Of(Flow.Sequence("s",
            Flow.Step("f", "Elsa.ForEach", Of("Json", "items", "\"[1, 2]\"", "Object[]") + ",\"body\":" + Flow.Say("w", "getCurrentValue()")),
            Flow.Step("o", "Elsa.RunJavaScript", Flow.Input("script", "setX('ok')")), Flow.Step("t", "Elsa.WriteLine", Of("Object", "text", "\"{ \\\"a\\\": 1 }\"", "Object"))), Texts).Run();
        Assert.Equal(["1", "2", "{ \"a\": 1 }"], flow.Lines);
    }

    [Fact]
    public async Task A_script_that_fails_faults_its_activity()
    {
        using var flow = await new Flow().Of(Flow.Sequence("s", Flow.Say("w", "nowhere.to.be.found"), Flow.Write("never"))).Run();
        Assert.Equal((WorkflowSubStatus.Faulted, "w"), (flow.State.SubStatus, flow.State.Incidents.Single().ActivityId));
        Assert.Empty(flow.Lines);
    }

    [Fact]
    public async Task Scripts_reach_variables_inputs_and_outputs_by_name()
    {
        using var flow = await new Flow().Of(Flow.Sequence("s",
            Flow.Step("calc", "Elsa.RunJavaScript", Flow.Input("script", "setVariable('X', getVariable('X') + '!'); 6 * 7")),
            Flow.Say("w", "variables.X + getX() + getWho() + getInput('Missing') + getLastResult() + getOutputFrom('calc') + getOutputFrom('calc', 'Result')"),
            Flow.Say("g", "typeof newGuid() + isNullOrEmpty('') + getCorrelationId()")), Texts).Run(new Dictionary<string, object?> { ["Who"] = "Ann" }, "c1");
        Assert.Equal(["outer!outer!Annnull424242", "objecttruec1"], flow.Lines);
    }

    // ---- variables, inputs, outputs ----

    [Fact]
    public async Task An_inner_variable_hides_the_outer_one_and_is_gone_behind_its_container()
    {
        const string inner = "\"variables\":[{\"id\":\"v2\",\"name\":\"X\",\"typeName\":\"String\",\"value\":\"inner\"}]";
        var container = Flow.Step("c", "Elsa.Sequence", inner + $",\"activities\":[{Flow.Say("w1", "getX()")},{Flow.Step("set", "Elsa.SetVariable", "\"variable\":{\"id\":\"v2\",\"name\":\"X\"}," + Flow.Input("value", "changed"))},{Flow.Say("w2", "getX()")}]");
        using var flow = await new Flow().Of(Flow.Sequence("s", container, Flow.Say("w3", "getX()")), Texts).Run();
        Assert.Equal(["inner", "changed", "outer"], flow.Lines);
    }

    [Fact]
    public async Task A_variable_is_set_by_its_id_and_one_out_of_scope_faults()
    {
        using var flow = await new Flow().Of(Flow.Step("set", "Elsa.SetVariable", "\"variable\":{\"id\":\"v9\",\"name\":\"X\"}," + Flow.Input("value", "new")), Texts).Run();
        Assert.Equal("set", flow.State.Incidents.Single().ActivityId);
    }

    [Fact]
    public async Task A_number_variable_set_from_text_is_a_number()
    {
        using var flow = await new Flow().Of(Flow.Sequence("s", Flow.Step("set", "Elsa.SetVariable", "\"variable\":{\"id\":\"n\",\"name\":\"N\"}," + Flow.Input("value", "12")), Flow.Say("w", "getN() + 1")),
            "\"variables\":[{\"id\":\"n\",\"name\":\"N\",\"typeName\":\"Int32\"}]").Run();
        Assert.Equal(["13"], flow.Lines);
    }

    [Fact]
    public async Task Defaults_of_variables_are_converted_to_their_types()
    {
        using var flow = await new Flow().Of(Flow.Say("w", "getN() + 1 + ':' + getB() + ':' + getJ().a.b + ':' + getL().length"), """
            "variables": [{ "id": "1", "name": "N", "typeName": "Int32", "value": "41" }, { "id": "2", "name": "B", "typeName": "Boolean", "value": "true" },
                          { "id": "3", "name": "J", "typeName": "JSON", "value": "{\"a\":{\"b\":7}}" }, { "id": "4", "name": "L", "typeName": "Int32", "isArray": true, "value": "[1,2,3]" }]
            """).Run();
        Assert.Equal(["42:true:7:3"], flow.Lines);
    }

    [Fact]
    public async Task Inputs_and_outputs_bound_to_variables_pass_values_on()
    {
        using var flow = await new Flow().Of(Flow.Sequence("s",
            Flow.Step("js", "Elsa.RunJavaScript", Flow.Input("script", "'result'") + ",\"result\":{\"typeName\":\"Object\",\"memoryReference\":{\"id\":\"v1\"}}"), Flow.Say("w", "getX()")), Texts).Run();
        Assert.Equal(["result"], flow.Lines);
    }

    [Fact]
    public async Task An_output_of_a_workflow_used_as_an_activity_goes_to_its_user_and_one_of_the_root_to_the_instance()
    {
        using var flow = new Flow();
        flow.Of(Flow.Step("set", "Elsa.SetOutput", Flow.Input("outputName", "Out") + "," + Flow.JavaScript("outputValue", "getInput('In') + '!'")),
            Usable + ",\"inputs\":[{\"name\":\"In\",\"type\":\"String\"}],\"outputs\":[{\"name\":\"Out\",\"type\":\"String\"}]", "Child");
        await flow.Of(Flow.Sequence("s",
            Flow.Step("use", "Child", Flow.Input("in", "hi", "String") + ",\"out\":{\"typeName\":\"String\",\"memoryReference\":{\"id\":\"v1\"}}"),
            Flow.Step("own", "Elsa.SetOutput", Flow.Input("outputName", "Total") + "," + Flow.JavaScript("outputValue", "getX()"))), Texts).Run();
        Assert.Equal("hi!", flow.State.Output["Total"]);
        Assert.False(flow.State.Output.ContainsKey("Out"));
    }

    [Fact]
    public async Task A_workflow_used_as_an_activity_keeps_its_inputs_over_a_wait_and_gives_its_own_outcome()
    {
        using var flow = new Flow();
        flow.Of(Flow.Chart($"{Flow.OnEvent("e")},{Flow.Say("w", "'in ' + getInput('In')")},{Flow.Step("c", "Elsa.Complete", Flow.JavaScript("outcomes", "['Yes']"))}", "e->w; w->c"),
            Usable + ",\"inputs\":[{\"name\":\"In\",\"type\":\"String\"}],\"outcomes\":[\"Yes\",\"No\"]", "Child");
        flow.Of(Flow.Chart($"{Flow.Step("use", "Child", Flow.Input("in", "hi", "String"))},{Flow.Write("yes")},{Flow.Write("no")},{Flow.Write("done")}", "use:Yes->yes; use:No->no; use:Done->done"));
        await flow.Run();
        Assert.Equal("Workflow2:flow:use:Workflow1:flow:e", flow.State.Bookmarks.Single().ActivityNodeId);
        await flow.Resume("e");
        Assert.Equal(["in hi", "yes"], flow.Lines);
    }

    [Fact]
    public async Task A_workflow_used_as_an_activity_is_found_by_version_id_then_number_then_publication()
    {
        static WorkflowDefinition Version(int number, bool published, bool latest = false) => WorkflowJson.Read(
            $$"""{ "id": "v{{number}}", "definitionId": "c", "name": "C", "version": {{number}}, "isPublished": {{(published ? "true" : "false")}}, "isLatest": {{(latest ? "true" : "false")}}, {{Usable}}, "root": {{Flow.Write("w")}} }""");
        var catalog = new Workflows.Scenarios.WorkflowCatalog();
        foreach (var version in new[] { Version(1, false), Version(2, true), Version(3, false, true) }) catalog.Add(version);
        Assert.Equal("v1", catalog.Resolve(new("C", "c", "v1", 2))?.Id);
        Assert.Equal("v3", catalog.Resolve(new("C", "c", null, 3))?.Id);
        Assert.Equal("v2", catalog.Resolve(new("C", "c", "gone", 1))?.Id);
        Assert.Equal("v2", catalog.Resolve(new("C", null, null, 9))?.Id);
        Assert.Null(catalog.Resolve(new("D", "c", "v1", 1)));
        await Task.CompletedTask;
    }

    // ---- flowcharts ----

    [Theory]
    [InlineData("MatchFirst", "one")]
    [InlineData("MatchAny", "one,two")]
    public async Task A_switch_takes_the_first_match_or_all_of_them(string mode, string lines)
    {
        const string cases = "\"cases\":[{\"label\":\"0\",\"condition\":{\"type\":\"JavaScript\",\"value\":\"false\"}},{\"label\":\"1\",\"condition\":{\"type\":\"JavaScript\",\"value\":\"true\"}},{\"label\":\"2\",\"condition\":{\"type\":\"Literal\",\"value\":true}}]";
        using var flow = await new Flow().Of(Flow.Chart($"{Flow.Step("s", "Elsa.FlowSwitch", cases + "," + Flow.Input("mode", mode))},{Flow.Write("zero")},{Flow.Write("one")},{Flow.Write("two")},{Flow.Write("other")}",
            "s:0->zero; s:1->one; s:2->two; s:Default->other")).Run();
        Assert.Equal(lines.Split(','), flow.Lines);
    }

    [Fact]
    public async Task A_switch_without_a_match_takes_its_default()
    {
        using var flow = await new Flow().Of(Flow.Chart($"{Flow.Step("s", "Elsa.FlowSwitch", "\"cases\":[{\"label\":\"A\",\"condition\":{\"type\":\"JavaScript\",\"value\":\"false\"}}]")},{Flow.Write("a")},{Flow.Write("other")}", "s:A->a; s:Default->other")).Run();
        Assert.Equal(["other"], flow.Lines);
    }

    [Fact]
    public async Task A_fork_takes_its_named_branches_and_without_names_its_done()
    {
        using var named = await new Flow().Of(Flow.Chart($"{Flow.Step("f", "Elsa.FlowFork", Flow.JavaScript("branches", "['L', 'R', 'Nowhere']", "String[]"))},{Flow.Write("l")},{Flow.Write("r")},{Flow.Write("d")}", "f:L->l; f:R->r; f:Done->d")).Run();
        Assert.Equal(["l", "r"], named.Lines);
        using var plain = await new Flow().Of(Flow.Chart($"{Flow.Step("f", "Elsa.FlowFork")},{Flow.Write("d")}", "f->d")).Run();
        Assert.Equal(["d"], plain.Lines);
    }

    [Fact]
    public async Task Every_join_mode_over_one_dead_path()
    {
        static string Chart(string mode) => Flow.Chart($"{Flow.Begin},{Decide("d", true)},{Flow.Write("a")},{Flow.Write("b")},{Join("j", mode)},{Flow.Write("c")}", "start->d; d:True->a; d:False->b; a->j; b->j; j->c");
        foreach (var (mode, expected) in new[] { ("WaitAll", "a"), ("WaitAllActive", "a,c"), ("WaitAny", "a,c") })
        {
            using var flow = await new Flow().Of(Chart(mode)).Run();
            Assert.Equal(expected, string.Join(',', flow.Lines));
            Assert.Equal(WorkflowSubStatus.Finished, flow.State.SubStatus);
        }
    }

    [Fact]
    public async Task A_join_of_any_cancels_the_waits_before_it_and_ignores_who_comes_later()
    {
        using var flow = await new Flow().Of(Flow.Chart($"{Flow.Begin},{Flow.OnEvent("a")},{Flow.OnEvent("b")},{Join("j", "WaitAny")},{Flow.Write("c")}", "start->a; start->b; a->j; b->j; j->c")).Run();
        await flow.Resume("b");
        Assert.Equal(["c"], flow.Lines);
        Assert.Contains("Canceled a", flow.Journal);
        Assert.Equal(WorkflowSubStatus.Finished, flow.State.SubStatus);
    }

    [Fact]
    public async Task Started_by_one_of_two_triggers_a_join_behind_both_needs_only_the_live_one()
    {
        using var flow = new Flow().Of(Flow.Chart($"{Trigger("t1", "One")},{Trigger("t2", "Two")},{Join("j", "WaitAll")},{Flow.Write("w")}", "t1->j; t2->j; j->w"));
        await flow.Publish("Two");
        Assert.Equal(["w"], flow.Lines);
        Assert.DoesNotContain("Started t1", flow.Journal);
    }

    [Fact]
    public async Task Directly_started_the_trigger_waits_and_by_its_event_it_does_not()
    {
        using var flow = await new Flow().Of(Flow.Chart($"{Trigger("t", "Go")},{Flow.Write("w")}", "t->w")).Run();
        Assert.Equal("t", flow.State.Bookmarks.Single().ActivityId);
        // One event both starts a new instance and resumes the one that waits.
        await flow.Publish("Go");
        Assert.Equal(["w", "w"], flow.Lines);
        Assert.Equal(2, flow.Host.Instances.Count);
    }

    [Fact]
    public async Task A_step_of_the_same_id_inside_a_workflow_used_as_an_activity_is_no_trigger()
    {
        using var flow = new Flow();
        flow.Of(Flow.Chart($"{Flow.OnEvent("t", "Inner")},{Flow.Write("inner")}", "t->inner"), Usable, "Child");
        flow.Of(Flow.Chart($"{Trigger("t", "Go")},{Flow.Step("use", "Child")}", "t->use"));
        await flow.Publish("Go");
        Assert.Equal("t", flow.State.Bookmarks.Single().ActivityId);
        Assert.Empty(flow.Lines);
    }

    [Fact]
    public async Task A_nested_flowchart_ends_with_done_and_only_itself_by_its_end()
    {
        var inner = Flow.Step("inner", "Elsa.Flowchart", $"\"activities\":[{Flow.Begin},{Flow.OnEvent("never")},{Flow.Step("end", "Elsa.End")}],\"connections\":[{{\"source\":{{\"activity\":\"start\"}},\"target\":{{\"activity\":\"never\"}}}},{{\"source\":{{\"activity\":\"start\"}},\"target\":{{\"activity\":\"end\"}}}}]");
        using var flow = await new Flow().Of(Flow.Chart($"{Flow.Write("a")},{inner},{Flow.Write("z")}", "a->inner; inner->z")).Run();
        Assert.Equal(["a", "z"], flow.Lines);
        Assert.Contains("Canceled never", flow.Journal);
    }

    [Fact]
    public async Task Queues_are_worked_off_breadth_first()
    {
        using var flow = await new Flow().Of(Flow.Step("p", "Elsa.Parallel", $"\"activities\":[{Flow.Sequence("x", Flow.Write("1a"), Flow.Write("1b"))},{Flow.Sequence("y", Flow.Write("2a"), Flow.Write("2b"))}]")).Run();
        Assert.Equal(["1a", "2a", "1b", "2b"], flow.Lines);
    }

    // ---- loops and other containers ----

    [Theory]
    [InlineData(0, 2, 1, true, "0,1,2")]
    [InlineData(0, 2, 1, false, "0,1")]
    [InlineData(3, 1, -1, true, "3,2,1")]
    [InlineData(3, 1, 1, true, "")]
    [InlineData(0, 5, 2, true, "0,2,4")]
    [InlineData(2147483646, 2147483647, 1, true, "2147483646,2147483647")]
    public async Task A_counting_loop(int start, int end, int step, bool inclusive, string expected)
    {
        var inputs = string.Join(',', Flow.Input("start", start), Flow.Input("end", end), Flow.Input("step", step), Flow.Input("outerBoundInclusive", inclusive));
        using var flow = await new Flow().Of(Flow.Step("f", "Elsa.For", inputs + ",\"body\":" + Flow.Say("w", "getVariable('CurrentValue')"))).Run();
        Assert.Equal(expected, string.Join(',', flow.Lines));
        Assert.Equal(WorkflowSubStatus.Finished, flow.State.SubStatus);
    }

    [Theory]
    [InlineData("Elsa.For", "\"end\":2000000000")]
    [InlineData("Elsa.While", "\"condition\":true")]
    [InlineData("Elsa.Do", "\"condition\":true")]
    public async Task A_loop_without_a_body_ends_or_is_stopped(string type, string inputs)
    {
        using var flow = await new Flow().Of(Flow.Step("l", type, inputs)).Run();
        Assert.Contains("steps without a wait", flow.State.Incidents.Single().Message, StringComparison.Ordinal);
        using var few = await new Flow().Of(Flow.Sequence("s", Flow.Step("l", "Elsa.For", "\"end\":10"), Flow.Write("after"))).Run();
        Assert.Equal(["after"], few.Lines);
    }

    [Fact]
    public async Task While_looks_at_its_condition_each_time()
    {
        using var flow = await new Flow().Of(Flow.Step("l", "Elsa.While", Flow.JavaScript("condition", "getN() < 3", "Boolean") + ",\"body\":" + Flow.Sequence("b",
            Flow.Step("set", "Elsa.SetVariable", "\"variable\":{\"id\":\"n\",\"name\":\"N\"}," + Flow.JavaScript("value", "getN() + 1")), Flow.Say("w", "getN()"))),
            "\"variables\":[{\"id\":\"n\",\"name\":\"N\",\"typeName\":\"Int32\",\"value\":\"0\"}]").Run();
        Assert.Equal(["1", "2", "3"], flow.Lines);
    }

    [Fact]
    public async Task All_bodies_of_a_parallel_loop_wait_and_the_loop_ends_with_the_last()
    {
        using var flow = await new Flow().Of(Flow.Sequence("s", Flow.Step("p", "Elsa.ParallelForEach", Flow.JavaScript("items", "['x', 'y']") + ",\"body\":" + Flow.Sequence("b", Flow.OnEvent("e"), Flow.Say("w", "getCurrentValue()"))), Flow.Write("end"))).Run();
        Assert.Equal(2, flow.State.Bookmarks.Count);
        await flow.Publish("e");
        Assert.Equal(["x", "y", "end"], flow.Lines);
        using var none = await new Flow().Of(Flow.Sequence("s", Flow.Step("p", "Elsa.ParallelForEach", Flow.JavaScript("items", "[]") + ",\"body\":" + Flow.Write("w")), Flow.Write("end"))).Run();
        Assert.Equal(["end"], none.Lines);
    }

    [Fact]
    public async Task A_classic_switch_may_run_all_matching_branches()
    {
        static string Case(string label, string condition) => $$"""{ "label": "{{label}}", "condition": { "type": "JavaScript", "value": "{{condition}}" }, "activity": {{Flow.Write(label)}} }""";
        var cases = $"\"cases\":[{Case("a", "true")},{Case("b", "false")},{Case("c", "true")}],\"default\":{Flow.Write("d")}";
        using var flow = await new Flow().Of(Flow.Sequence("s", Flow.Step("sw", "Elsa.Switch", cases + "," + Flow.Input("mode", "MatchAny")), Flow.Write("end"))).Run();
        Assert.Equal(["a", "c", "end"], flow.Lines);
        using var none = await new Flow().Of(Flow.Step("sw", "Elsa.Switch", $"\"cases\":[{Case("b", "false")}],\"default\":{Flow.Write("d")}")).Run();
        Assert.Equal(["d"], none.Lines);
    }

    [Fact]
    public async Task A_classic_fork_waits_for_all_when_told_to()
    {
        using var flow = await new Flow().Of(Flow.Sequence("s", Flow.Step("f", "Elsa.Fork", $"\"joinMode\":\"WaitAll\",\"branches\":[{Flow.OnEvent("a")},{Flow.OnEvent("b")}]"), Flow.Write("end"))).Run();
        await flow.Resume("a");
        Assert.Empty(flow.Lines);
        await flow.Resume("b");
        Assert.Equal(["end"], flow.Lines);
    }

    [Fact]
    public async Task A_loop_broken_out_of_after_a_wait_ends()
    {
        var body = Flow.Sequence("b", Flow.OnEvent("e"), Flow.Step("brk", "Elsa.Break"), Flow.Write("rest"));
        using var flow = await new Flow().Of(Flow.Sequence("s", Flow.Step("l", "Elsa.While", Flow.Input("condition", true) + ",\"body\":" + body), Flow.Write("end"))).Run();
        await flow.Resume("e");
        Assert.Equal(["end"], flow.Lines);
    }

    // ---- events, triggers, correlation ----

    [Fact]
    public async Task An_event_reaches_only_its_correlation_and_its_exact_name()
    {
        using var flow = new Flow().Of(Flow.Sequence("s", Flow.OnEvent("e", "Go"), Flow.Say("w", "getCorrelationId()")));
        await flow.Run(correlationId: "one");
        await flow.Run(correlationId: "two");
        await flow.Publish("go");
        await flow.Publish("Go", correlationId: "two");
        Assert.Equal(["two"], flow.Lines);
        await flow.Publish("Go");
        Assert.Equal(["two", "one"], flow.Lines);
    }

    [Fact]
    public async Task A_local_event_stays_in_its_instance()
    {
        using var flow = new Flow().Of(Flow.Chart(
            $"{Flow.Begin},{Flow.OnEvent("e", "Mine")},{Flow.Write("got")},{Flow.OnEvent("now")},{Flow.Step("p", "Elsa.PublishEvent", Flow.Input("eventName", "Mine") + "," + Flow.Input("isLocalEvent", true))}",
            "start->e; e->got; start->now; now->p"));
        await flow.Run();
        await flow.Run();
        await flow.Resume("now");
        await flow.Wait(TimeSpan.FromSeconds(1));
        Assert.Equal(["got"], flow.Lines);
        Assert.Equal([WorkflowStatus.Finished, WorkflowStatus.Running], flow.Host.Instances.Select(instance => instance.Load().Status));
    }

    [Theory]
    [InlineData("SingletonStrategy", "a,a,b", 1)]
    [InlineData("CorrelatedSingletonStrategy", "a,a,b", 2)]
    [InlineData("CorrelationStrategy", "a,a,b", 2)]
    [InlineData("AlwaysStrategy", "a,a,b", 3)]
    [InlineData("Elsa.Workflows.Runtime.ActivationValidators.SingletonStrategy, Elsa.Workflows.Runtime", "a,b", 1)]
    public async Task Activation_is_asked_when_a_trigger_starts(string strategy, string correlations, int started)
    {
        using var flow = new Flow().Of(Flow.Sequence("s", Trigger("t", "Go"), Flow.OnEvent("hold")), $"\"options\":{{\"activationStrategyType\":\"{strategy}\"}}");
        foreach (var correlation in correlations.Split(',')) await flow.Publish("Go", correlationId: correlation);
        Assert.Equal(started, flow.Host.Instances.Count);
        await flow.Run();
        Assert.Equal(started + 1, flow.Host.Instances.Count);
    }

    [Fact]
    public async Task A_cron_and_a_start_at_trigger_start_at_their_instants()
    {
        using var flow = new Flow();
        flow.Of(Flow.Sequence("c", Flow.Step("cron", "Elsa.Cron", Flow.Input("cronExpression", "0 30 9 * * *") + "," + Starts), Flow.Write("cron")), "", "crons");
        flow.Of(Flow.Sequence("a", Flow.Step("at", "Elsa.StartAt", Flow.Input("dateTime", "2026-04-02T12:00:00Z") + "," + Starts), Flow.Write("at")), "", "ats");
        await flow.Wait(TimeSpan.FromDays(2));
        Assert.Equal(["cron", "cron", "at"], flow.Lines);
    }

    [Fact]
    public async Task A_retracted_workflow_is_started_by_nothing_and_what_runs_goes_on()
    {
        using var flow = await new Flow().Of(Flow.Chart($"{Trigger("t", "Go")},{Flow.Write("w")}", "t->w")).Run();
        flow.Host.Retract("flow1");
        await flow.Publish("Go");
        Assert.Equal(["w"], flow.Lines);
        Assert.Single(flow.Host.Instances);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await flow.Run());
    }

    [Fact]
    public async Task A_task_has_an_id_and_its_report_is_its_result()
    {
        using var flow = await new Flow().Of(Flow.Sequence("s",
            Flow.Step("t", "Elsa.RunTask", Flow.Input("taskName", "Call") + ",\"taskId\":{\"typeName\":\"String\",\"memoryReference\":{\"id\":\"v1\"}}"), Flow.Say("w", "(getX().length > 0) + getLastResult().by")), Texts).Run();
        await flow.Host.ReportTaskAsync(flow.Instance, new Dictionary<string, object?> { ["by"] = "Bea" }, CancellationToken.None);
        Assert.Equal(["trueBea"], flow.Lines);
    }

    // ---- children ----

    [Theory]
    [InlineData("Elsa.ExecuteWorkflow")]
    [InlineData("Elsa.DispatchWorkflow")]
    [InlineData("Elsa.BulkDispatchWorkflows")]
    public async Task A_child_that_does_not_exist_faults_the_step_that_asks_for_it(string type)
    {
        using var flow = await new Flow().Of(Flow.Step("c", type, Flow.Input("workflowDefinitionId", "nobody") + "," + Flow.JavaScript("items", "[1]"))).Run();
        Assert.Equal(("c", "Workflow 'nobody' is not published."), (flow.State.Incidents.Single().ActivityId, flow.State.Incidents.Single().Message));
    }

    [Fact]
    public async Task A_workflow_that_executes_itself_is_stopped()
    {
        using var flow = await new Flow().Of(Flow.Step("me", "Elsa.ExecuteWorkflow", Flow.Input("workflowDefinitionId", "flow1"))).Run();
        Assert.InRange(flow.Host.Instances.Count, 2, 30);
        Assert.Contains("execute itself", flow.Host.Instances[^1].Load().Incidents.Single().Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_workflow_that_dispatches_itself_is_stopped()
    {
        using var flow = await new Flow().Of(Flow.Step("me", "Elsa.DispatchWorkflow", Flow.Input("workflowDefinitionId", "flow1"))).Run();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await flow.Wait(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public async Task A_child_that_faults_lets_its_parent_go_on_with_that_status()
    {
        using var flow = new Flow();
        flow.Of(Boom("b"), "", "child");
        await flow.Of(Flow.Sequence("s", Flow.Step("x", "Elsa.ExecuteWorkflow", Flow.Input("workflowDefinitionId", "child") + "," + Flow.Input("waitForCompletion", true)), Flow.Say("w", "getLastResult().SubStatus"))).Run();
        Assert.Equal(["Faulted"], flow.Lines);
        Assert.Equal(WorkflowSubStatus.Finished, flow.State.SubStatus);
    }

    [Fact]
    public async Task Bulk_children_get_their_item_their_correlation_and_the_port_of_how_they_ended()
    {
        using var flow = new Flow();
        flow.Of(Flow.Sequence("s", Flow.Say("w", "getInput('Item') + getInput('Extra') + getCorrelationId()"), Flow.Step("if", "Elsa.If", Flow.JavaScript("condition", "getInput('Item') == 2", "Boolean") + ",\"then\":" + Boom("b"))), "", "child");
        var inputs = string.Join(',', Flow.Input("workflowDefinitionId", "child"), Flow.JavaScript("items", "[1, 2]"), Flow.JavaScript("input", "({Extra: 'x'})"), Flow.JavaScript("correlationIdFunction", "'c' + getItem()", "String"));
        flow.Of(Flow.Chart($"{Flow.Step("bulk", "Elsa.BulkDispatchWorkflows", inputs + $",\"childCompleted\":{Flow.Write("ok")},\"childFaulted\":{Flow.Write("bad")}")},{Flow.Write("end")}", "bulk:Completed->end"));
        await flow.Run();
        await flow.Wait(TimeSpan.FromSeconds(1));
        Assert.Equal(["1xc1", "2xc2", "bad", "end", "ok"], flow.Lines.Order(StringComparer.Ordinal));
        Assert.Equal("end", flow.Lines[^1]);
    }

    // ---- faults ----

    [Fact]
    public async Task By_default_a_fault_ends_the_instance_but_what_is_queued_still_runs()
    {
        using var flow = await new Flow().Of(Flow.Chart($"{Flow.Begin},{Boom("b")},{Flow.Write("w")},{Flow.Write("w2")}", "start->b; start->w; w->w2")).Run();
        Assert.Equal(WorkflowSubStatus.Faulted, flow.State.SubStatus);
        Assert.Equal(["w", "w2"], flow.Lines);
        Assert.DoesNotContain("Completed flow", flow.Journal);
    }

    [Fact]
    public async Task Continuing_with_incidents_a_join_behind_the_fault_waits_for_ever_so_the_instance_ends_faulted()
    {
        using var flow = await new Flow().Of(Flow.Chart($"{Flow.Begin},{Boom("b")},{Flow.Write("w")},{Join("j", "WaitAllActive")},{Flow.Write("never")}", "start->b; start->w; b->j; w->j; j->never"), Continue).Run();
        Assert.Equal(["w"], flow.Lines);
        Assert.Equal((WorkflowStatus.Finished, WorkflowSubStatus.Faulted), (flow.State.Status, flow.State.SubStatus));
        Assert.Equal("b", flow.State.Incidents.Single().ActivityId);
    }

    [Fact]
    public async Task Continuing_with_incidents_other_branches_wait_and_go_on()
    {
        using var flow = await new Flow().Of(Flow.Chart($"{Flow.Begin},{Boom("b")},{Flow.OnEvent("e")},{Flow.Write("w")}", "start->b; start->e; e->w"), Continue).Run();
        Assert.Equal(WorkflowSubStatus.Suspended, flow.State.SubStatus);
        await flow.Resume("e");
        Assert.Equal(["w"], flow.Lines);
        Assert.Equal(WorkflowSubStatus.Faulted, flow.State.SubStatus);
    }

    [Theory]
    [InlineData("", "ContinueWithIncidentsStrategy", WorkflowSubStatus.Suspended)]
    [InlineData(Continue, "FaultStrategy", WorkflowSubStatus.Faulted)]
    [InlineData(Continue, "Elsa.Workflows.IncidentStrategies.FaultStrategy, Elsa.Workflows.Core", WorkflowSubStatus.Faulted)]
    public async Task A_step_may_say_otherwise_than_its_workflow_what_its_fault_means(string workflow, string strategy, WorkflowSubStatus expected)
    {
        var boom = Flow.Step("b", "Elsa.Fault", $"\"customProperties\":{{\"incidentStrategyType\":\"{strategy}\"}}");
        using var flow = await new Flow().Of(Flow.Chart($"{Flow.Begin},{boom},{Flow.OnEvent("e")}", "start->b; start->e"), workflow).Run();
        Assert.Equal(expected, flow.State.SubStatus);
    }

    [Fact]
    public async Task A_fault_counts_for_every_container_around_it()
    {
        using var flow = await new Flow().Of(Flow.Chart($"{Flow.Begin},{Flow.Sequence("s", Boom("b"))},{Flow.OnEvent("e")}", "start->s; start->e"), Continue).Run();
        Assert.Equal([("Workflow1", 1), ("flow", 1), ("s", 1), ("e", 0), ("b", 1)], flow.State.Activities.Select(one => (one.NodeId.Split(':')[^1], one.FaultCount)));
    }

    [Fact]
    public async Task A_cancelled_instance_ends_where_it_stands_without_a_word_in_the_journal()
    {
        using var flow = await new Flow().Of(Flow.Chart($"{Flow.Begin},{Flow.OnEvent("e")}", "start->e")).Run();
        var before = flow.Journal.Count();
        flow.Host.Cancel(flow.Instance);
        Assert.Equal((WorkflowStatus.Finished, WorkflowSubStatus.Cancelled, 0, before), (flow.State.Status, flow.State.SubStatus, flow.State.Bookmarks.Count, flow.Journal.Count()));
    }
}
