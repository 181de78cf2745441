using System.Text.Json.Nodes;
using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;
using FsCheck;
using FsCheck.Fluent;
using Xunit.Abstractions;

namespace Automation.Workflows.Tests.Definitions;

public sealed class RoundTripTests(ITestOutputHelper console)
{
    [Fact]
    public void Every_recorded_definition_is_written_as_it_was_read()
    {
        if (SharedFiles.Folder("elsa") is not { } folder) return;
        var texts = Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories).SelectMany(Definitions).ToList();
        console.WriteLine($"{texts.Count} definitions");
        Assert.True(texts.Count >= 140, $"only {texts.Count} definitions were found");
        foreach (var text in texts)
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(text), JsonNode.Parse(WorkflowJson.Write(WorkflowJson.Read(text)))), text[..Math.Min(200, text.Length)]);
    }

    // Scenario files are definitions; in API recordings they are somewhere inside.
    private static IEnumerable<string> Definitions(string file)
    {
        var open = new Stack<JsonNode?>([JsonNode.Parse(File.ReadAllText(file))]);
        while (open.TryPop(out var node))
        {
            if (node is JsonObject shape)
            {
                if (shape["root"] is JsonObject root && root["type"] is not null && (shape.ContainsKey("definitionId") || shape.ContainsKey("variables"))) yield return shape.ToJsonString();
                foreach (var (_, value) in shape) open.Push(value);
            }
            else if (node is JsonArray list)
                foreach (var item in list) open.Push(item);
        }
    }

    [Fact]
    public void Whatever_this_program_does_not_know_is_kept()
    {
        var any = ArbMap.Default.GeneratorFor<string>().Where(text => text is not null && !text.Contains('\0', StringComparison.Ordinal) && IsWhole(text));
        var property = Prop.ForAll(Arb.From(any), Arb.From(any), (name, value) =>
        {
            var json = new JsonObject
            {
                ["definitionId"] = "d",
                ["x" + name] = value,
                ["customProperties"] = new JsonObject { [name] = new JsonArray(value, 1.50m, null, true) },
                ["root"] = new JsonObject { ["type"] = "Elsa.Flowchart", ["y" + name] = new JsonObject { ["z"] = value }, ["activities"] = new JsonArray() },
            };
            var text = json.ToJsonString();
            var definition = WorkflowJson.Read(text);
            WorkflowGraph.Build(definition, ActivityRegistry.WithGeneralActivities());
            return JsonNode.DeepEquals(JsonNode.Parse(text), JsonNode.Parse(WorkflowJson.Write(definition)));
        });
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), property);
    }

    [Fact]
    public void Any_definition_is_written_with_its_names_its_order_and_its_digits()
    {
        for (var seed = 0; seed < 400; seed++)
        {
            var text = AnyDefinition.Text(seed);
            Assert.Equal(Tokens(text), Tokens(Through(text)));
        }
    }

    [Fact]
    public void Every_recorded_definition_keeps_its_order_and_its_digits()
    {
        if (SharedFiles.Folder("elsa") is not { } folder) return;
        var files = Directory.EnumerateFiles(Path.Combine(folder, "scenarios"), "*.workflow.json").ToList();
        Assert.True(files.Count >= 120, $"only {files.Count} definitions were found");
        foreach (var file in files)
            if (JsonNode.Parse(File.ReadAllText(file))!["root"] is not null) Assert.Equal(Tokens(File.ReadAllText(file)), Tokens(Through(File.ReadAllText(file))));
    }

    [Theory]
    [InlineData("""{"root":{"type":"Elsa.Start"}}""")]
    [InlineData("""{"customProperties":null,"root":{"type":"Elsa.Start","customProperties":null}}""")]
    public void Looking_at_a_definition_adds_nothing_to_it(string text)
    {
        var definition = WorkflowJson.Read(text);
        Assert.Empty(definition.CustomProperties);
        Assert.Equal(Tokens(text), Tokens(WorkflowJson.Write(definition)));
        definition.CustomProperties["mine"] = 1;
        Assert.Equal(1, (int?)WorkflowJson.Read(WorkflowJson.Write(definition)).CustomProperties["mine"]);
        Assert.Equal(1, (int?)definition.Clone().CustomProperties["mine"]);
    }

    // Everything that is done with a definition before it is written again.
    private static string Through(string text)
    {
        var registry = ActivityRegistry.WithGeneralActivities();
        var definition = WorkflowJson.Read(text);
        _ = (definition.CustomProperties, definition.Root, definition.Options, definition.Outcomes);
        WorkflowGraph.Build(definition, registry).IndexTriggers(DateTimeOffset.UnixEpoch);
        WorkflowValidator.Validate(definition, registry);
        return WorkflowJson.Write(definition);
    }

    /// <summary>Texts by what they say, numbers by their digits.</summary>
    private static List<string> Tokens(string json)
    {
        var tokens = new List<string>();
        var reader = new System.Text.Json.Utf8JsonReader(System.Text.Encoding.UTF8.GetBytes(json));
        while (reader.Read())
            tokens.Add(reader.TokenType is System.Text.Json.JsonTokenType.String or System.Text.Json.JsonTokenType.PropertyName
                ? reader.TokenType + reader.GetString() : System.Text.Encoding.UTF8.GetString(reader.ValueSpan));
        return tokens;
    }

    private static bool IsWhole(string text) => text.All(letter => !char.IsSurrogate(letter));

    [Fact]
    public void Numbers_keep_their_digits()
    {
        var text = """{"root":{"type":"Elsa.Start","n":[1.0,1e3,12345678901234567890.123,-0]}}""";
        Assert.Contains("12345678901234567890.123", WorkflowJson.Write(WorkflowJson.Read(text)), StringComparison.Ordinal);
        Assert.Contains("1e3", WorkflowJson.Write(WorkflowJson.Read(text)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "f(1,1) : error :")]
    [InlineData("nonsense", "f(1,2) : error :")]
    [InlineData("{\n  \"root\": {\n", "f(3,1) : error :")]
    [InlineData("[]", "f(1,1) : error : a workflow definition is a JSON object")]
    [InlineData("{}", "f(1,1) : error : 'root' must be an activity")]
    [InlineData("{\n \"root\": 5 }", "f(2,10) : error : 'root' must be an activity")]
    [InlineData("{\n \"root\": { \"type\": 1 } }", "f(2,10) : error : an activity needs a 'type'")]
    [InlineData("{\"root\":{\"type\":\"Elsa.Flowchart\",\n\"activities\":[{},\n{\"id\":\"a\"}]}}", "f(2,15) : error : an activity needs a 'type'")]
    [InlineData("{\"root\":{\"type\":\"Elsa.Flowchart\",\"activities\":[7]}}", "error : an activity is a JSON object")]
    [InlineData("{\"root\":{\"type\":\"Elsa.Flowchart\",\"connections\":[{}]}}", "error : a connection needs a 'source' and a 'target'")]
    [InlineData("{\"version\":\"1\",\"root\":{\"type\":\"x\"}}", "error : 'version' must be a whole number, not text")]
    [InlineData("{\"variables\":{},\"root\":{\"type\":\"x\"}}", "error : 'variables' must be a list, not an object")]
    [InlineData("{\"variables\":[{}],\"root\":{\"type\":\"x\"}}", "error : an entry of 'variables' needs a 'name'")]
    [InlineData("{\"isPublished\":\"yes\",\"root\":{\"type\":\"x\"}}", "error : 'isPublished' must be true or false, not text")]
    [InlineData("{\"name\":1,\"root\":{\"type\":\"x\"}}", "error : 'name' must be text, not a number")]
    [InlineData("{\"root\":{\"type\":\"x\"},\"root\":{\"type\":\"y\"}}", "error :")]
    [InlineData("{\"root\":{\"type\":\"x\"},\"Root\":{\"type\":\"y\"}}", "f(1,1) : error : a property is given twice")]
    [InlineData("{\"root\":{\"type\":\"x\",\"metadata\":{\"a\":1,\n\"b\":{\"c\":1,\"C\":2}}}}", "f(2,5) : error : a property is given twice")]
    [InlineData("{\"root\":{\"type\":\"x\",\"name\":\"\\ud800\"}}", "f(1,28) : error : a text ends in the middle of a character")]
    [InlineData("{\"root\":{\"type\":\"x\",\"\\udc00\":1}}", "text ends in the middle of a character")]
    public void A_broken_file_is_named_with_its_place(string text, string message) =>
        Assert.Contains(message, Assert.Throws<WorkflowFormatException>(() => WorkflowJson.Read(text, "f")).Message, StringComparison.Ordinal);

    [Fact]
    public void Nesting_without_end_is_refused() =>
        Assert.Throws<WorkflowFormatException>(() => WorkflowJson.Read(string.Concat(Enumerable.Repeat("{\"root\":", 5000)) + new string('}', 5000)));

    [Fact]
    public void A_truncated_or_altered_file_never_breaks_the_reader()
    {
        var text = WorkflowJson.Write(Flow.Definition(Flow.Chart($"{Flow.Begin},{Flow.OnEvent("e")},{Flow.Write("w")}", "start->e; e->w"), "\"variables\": [{\"id\":\"v\",\"name\":\"V\",\"typeName\":\"Int32\",\"value\":\"1\"}]"));
        var random = new Random(7);
        for (var i = 0; i < 2000; i++)
        {
            var broken = text.ToCharArray();
            for (var n = random.Next(1, 4); n > 0; n--) broken[random.Next(broken.Length)] = "{}[]\":,0ax"[random.Next(10)];
            try
            {
                var definition = WorkflowJson.Read(new string(broken, 0, i % 3 == 0 ? random.Next(broken.Length) : broken.Length));
                WorkflowValidator.Validate(definition, ActivityRegistry.WithGeneralActivities());
            }
            catch (WorkflowFormatException)
            {
                // The one error a bad file may give.
            }
        }
    }
}
