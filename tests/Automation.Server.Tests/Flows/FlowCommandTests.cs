using System.Text.Json.Nodes;
using Automation.Marketing.Journeys;
using Automation.Marketing.Mail.Content;
using Automation.Server.Commands;

namespace Automation.Server.Tests.Flows;

public sealed class FlowCommandTests : IDisposable
{
    private const string Hello = """{ "id": "h", "definitionId": "hello", "root": { "id": "w", "type": "Elsa.WriteLine", "version": 1, "text": "hello" } }""";
    private readonly string folder = Directory.CreateTempSubdirectory("automation-flow-command-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_sound_flow_is_checked_and_the_shipped_ones_are_sound()
    {
        var shipped = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "workflows"), "*.json");
        Assert.True(shipped.Length >= 5);
        var (status, output, error) = await RunAsync(["check", .. shipped]);
        Assert.Equal((0, ""), (status, error));
        Assert.Equal(shipped.Length, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task A_flow_at_fault_is_named_with_its_activity_and_what_to_do()
    {
        var file = Put("bad.json", """{ "root": { "id": "d", "type": "Elsa.Delay", "version": 1, "timeSpan": "soon" } }""");
        var (status, _, error) = await RunAsync("check", file);
        Assert.Equal(1, status);
        Assert.Contains($"{file} : error : d : bad-literal : Input 'TimeSpan': \"soon\" is not a value of type TimeSpan. Write a value of that type, or an expression that gives one.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_several_files_each_is_told_and_one_that_cannot_be_read_by_its_place()
    {
        var (status, output, error) = await RunAsync("check", Put("a.json", Hello), Put("b.json", "{\n \"root\": 5 }"), Path.Combine(folder, "none.json"));
        Assert.Equal(1, status);
        Assert.Contains("a.json : ok", output, StringComparison.Ordinal);
        Assert.Contains("b.json(2,10) : error : 'root' must be an activity", error, StringComparison.Ordinal);
        Assert.Contains("none.json", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flow_is_checked_as_publishing_would_check_it()
    {
        var welcome = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "workflows", "welcome.json")))!;
        welcome["customProperties"]!["automation"]!.AsObject().Remove("goal");
        var none = Put("no-goal.json", welcome.ToJsonString());
        var call = Put("call.json", """{ "root": { "id": "c", "type": "Elsa.SendHttpRequest", "version": 1, "url": { "typeName": "Uri", "expression": { "type": "Literal", "value": "https://api.example.com/" } } } }""");
        var (status, output, error) = await RunAsync("check", none, call, Put("a.json", Hello));
        Assert.Equal((1, $"{Path.Combine(folder, "a.json")} : ok"), (status, output.Trim()));
        Assert.Contains($"{none} : error : ", error, StringComparison.Ordinal);
        Assert.Contains("no-goal : This flow sends selling mail and has no goal.", error, StringComparison.Ordinal);
        Assert.Contains($"{call} : error : c : calls-closed : ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Days_of_the_season_are_those_shipped_and_those_of_the_calendars_beside_the_flow()
    {
        Directory.CreateDirectory(Path.Combine(folder, "calendars"));
        Put(Path.Combine("calendars", "own.calendar.json"), """{ "key": "own", "anchors": [{ "key": "新茶", "kind": "fixed", "dates": { "2026": "2026-05-02" } }], "occurrences": [] }""");
        string Waiting(string anchor) => Put(anchor + ".json", $$"""
            { "definitionId": "{{anchor}}", "root": { "id": "w", "type": "Automation.WaitForAnchor", "version": 1, "anchor": { "typeName": "String", "expression": { "type": "Literal", "value": "{{anchor}}" } } } }
            """);
        var (status, output, error) = await RunAsync("check", Waiting("解禁日"), Waiting("新茶"), Waiting("花見"));
        Assert.Equal((1, 2), (status, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length));
        Assert.Contains("花見.json : error : w : unknown-anchor : ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flow_of_the_runtime_alone_is_run_in_memory()
    {
        var (status, output, _) = await RunAsync("run", Put("hello.json", Hello), "--until", "PT1H");
        Assert.Equal(0, status);
        var report = JsonNode.Parse(output)!;
        Assert.Equal("hello", (string?)report["steps"]![0]!["stdout"]![0]);
        Assert.Equal("Completed Workflow1 Elsa.Workflow", (string?)report["instances"]![0]!["journal"]!.AsArray()[^1]);
    }

    [Fact]
    public async Task A_flow_with_a_person_is_entered_by_itself_or_by_what_happens()
    {
        var welcome = Path.Combine(AppContext.BaseDirectory, "workflows", "welcome.json");
        var (_, alone, _) = await RunAsync("run", welcome, "--input", """{"contact":{"name":"Ann","consent":false}}""");
        Assert.Equal("welcome/day-0 Suppressed by consent-none", (string?)JsonNode.Parse(alone)!["steps"]![0]!["mails"]![0]);
        var (_, told, _) = await RunAsync("run", welcome, "--until", "P10D", "--events", """
            [{"at":"2026-12-01T10:00:00+09:00","type":"lead.created","data":{"page":"/"}},
             {"at":"2026-12-05T10:00:00+09:00","type":"mail.clicked","data":{"template":"welcome/day-3"}}]
            """);
        var report = JsonNode.Parse(told)!;
        Assert.Equal(["event", "wait", "click", "wait"], report["steps"]!.AsArray().Select(step => (string)step!["op"]!));
        Assert.Equal("関心あり", (string?)report["person"]!["tags"]![0]);
        Assert.Single(report["instances"]!.AsArray());
    }

    [Fact]
    public async Task A_folder_of_scripts_is_played_and_a_broken_one_does_not_stop_the_others()
    {
        Put("good.workflow.json", Hello);
        Put("good.script.json", """{ "script": [{ "op": "run" }] }""");
        Put("broken.workflow.json", "nonsense");
        Put("broken.script.json", """{ "script": [{ "op": "run" }] }""");
        Put("odd.workflow.json", Hello);
        Put("odd.script.json", "[]");
        var target = Path.Combine(folder, "out");
        var (status, output, _) = await RunAsync("run", "--each", folder, "--out", target);
        Assert.Equal((0, "3 scripts played\n"), (status, output.ReplaceLineEndings("\n")));
        Assert.Equal("hello", (string?)Actual("good")["steps"]![0]!["stdout"]![0]);
        Assert.Contains("error", (string?)Actual("broken")["error"], StringComparison.Ordinal);
        Assert.NotNull(Actual("odd")["error"]);

        JsonNode Actual(string name) => JsonNode.Parse(File.ReadAllText(Path.Combine(target, name + ".actual.json")))!;
    }

    [Theory]
    [InlineData(2, "")]
    [InlineData(2, "run")]
    [InlineData(2, "run f --sideways x")]
    [InlineData(2, "run f --input")]
    [InlineData(1, "run nowhere.json")]
    [InlineData(1, "run --each nowhere --out x")]
    [InlineData(1, "run HELLO --until soon")]
    [InlineData(1, "run HELLO --input {")]
    [InlineData(1, "run HELLO --input {\"a\":\"\\ud800\"}")]
    [InlineData(1, "run HELLO --events {}")]
    [InlineData(1, "run HELLO --events [{\"type\":\"x\"}]")]
    [InlineData(1, "run WELCOME --input {\"contact\":{\"age\":5}}")]
    [InlineData(1, "run WELCOME --input {\"contact\":{\"email\":\"nobody\"}}")]
    [InlineData(1, "run WELCOME --input {\"policy\":\"never\"}")]
    public async Task Wrong_usage_and_wrong_input_have_their_own_status_and_say_why(int expected, string line)
    {
        var args = line.Replace("HELLO", Put("hello.json", Hello), StringComparison.Ordinal)
            .Replace("WELCOME", Path.Combine(AppContext.BaseDirectory, "workflows", "welcome.json"), StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var (status, output, error) = await RunAsync(args);
        Assert.Equal((expected, ""), (status, output));
        Assert.NotEmpty(error);
    }

    private string Put(string name, string text)
    {
        var file = Path.Combine(folder, name);
        File.WriteAllText(file, text);
        return file;
    }

    private static async Task<(int Status, string Output, string Error)> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var status = await FlowCommand.RunAsync(
            args, output, error, registry => registry.AddFrom(typeof(FlowCatalogue).Assembly), [new ScribanHandler(TemplateRenderer.WithoutPartials)], CancellationToken.None);
        return (status, output.ToString(), error.ToString());
    }
}
