using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;
using Automation.Marketing.Deals;
using Automation.Marketing.Journeys.Reports;
using Automation.Server.Studio;
using Automation.Workflows.Runtime;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Wording;

/// <summary>Says what a flow's drawing shows: its steps, its ways, its settings, and what changed in them.</summary>
internal sealed partial class FlowWords(IStringLocalizer words, Show show, Story story, Reasons reasons, ActivityWords activities, AudienceWords audiences, ActivityRegistry registry)
{
    /// <summary>As somebody named the step; what it does where nobody has.</summary>
    public string Name(DrawnStep step) =>
        step.Name == step.Id || MadeUp().IsMatch(step.Name) && step.Type.EndsWith('.' + MadeUp().Replace(step.Name, "$1"), StringComparison.Ordinal) ? Kind(step.Type) : Show.FlowName(step.Name);

    public string Kind(string type) => registry.Describe(type) is { } known ? activities.Name(known) : story.StepName(type);

    /// <summary>A way out of a step.</summary>
    public string Port(string port) => activities.Port(port) is var known && known != port ? known : Show.FlowName(port);

    public string Ports(IEnumerable<string> ports) => string.Join(words[", "], ports.Select(Port));

    /// <summary>Ways out as the journal writes them.</summary>
    public string Way(string outcomes) => outcomes.StartsWith(Marketing.Journeys.Activities.LateSteps.Outcome, StringComparison.Ordinal) ? words["left out: its date had passed"] : Ports(outcomes.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    public string Standing(FlowStanding standing) => standing switch
    {
        FlowStanding.Draft => words["Draft"],
        FlowStanding.Published => words["In operation"],
        FlowStanding.Changed => words["In operation, a draft is under way"],
        _ => words["Withdrawn"],
    };

    public static string Colour(FlowStanding standing) => standing switch
    {
        FlowStanding.Published => "green",
        FlowStanding.Changed => "azure",
        FlowStanding.Draft => "yellow",
        _ => "secondary",
    };

    public static string Icon(DrawnStep step) => step.Type[(step.Type.LastIndexOf('.') + 1)..] switch
    {
        "SendEmail" => "mail",
        "Delay" or "WaitUntil" or "StartAt" or "Timer" or "Cron" => "hourglass",
        "WaitForEvent" => "click",
        "WaitForAnchor" or "CalendarOccurrence" => "calendar-event",
        "FlowDecision" or "FlowSwitch" or "If" or "Switch" or "RandomSplit" => "arrows-split-2",
        "AddTag" or "RemoveTag" => "tag",
        "UpdateContact" => "user-edit",
        "NotifyOwner" or "CreateTask" or "HandOff" or "HandedBack" => "briefcase",
        "NotFoundActivity" => "question-mark",
        _ => step.StartsFlow ? "bolt" : "point",
    };

    /// <summary>What the step does, in a line; empty when its name says it all.</summary>
    public string Summary(DrawnStep step) => step.Type[(step.Type.LastIndexOf('.') + 1)..] switch
    {
        "EventReceived" => story.EventName(In(step, "eventType")) + (In(step, "where").Length > 0 ? words[", under a condition"] : ""),
        "HandedBack" => string.Join(words[", "], In(step, "reasons").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(ReasonName)),
        "CalendarOccurrence" or "WaitForAnchor" => string.Join(" ", new[] { In(step, "anchor"), Offset(In(step, "lead")) }.Where(part => part.Length > 0)),
        "DateReached" => string.Join(" ", new[] { In(step, "field"), Offset(In(step, "offset")) }.Where(part => part.Length > 0)),
        "SegmentEntered" or "SegmentLeft" => In(step, "segment"),
        "ScoreCrossed" => In(step, "threshold"),
        "SendEmail" => In(step, "template"),
        "WaitForEvent" => story.EventName(In(step, "eventType")) + (In(step, "timeout") is { Length: > 0 } most ? words[", at most {0}", Span(most)] : ""),
        "Delay" => Span(In(step, "timeSpan")),
        "WaitUntil" => Until(In(step, "until")),
        "AddTag" or "RemoveTag" => In(step, "tag"),
        "UpdateContact" => $"{In(step, "field")} {In(step, "value")}".Trim(),
        "CreateTask" => Show.FlowName(In(step, "title")),
        "NotifyOwner" => Show.FlowName(In(step, "message")),
        "FlowDecision" => In(step, "condition"),
        "RandomSplit" => string.Join(" · ", Shares.Where(way => In(step, way) is not ("" or "0")).Select(way => $"{way.ToUpperInvariant()} {In(step, way)} %")),
        _ => "",
    };

    /// <summary>What a run waits for in a step.</summary>
    public string Wait(RunWait wait) => wait.Name switch
    {
        "Automation.SendEmail" or "Automation.MailSettled" => words["waits until its mail is sent, or decided otherwise"],
        "Automation.WaitForEvent" => words["waits for: {0}", story.EventName(wait.Key)],
        _ => words["waits"],
    };

    /// <summary>One line of a difference.</summary>
    public string Change(FlowChange change) => change switch
    {
        FlowChange.Added(var step) => words["New step: {0}", Full(step)],
        FlowChange.Removed(var step) => words["Step taken out: {0}", Full(step)],
        FlowChange.Renamed(var before, var after) => words["Step renamed: {0} → {1}", Name(before), Name(after)],
        FlowChange.Replaced(var before, var after) => words["Another kind of step: {0} → {1}", Full(before), Full(after)],
        FlowChange.StartChanged(var step) => step.StartsFlow ? words["{0}: starts the flow now", Name(step)] : words["{0}: no longer starts the flow", Name(step)],
        FlowChange.InputChanged(var step, var input, var before, var after) => words["{0}, {1}: {2} → {3}", Name(step), Input(step.Type, input), Said(before, input), Said(after, input)],
        FlowChange.Joined(var from, var port, var to) => words["New way: {0} —{1}→ {2}", Name(from), Port(port), Name(to)],
        FlowChange.Parted(var from, var port, var to) => words["Way taken out: {0} —{1}→ {2}", Name(from), Port(port), Name(to)],
        FlowChange.SettingChanged(var setting, var before, var after) => words["{0}: {1} → {2}", Setting(setting), Said(before), Said(after)],
        _ => "",
    };

    public static string ChangeIcon(FlowChange change) => change switch
    {
        FlowChange.Added or FlowChange.Joined => "plus",
        FlowChange.Removed or FlowChange.Parted => "minus",
        FlowChange.SettingChanged => "settings",
        _ => "pencil",
    };

    public string Reentry(string mode) => mode switch
    {
        "once" => words["Once in a lifetime"],
        "per-key" => words["Once for each key, e.g. each order"],
        "restart" => words["At any time: a live run ends and a new one begins"],
        _ => words["Again after the last time, with a pause"],
    };

    private string Setting(string setting) => setting.Split('.') switch
    {
        ["name"] => words["Name"],
        ["description"] => words["Description"],
        ["goal", "event"] => words["Goal"],
        ["goal", "where"] => words["Condition of the goal"],
        ["exits", var number, "event"] => words["Exit {0}", number],
        ["exits", var number, "where"] => words["Condition of exit {0}", number],
        ["reentry", "mode"] => words["Re-entry"],
        ["reentry", "coolDown"] => words["Pause before re-entry"],
        ["reentry", "key"] => words["Key of re-entry"],
        ["approach"] => words["Approach"],
        ["priority"] => words["Priority"],
        ["forecast"] => words["Expected entries an hour"],
        _ => setting,
    };

    private string Input(string type, string input) =>
        registry.Describe(type)?.Inputs.FirstOrDefault(known => string.Equals(known.Name, input, StringComparison.OrdinalIgnoreCase)) is { } known ? activities.InputName(type, known)
        : input == "cases" ? words["Questions"] : input;

    private string Said(string? value, string input = "") => string.IsNullOrEmpty(value) ? words["nothing"]
        : input == "audience" ? audiences.Of(value)
        : Span(value) is var span && span != value ? span
        : value.Length > MostShown ? value[..MostShown] + "…" : value;

    private string Full(DrawnStep step) => Summary(step) is { Length: > 0 } summary ? words["{0} ({1})", Name(step), summary] : Name(step);

    private string ReasonName(string word) =>
        word == HandingBack.Revisit ? words["with a revisit date"] : HandBackReasons.TryParse(word, out var reason) ? show.Reason(reason) : word;

    // Of both spellings a drawing holds: 3.00:00:00 and P3D.
    private string Span(string text)
    {
        try
        {
            var span = text.StartsWith('P') ? XmlConvert.ToTimeSpan(text) : text.Contains(':') && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var plain) ? plain : (TimeSpan?)null;
            return span is null ? text : reasons.Span(XmlConvert.ToString(span.Value));
        }
        catch (FormatException)
        {
            return text;
        }
    }

    private string Until(string moment) => moment.Split(' ', StringSplitOptions.RemoveEmptyEntries) switch
    {
        ["next-business-day", var time] => words["next working day, {0}", time],
        ["next", var day, var time] when Enum.TryParse<DayOfWeek>(day, ignoreCase: true, out var weekday) => words["next {0}, {1}", CultureInfo.CurrentCulture.DateTimeFormat.GetDayName(weekday), time],
        ["at", var time] => words["at {0}", time],
        ["field", "deal.revisit_on", var days, var time] => words["agreed day: {0}", Offset($"{days} {time}")],
        [var span] when span.StartsWith("+P", StringComparison.Ordinal) => Span(span[1..]),
        _ => moment,
    };

    private string Offset(string lead)
    {
        var match = Lead().Match(lead);
        if (!match.Success) return lead;
        var days = int.Parse(match.Groups["days"].Value, CultureInfo.InvariantCulture);
        var said = days == 0 ? words["on the day"] : match.Groups["sign"].Value == "-" ? words["{0} days before", days] : words["{0} days after", days];
        return match.Groups["time"].Success ? words["{0} at {1}", said, match.Groups["time"].Value] : said;
    }

    private static string In(DrawnStep step, string input) => step.Inputs.GetValueOrDefault(input) ?? "";

    private const int MostShown = 120;

    private static readonly string[] Shares = ["a", "b", "c", "d"];

    // As the designer names a step that nobody has named: SendEmail1.
    [GeneratedRegex(@"^([A-Za-z]+?)\d*$", RegexOptions.None, 1000)]
    private static partial Regex MadeUp();

    [GeneratedRegex(@"^(?<sign>[+-])?(?<days>\d{1,4})d(\s+(?<time>\d{2}:\d{2}))?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Lead();
}
