using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Automation.Workflows.Activities;
using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;

namespace Automation.Benchmarks;

/// <summary>What running flows costs in memory, without a database: CPU time, not wall time, because the machine is shared.</summary>
internal static partial class WorkflowsBenchmark
{
    private const double MaxRunMs = 0.1;
    private const double MaxRunBytes = 13 * 1024;
    private const double MaxLoadMs = 2;
    private const int Rounds = 5;

    /// <param name="args">How many runs a round, default 20,000; or <c>durable</c> for what is committed alone.</param>
    /// <returns>0 when every limit holds, else 1.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is ["durable"]) return await WorkflowsBenchmarkDurable.RunAsync() ? 0 : 1;
        var count = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 20_000;
        var run = await MedianAsync(count, ThreeSteps());
        var wait = await MedianAsync(count / 2, StartSuspendResume());
        var load = await MedianAsync(count / 100, LoadLarge());
        var fits = Report("a  run Start, WriteLine, WriteLine", run, MaxRunMs, MaxRunBytes)
            & Report("b  start, save, load, resume on an event", wait, double.MaxValue, double.MaxValue)
            & Report("e  read and build 101 activities", load, MaxLoadMs, double.MaxValue);
        Console.WriteLine($"   saved waiting instance: {savedBytes} bytes");
        fits &= await WorkflowsBenchmarkDurable.RunAsync();
        fits &= await JournalAsync(count);
        return fits ? 0 : 1;
    }

    private static int savedBytes;

    private static Func<ValueTask> ThreeSteps(bool keepsJournal = true)
    {
        var registry = ActivityRegistry.WithGeneralActivities();
        var graph = WorkflowGraph.Build(WorkflowJson.Read(Chart(["s", "a", "b"], "Elsa.WriteLine")), registry);
        var runner = new WorkflowRunner(registry, [], TimeProvider.System) { KeepsJournal = keepsJournal };
        return async () =>
        {
            var result = await runner.StartAsync(graph, new WorkflowStart { InstanceId = "0123456789abcdef" }, NullOutput.Instance, CancellationToken.None);
            if (result.State.SubStatus != WorkflowSubStatus.Finished) throw new InvalidOperationException("The flow did not finish.");
        };
    }

    private static Func<ValueTask> StartSuspendResume(bool keepsJournal = true)
    {
        var registry = ActivityRegistry.WithGeneralActivities();
        var graph = WorkflowGraph.Build(WorkflowJson.Read(Chart(["s", "e", "b"], "Elsa.Event")), registry);
        var runner = new WorkflowRunner(registry, [], TimeProvider.System) { KeepsJournal = keepsJournal };
        return async () =>
        {
            var first = await runner.StartAsync(graph, new WorkflowStart { InstanceId = "0123456789abcdef" }, NullOutput.Instance, CancellationToken.None);
            var json = first.State.ToJson();
            savedBytes = Encoding.UTF8.GetByteCount(json);
            var second = await runner.ResumeAsync(
                graph, WorkflowState.FromJson(json), first.State.Bookmarks[0].Id, Event.InputOf(null), NullOutput.Instance, CancellationToken.None);
            if (second.State.SubStatus != WorkflowSubStatus.Finished) throw new InvalidOperationException("The flow did not finish.");
        };
    }

    private static Func<ValueTask> LoadLarge()
    {
        var registry = ActivityRegistry.WithGeneralActivities();
        var json = Chart([.. Enumerable.Range(0, 101).Select(n => $"step{n}")], "Elsa.WriteLine");
        return () =>
        {
            WorkflowGraph.Build(WorkflowJson.Read(json), registry);
            return default;
        };
    }

    /// <summary>A chain: the first is a start, the second of the given type, the rest write lines.</summary>
    private static string Chart(string[] ids, string secondType) => new JsonObject
    {
        ["id"] = "bench-v1",
        ["definitionId"] = "bench",
        ["name"] = "bench",
        ["version"] = 1,
        ["root"] = new JsonObject
        {
            ["id"] = "flow",
            ["type"] = "Elsa.Flowchart",
            ["version"] = 1,
            ["activities"] = new JsonArray([.. ids.Select((id, at) => Step(id, at, at == 0 ? "Elsa.Start" : at == 1 ? secondType : "Elsa.WriteLine"))]),
            ["connections"] = new JsonArray([.. ids.Skip(1).Select((id, at) => new JsonObject { ["source"] = End(ids[at], "Done"), ["target"] = End(id, "In") })]),
        },
    }.ToJsonString();

    private static JsonObject Step(string id, int at, string type) => new()
    {
        ["id"] = id,
        ["name"] = id,
        ["type"] = type,
        ["version"] = 1,
        ["customProperties"] = new JsonObject { ["canStartWorkflow"] = false, ["runAsynchronously"] = false },
        ["metadata"] = new JsonObject { ["designer"] = new JsonObject { ["position"] = new JsonObject { ["x"] = at * 200, ["y"] = 100 } } },
        [type == "Elsa.Event" ? "eventName" : "text"] = new JsonObject
        {
            ["typeName"] = "String",
            ["expression"] = new JsonObject { ["type"] = "Literal", ["value"] = id },
        },
    };

    private static JsonObject End(string activity, string port) => new() { ["activity"] = activity, ["port"] = port };

    private static async Task<(double CpuMs, double Bytes)> MedianAsync(int count, Func<ValueTask> work)
    {
        for (var i = 0; i < count / 4; i++) await work();
        var rounds = new List<(double CpuMs, double Bytes)>();
        for (var round = 0; round < Rounds; round++)
        {
            var (cpu, bytes) = (Process.GetCurrentProcess().TotalProcessorTime, GC.GetTotalAllocatedBytes(precise: true));
            for (var i = 0; i < count; i++) await work();
            rounds.Add(((Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalMilliseconds / count, (GC.GetTotalAllocatedBytes(precise: true) - bytes) / (double)count));
        }
        return (rounds.Select(round => round.CpuMs).Order().ElementAt(Rounds / 2), rounds.Select(round => round.Bytes).Order().ElementAt(Rounds / 2));
    }

    private static bool Report(string what, (double CpuMs, double Bytes) measured, double maxMs, double maxBytes)
    {
        var fits = measured.CpuMs <= maxMs && measured.Bytes <= maxBytes;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-44} {measured.CpuMs,8:0.0000} CPU ms {measured.Bytes / 1024,8:0.00} KiB {(fits ? "" : "TOO MUCH")}"));
        return fits;
    }

    private sealed class NullOutput : IServiceProvider
    {
        public static readonly NullOutput Instance = new();
        public object? GetService(Type serviceType) => serviceType == typeof(TextWriter) ? TextWriter.Null : null;
    }
}
