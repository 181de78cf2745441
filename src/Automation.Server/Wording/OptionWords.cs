using Automation.Marketing.Campaigns.Turns;
using Automation.Marketing.Mail;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Wording;

/// <summary>Says in words how a broadcast goes out when not to everybody at once.</summary>
public sealed class OptionWords(IStringLocalizer words, Show show)
{
    /// <summary>A name and a value for each option that is on.</summary>
    public IEnumerable<(string Name, string Value)> Of(BroadcastOptions options)
    {
        if (options.PerHour is { } pace) yield return (words["Pace"], pace % 60 == 0 ? words["at most {0} a minute", show.Number(pace / 60)] : words["at most {0} an hour", show.Number(pace)]);
        if (options.Test is { } test) yield return (words["Trial"], Of(test));
        if (options.HoldOutPercent > 0) yield return (words["Held out"], words["{0} % get nothing and are compared", options.HoldOutPercent]);
        if (options.InNameOf is InNameOf.Owner) yield return (words["In whose name"], words["of the owner of the person's deal"]);
        if (options.InNameOf is InNameOf.BestKnown) yield return (words["In whose name"], words["of the colleague who knows the person best"]);
        if (options.OnPaper) yield return (words["Without a mail address"], words["on a list for postcards and calls"]);
    }

    public string Of(VersionTest test) => words[
        "{0}: “{1}” and “{2}” on {3} % of the people; after {4} hours the rest get the one with more {5}", Of(test.Of), Version(test, VersionTest.First), Version(test, VersionTest.Second),
        test.Share, test.Hours, test.By is WinnerBy.Orders ? words["buyers"] : words["people who clicked"]];

    public string Of(TestOf of) => of switch
    {
        TestOf.Subject => words["Subject"],
        TestOf.Template => words["Template"],
        TestOf.Channel => words["Way"],
        _ => words["Time of day"],
    };

    /// <summary>What a version stands for.</summary>
    public string Version(VersionTest test, string version) =>
        test.Of is TestOf.Channel ? test.IsOnPaper(version) ? words["postcard or call"] : words["mail"] : test.ValueOf(version) is { Length: > 0 } value ? value : words["the template's own subject"];

    public string Past(HourPast past) => past switch
    {
        HourPast.SendNow => words["whose hour is over gets it at once"],
        HourPast.LeaveOut => words["whose hour is over is left out"],
        _ => words["whose hour is over gets it the next day"],
    };

    public string Because(WinnerBecause because) => because switch
    {
        WinnerBecause.Better => words["It did better."],
        WinnerBecause.Tie => words["Both did equally well, so the first one was taken."],
        _ => words["Too few mails were sent to tell, so the first one was taken."],
    };
}
