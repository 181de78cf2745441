using Automation.Marketing.Journeys.Reports;
using Automation.Marketing.Tests.Content;
using Automation.Marketing.Tests.Scenarios;
using Automation.Workflows.Definitions;

namespace Automation.Marketing.Tests.Journeys.Reports;

public sealed class FlowMapTests
{
    [Fact]
    public void Every_step_stands_below_those_that_lead_to_it_and_no_two_boxes_touch()
    {
        foreach (var file in Directory.EnumerateFiles(Shipped.Workflows, "*.json"))
        {
            var definition = WorkflowJson.Read(File.ReadAllText(file), file);
            var map = FlowMap.Of(definition);
            Assert.Equal(definition.Root["activities"]!.AsArray().Count, map.Steps.Count);
            foreach (var line in map.Lines.Where(line => !line.Way.Back))
                Assert.True(map.Find(line.From)!.Y < map.Find(line.To)!.Y, $"{file}: {line.From} → {line.To}");
            CheckBoxes(map);
        }
    }

    [Fact]
    public void A_loop_is_drawn_and_leads_up_again_on_the_outside()
    {
        var map = FlowMap.Of(Read(new FlowSketch("loop").Step("start", "Automation.EventReceived").Step("mail", "Automation.SendEmail").Step("wait", "Elsa.Delay").Step("more", "Elsa.FlowDecision").Step("end", "Automation.AddTag")
            .Line("start", "Done", "mail").Line("mail", "Sent", "wait").Line("wait", "Done", "more").Line("more", "True", "mail").Line("more", "False", "end")));
        var back = Assert.Single(map.Lines, line => line.Way.Back);
        Assert.Equal(("more", "mail"), (back.From, back.To));
        Assert.All(map.Steps, step => Assert.True(step.X + FlowMap.StepWidth / 2 < back.Way.Points.Max(point => point.X)));
        CheckBoxes(map);
    }

    [Fact]
    public void A_line_that_skips_rows_does_not_run_through_the_boxes_between()
    {
        var map = FlowMap.Of(Read(new FlowSketch("skip").Step("start", "Automation.EventReceived").Step("ask", "Elsa.FlowDecision").Step("one", "Automation.AddTag").Step("two", "Automation.AddTag").Step("last", "Automation.AddTag")
            .Line("start", "Done", "ask").Line("ask", "True", "one").Line("one", "Done", "two").Line("two", "Done", "last").Line("ask", "False", "last")));
        var far = map.Lines.Single(line => line is { From: "ask", To: "last" });
        foreach (var (x, y) in far.Way.Points.Skip(1).SkipLast(1))
            Assert.DoesNotContain(map.Steps, step => Math.Abs(step.X - x) < FlowMap.StepWidth / 2 && y >= step.Y && y <= step.Y + FlowMap.StepHeight);
    }

    [Fact]
    public void Several_ways_out_to_the_same_step_are_one_line()
    {
        var map = FlowMap.Of(Read(new FlowSketch("ways").Step("mail", "Automation.SendEmail").Step("wait", "Elsa.Delay").Line("mail", "Sent", "wait").Line("mail", "Skipped", "wait")));
        Assert.Equal(["Sent", "Skipped"], Assert.Single(map.Lines).Ports);
    }

    [Theory]
    [InlineData("""{"root":{"type":"Elsa.Flowchart","id":"flow","activities":[{"id":"a","type":"Nobody.Knows","text":{"expression":{"type":"Literal","value":"x"}}},{"type":"No.Id"}],"connections":[{"source":{"activity":"a"},"target":{"activity":"gone"}},{"source":"a","target":"a"}]}}""", 1)]
    [InlineData("""{"root":{"type":"Elsa.Sequence","id":"s","activities":[{"id":"a","type":"A"},{"id":"b","type":"B"}]}}""", 2)]
    [InlineData("""{"root":{"type":"Elsa.Flowchart","id":"flow","activities":[]}}""", 0)]
    [InlineData("""{"root":{"type":"Elsa.WriteLine","id":"only"}}""", 1)]
    public void Whatever_a_definition_holds_is_drawn_as_far_as_it_can_be(string json, int steps) =>
        Assert.Equal(steps, FlowMap.Of(WorkflowJson.Read(json, "odd")).Steps.Count(step => step.Step.Id.Length > 0));

    private static void CheckBoxes(FlowMap map)
    {
        foreach (var (one, other) in map.Steps.SelectMany(_ => map.Steps, (one, other) => (one, other)).Where(pair => pair.one != pair.other))
            Assert.False(Math.Abs(one.X - other.X) < FlowMap.StepWidth && Math.Abs(one.Y - other.Y) < FlowMap.StepHeight, $"{one.Step.Id} and {other.Step.Id} touch.");
        Assert.All(map.Steps, step => Assert.InRange(step.X, FlowMap.StepWidth / 2, map.Width - FlowMap.StepWidth / 2));
        Assert.All(map.Steps, step => Assert.InRange(step.Y, 0, map.Height - FlowMap.StepHeight));
    }

    private static WorkflowDefinition Read(FlowSketch sketch) => WorkflowJson.Read(sketch.ToJson(), "sketch");
}
