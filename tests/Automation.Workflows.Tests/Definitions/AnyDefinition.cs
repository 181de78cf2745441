using System.Text;
using System.Text.Json.Nodes;
using Automation.Workflows.Runtime;

namespace Automation.Workflows.Tests.Definitions;

/// <summary>Makes definitions up: of every activity, nested, connected at random, with inputs right and wrong and things nobody knows. The same seed
/// makes the same one.</summary>
internal sealed class AnyDefinition
{
    private static readonly ActivityDescriptor[] Kinds =
        [.. ActivityRegistry.WithGeneralActivities().AddHttpActivities().Descriptors.OrderBy(kind => kind.TypeName, StringComparer.Ordinal)];

    private static readonly string[] Literals =
        ["\"a\"", "\"\"", "5", "-1", "0", "1e3", "1.0", "12345678901234567890.123", "true", "null", "\"00:00:05\"", "\"P1D\"", "\"true\"", "\"[1,2]\"", "\"{\\\"a\\\":1}\"", "\"\\u00e9\\u3042😀\"", "[1,\"x\",{}]",
         "{\"a\":[]}", "\"WaitAny\"", "\"WaitAll\"", "\"MatchAny\"", "\"2026-04-01T00:00:05Z\"", "\"0 0 9 * * *\"", "99999999999", "\"{\\\"a\\\":1,\\\"a\\\":2}\"", "\"[[[[[[\"", "\"0\"", "\"http://localhost/\""];

    private static readonly string[] Scripts =
        ["1", "getV0()", "setV1(getV0() + 1)", "getVariable('CurrentValue')", "['a','b']", "({a: 1})", "getInput('I0')", "getLastResult()", "getOutputFrom('a1')", "throw 'x'", "nowhere()", "1 +", "x => x", "true", "false",
         "setVariable('V0', [1,2,3])", "newGuid()", "new Date()", "'a'.repeat(9)", "variables.V0", "((((((((((1))))))))))"];

    private static readonly string[] Types = ["String", "Int32", "Boolean", "Object", "TimeSpan", "DateTimeOffset", "JSON", "ObjectDictionary", "List<String>", "Int32[]", "Nobody", "List<List<List<List<Int32>>>>", "System.Double, System.Private.CoreLib"];

    private readonly Random random;
    private readonly List<string> ids = [];
    private int budget;

    private AnyDefinition(int seed, int size) => (random, budget) = (new Random(seed), size);

    /// <param name="size">At most that many activities.</param>
    public static string Text(int seed, int size = 30) => new AnyDefinition(seed, size).Definition();

    private string Definition()
    {
        var text = new StringBuilder("{");
        text.Append("\"id\":\"d-v1\",\"definitionId\":\"d\",\"name\":\"d\",\"version\":1,");
        text.Append($"\"variables\":[{Many(4, at => $"{{\"id\":\"v{at}\",\"name\":\"V{random.Next(3)}\",\"typeName\":{Quote(Pick(Types))},\"isArray\":{Flag()},\"value\":{Pick(Literals)},\"storageDriverTypeName\":{Pick(["null", "\"MemoryStorageDriver\"", "\"WorkflowInstanceStorageDriver\""])}}}")}],");
        text.Append($"\"inputs\":[{Many(2, at => $"{{\"name\":\"I{at}\",\"type\":{Quote(Pick(Types))},\"defaultValue\":{Pick(Literals)}}}")}],");
        text.Append($"\"outputs\":[{Many(2, at => $"{{\"name\":\"O{random.Next(2)}\",\"type\":\"Object\"}}")}],");
        text.Append($"\"customProperties\":{Anything(3)},\"x{random.Next(9)}\":{Anything(3)},");
        if (random.Next(3) == 0) text.Append($"\"options\":{{\"incidentStrategyType\":{Pick(["\"ContinueWithIncidentsStrategy\"", "\"FaultStrategy\"", "\"Shrug\""])},\"commitStrategyName\":{Pick(["\"ActivityExecuted\"", "null"])}}},");
        text.Append($"\"root\":{Activity(0)}}}");
        return text.ToString();
    }

    private string Activity(int depth)
    {
        budget--;
        var kind = depth == 0 && random.Next(3) > 0 ? Kinds.First(known => known.TypeName == "Elsa.Flowchart") : Pick(Kinds);
        var id = random.Next(12) == 0 && ids.Count > 0 ? Pick([.. ids]) : "a" + ids.Count;
        ids.Add(id);
        var text = new StringBuilder("{");
        if (random.Next(15) > 0) text.Append($"\"id\":{Quote(id)},\"name\":{Quote(id)},");
        text.Append($"\"type\":{Quote(random.Next(25) == 0 ? "Nobody.Knows" : kind.TypeName)},\"version\":{random.Next(1, 3)}");
        text.Append($",\"customProperties\":{{\"canStartWorkflow\":{Flag()},\"q\":{Anything(2)},\"commitStrategyName\":{Pick(["null", "\"CommitAlways\"", "7"])}}},\"metadata\":{Anything(2)}");
        foreach (var input in kind.Inputs)
            if (random.Next(4) > 0) text.Append($",{Quote(char.ToLowerInvariant(input.Name[0]) + input.Name[1..])}:{(input.IsWrapped ? Input() : Plain(input.Name, depth))}");
        foreach (var output in kind.Outputs)
            if (random.Next(3) == 0) text.Append($",{Quote(char.ToLowerInvariant(output.Name[0]) + output.Name[1..])}:{{\"typeName\":\"Object\",\"memoryReference\":{{\"id\":{Quote(Pick(["v0", "v1", "O0", "nothing"]))}}}}}");
        foreach (var port in kind.Ports.Where(port => port.Type == PortType.Embedded && port.Name != "Start"))
            if (random.Next(3) > 0) text.Append($",{Quote(char.ToLowerInvariant(port.Name[0]) + port.Name[1..])}:{Child(depth)}");
        if (kind.TypeName == "Elsa.Fork") text.Append($",\"branches\":[{Children(depth)}]");
        if (kind.IsContainer) Container(text, depth);
        return text.Append('}').ToString();
    }

    private void Container(StringBuilder text, int depth)
    {
        var from = ids.Count;
        text.Append($",\"activities\":[{Children(depth)}]");
        if (random.Next(3) == 0) text.Append($",\"variables\":[{{\"id\":\"v0\",\"name\":\"V0\",\"typeName\":{Quote(Pick(Types))},\"value\":{Pick(Literals)}}}]");
        var own = ids.Skip(from).DefaultIfEmpty("none").ToArray();
        text.Append($",\"start\":{(random.Next(3) == 0 ? Quote(Pick(own)) : "null")}");
        text.Append($",\"connections\":[{Many(own.Length * 2, _ => $"{{\"source\":{{\"activity\":{Quote(Pick(own))},\"port\":{Quote(Pick(["Done", "Done", "True", "False", "Default", "Nope"]))}}},\"target\":{{\"activity\":{Quote(random.Next(20) == 0 ? "gone" : Pick(own))},\"port\":\"In\"}},\"vertices\":[]}}")}]");
    }

    private string Children(int depth) => string.Join(',', Enumerable.Range(0, random.Next(6)).TakeWhile(_ => budget > 0 && depth < 8).Select(_ => Activity(depth + 1)).ToList());

    private string Child(int depth) => budget > 0 && depth < 8 ? Activity(depth + 1) : "null";

    private string Input() => random.Next(8) switch
    {
        0 => Pick(Literals),
        1 => $"{{\"expression\":{{\"type\":\"Literal\",\"value\":{Pick(Literals)}}}}}",
        2 or 3 => $"{{\"typeName\":{Quote(Pick(Types))},\"expression\":{{\"type\":\"JavaScript\",\"value\":{Quote(Pick(Scripts))}}},\"memoryReference\":{{\"id\":\"m\"}}}}",
        4 => $"{{\"typeName\":\"Object\",\"expression\":{{\"type\":{Quote(Pick(["Variable", "Input", "Object", "Json", "Python"]))},\"value\":{Pick([.. Literals, "{\"id\":\"v0\",\"name\":\"V0\"}"])}}}}}",
        _ => $"{{\"typeName\":{Quote(Pick(Types))},\"expression\":{{\"type\":\"Literal\",\"value\":{Pick(Literals)}}}}}",
    };

    private string Plain(string name, int depth) => name switch
    {
        "Cases" => $"[{Many(3, at => $"{{\"label\":\"{at}\",\"condition\":{{\"type\":\"JavaScript\",\"value\":{Quote(Pick(Scripts))}}},\"activity\":{Child(depth)}}}")}]",
        "Variable" => "{\"id\":\"v0\",\"name\":\"V0\"}",
        _ => Pick(Literals),
    };

    private string Anything(int depth)
    {
        var value = random.Next(depth > 0 ? 5 : 3) switch
        {
            3 => $"[{Many(4, _ => Anything(depth - 1))}]",
            4 => $"{{{Many(4, at => $"\"k{(char)('z' - at)}\":{Anything(depth - 1)}")}}}",
            _ => Pick(Literals),
        };
        // The outermost one stands where an object must.
        return depth == 3 && !value.StartsWith('{') ? "{}" : value;
    }

    private string Many(int most, Func<int, string> make) => string.Join(',', Enumerable.Range(0, random.Next(most + 1)).Select(make).ToList());

    private T Pick<T>(T[] from) => from[random.Next(from.Length)];

    private string Flag() => random.Next(3) == 0 ? "true" : "false";

    private static string Quote(string text) => JsonValue.Create(text).ToJsonString();
}
