using System.Globalization;
using Automation.Marketing.Contacts.Lifecycle;
using Automation.Marketing.Reports;
using Automation.Marketing.Reports.Journey;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Wording;

/// <summary>Names and figures of reports, as people read them.</summary>
internal sealed class ReportWords(IStringLocalizer words)
{
    public string Name(LifecycleStage stage) => stage switch
    {
        LifecycleStage.Subscriber => words["Subscriber"],
        LifecycleStage.Lead => words["Lead"],
        LifecycleStage.Qualified => words["Qualified (MQL)"],
        LifecycleStage.Accepted => words["Accepted by sales"],
        LifecycleStage.Deal => words["Deal"],
        LifecycleStage.Won => words["Won"],
        LifecycleStage.Lost => words["Lost"],
        LifecycleStage.Recycled => words["Handed back"],
        LifecycleStage.Dormant => words["Dormant"],
        _ => words["Disqualified"],
    };

    public string Name(HandBackOutcome outcome) => outcome switch
    {
        HandBackOutcome.All => words["Handed back"],
        HandBackOutcome.Undone => words["Undone"],
        HandBackOutcome.Engaged => words["Active again"],
        HandBackOutcome.Requalified => words["Qualified again"],
        HandBackOutcome.Won => words["Won"],
        _ => words["Dormant"],
    };

    public string Name(JourneyStage stage) => stage switch
    {
        JourneyStage.Touch => words["Contact"],
        JourneyStage.Interest => words["Interest"],
        JourneyStage.Inquiry => words["Inquiry"],
        JourneyStage.Proposal => words["Proposal"],
        JourneyStage.Won => words["Purchase"],
        _ => words["Again"],
    };

    public string Channel(string channel) => channel switch
    {
        "mail" => words["Mail"],
        "web" => words["Web"],
        "form" => words["Web form"],
        "seminar" => words["Seminar"],
        "sales" => words["Sales"],
        "purchase" => words["Purchases"],
        "other" => words["Other"],
        JourneyMap.Direct => words["Without a touch"],
        _ => channel,
    };

    public string Name(JourneyNode node) => $"{Name(node.Stage)} · {Channel(node.Channel)}";

    public string Name(CreditModel model) => model switch
    {
        CreditModel.First => words["First touch"],
        CreditModel.Last => words["Last touch"],
        CreditModel.Linear => words["Linear"],
        _ => words["U-shaped"],
    };

    /// <summary>A figure of the journey map by what it is known by.</summary>
    public string Figure(string figure) => figure.Split(':') switch
    {
        ["cell", var stage, var channel] when Enum.TryParse<JourneyStage>(stage, out var known) => Name(new JourneyNode(known, channel)),
        ["stage", var stage] when Enum.TryParse<JourneyStage>(stage, out var known) => Name(known),
        ["on", var stage] when Enum.TryParse<JourneyStage>(stage, out var known) => words["{0}: went on", Name(known)],
        ["credit", var model, var channel] when Enum.TryParse<CreditModel>(model, out var known) => $"{Name(known)} · {Channel(channel)}",
        ["path" or "link", var nodes] => string.Join(" → ", nodes.Split('>').Select(node =>
            node.Split('.', 2) is [var stage, var channel] && Enum.TryParse<JourneyStage>(stage, out var known) ? Name(new JourneyNode(known, channel)) : node)),
        _ => words["Journey map"],
    };

    /// <returns>E.g. <c>3.5 days</c>; a dash of none.</returns>
    public string Span(TimeSpan? span) => span switch
    {
        null => "–",
        { TotalHours: < 1 } => words["under an hour"],
        { TotalDays: < 2 } given => words["{0} hours", Math.Round(given.TotalHours).ToString(CultureInfo.CurrentCulture)],
        { } given => words["{0} days", Math.Round(given.TotalDays, 1).ToString(CultureInfo.CurrentCulture)],
    };
}
