using System.Globalization;
using Automation.Marketing.Campaigns;
using Automation.Marketing.Campaigns.Use;
using Automation.Marketing.Contacts.Lifecycle;
using Automation.Marketing.Reports;
using Automation.Marketing.Reports.Journey;
using Automation.Marketing.Reports.Use;
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

    public string Name(UseFigure figure) => figure switch
    {
        UseFigure.Reached => words["People reached"],
        UseFigure.Bought => words["Bought within {0} days", BroadcastReport.FollowDays],
        _ => words["Bought in the year"],
    };

    /// <summary>Orders of a customer in a year.</summary>
    public static string Frequency(double? orders) => orders is { } known ? known.ToString("0.0#", CultureInfo.CurrentCulture) : "–";

    /// <summary>A difference of shares and the interval in which it lies.</summary>
    public string Points(double difference, double margin) =>
        words["{0} points; with 95 % certainty between {1} and {2}", Signed(difference), Signed(difference - margin), Signed(difference + margin)];

    /// <summary>Why there is nothing to compare with.</summary>
    public string NotCompared(bool someGotNothing) => someGotNothing ? words["Too few got nothing: no comparison."] : words["No comparison group."];

    /// <summary>The figures of a year before, which are no comparison group.</summary>
    /// <param name="before">Null: there was nothing.</param>
    public string YearBefore(MailUse? before) => before is not { Reached: > 0 }
        ? words["There is no figure of the year before either."]
        : words["Last year's figure: {0} bought, {1} orders a year.", Show.Share(before.Bought, before.Reached), Frequency(before.Frequency)];

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

    private static string Signed(double share) => (100 * share).ToString("+0.0;-0.0;0.0", CultureInfo.CurrentCulture);
}
