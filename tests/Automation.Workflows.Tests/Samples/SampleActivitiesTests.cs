using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;

namespace Automation.Workflows.Tests.Samples;

public sealed class SampleActivitiesTests
{
    private const string Variables = """
        "variables": [{ "id": "v1", "name": "total", "typeName": "Int32", "value": "10", "storageDriverTypeName": "WorkflowInstanceStorageDriver" },
                      { "id": "v2", "name": "words", "typeName": "Int32" }, { "id": "v3", "name": "said", "typeName": "String" }]
        """;

    [Fact]
    public async Task A_step_reads_and_writes_the_variable_it_refers_to_also_behind_a_suspend()
    {
        var body = Flow.Sequence("body", Flow.OnEvent("e"), Flow.Step("add", "Samples.AddTo", """ "total": { "id": "v1", "name": "total" }, """ + Flow.Input("amount", 5, "Int32")));
        using var flow = await Samples().Of(Flow.Sequence("s", Flow.Step("times", "Samples.Times", Flow.Input("count", 2, "Int32") + ",\"body\":" + body), Flow.Say("say", "getTotal()")), Variables).Run();
        await flow.Resume("e");
        await flow.Resume("e");
        Assert.Equal(["20"], flow.Lines);
        Assert.Equal(WorkflowSubStatus.Finished, flow.State.SubStatus);
    }

    [Fact]
    public async Task A_result_goes_where_it_is_bound()
    {
        var bound = """ "result": { "typeName": "Int32", "memoryReference": { "id": "v2" } }, """;
        using var flow = await Samples().Of(Flow.Sequence("s", Flow.Step("count", "Samples.CountWords", bound + Flow.Input("text", "one two  three")), Flow.Say("say", "getWords()")), Variables).Run();
        Assert.Equal(["3"], flow.Lines);
    }

    [Theory]
    [InlineData(true, "yes", "fine")]
    [InlineData(false, "no", "too dear")]
    public async Task An_answer_from_outside_chooses_the_way_on(bool approved, string way, string reason)
    {
        var ask = Flow.Step("ask", "Samples.AskForApproval", Flow.Input("subject", "offer 7") + """, "reason": { "typeName": "String", "memoryReference": { "id": "v3" } } """);
        using var flow = await Samples().Of(Flow.Chart($"{Flow.Begin},{ask},{Flow.Say("yes", "'yes ' + getSaid()")},{Flow.Say("no", "'no ' + getSaid()")}", "start->ask; ask:Approved->yes; ask:Rejected->no"), Variables).Run();
        Assert.Equal("""{"subject":"offer 7"}""", flow.State.Bookmarks.Single().Payload!.ToJsonString());
        await flow.Resume("ask", new Dictionary<string, object?> { ["approved"] = approved, ["reason"] = reason });
        Assert.Equal([$"{way} {reason}"], flow.Lines);
    }

    [Fact]
    public async Task A_variable_that_is_not_there_faults_the_step_by_its_name()
    {
        using var flow = await Samples().Of(Flow.Step("add", "Samples.AddTo", """ "total": { "id": "v9", "name": "nothing" } """), Variables).Run();
        Assert.Equal(("add", "Variable 'nothing' does not exist here."), (flow.State.Incidents.Single().ActivityId, flow.State.Incidents.Single().Message));
    }

    [Fact]
    public void The_designer_is_told_what_the_attributes_say()
    {
        var registry = new ActivityRegistry().AddFrom(typeof(CountWords).Assembly);
        Assert.Equal(["Approved", "Rejected"], registry.Describe("Samples.AskForApproval")!.Ports.Where(port => port.Type == PortType.Flow).Select(port => port.Name));
        var add = registry.Describe("Samples.AddTo")!;
        Assert.Equal(["Total", "Amount"], add.Inputs.Select(input => input.Name));
        Assert.Equal((InputUIHints.VariablePicker, 1), (add.Inputs[0].UIHint, add.Inputs[1].DefaultValue));
        Assert.Equal("Result", Assert.Single(registry.Describe("Samples.CountWords")!.Outputs).Name);
    }

    [Fact]
    public void A_sound_workflow_of_them_has_nothing_said_of_it()
    {
        var registry = ActivityRegistry.WithGeneralActivities().AddFrom(typeof(CountWords).Assembly);
        var definition = Flow.Definition(
            Flow.Sequence("s", Flow.Step("add", "Samples.AddTo", """ "total": { "id": "v1", "name": "total" } """)), Variables + ", \"options\": { \"usableAsActivity\": true }");
        Assert.Empty(WorkflowValidator.Validate(definition, registry));
    }

    private static Flow Samples() => new(registry => registry.AddFrom(typeof(CountWords).Assembly));
}
