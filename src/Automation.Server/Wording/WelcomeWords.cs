using System.Globalization;
using Automation.Marketing.Campaigns;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Wording;

/// <summary>Says in words how welcome a template was.</summary>
public sealed class WelcomeWords(IStringLocalizer words, Show show)
{
    /// <summary>The score with its sign; too few mails: how many there must be.</summary>
    public string Score(WelcomeScore score) => score.Score is { } points
        ? points.ToString("+#,0.#;-#,0.#;0", CultureInfo.CurrentCulture)
        : words["from {0} mails on", show.Number(WelcomeScore.LeastMails)];

    public string Parts(WelcomeScore score) => words[
        "{0} mails: {1} replied, {2} clicked, {3} bought, {4} unsubscribed, {5} reported as spam", show.Number(score.Mails), show.Number(score.Replied), show.Number(score.Clicked),
        show.Number(score.Ordered), show.Number(score.Unsubscribed), show.Number(score.Complained)];

    /// <summary>For whoever is about to use one again that was not welcome.</summary>
    public string Warning(WelcomeScore score) => words[
        "“{0}” was not welcome in the last {1} months: {2} points for every 1,000 mails.", score.Template, WelcomeScores.Months, Score(score)];

    public static string Colour(WelcomeScore score) => score switch { { IsEnough: false } => "secondary", { IsUnwelcome: true } => "red", _ => "green" };
}
