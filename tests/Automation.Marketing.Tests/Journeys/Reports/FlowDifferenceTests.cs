using System.Text.Json.Nodes;
using Automation.Marketing.Journeys.Reports;
using Automation.Marketing.Tests.Scenarios;
using Automation.Workflows.Definitions;

namespace Automation.Marketing.Tests.Journeys.Reports;

public sealed class FlowDifferenceTests
{
    [Fact]
    public void Steps_inputs_ways_and_settings_that_differ_are_told_and_nothing_else()
    {
        var changes = FlowDifference.Of(
            Read(Begun().Step("mail", "Automation.SendEmail", ("template", "welcome/day-0")).Step("tag", "Automation.AddTag", ("tag", "a")).Line("start", "Done", "mail").Line("mail", "Sent", "tag")
                .Settings(new JsonObject { ["goal"] = new JsonObject { ["event"] = "order.placed" }, ["priority"] = 50 })),
            Read(Begun().Step("mail", "Automation.SendEmail", ("template", "welcome/day-3"), ("validFor", "P3D")).Step("wait", "Elsa.Delay", ("timeSpan", "1.00:00:00")).Line("start", "Done", "mail").Line("mail", "Sent", "wait")
                .Settings(new JsonObject { ["goal"] = new JsonObject { ["event"] = "order.placed" }, ["priority"] = 60 })));
        Assert.Equal(
            [
                "SettingChanged priority 50 60", "Added wait", "Removed tag", "InputChanged mail template welcome/day-0 welcome/day-3", "InputChanged mail validFor  P3D", "Joined mail Sent wait",
            ],
            changes.Select(Told));
    }

    [Fact]
    public void Where_a_step_stands_makes_no_difference_and_its_name_and_kind_do()
    {
        var before = JsonNode.Parse(Begun().Step("b", "Elsa.Delay").Line("start", "Done", "b").ToJson())!;
        var moved = before.DeepClone();
        moved["root"]!["activities"]![1]!["metadata"] = new JsonObject { ["designer"] = new JsonObject { ["position"] = new JsonObject { ["x"] = 5, ["y"] = 7 } } };
        Assert.Empty(FlowDifference.Of(Read(before), Read(moved)));
        moved["root"]!["activities"]![1]!["metadata"]!["displayText"] = "待つ / Wait";
        Assert.Equal(["Renamed b 待つ / Wait"], FlowDifference.Of(Read(before), Read(moved)).Select(Told));
        moved["root"]!["activities"]![1]!["type"] = "Automation.AddTag";
        Assert.Equal(["Replaced Elsa.Delay Automation.AddTag"], FlowDifference.Of(Read(before), Read(moved)).Select(Told));
    }

    [Fact]
    public void A_changed_question_of_a_branch_and_a_way_taken_out_are_told()
    {
        var before = JsonNode.Parse(Begun().Step("ask", "Elsa.FlowSwitch").Step("end", "Automation.AddTag").Line("start", "Done", "ask").Line("ask", "a", "end").ToJson())!;
        before["root"]!["activities"]![1]!["cases"] = new JsonArray(new JsonObject { ["label"] = "a", ["condition"] = new JsonObject { ["type"] = "Scriban", ["value"] = "true" } });
        var after = before.DeepClone();
        after["root"]!["activities"]![1]!["cases"]![0]!["condition"]!["value"] = "false";
        after["root"]!["connections"]!.AsArray().RemoveAt(1);
        var changes = FlowDifference.Of(Read(before), Read(after));
        Assert.IsType<FlowChange.InputChanged>(changes[0]);
        Assert.Equal("Parted ask a end", Told(changes[1]));
    }

    private static FlowSketch Begun() => new FlowSketch("flow").Step("start", "Automation.EventReceived", ("eventType", "lead.created"));

    private static WorkflowDefinition Read(FlowSketch sketch) => WorkflowJson.Read(sketch.ToJson(), "sketch");

    private static WorkflowDefinition Read(JsonNode json) => WorkflowJson.Read(json.ToJsonString(), "json");

    private static string Told(FlowChange change) => change switch
    {
        FlowChange.Added(var step) => $"Added {step.Id}",
        FlowChange.Removed(var step) => $"Removed {step.Id}",
        FlowChange.Renamed(var before, var after) => $"Renamed {before.Name} {after.Name}",
        FlowChange.Replaced(var before, var after) => $"Replaced {before.Type} {after.Type}",
        FlowChange.InputChanged(var step, var input, var before, var after) => $"InputChanged {step.Id} {input} {before} {after}",
        FlowChange.Joined(var from, var port, var to) => $"Joined {from.Id} {port} {to.Id}",
        FlowChange.Parted(var from, var port, var to) => $"Parted {from.Id} {port} {to.Id}",
        FlowChange.SettingChanged(var setting, var before, var after) => $"SettingChanged {setting} {before} {after}",
        _ => change.ToString(),
    };
}
