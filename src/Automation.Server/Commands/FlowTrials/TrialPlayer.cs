using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;
using Automation.Marketing;
using Automation.Marketing.Contacts;
using Automation.Marketing.Deals;
using Automation.Marketing.Journeys;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;
using Automation.Workflows.Scenarios;

namespace Automation.Server.Commands.FlowTrials;

/// <summary>Plays a script on a marketing flow and writes down what happened, step by step, in the form of <c>flow run --each</c>.</summary>
/// <remarks>
/// A script is <c>{start, policy: "none" | "shop" | "newsletter" | {…}, contact, anchors[], answers{}, imports[], script: [steps]}</c>. Steps: <c>run {data}</c> enters by
/// the flow's first trigger; <c>event {type, data, id}</c>; <c>handBack {reason, revisitOn, note}</c>; <c>report {kind, template, more}</c> and
/// <c>click {template}</c>; <c>segment {enter}</c> or <c>{leave}</c>; <c>score {before, after}</c>; <c>request {method, path, body}</c>; <c>unsubscribe</c>; <c>wait {duration}</c>; <c>waitUntilFinished {duration}</c>; <c>cancel {reason}</c>;
/// <c>refuse {reason}</c> (without one: mails are taken again); <c>policy {policy}</c>; <c>import {file}</c>; <c>restart</c>.
/// </remarks>
internal sealed class TrialPlayer
{
    /// <summary>Nothing holds a mail back but what the script says.</summary>
    private static readonly SendingPolicy NoLimits = new(1, [], MinGap: null, Quiet: null);

    private static readonly TimeSpan MostOfScript = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LookForTheEnd = TimeSpan.FromHours(1);

    private readonly JsonArray steps = [];
    private readonly Dictionary<Guid, string> told = [];
    private readonly WorkflowDefinition flow;
    private readonly Func<string, WorkflowDefinition> read;
    private readonly FlowWorld world;

    private TrialPlayer(WorkflowDefinition flow, Func<string, WorkflowDefinition> read, FlowWorld world) => (this.flow, this.read, this.world) = (flow, read, world);

    /// <summary>What the text of a flow holds that needs a person: such a flow is played here, any other on the runtime alone.</summary>
    public const string Mark = "\"Automation.";

    public static bool Concerns(WorkflowDefinition flow) => flow.Json.ToJsonString().Contains(Mark, StringComparison.Ordinal);

    /// <param name="scriptFile">Full path; what it imports lies beside it.</param>
    public static Task<JsonObject> PlayFileAsync(string scriptFile, JsonObject script, CancellationToken cancellation)
    {
        return PlayAsync(script, Read(ScenarioFolder.WorkflowOf(scriptFile, script)), Read, cancellation);

        WorkflowDefinition Read(string file) => WorkflowJson.Read(File.ReadAllText(Path.Combine(Path.GetDirectoryName(scriptFile)!, file)), Path.GetFileName(file));
    }

    /// <param name="flow">The one that is tried out; what it imports is published before it.</param>
    /// <param name="read">Reads another definition beside it.</param>
    /// <exception cref="BadInputException">The flow cannot be published, or the script cannot be read; place and remedy are named.</exception>
    public static async Task<JsonObject> PlayAsync(JsonObject script, WorkflowDefinition flow, Func<string, WorkflowDefinition> read, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(MostOfScript);
        try
        {
            var start = Text(script, "start") is { } at ? DateTimeOffset.Parse(at, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) : FlowWorld.Monday;
            var imports = (script["imports"] as JsonArray ?? []).Select(file => read(file!.ToString()));
            await using var world = await FlowWorld.CreateAsync(
                [.. imports, flow], new TrialPerson(script["contact"] as JsonObject ?? []), Policy(script["policy"]), start, new TrialOutside(script), limit.Token);
            var player = new TrialPlayer(flow, read, world);
            foreach (var step in (script["script"] as JsonArray ?? []).OfType<JsonObject>()) await player.DoAsync(step, limit.Token);
            return await player.ReportAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new BadInputException("script", $"was stopped after {MostOfScript.TotalMinutes:0} minutes: is there a loop with very short waits?");
        }
    }

    private async Task DoAsync(JsonObject step, CancellationToken cancellation)
    {
        var op = Text(step, "op") ?? "";
        var done = new JsonObject { ["op"] = op };
        try
        {
            await PerformAsync(op, step, cancellation);
        }
        catch (RuleBrokenException refused)
        {
            done["error"] = refused.Message;
        }
        await DescribeAsync(done, cancellation);
        steps.Add(done);
    }

    private async Task PerformAsync(string op, JsonObject step, CancellationToken cancellation)
    {
        switch (op)
        {
            case "run":
                await EnterAsync(step["data"] ?? (step["input"] as JsonObject)?["event"]?["data"], cancellation);
                break;
            case "event":
                await world.HappensAsync(Required(step, "type"), step["data"]?.DeepClone(), Text(step, "id"), cancellation);
                break;
            case "publishEvent":
                await world.HappensAsync(Required(step, "eventName"), step["payload"]?.DeepClone(), null, cancellation);
                break;
            case "handBack":
                await world.HandBackAsync(HandBackOf(step), cancellation);
                break;
            case "click":
                await world.ReportAsync("click", Text(step, "template"), [], cancellation);
                break;
            case "report":
                await world.ReportAsync(Required(step, "kind"), Text(step, "template"), step["more"] as JsonObject ?? [], cancellation);
                break;
            case "segment":
                await world.MoveAsync(Text(step, "enter") ?? Required(step, "leave"), Text(step, "enter") is not null, cancellation);
                break;
            case "score":
                await world.ScoreAsync((double?)step["before"] ?? 0, (double?)step["after"] ?? 0, cancellation);
                break;
            case "request":
                await RequestAsync(Text(step, "method") ?? "POST", Required(step, "path"), step["body"], cancellation);
                break;
            case "unsubscribe":
                await world.UnsubscribeAsync(cancellation);
                break;
            case "wait":
                await world.PassAsync(Length(step), cancellation);
                break;
            case "waitUntilFinished":
                for (var left = Length(step); left > TimeSpan.Zero && Main?.State.Status is WorkflowStatus.Running; left -= LookForTheEnd)
                    await world.PassAsync(left < LookForTheEnd ? left : LookForTheEnd, cancellation);
                break;
            case "cancel":
                await world.EndRunsAsync(Text(step, "reason") ?? "cancelled", cancellation);
                break;
            case "refuse":
                world.Refusal = Text(step, "reason");
                break;
            case "policy":
                await world.SavePolicyAsync(Policy(step["policy"]), cancellation);
                break;
            case "import":
                await world.PublishAsync(read(Required(step, "file")), cancellation);
                break;
            case "restart":
                await world.RestartAsync(cancellation);
                break;
            default:
                throw new BadInputException("script", $"there is no step '{op}'.");
        }
    }

    // By the flow's first trigger, as if what it waits for had just happened.
    private async Task EnterAsync(JsonNode? data, CancellationToken cancellation)
    {
        foreach (var step in (flow.Root["activities"] as JsonArray ?? []).OfType<JsonObject>())
        {
            switch (Text(step, "type"))
            {
                case "Automation.EventReceived" when Literal(step, "eventType") is { } type:
                    await world.HappensAsync(type, data?.DeepClone(), null, cancellation);
                    return;
                case "Automation.HandedBack" when Literal(step, "reasons") is { } reasons:
                    await world.HandBackAsync(FirstOf(reasons), cancellation);
                    return;
            }
        }
        throw new RuleBrokenException("Nobody enters this flow by an event or a hand-back: say what happens by --events.");
    }

    private Task RequestAsync(string method, string path, JsonNode? body, CancellationToken cancellation) => world.HappensAsync(
        "http.request", new JsonObject { ["method"] = method, ["path"] = path.Trim('/'), ["query"] = new JsonObject(), ["body"] = body?.DeepClone() ?? new JsonObject() }, null, cancellation,
        Stimuli.RequestKey(method, path));

    private HandBackRequest FirstOf(string reasons)
    {
        var word = reasons.Split(',', StringSplitOptions.TrimEntries)[0];
        return HandBackReasons.TryParse(word, out var reason)
            ? new HandBackRequest(reason, null, null)
            : new HandBackRequest(HandBackReason.TooEarly, DateOnly.FromDateTime(world.Now.AddDays(30).UtcDateTime), null);
    }

    // ---- what is written down ----

    // The one that was tried out last.
    private TrialRun? Main => world.Runs.LastOrDefault(run => run.State.DefinitionId == flow.DefinitionId);

    private async Task DescribeAsync(JsonObject done, CancellationToken cancellation)
    {
        done["at"] = world.Now.ToOffset(TimeSpan.FromHours(9)).ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture);
        done["stdout"] = new JsonArray([.. world.TakeLines().Select(line => JsonValue.Create(line))]);
        done["mails"] = new JsonArray([.. (await NewsOfMailsAsync(cancellation)).Select(mail => JsonValue.Create(mail))]);
        if (Main is not { State: var state }) return;
        done["status"] = state.Status.ToString();
        done["subStatus"] = state.SubStatus.ToString();
        done["output"] = PlainValue.ToJson(state.Output);
        done["bookmarks"] = new JsonArray([.. (state.Status is WorkflowStatus.Running ? state.Bookmarks : []).Select(mark => new JsonObject { ["name"] = mark.Name, ["activityId"] = mark.ActivityId })]);
        done["incidents"] = new JsonArray([.. state.Incidents.Select(incident => new JsonObject { ["activityId"] = incident.ActivityId, ["message"] = incident.Message })]);
    }

    /// <summary>Mails that are new or have moved on since the last step, e.g. <c>welcome/day-0 Sent</c>, with the rule that decided when one did.</summary>
    private async Task<List<string>> NewsOfMailsAsync(CancellationToken cancellation)
    {
        var news = new List<string>();
        foreach (var mail in await world.MailsAsync(cancellation))
        {
            var line = mail.State is MessageState.Sent || mail.Rule.Length == 0 ? $"{mail.Template} {mail.State}" : $"{mail.Template} {mail.State} by {mail.Rule}";
            if (told.GetValueOrDefault(mail.Id) == line) continue;
            told[mail.Id] = line;
            news.Add(line);
        }
        return news;
    }

    private async Task<JsonObject> ReportAsync(CancellationToken cancellation)
    {
        var stored = await world.StoredRunsAsync(cancellation);
        var person = await world.PersonAsync(cancellation);
        return new JsonObject
        {
            ["steps"] = steps,
            ["instances"] = new JsonArray([.. world.Runs.OrderBy(run => run != Main).Select(run => Describe(run, stored.GetValueOrDefault(run.Id)))]),
            ["person"] = Describe(person),
            ["importErrors"] = new JsonArray(),
        };
    }

    // What only few flows touch is told only where one has.
    private JsonObject Describe(PersonAfter person)
    {
        var told = new JsonObject { ["tags"] = Texts(person.Tags.Order(StringComparer.Ordinal)), ["notices"] = Texts(person.Notices) };
        if (person.Tasks.Length > 0) told["tasks"] = Texts(person.Tasks);
        if (person.Prefecture != world.Person.Prefecture) told["prefecture"] = person.Prefecture;
        if (person.SalesOwned && !world.Person.HasDeal) told["salesOwned"] = true;
        return told;
    }

    private JsonObject Describe(TrialRun run, FlowInstance? stored) => new()
    {
        ["definitionId"] = run.State.DefinitionId,
        ["version"] = run.State.Version,
        ["isMain"] = run == Main,
        ["entry"] = stored?.Entry,
        ["key"] = stored?.EntryKey,
        ["status"] = run.State.Status.ToString(),
        ["subStatus"] = run.State.SubStatus.ToString(),
        ["endReason"] = stored?.EndReason,
        ["journal"] = Texts(run.Journal.Select(entry => $"{entry.EventName} {entry.ActivityId} {entry.ActivityType}")),
        ["outcomes"] = Texts(run.Journal.Where(entry => entry.Outcomes is not null).Select(entry => $"{entry.ActivityId} {entry.Outcomes}")),
        ["variables"] = PlainValue.ToJson(run.State.Variables),
    };

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);

    // ---- reading ----

    private static HandBackRequest HandBackOf(JsonObject step) => new(
        HandBackReasons.TryParse(Required(step, "reason"), out var reason) ? reason : throw new BadInputException("reason", $"must be one of {string.Join(", ", HandBackReasons.Words)}."),
        Text(step, "revisitOn") is { } day ? DateOnly.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture) : null, Text(step, "note"));

    private static SendingPolicy Policy(JsonNode? node) => node switch
    {
        null => NoLimits,
        JsonObject own => own.Deserialize<SendingPolicy>(JsonSerializerOptions.Web) ?? NoLimits,
        _ => node.ToString() switch
        {
            "none" => NoLimits,
            "shop" => SendingPolicy.Shop,
            "newsletter" => SendingPolicy.Newsletter,
            var other => throw new BadInputException("policy", $"'{other}' must be none, shop, newsletter or a policy."),
        },
    };

    private static TimeSpan Length(JsonObject step) => Text(step, "duration") is { } duration
        ? XmlConvert.ToTimeSpan(duration)
        : TimeSpan.FromMilliseconds(((step["ms"] ?? step["maxMs"]) as JsonValue)?.GetValue<long>() ?? 0);

    private static string? Literal(JsonObject step, string input) =>
        step[input] is JsonObject wrapper ? Text(wrapper["expression"] as JsonObject, "value") : Text(step, input);

    private static string Required(JsonObject step, string name) => Text(step, name) ?? throw new BadInputException("script", $"a step '{step["op"]}' needs '{name}'.");

    private static string? Text(JsonObject? from, string name) => from?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
