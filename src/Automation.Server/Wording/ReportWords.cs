using System.Globalization;
using Automation.Marketing.Contacts.Lifecycle;
using Automation.Marketing.Reports;
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

    /// <returns>E.g. <c>3.5 days</c>; a dash of none.</returns>
    public string Span(TimeSpan? span) => span switch
    {
        null => "–",
        { TotalHours: < 1 } => words["under an hour"],
        { TotalDays: < 2 } given => words["{0} hours", Math.Round(given.TotalHours).ToString(CultureInfo.CurrentCulture)],
        { } given => words["{0} days", Math.Round(given.TotalDays, 1).ToString(CultureInfo.CurrentCulture)],
    };
}
