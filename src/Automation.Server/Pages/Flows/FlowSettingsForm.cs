using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Automation.Marketing.Journeys;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Flows;

/// <summary>An exit as typed; both empty: none.</summary>
public sealed class ExitForm
{
    [StringLength(200, ErrorMessage = "At most {1} characters, please.")]
    public string? Event { get; set; }

    [StringLength(500, ErrorMessage = "At most {1} characters, please.")]
    public string? Where { get; set; }
}

/// <summary>A flow's settings (architecture §9) as typed.</summary>
public sealed class FlowSettingsForm
{
    private const int LeastRows = 3;

    /// <summary>The save of the draft that was looked at.</summary>
    public int Revision { get; set; }

    [StringLength(200, ErrorMessage = "At most {1} characters, please.")]
    public string? Goal { get; set; }

    [StringLength(500, ErrorMessage = "At most {1} characters, please.")]
    public string? GoalWhere { get; set; }

    public List<ExitForm> Exits { get; set; } = [];
    public Reentry Reentry { get; set; }

    [Range(0, 3650, ErrorMessage = "Enter a number of days from {1} to {2}.")]
    public int? CoolDownDays { get; set; }

    [StringLength(200, ErrorMessage = "At most {1} characters, please.")]
    public string? Key { get; set; }

    public Approach Approach { get; set; }

    [Range(0, 100, ErrorMessage = "Enter a number from {1} to {2}.")]
    public int? Priority { get; set; }

    [Range(0, 10_000_000, ErrorMessage = "Enter a number from {1} to {2}.")]
    public int? Forecast { get; set; }

    public static FlowSettingsForm Of(FlowDefinition flow, FlowSettings settings)
    {
        var form = new FlowSettingsForm
        {
            Revision = flow.Revision,
            Goal = settings.Goal?.Event,
            GoalWhere = settings.Goal?.Where,
            Exits = [.. settings.Exits.Select(exit => new ExitForm { Event = exit.Event, Where = exit.Where })],
            Reentry = settings.Reentry,
            CoolDownDays = (int)settings.CoolDown.TotalDays,
            Key = settings.Key,
            Approach = ApproachOf(flow, settings),
            Priority = settings.Priority,
            Forecast = settings.Forecast == 0 ? null : settings.Forecast,
        };
        form.AddRows();
        return form;
    }

    /// <summary>As the file spells it.</summary>
    public static string WordOf(Reentry mode) => mode switch
    {
        Reentry.Once => "once",
        Reentry.PerKey => "per-key",
        Reentry.Restart => "restart",
        _ => "after-exit",
    };

    /// <summary>Rows to write more exits into.</summary>
    public void AddRows()
    {
        var filled = Exits.Count(exit => !string.IsNullOrWhiteSpace(exit.Event));
        while (Exits.Count < Math.Max(LeastRows, filled + 1)) Exits.Add(new ExitForm());
    }

    /// <summary>What no single field can show to be wrong.</summary>
    public void Check(ModelStateDictionary errors, ITemplateRenderer renderer, IStringLocalizer words)
    {
        if (string.IsNullOrWhiteSpace(Goal) && !string.IsNullOrWhiteSpace(GoalWhere)) errors.AddModelError("Form.Goal", words["Say what happens; the condition alone is none."]);
        Condition("Form.GoalWhere", GoalWhere);
        foreach (var (at, exit) in Exits.Index())
        {
            if (string.IsNullOrWhiteSpace(exit.Event) && !string.IsNullOrWhiteSpace(exit.Where)) errors.AddModelError($"Form.Exits[{at}].Event", words["Say what happens; the condition alone is none."]);
            Condition($"Form.Exits[{at}].Where", exit.Where);
        }
        if (Reentry is Reentry.PerKey && string.IsNullOrWhiteSpace(Key)) errors.AddModelError("Form.Key", words["Say what the key is, e.g. event.data.order_id."]);
        if (Reentry is Reentry.PerKey) Condition("Form.Key", Key);

        void Condition(string field, string? text)
        {
            if (!string.IsNullOrWhiteSpace(text) && renderer.Check(text) is { } problem) errors.AddModelError(field, words["This condition cannot be read: {0}", problem]);
        }
    }

    /// <summary>The settings as they are kept; whatever <paramref name="before"/> has that this form does not know stays.</summary>
    public JsonObject ToJson(JsonObject? before)
    {
        var settings = (JsonObject?)before?.DeepClone() ?? [];
        Put(settings, "goal", EventOf(Goal, GoalWhere));
        settings["exits"] = new JsonArray([.. Exits.Select(exit => EventOf(exit.Event, exit.Where)).Where(exit => exit is not null)]);
        var reentry = settings["reentry"] as JsonObject ?? [];
        reentry["mode"] = WordOf(Reentry);
        Put(reentry, "coolDown", Reentry is Reentry.AfterExit && CoolDownDays is { } days ? $"P{days}D" : null);
        Put(reentry, "key", Reentry is Reentry.PerKey ? Key?.Trim() : null);
        settings["reentry"] = reentry;
        settings["approach"] = Approach is Approach.None ? "transactional" : Approach.ToString();
        Put(settings, "priority", Priority);
        Put(settings, "forecast", Forecast);
        return settings;
    }

    private static Approach ApproachOf(FlowDefinition flow, FlowSettings settings) =>
        flow.Definition().CustomProperties["automation"]?["approach"] is JsonValue value && Enum.TryParse<Approach>(value.ToString(), out var approach) ? approach
        : settings.Marketing ? settings.Selling ? Approach.A2 : Approach.A3 : Approach.None;

    private static JsonObject? EventOf(string? name, string? where)
    {
        if (string.IsNullOrWhiteSpace(name)) return null;
        var json = new JsonObject { ["event"] = name.Trim() };
        if (!string.IsNullOrWhiteSpace(where)) json["where"] = where.Trim();
        return json;
    }

    private static void Put(JsonObject json, string name, JsonNode? value)
    {
        if (value is null) json.Remove(name);
        else json[name] = value;
    }
}
