using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;

namespace Automation.Workflows.Tests.Definitions;

public sealed class WorkflowValidatorTests
{
    private static string[] Codes(string root, string rest = "") =>
        [.. WorkflowValidator.Validate(Flow.Definition(root, rest), ActivityRegistry.WithGeneralActivities()).Select(finding => $"{finding.ActivityId} {finding.Code}")];

    [Fact]
    public void A_sound_workflow_has_no_findings() =>
        Assert.Empty(Codes(Flow.Chart($"{Flow.Begin},{Flow.OnEvent("e")},{Flow.Say("w", "getInput('x')")}", "start->e; e->w")));

    [Theory]
    [InlineData("start->nowhere", "flow dangling-connection")]
    [InlineData("start->w; start->w", "flow duplicate-connection")]
    [InlineData("start:Later->w", "start unknown-port")]
    [InlineData("", "w unreachable")]
    [InlineData("start->w; w->w", "w endless-loop")]
    public void A_wrong_connection_is_found(string connections, string expected) =>
        Assert.Contains(expected, Codes(Flow.Chart($"{Flow.Begin},{Flow.Write("w")}", connections)));

    [Theory]
    [InlineData("\"id\":\"a\",\"type\":\"Elsa.Nothing\"", "a unknown-activity")]
    [InlineData("\"id\":\"a\",\"type\":\"Elsa.WriteLine\",\"version\":7", "a unknown-version")]
    [InlineData("\"id\":\"a\",\"type\":\"Elsa.Event\"", "a missing-input")]
    [InlineData("\"id\":\"a\",\"type\":\"Elsa.SetVariable\"", "a missing-input")]
    [InlineData("\"id\":\"a\",\"type\":\"Elsa.Delay\",\"timeSpan\":\"soon\"", "a bad-literal")]
    [InlineData("\"id\":\"a\",\"type\":\"Elsa.WriteLine\",\"text\":{\"typeName\":\"String\",\"expression\":{\"type\":\"JavaScript\",\"value\":\"1 +\"}}", "a bad-expression")]
    [InlineData("\"id\":\"a\",\"type\":\"Elsa.WriteLine\",\"text\":{\"typeName\":\"String\",\"expression\":{\"type\":\"Python\",\"value\":\"1\"}}", "a unknown-expression")]
    [InlineData("\"id\":\"a\",\"type\":\"Elsa.RunJavaScript\",\"script\":\"}\"", "a bad-expression")]
    [InlineData("\"id\":\"a\",\"type\":\"Elsa.Cron\",\"cronExpression\":\"often\",\"canStartWorkflow\":true", " bad-trigger")]
    [InlineData("\"id\":\"a\",\"type\":\"Elsa.While\",\"condition\":true,\"body\":{\"id\":\"b\",\"type\":\"Elsa.WriteLine\",\"version\":1}", "a endless-loop")]
    public void A_wrong_step_is_found(string step, string expected) => Assert.Contains(expected, Codes("{" + step + "}"));

    [Fact]
    public void A_loop_that_counts_or_waits_is_sound()
    {
        const string variables = "\"variables\":[{\"id\":\"n\",\"name\":\"N\",\"typeName\":\"Int32\",\"value\":\"0\"}]";
        var count = Flow.Step("c", "Elsa.SetVariable", "\"variable\":{\"id\":\"n\",\"name\":\"N\"}," + Flow.JavaScript("value", "getN() + 1"));
        var decide = Flow.Step("d", "Elsa.FlowDecision", Flow.JavaScript("condition", "getN() < 3", "Boolean"));
        Assert.Empty(Codes(Flow.Chart($"{Flow.Begin},{count},{decide}", "start->c; c->d; d:True->c"), variables));
        Assert.Empty(Codes(Flow.Chart($"{Flow.Begin},{Flow.OnEvent("e")}", "start->e; e->e")));
    }

    [Fact]
    public void A_default_of_another_type_and_unknown_strategies_are_found()
    {
        Assert.Contains(" bad-default", Codes(Flow.Begin, "\"variables\":[{\"id\":\"n\",\"name\":\"N\",\"typeName\":\"Int32\",\"value\":\"many\"}]"));
        Assert.Contains(" unknown-strategy", Codes(Flow.Begin, "\"options\":{\"incidentStrategyType\":\"Elsa.ShrugStrategy, Elsa\"}"));
    }
}
