using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Automation.Workflows.Runtime;

/// <summary>The compact form of a saved instance: short names, defaults left out, ids that follow from others left out.</summary>
internal static class WorkflowStateJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static string Write(WorkflowState state)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("id", state.InstanceId);
            json.WriteString("def", state.DefinitionId);
            json.WriteString("ver", state.DefinitionVersionId);
            json.WriteNumber("v", state.Version);
            Text(json, "corr", state.CorrelationId);
            Text(json, "parent", state.ParentInstanceId);
            Text(json, "name", state.Name);
            Text(json, "trigger", state.TriggerActivityId);
            json.WriteString("sub", state.SubStatus.ToString());
            json.WriteNumber("at", state.CreatedAt.ToUnixTimeMilliseconds());
            json.WriteNumber("upd", state.UpdatedAt.ToUnixTimeMilliseconds());
            if (state.FinishedAt is { } finished) json.WriteNumber("fin", finished.ToUnixTimeMilliseconds());
            json.WriteNumber("seq", state.LastSequence);
            json.WriteNumber("num", state.LastNumber);
            Values(json, "in", state.Input);
            Values(json, "out", state.Output);
            Values(json, "props", state.Properties);
            Values(json, "vars", state.Variables);
            WriteOutputs(json, state);
            WriteVisits(json, state);
            WriteActivities(json, state);
            WriteBookmarks(json, state);
            WriteIncidents(json, state);
            WriteScheduled(json, state);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static WorkflowState Read(string text)
    {
        try
        {
            return Read(JsonNode.Parse(text) as JsonObject ?? throw new FormatException("A saved instance is a JSON object."));
        }
        catch (Exception broken) when (broken is JsonException or KeyNotFoundException or NullReferenceException or InvalidOperationException or ArgumentException)
        {
            throw new FormatException("This is not a saved workflow instance: " + broken.Message, broken);
        }
    }

    private static WorkflowState Read(JsonObject json)
    {
        var instanceId = (string)json["id"]!;
        var subStatus = Enum.Parse<WorkflowSubStatus>((string)json["sub"]!);
        var activities = ReadActivities(json["acts"]);
        return new WorkflowState
        {
            InstanceId = instanceId,
            DefinitionId = (string)json["def"]!,
            DefinitionVersionId = (string)json["ver"]!,
            Version = (int)json["v"]!,
            CorrelationId = (string?)json["corr"],
            ParentInstanceId = (string?)json["parent"],
            Name = (string?)json["name"],
            TriggerActivityId = (string?)json["trigger"],
            SubStatus = subStatus,
            Status = subStatus is WorkflowSubStatus.Finished or WorkflowSubStatus.Cancelled or WorkflowSubStatus.Faulted
                ? WorkflowStatus.Finished : WorkflowStatus.Running,
            CreatedAt = Instant(json["at"])!.Value,
            UpdatedAt = Instant(json["upd"])!.Value,
            FinishedAt = Instant(json["fin"]),
            LastSequence = (long)json["seq"]!,
            LastNumber = (int)json["num"]!,
            Input = Map(json["in"]) ?? [],
            Output = Map(json["out"]) ?? [],
            Properties = Map(json["props"]) ?? [],
            Variables = Map(json["vars"]) ?? [],
            Outputs = (json["outs"] as JsonObject)?.ToDictionary(pair => pair.Key, pair => Map(pair.Value) ?? []) ?? [],
            LastResult = PlainValue.FromJson(json["last"]),
            Visits = Numbers(json["n"]),
            VisitsByNode = (json["nn"] as JsonObject)?.ToDictionary(pair => pair.Key, pair => (int)pair.Value!),
            Activities = activities,
            Bookmarks = ReadBookmarks(json["marks"], instanceId, activities),
            Incidents = ReadIncidents(json["incidents"], instanceId),
            Scheduled = ReadScheduled(json["todo"]),
            BurstInput = Map(json["burst"]) ?? [],
            InputBefore = Map(json["before"]),
            IsInFirstBurst = (bool?)json["first"] == true,
        };
    }

    private static void WriteOutputs(Utf8JsonWriter json, WorkflowState state)
    {
        if (state.LastResult is not null) Value(json, "last", state.LastResult);
        if (state.Outputs.Count == 0) return;
        json.WriteStartObject("outs");
        foreach (var (node, values) in state.Outputs) Values(json, node, values);
        json.WriteEndObject();
    }

    private static void WriteVisits(Utf8JsonWriter json, WorkflowState state)
    {
        if (state.VisitsByNode is { } named)
        {
            json.WriteStartObject("nn");
            foreach (var (node, count) in named) json.WriteNumber(node, count);
            json.WriteEndObject();
        }
        else Array(json, "n", state.Visits);
    }

    private static void WriteActivities(Utf8JsonWriter json, WorkflowState state)
    {
        if (state.Activities.Count == 0) return;
        json.WriteStartArray("acts");
        foreach (var activity in state.Activities)
        {
            json.WriteStartObject();
            json.WriteNumber("i", activity.Number);
            if (activity.ParentNumber != 0) json.WriteNumber("p", activity.ParentNumber);
            json.WriteString("n", activity.NodeId);
            // As an offset: most activities of a burst begin in the same second as the instance.
            json.WriteNumber("t", (activity.StartedAt - state.CreatedAt).Ticks / TimeSpan.TicksPerMillisecond);
            if (activity.Status == ActivityStatus.Faulted) json.WriteBoolean("bad", true);
            if (activity.FaultCount > 0) json.WriteNumber("faults", activity.FaultCount);
            Text(json, "cb", activity.Callback);
            if (activity.Tag is not null) Value(json, "tag", activity.Tag);
            Values(json, "vars", activity.Variables);
            Values(json, "scope", activity.ScopeVariables);
            Values(json, "props", activity.Properties);
            if (activity.Flow is { } flow) WriteFlow(json, flow);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteFlow(Utf8JsonWriter json, FlowScopeState flow)
    {
        json.WriteStartObject("flow");
        json.WriteNumber("s", flow.Start);
        Array(json, "a", flow.Activities);
        Array(json, "c", flow.Connections);
        var followed = flow.Followed.AsSpan().TrimEnd(false);
        if (followed.Length > 0) json.WriteString("f", string.Create(followed.Length, flow.Followed, (text, flags) =>
        {
            for (var i = 0; i < text.Length; i++) text[i] = flags[i] ? '1' : '0';
        }));
        json.WriteEndObject();
    }

    private static List<ActivityState> ReadActivities(JsonNode? list) => list is not JsonArray array ? [] :
        [.. array.Select(item => item!.AsObject()).Select(json => new ActivityState(
            (int)json["i"]!, (int?)json["p"] ?? 0, (string)json["n"]!,
            (bool?)json["bad"] == true ? ActivityStatus.Faulted : ActivityStatus.Running, Started(list, json))
        {
            FaultCount = (int?)json["faults"] ?? 0,
            Callback = (string?)json["cb"],
            Tag = PlainValue.FromJson(json["tag"]),
            Variables = Map(json["vars"]),
            ScopeVariables = Map(json["scope"]),
            Properties = Map(json["props"]),
            Flow = json["flow"] is JsonObject flow ? ReadFlow(flow) : null,
        })];

    private static DateTimeOffset Started(JsonNode list, JsonObject json) =>
        Instant(list.Parent!["at"])!.Value.AddMilliseconds((double?)json["t"] ?? 0);

    private static FlowScopeState ReadFlow(JsonObject json) =>
        new((int)json["s"]!, Numbers(json["a"]), Numbers(json["c"]), [.. ((string?)json["f"] ?? "").Select(flag => flag == '1')]);

    private static void WriteBookmarks(Utf8JsonWriter json, WorkflowState state)
    {
        if (state.Bookmarks.Count == 0) return;
        json.WriteStartArray("marks");
        foreach (var mark in state.Bookmarks)
        {
            json.WriteStartObject();
            json.WriteNumber("i", mark.Number);
            json.WriteNumber("c", mark.ContextNumber);
            json.WriteString("name", mark.Name);
            json.WriteString("hash", mark.Hash);
            if (mark.Payload is not null)
            {
                json.WritePropertyName("load");
                mark.Payload.WriteTo(json);
            }
            json.WriteString("node", mark.ActivityNodeId);
            json.WriteNumber("at", mark.CreatedAt.ToUnixTimeMilliseconds());
            if (mark.DueAt is { } due) json.WriteNumber("due", due.ToUnixTimeMilliseconds());
            Text(json, "cb", mark.Callback);
            if (!mark.AutoBurn) json.WriteBoolean("burn", false);
            if (!mark.AutoComplete) json.WriteBoolean("auto", false);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static List<Bookmark> ReadBookmarks(JsonNode? list, string instanceId, List<ActivityState> activities)
    {
        if (list is not JsonArray array) return [];
        var marks = new List<Bookmark>(array.Count);
        foreach (var json in array.Select(item => item!.AsObject()))
        {
            var node = (string)json["node"]!;
            var context = (int)json["c"]!;
            var number = (int)json["i"]!;
            marks.Add(new Bookmark(
                WorkflowState.BookmarkId(instanceId, number), (string)json["name"]!, (string)json["hash"]!, Payload(json["load"]),
                node[(node.LastIndexOf(':') + 1)..], node, WorkflowState.ActivityInstanceId(instanceId, context), Instant(json["at"])!.Value,
                (bool?)json["burn"] ?? true, (bool?)json["auto"] ?? true, (string?)json["cb"], Instant(json["due"]))
            {
                Number = number,
                ContextNumber = context,
            });
        }
        return marks;
    }

    // Written in camel case; readers ask by the names of their properties.
    private static JsonNode? Payload(JsonNode? load) => load is null ? null : JsonNode.Parse(load.ToJsonString(), new JsonNodeOptions { PropertyNameCaseInsensitive = true });

    private static void WriteIncidents(Utf8JsonWriter json, WorkflowState state)
    {
        if (state.Incidents.Count == 0) return;
        json.WriteStartArray("incidents");
        foreach (var incident in state.Incidents)
        {
            json.WriteStartObject();
            json.WriteString("act", incident.ActivityId);
            json.WriteString("node", incident.ActivityNodeId);
            json.WriteString("inst", incident.ActivityInstanceId);
            json.WriteString("type", incident.ActivityType);
            json.WriteString("msg", incident.Message);
            Text(json, "ex", incident.ExceptionType);
            json.WriteNumber("at", incident.Timestamp.ToUnixTimeMilliseconds());
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static List<Incident> ReadIncidents(JsonNode? list, string instanceId) => list is not JsonArray array ? [] :
        [.. array.Select(item => item!.AsObject()).Select(json => new Incident(
            (string)json["act"]!, (string)json["node"]!, (string?)json["inst"] ?? instanceId, (string)json["type"]!,
            (string)json["msg"]!, (string?)json["ex"], Instant(json["at"])!.Value))];

    private static void WriteScheduled(Utf8JsonWriter json, WorkflowState state)
    {
        if (state.Scheduled.Count == 0) return;
        json.WriteStartArray("todo");
        foreach (var step in state.Scheduled)
        {
            json.WriteStartObject();
            json.WriteString("n", step.NodeId);
            if (step.OwnerNumber != 0) json.WriteNumber("o", step.OwnerNumber);
            Text(json, "cb", step.Callback);
            if (step.Tag is not null) Value(json, "tag", step.Tag);
            Values(json, "vars", step.Variables);
            if (step.ContextNumber != 0) json.WriteNumber("c", step.ContextNumber);
            if (step.BookmarkNumber != 0) json.WriteNumber("m", step.BookmarkNumber);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (state.IsInFirstBurst) json.WriteBoolean("first", true);
        Values(json, "burst", state.BurstInput);
        Values(json, "before", state.InputBefore);
    }

    private static List<ScheduledActivity> ReadScheduled(JsonNode? list) => list is not JsonArray array ? [] :
        [.. array.Select(item => item!.AsObject()).Select(json => new ScheduledActivity((string)json["n"]!, (int?)json["o"] ?? 0)
        {
            Callback = (string?)json["cb"],
            Tag = PlainValue.FromJson(json["tag"]),
            Variables = Map(json["vars"]),
            ContextNumber = (int?)json["c"] ?? 0,
            BookmarkNumber = (int?)json["m"] ?? 0,
        })];

    private static void Text(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null) json.WriteString(name, value);
    }

    private static void Values(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, object?>? values)
    {
        if (values is null or { Count: 0 }) return;
        json.WriteStartObject(name);
        foreach (var (key, value) in values) Value(json, key, value);
        json.WriteEndObject();
    }

    private static void Value(Utf8JsonWriter json, string name, object? value)
    {
        json.WritePropertyName(name);
        if (value is string text) json.WriteStringValue(text);
        else if (PlainValue.ToStateJson(value) is { } node) node.WriteTo(json);
        else json.WriteNullValue();
    }

    private static void Array(Utf8JsonWriter json, string name, IReadOnlyList<int> numbers)
    {
        var length = numbers.Count;
        while (length > 0 && numbers[length - 1] == 0) length--;
        if (length == 0) return;
        json.WriteStartArray(name);
        for (var i = 0; i < length; i++) json.WriteNumberValue(numbers[i]);
        json.WriteEndArray();
    }

    private static int[] Numbers(JsonNode? list) => list is JsonArray array ? [.. array.Select(item => (int)item!)] : [];

    private static Dictionary<string, object?>? Map(JsonNode? node) =>
        (node as JsonObject)?.ToDictionary(pair => pair.Key, pair => PlainValue.FromJson(pair.Value));

    private static DateTimeOffset? Instant(JsonNode? node) =>
        node is null ? null : DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(node.ToJsonString(), CultureInfo.InvariantCulture));
}
