using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;
using Automation.Marketing;
using Automation.Marketing.Journeys;
using Automation.Server.Commands.FlowTrials;
using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;
using Automation.Workflows.Scenarios;

namespace Automation.Server.Commands;

/// <summary><c>flow check</c> and <c>flow run</c>: workflow files at the command line, without the service's database.</summary>
internal static class FlowCommand
{
    private const int Done = 0;
    private const int BadInput = 1;
    private const int BadUsage = 2;

    private const string Usage = """
        flow check FILE…
        flow run FILE [--input JSON] [--events JSON] [--until DURATION]
        flow run --each DIR --out DIR2
        """;

    /// <param name="args">Behind the word <c>flow</c>.</param>
    /// <param name="more">Adds the activities of the product to the general ones; not used with <c>--each</c> or by <c>check</c>.</param>
    /// <param name="handlers">Languages of expressions besides the built-in ones.</param>
    /// <returns>0 done, 1 the input is at fault, 2 wrong usage.</returns>
    public static async Task<int> RunAsync(
        string[] args, TextWriter output, TextWriter error, Action<ActivityRegistry>? more, IEnumerable<IExpressionHandler> handlers, CancellationToken ct)
    {
        try
        {
            return args switch
            {
                ["check", _, ..] => await CheckAsync(args[1..], output, error, ct),
                ["run", "--each", var folder, "--out", var target] => await RunEachAsync(folder, target, output, error, handlers, ct),
                ["run", "--out", var target, "--each", var folder] => await RunEachAsync(folder, target, output, error, handlers, ct),
                ["run", var file, ..] when !file.StartsWith("--", StringComparison.Ordinal) => await RunOneAsync(file, args[2..], output, error, more, handlers, ct),
                _ => await WrongAsync(error, Usage),
            };
        }
        catch (WorkflowFormatException broken)
        {
            await error.WriteLineAsync(broken.Message);
            return BadInput;
        }
        // Half a character in an argument is read as an invalid operation.
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException or JsonException or FormatException or InvalidOperationException or BadInputException)
        {
            await error.WriteLineAsync("error : " + broken.Message);
            return BadInput;
        }
    }

    private static async Task<int> CheckAsync(string[] files, TextWriter output, TextWriter error, CancellationToken ct)
    {
        // The files of one call may use each other as activities.
        var catalog = new WorkflowCatalog();
        var read = files.Select(file => (File: file, Definition: Read(file, out var problem), Problem: problem)).ToList();
        foreach (var (_, definition, _) in read)
            if (definition is not null) catalog.Add(definition);
        var result = Done;
        await using var shop = read.Exists(one => one.Definition is not null) ? await CheckShop.OpenAsync(files, ct) : null;
        foreach (var (file, definition, problem) in read)
        {
            if (problem is not null) await error.WriteLineAsync(problem);
            var findings = definition is null ? [] : await shop!.CheckAsync(definition, catalog.Resolve, ct);
            foreach (var finding in findings) await error.WriteLineAsync($"{file} : {Word(finding.Severity)} : {finding}");
            if (definition is null || findings.Any(finding => finding.Severity == Severity.Error)) result = BadInput;
            else await output.WriteLineAsync($"{file} : ok");
        }
        return result;
    }

    /// <returns>Null when it cannot be read; <paramref name="problem"/> then says where and why.</returns>
    private static WorkflowDefinition? Read(string file, out string? problem)
    {
        try
        {
            var text = File.ReadAllText(file);
            var definition = WorkflowJson.Read(text, file);
            FlowDefinitions.Read(text, file);
            problem = null;
            return definition;
        }
        catch (Exception broken) when (broken is WorkflowFormatException or BadInputException or IOException or UnauthorizedAccessException)
        {
            problem = broken is IOException or UnauthorizedAccessException ? $"{file} : error : {broken.Message}" : broken.Message;
            return null;
        }
    }

    private static string Word(Severity severity) => severity == Severity.Error ? "error" : "warning";

    private static async Task<int> RunEachAsync(
        string folder, string target, TextWriter output, TextWriter error, IEnumerable<IExpressionHandler> handlers, CancellationToken ct)
    {
        if (!Directory.Exists(folder))
        {
            await error.WriteLineAsync($"error : there is no folder '{folder}'");
            return BadInput;
        }
        var player = new ScenarioPlayer(ActivityRegistry.WithGeneralActivities, [.. handlers]);
        var played = await ScenarioFolder.PlayAllAsync((script, cancellation) => PlayAsync(player, script, cancellation), folder, target, ct);
        await output.WriteLineAsync($"{played.ToString(CultureInfo.InvariantCulture)} scripts played");
        return Done;
    }

    // A flow of ours needs a person and is played in a whole shop; any other on the runtime alone.
    private static Task<JsonObject> PlayAsync(ScenarioPlayer player, string scriptFile, CancellationToken ct)
    {
        scriptFile = Path.GetFullPath(scriptFile);
        return JsonNode.Parse(File.ReadAllText(scriptFile)) is JsonObject script && IsOurs(ScenarioFolder.WorkflowOf(scriptFile, script))
            ? TrialPlayer.PlayFileAsync(scriptFile, script, ct)
            : player.PlayFileAsync(scriptFile, ct);
    }

    private static bool IsOurs(string file) => File.Exists(file) && File.ReadAllText(file).Contains(TrialPlayer.Mark, StringComparison.Ordinal);

    private static async Task<int> RunOneAsync(
        string file, string[] options, TextWriter output, TextWriter error, Action<ActivityRegistry>? more, IEnumerable<IExpressionHandler> handlers, CancellationToken ct)
    {
        if (Options(options) is not { } given) return await WrongAsync(error, Usage);
        var definition = WorkflowJson.Read(await File.ReadAllTextAsync(file, ct), file);
        if (TrialPlayer.Concerns(definition))
        {
            var trial = TrialScript.Of(definition, Given("--input") as JsonObject ?? [], Happenings(given), Until(given));
            await output.WriteAsync(ScenarioFolder.ToText(await TrialPlayer.PlayAsync(trial, definition, Beside, ct)));
            return Done;
        }
        var start = TimeProvider.System.GetUtcNow();
        var script = new JsonObject { ["script"] = Steps(given, start) };
        var player = new ScenarioPlayer(() => NewRegistry(more).AddHttpActivities(), [.. handlers]);
        var report = await player.PlayAsync(script, [file], _ => definition, start, ct);
        await output.WriteAsync(ScenarioFolder.ToText(report));
        return report["importErrors"] is JsonArray { Count: > 0 } ? BadInput : Done;

        JsonNode? Given(string option) => given.TryGetValue(option, out var text) ? Json(text) : null;

        WorkflowDefinition Beside(string other) =>
            WorkflowJson.Read(File.ReadAllText(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, other)), other);
    }

    private static Dictionary<string, string>? Options(string[] options)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < options.Length; i += 2)
            if (options[i] is not ("--input" or "--events" or "--until") || i + 1 == options.Length || !given.TryAdd(options[i], options[i + 1])) return null;
        return given;
    }

    // Each event is a wait until its instant and the event itself; what is left of the time comes last.
    private static JsonArray Steps(Dictionary<string, string> given, DateTimeOffset start)
    {
        var run = new JsonObject { ["op"] = "run" };
        if (given.TryGetValue("--input", out var input)) run["input"] = Json(input);
        var steps = new JsonArray(run);
        var at = start;
        foreach (var item in Happenings(given))
        {
            if (item.At > at) steps.Add(Wait(item.At - at));
            at = item.At > at ? item.At : at;
            steps.Add(new JsonObject { ["op"] = "publishEvent", ["eventName"] = item.Type, ["payload"] = item.Data?.DeepClone() });
        }
        var left = Until(given) - (at - start);
        if (left > TimeSpan.Zero) steps.Add(Wait(left));
        return steps;
    }

    private static List<Happening> Happenings(Dictionary<string, string> given) =>
        !given.TryGetValue("--events", out var text) ? []
        : [.. (Json(text) as JsonArray ?? throw new FormatException("--events is a list")).Select(item => new Happening(
            DateTimeOffset.Parse(item?["at"]?.ToString() ?? throw new FormatException("an event needs 'at'"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
            item?["type"]?.ToString() ?? throw new FormatException("an event needs 'type'"), item?["data"])).OrderBy(item => item.At)];

    private static TimeSpan Until(Dictionary<string, string> given) => given.TryGetValue("--until", out var until) ? Duration(until) : TimeSpan.Zero;

    private static JsonObject Wait(TimeSpan time) => new() { ["op"] = "wait", ["duration"] = XmlConvert.ToString(time) };

    private static TimeSpan Duration(string text)
    {
        try
        {
            return XmlConvert.ToTimeSpan(text);
        }
        catch (FormatException broken)
        {
            throw new FormatException($"'{text}' is not an ISO 8601 duration such as P3DT2H", broken);
        }
    }

    /// <summary>The value itself when it looks like one, else the contents of the file it names.</summary>
    private static JsonNode? Json(string argument) =>
        WorkflowJson.ReadValue(argument.TrimStart() is ['{' or '[', ..] ? argument : File.ReadAllText(argument));

    private static ActivityRegistry NewRegistry(Action<ActivityRegistry>? more)
    {
        var registry = ActivityRegistry.WithGeneralActivities();
        more?.Invoke(registry);
        return registry;
    }

    private static async Task<int> WrongAsync(TextWriter error, string usage)
    {
        await error.WriteLineAsync(usage);
        return BadUsage;
    }
}
