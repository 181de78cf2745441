using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Marketing;
using Automation.Marketing.Journeys;
using Automation.Workflows.Runtime;

namespace Automation.Server.Studio;

/// <summary>
/// Definitions as the designer needs them, and back. It shows an empty canvas for a drawing with a step it does not know, or a step
/// without node id, and would then save that emptiness: what it is given has neither, and what it sends is put back as it was.
/// </summary>
internal sealed class Drawing(ActivityRegistry registry)
{
    private const string Unknown = "Elsa.NotFoundActivity";

    // Ours, on a step for the time it is in the designer.
    private const string StandsFor = "standsFor";
    private const string OwnVersion = "ownVersion";

    private static readonly string[] Lists = ["variables", "inputs", "outputs", "outcomes"];
    private static readonly string[] FromServer = ["links", "createdAt", "version", "isLatest", "isPublished", "isSystem", "isReadonly", "materializerName"];
    private static readonly string[] Drawn = ["name", "description", "variables", "inputs", "outputs", "outcomes", "customProperties", "options", "root"];

    public JsonObject ToStudio(FlowDefinition flow, StudioRights rights)
    {
        var json = flow.Definition().Json;
        foreach (var list in Lists)
            if (json[list] is not JsonArray) json[list] = new JsonArray();
        foreach (var part in (string[])["customProperties", "options"])
            if (json[part] is not JsonObject) json[part] = new JsonObject();
        json["description"] = flow.Description;
        json["createdAt"] = flow.CreatedAt;
        json["isReadonly"] = false;
        json["isSystem"] = false;
        json["materializerName"] = "Json";
        json["links"] = JsonSerializer.SerializeToNode(rights.OfFlow(flow.DefinitionId), JsonSerializerOptions.Web);
        if (json["root"] is JsonObject root) Open(root, "Workflow1");
        return json;
    }

    /// <summary>The definition without what was made for the designer, and without what only the server says.</summary>
    /// <exception cref="BadInputException">The root is no kind of drawing.</exception>
    public JsonObject FromStudio(JsonObject model)
    {
        var json = (JsonObject)model.DeepClone();
        foreach (var name in FromServer) json.Remove(name);
        foreach (var empty in json.Where(pair => pair.Value is null).Select(pair => pair.Key).ToList()) json.Remove(empty);
        if (json["root"] is not JsonObject root) throw new BadInputException("root", "is missing: a flow is a flowchart or a sequence of steps.");
        if (TypeOf(root) is not { } type || registry.Describe(type) is not { IsContainer: true })
            throw new BadInputException("root", $"'{TypeOf(root)}' is not offered: choose a flowchart or a sequence.");
        Close(root);
        return json;
    }

    /// <summary>Whether the designer sends just what it was given.</summary>
    public static bool SameDrawing(JsonObject given, JsonObject sent) => Array.TrueForAll(Drawn, part => Same(given[part], sent[part]));

    /// <summary>Puts the steps and ways of flowcharts back into the order they were given in; new ones come last.</summary>
    /// <remarks>The designer sends last what was clicked last. Where nothing else says so, the order says where a flow begins.</remarks>
    public static void KeepOrder(JsonObject given, JsonObject sent)
    {
        if (given["root"] is JsonObject was && sent["root"] is JsonObject now) KeepOrderIn(was, now);
    }

    /// <summary>How many steps stand at the root.</summary>
    public static int StepsOf(JsonObject definition) => definition["root"]?["activities"] is JsonArray steps ? steps.Count : 0;

    private static void KeepOrderIn(JsonObject was, JsonObject now)
    {
        if (TypeOf(now) == "Elsa.Flowchart")
        {
            Sort(was["activities"], now["activities"], step => $"{step?["id"]}");
            Sort(was["connections"], now["connections"], way => $"{way?["source"]?["activity"]} {way?["source"]?["port"]} {way?["target"]?["activity"]} {way?["target"]?["port"]}");
        }
        var before = ChildrenOf(was).DistinctBy(child => $"{child["id"]}").ToDictionary(child => $"{child["id"]}", StringComparer.Ordinal);
        foreach (var child in ChildrenOf(now))
            if (before.TryGetValue($"{child["id"]}", out var old)) KeepOrderIn(old, child);
    }

    private static void Sort(JsonNode? was, JsonNode? now, Func<JsonNode?, string> nameOf)
    {
        if (was is not JsonArray given || now is not JsonArray sent) return;
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var item in given) places.TryAdd(nameOf(item), places.Count);
        var ordered = sent.OrderBy(item => places.GetValueOrDefault(nameOf(item), int.MaxValue)).ToList();
        sent.Clear();
        foreach (var item in ordered) sent.Add(item);
    }

    private void Open(JsonObject activity, string parent)
    {
        if (string.IsNullOrEmpty(activity["id"]?.ToString())) activity["id"] = $"step-{parent.Length}-{(activity.Parent is JsonArray ? activity.GetElementIndex() : 0)}";
        var nodeId = $"{parent}:{activity["id"]}";
        if (registry.Describe(TypeOf(activity) ?? "") is not { } known) Wrap(activity);
        else
        {
            if (VersionOf(activity) != known.Version)
            {
                activity[OwnVersion] = activity["version"]?.DeepClone() ?? JsonValue.Create("");
                activity["version"] = known.Version;
            }
            foreach (var input in known.Inputs.Where(IsTicked)) SpellTicks(activity, NameIn(input), toList: true);
            foreach (var child in ChildrenOf(activity)) Open(child, nodeId);
        }
        activity["nodeId"] = nodeId;
    }

    private void Close(JsonObject activity)
    {
        if (activity[StandsFor] is JsonValue whole)
        {
            Unwrap(activity, whole.ToString());
            return;
        }
        activity.Remove("nodeId");
        if (activity.Remove(OwnVersion, out var version))
        {
            if (version is JsonValue text && text.ToString().Length == 0) activity.Remove("version");
            else activity["version"] = version?.DeepClone();
        }
        foreach (var input in registry.Describe(TypeOf(activity) ?? "")?.Inputs.Where(IsTicked) ?? []) SpellTicks(activity, NameIn(input), toList: false);
        foreach (var child in ChildrenOf(activity)) Close(child);
    }

    // Shown as a red step; the original travels with it and comes back whole.
    private static void Wrap(JsonObject activity)
    {
        var original = activity.ToJsonString();
        var type = TypeOf(activity) ?? "";
        var version = VersionOf(activity);
        foreach (var name in activity.Select(pair => pair.Key).Where(name => name is not ("id" or "name" or "metadata")).ToList()) activity.Remove(name);
        activity["type"] = Unknown;
        activity["version"] = 1;
        activity["missingTypeName"] = type;
        activity["missingTypeVersion"] = version;
        activity["originalActivityJson"] = original;
        activity[StandsFor] = original;
        activity["customProperties"] = new JsonObject();
    }

    // It may have been moved or renamed meanwhile.
    private static void Unwrap(JsonObject activity, string whole)
    {
        var original = (JsonObject)JsonNode.Parse(whole)!;
        foreach (var kept in (string[])["id", "name", "metadata"])
            if (activity[kept] is { } now) original[kept] = now.DeepClone();
        activity.Clear();
        foreach (var (name, value) in original) activity[name] = value?.DeepClone();
    }

    // We keep "too-early,budget" where the designer's tick boxes keep the text of a JSON list.
    private static void SpellTicks(JsonObject activity, string input, bool toList)
    {
        if (activity[input]?["expression"] is not JsonObject expression || expression["value"] is not JsonValue value || !value.TryGetValue<string>(out var text)) return;
        var kind = expression["type"]?.ToString();
        if (toList && kind == "Literal")
        {
            var words = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            (expression["type"], expression["value"]) = ("Object", JsonSerializer.Serialize(words));
        }
        if (!toList && kind == "Object" && WordsOf(text) is { } ticked) (expression["type"], expression["value"]) = ("Literal", string.Join(',', ticked));
    }

    private static string[]? WordsOf(string list)
    {
        try
        {
            return JsonSerializer.Deserialize<string[]>(list);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool IsTicked(InputDescriptor input) => input.Type == typeof(string) && ActivityCatalogue.HintFor(input) == InputUIHints.CheckList;

    private static string NameIn(InputDescriptor input) => char.ToLowerInvariant(input.Name[0]) + input.Name[1..];

    private static List<JsonObject> ChildrenOf(JsonObject activity)
    {
        var children = new List<JsonObject>();
        foreach (var (name, value) in activity)
        {
            if (name is "customProperties" or "metadata" or "connections" or "variables") continue;
            if (value is JsonObject one && LooksLikeActivity(one)) children.Add(one);
            if (value is not JsonArray list) continue;
            foreach (var item in list.OfType<JsonObject>())
            {
                if (name == "activities" || LooksLikeActivity(item)) children.Add(item);
                else if (item["activity"] is JsonObject held && LooksLikeActivity(held)) children.Add(held);   // a case of a switch
            }
        }
        return children;
    }

    private static bool LooksLikeActivity(JsonObject json) => TypeOf(json) is { Length: > 0 } && (json.ContainsKey("version") || json.ContainsKey("activities"));

    private static string? TypeOf(JsonObject activity) => activity["type"] is JsonValue value && value.TryGetValue<string>(out var type) ? type : null;

    private static int VersionOf(JsonObject activity) => activity["version"] is JsonValue value && value.TryGetValue<int>(out var version) ? version : 0;

    // What is empty and what is left out mean the same.
    private static bool Same(JsonNode? one, JsonNode? other) => (one, other) switch
    {
        (JsonObject left, JsonObject right) => left.Select(pair => pair.Key).Union(right.Select(pair => pair.Key), StringComparer.Ordinal).All(name => Same(left[name], right[name])),
        (JsonArray left, JsonArray right) => left.Count == right.Count && left.Zip(right).All(pair => Same(pair.First, pair.Second)),
        _ => IsEmpty(one) ? IsEmpty(other) : JsonNode.DeepEquals(one, other),
    };

    private static bool IsEmpty(JsonNode? node) => node is null or JsonObject { Count: 0 } or JsonArray { Count: 0 } || (node is JsonValue value && value.TryGetValue<string>(out var text) && text.Length == 0);
}
