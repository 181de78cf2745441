using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;

namespace Automation.Workflows.Tests.Definitions;

public sealed class WorkflowValidatorTests
{
    private const string Count = "\"variables\":[{\"id\":\"n\",\"name\":\"N\",\"typeName\":\"Int32\",\"value\":\"0\"}]";
    private static readonly string Begin = Flow.Step("start", "Elsa.Event", Flow.Input("eventName", "go") + ",\"customProperties\":{\"canStartWorkflow\":true}");
    private static readonly string AddOne = Flow.Step("add", "Elsa.SetVariable", "\"variable\":{\"id\":\"n\",\"name\":\"N\"}," + Flow.JavaScript("value", "getN() + 1"));
    private static readonly string AreFewer = Flow.Step("few", "Elsa.FlowDecision", Flow.JavaScript("condition", "getN() < 3", "Boolean"));

    private static IReadOnlyList<WorkflowFinding> Findings(string root, string rest = "") =>
        WorkflowValidator.Validate(Flow.Definition(root, rest), ActivityRegistry.WithGeneralActivities().AddHttpActivities());

    private static string[] Codes(string root, string rest = "") => [.. Findings(root, rest).Select(finding => $"{finding.ActivityId} {finding.Code}")];

    private static string[] Errors(string root, string rest = "") =>
        [.. Findings(root, rest).Where(finding => finding.Severity is Severity.Error).Select(finding => $"{finding.ActivityId} {finding.Code}")];

    [Fact]
    public void A_sound_workflow_has_no_findings() =>
        Assert.Empty(Codes(Flow.Chart($"{Begin},{Flow.OnEvent("e")},{Flow.Say("w", "getInput('x')")}", "start->e; e->w")));

    [Theory]
    [InlineData("start->nowhere", "start dangling-connection", Severity.Error)]
    [InlineData("nowhere->w", "w dangling-connection", Severity.Error)]
    [InlineData("no->where", "flow dangling-connection", Severity.Error)]
    [InlineData("start->w; start->w", "start duplicate-connection", Severity.Warning)]
    [InlineData("start:Later->w", "start unknown-port", Severity.Error)]
    [InlineData("", "w unreachable", Severity.Warning)]
    [InlineData("start->w; w->w", "w endless-loop", Severity.Error)]
    public void A_wrong_connection_is_found(string connections, string expected, Severity severity) => Assert.Contains(
        (expected, severity), Findings(Flow.Chart($"{Begin},{Flow.Write("w")}", connections)).Select(finding => ($"{finding.ActivityId} {finding.Code}", finding.Severity)));

    [Theory]
    [InlineData("\"type\":\"Elsa.Nothing\"", "a unknown-activity")]
    [InlineData("\"type\":\"Elsa.WriteLine\",\"version\":7", "a unknown-version")]
    [InlineData("\"type\":\"Elsa.Event\"", "a missing-input")]
    [InlineData("\"type\":\"Elsa.Event\",\"eventName\":\"\"", "a missing-input")]
    [InlineData("\"type\":\"Elsa.SetVariable\"", "a missing-input")]
    [InlineData("\"type\":\"Elsa.RunJavaScript\"", "a missing-input")]
    [InlineData("\"type\":\"Elsa.Delay\",\"timeSpan\":\"soon\"", "a bad-literal")]
    [InlineData("\"type\":\"Elsa.Fork\",\"joinMode\":\"WaitSome\"", "a bad-literal")]
    [InlineData("\"type\":\"Elsa.FlowJoin\",\"mode\":\"WaitSome\"", "a bad-literal")]
    [InlineData("\"type\":\"Elsa.WriteLine\",\"text\":{\"typeName\":\"String\",\"expression\":{\"type\":\"JavaScript\",\"value\":\"1 +\"}}", "a bad-expression")]
    [InlineData("\"type\":\"Elsa.WriteLine\",\"text\":{\"typeName\":\"String\",\"expression\":{\"type\":\"Json\",\"value\":\"{\"}}", "a bad-expression")]
    [InlineData("\"type\":\"Elsa.WriteLine\",\"text\":{\"typeName\":\"String\",\"expression\":{\"type\":\"Variable\",\"value\":\"n\"}}", "a bad-expression")]
    [InlineData("\"type\":\"Elsa.WriteLine\",\"text\":{\"typeName\":\"String\",\"expression\":{\"type\":\"Variable\",\"value\":{\"id\":\"n\",\"name\":\"N\"}}}", "a unknown-variable")]
    [InlineData("\"type\":\"Elsa.SetVariable\",\"variable\":{\"id\":\"n\",\"name\":\"N\"}", "a unknown-variable")]
    [InlineData("\"type\":\"Elsa.WriteLine\",\"text\":{\"typeName\":\"String\",\"expression\":{\"type\":\"Input\",\"value\":{\"name\":\"x\"}}}", "a unknown-input")]
    [InlineData("\"type\":\"Elsa.SetOutput\",\"outputName\":\"x\"", "a unknown-output")]
    [InlineData("\"type\":\"Elsa.WriteLine\",\"text\":{\"typeName\":\"String\",\"expression\":{\"type\":\"Python\",\"value\":\"1\"}}", "a unknown-expression")]
    [InlineData("\"type\":\"Elsa.RunJavaScript\",\"script\":\"}\"", "a bad-expression")]
    [InlineData("\"type\":\"Elsa.FlowSwitch\",\"cases\":[{\"label\":\"x\",\"condition\":{\"type\":\"JavaScript\",\"value\":\"(\"}}]", "a bad-expression")]
    [InlineData("\"type\":\"Elsa.FlowSwitch\",\"cases\":[{\"label\":\"x\"}]", "a missing-input")]
    [InlineData("\"type\":\"Elsa.Switch\",\"cases\":[{\"label\":\"x\"}]", "a missing-input")]
    [InlineData("\"type\":\"Elsa.FlowSwitch\",\"cases\":[{\"label\":\"x\",\"condition\":true},{\"label\":\"x\",\"condition\":true}]", "a duplicate-name")]
    [InlineData("\"type\":\"Elsa.Cron\",\"cronExpression\":\"often\",\"canStartWorkflow\":true", "a bad-trigger")]
    [InlineData("\"type\":\"Elsa.Timer\",\"interval\":\"10000000.00:00:00\",\"canStartWorkflow\":true", "a bad-trigger")]
    [InlineData("\"type\":\"Elsa.HttpEndpoint\",\"canStartWorkflow\":true", "a bad-trigger")]
    [InlineData("\"type\":\"Elsa.WriteLine\",\"canStartWorkflow\":true", "a no-trigger")]
    [InlineData("\"type\":\"Elsa.WriteLine\"", " no-trigger")]
    [InlineData("\"type\":\"Elsa.Flowchart\",\"start\":\"x\",\"activities\":[]", "a unknown-start")]
    [InlineData("\"type\":\"Elsa.WriteLine\",\"customProperties\":{\"commitStrategyName\":\"Sometimes\"}", "a unknown-strategy")]
    [InlineData("\"type\":\"Elsa.WriteLine\",\"customProperties\":{\"incidentStrategyType\":\"Shrug\"}", "a unknown-strategy")]
    [InlineData("\"type\":\"Elsa.Sequence\",\"variables\":[{\"id\":\"1\",\"name\":\"V\"},{\"id\":\"2\",\"name\":\"V\"}]", "a duplicate-name")]
    [InlineData("\"type\":\"Elsa.While\",\"condition\":true,\"body\":{\"id\":\"b\",\"type\":\"Elsa.WriteLine\",\"version\":1}", "a endless-loop")]
    [InlineData("\"type\":\"Elsa.Do\",\"condition\":true", "a endless-loop")]
    [InlineData("\"type\":\"Elsa.While\",\"condition\":{\"typeName\":\"Boolean\",\"expression\":{\"type\":\"JavaScript\",\"value\":\"1 < 2\"}},\"body\":{\"id\":\"b\",\"type\":\"Elsa.WriteLine\",\"version\":1}", "a endless-loop")]
    [InlineData("\"type\":\"Elsa.For\",\"end\":3,\"step\":0", "a endless-loop")]
    [InlineData("\"type\":\"Elsa.For\",\"end\":2000000000", "a endless-loop")]
    public void A_wrong_step_is_found(string step, string expected) => Assert.Contains(expected, Codes("{\"id\":\"a\"," + step + "}"));

    [Theory]
    [InlineData("\"type\":\"Elsa.While\",\"condition\":true,\"body\":{\"id\":\"b\",\"type\":\"Elsa.Break\",\"version\":1}")]
    [InlineData("\"type\":\"Elsa.While\",\"condition\":true,\"body\":{\"id\":\"b\",\"type\":\"Elsa.Delay\",\"version\":1}")]
    [InlineData("\"type\":\"Elsa.While\",\"condition\":{\"typeName\":\"Boolean\",\"expression\":{\"type\":\"JavaScript\",\"value\":\"getN() < 3\"}},\"body\":{\"id\":\"b\",\"type\":\"Elsa.SetVariable\",\"version\":1,\"variable\":{\"id\":\"n\",\"name\":\"N\"}}")]
    [InlineData("\"type\":\"Elsa.For\",\"start\":3,\"end\":1")]
    [InlineData("\"type\":\"Elsa.ForEach\",\"items\":[1],\"body\":{\"id\":\"b\",\"type\":\"Elsa.WriteLine\",\"version\":1,\"text\":{\"typeName\":\"String\",\"expression\":{\"type\":\"Variable\",\"value\":{\"id\":\"x\",\"name\":\"CurrentValue\"}}}}")]
    [InlineData("\"type\":\"Elsa.WriteLine\",\"text\":{\"typeName\":\"String\",\"expression\":{\"type\":\"Variable\",\"value\":{\"id\":\"n\",\"name\":\"N\"}}}")]
    [InlineData("\"type\":\"Elsa.Cron\",\"cronExpression\":\"0 0 9 * * *\",\"canStartWorkflow\":true")]
    public void A_sound_step_has_no_errors(string step) => Assert.Empty(Errors("{\"id\":\"a\"," + step + "}", Count));

    [Fact]
    public void A_loop_that_counts_or_waits_is_sound()
    {
        Assert.Empty(Errors(Flow.Chart($"{Begin},{AddOne},{AreFewer}", "start->add; add->few; few:True->add"), Count));
        Assert.Empty(Errors(Flow.Chart($"{Begin},{Flow.OnEvent("e")}", "start->e; e->e")));
    }

    [Fact]
    public void A_count_that_no_decision_looks_at_bounds_nothing() =>
        Assert.Equal(["w endless-loop"], Errors(Flow.Chart($"{Begin},{AddOne},{Flow.Write("w")}", "start->add; add->w; w->add"), Count));

    [Fact]
    public void A_decision_over_what_never_changes_bounds_nothing() =>
        Assert.Equal(["few endless-loop"], Errors(Flow.Chart($"{Begin},{Flow.Write("w")},{AreFewer}", "start->w; w->few; few:True->w"), Count));

    [Fact]
    public void A_decision_whose_every_answer_stays_in_the_loop_bounds_nothing() =>
        Assert.Equal(["few endless-loop"], Errors(Flow.Chart($"{Begin},{AddOne},{AreFewer}", "start->add; add->few; few:True->add; few:False->add"), Count));

    [Fact]
    public void A_wait_on_one_way_round_does_not_excuse_the_other()
    {
        var decide = Flow.Step("d", "Elsa.FlowDecision", Flow.JavaScript("condition", "true", "Boolean"));
        Assert.Equal(["d endless-loop"], Errors(Flow.Chart(
            $"{Begin},{Flow.Write("w")},{decide},{Flow.OnEvent("e")}", "start->w; w->d; d:True->e; e->w; d:False->w")));
    }

    [Fact]
    public void A_delay_of_nothing_is_no_wait()
    {
        var delay = Flow.Step("d", "Elsa.Delay", Flow.Input("timeSpan", "00:00:00"));
        Assert.Contains("d endless-loop", Errors(Flow.Chart($"{Begin},{delay}", "start->d; d->d")));
    }

    [Fact]
    public void A_way_back_into_the_middle_of_a_loop_is_found() => Assert.Contains(
        "b invalid-loop", Errors(Flow.Chart($"{Begin},{Flow.Write("a")},{Flow.Write("b")},{Flow.OnEvent("c")}", "start->a; start->c; a->b; b->c; c->b")));

    [Fact]
    public void Steps_that_cannot_be_told_apart_are_found()
    {
        Assert.Contains("w duplicate-id", Errors(Flow.Sequence("s", Flow.Write("w"), Flow.Write("w"))));
        Assert.DoesNotContain("w duplicate-id", Errors(Flow.Sequence("s", Flow.Sequence("s1", Flow.Write("w")), Flow.Sequence("s2", Flow.Write("w")))));
        Assert.Contains("w duplicate-id", Codes(Flow.Sequence("s", Flow.Sequence("s1", Flow.Write("w")), Flow.Sequence("s2", Flow.Write("w")))));
    }

    [Fact]
    public void What_is_wrong_inside_a_workflow_used_as_an_activity_is_told_with_that_workflow()
    {
        var inner = Flow.Definition(Flow.Step("bad", "Elsa.Nothing"), "\"options\":{\"usableAsActivity\":true}", "inner");
        var findings = WorkflowValidator.Validate(Flow.Definition(Flow.Step("use", "Inner")), ActivityRegistry.WithGeneralActivities(), null, _ => inner);
        Assert.Equal(["no-trigger"], findings.Select(finding => finding.Code));
        Assert.Contains("use unknown-activity", Codes(Flow.Step("use", "Inner")));
    }

    [Fact]
    public void A_default_of_another_type_and_unknown_strategies_are_found()
    {
        Assert.Contains(" bad-default", Codes(Begin, "\"variables\":[{\"id\":\"n\",\"name\":\"N\",\"typeName\":\"Int32\",\"value\":\"many\"}]"));
        Assert.Contains(" bad-default", Codes(Begin, "\"inputs\":[{\"name\":\"N\",\"type\":\"Int32\",\"defaultValue\":\"many\"}]"));
        Assert.Contains(" unknown-strategy", Codes(Begin, "\"options\":{\"incidentStrategyType\":\"Elsa.ShrugStrategy, Elsa\"}"));
        Assert.Contains(" unknown-strategy", Codes(Begin, "\"options\":{\"activationStrategyType\":\"Whenever\"}"));
        Assert.Contains(" unknown-strategy", Codes(Begin, "\"options\":{\"commitStrategyName\":\"Whenever\"}"));
        Assert.Empty(Codes(Begin, "\"options\":{\"activationStrategyType\":\"Elsa.Workflows.Runtime.ActivationValidators.SingletonStrategy, Elsa.Workflows.Runtime\",\"incidentStrategyType\":\"ContinueWithIncidentsStrategy\",\"commitStrategyName\":\"ActivityExecuted\"}"));
    }

    [Fact]
    public void A_finding_says_what_to_do_and_keeps_its_values_apart()
    {
        var finding = Assert.Single(Findings(Flow.Chart($"{Begin}", "start->nowhere")), finding => finding.Code == "dangling-connection");
        Assert.Equal("The connection from '{0}' to '{1}' has a loose end: there is no step '{2}'. Remove it, or draw it to a step that exists.", finding.Message);
        Assert.Equal(["start", "nowhere", "nowhere"], finding.Values);
        Assert.Equal("start : dangling-connection : The connection from 'start' to 'nowhere' has a loose end: there is no step 'nowhere'. Remove it, or draw it to a step that exists.", finding.ToString());
    }

    [Fact]
    public void A_script_beyond_the_engine_is_told_which_javascript_it_is() =>
        Assert.Contains("ECMAScript 5.1", Findings(Flow.Say("w", "[1].map(x => x)")).Single(finding => finding.Code == "bad-expression").Text, StringComparison.Ordinal);

    [Fact]
    public void A_host_adds_rules_of_its_own()
    {
        var findings = WorkflowValidator.Validate(Flow.Definition(Begin), ActivityRegistry.WithGeneralActivities(), rules: [new NoEvents()]);
        Assert.Equal("start : no-events : Event 'go' is not wanted here.", Assert.Single(findings).ToString());
    }

    private sealed class NoEvents : IWorkflowRule
    {
        public IEnumerable<WorkflowFinding> Check(WorkflowGraph graph) =>
            graph.Steps.OfType<Workflows.Activities.Event>().Where(step => step.EventName.TryGetLiteral(out _))
                .Select(step => WorkflowFinding.Error(step, "no-events", "Event '{0}' is not wanted here.", step.EventName.TryGetLiteral(out var name) ? name : ""));
    }
}
