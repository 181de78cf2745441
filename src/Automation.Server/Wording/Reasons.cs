using System.Globalization;
using System.Xml;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Wording;

/// <summary>Says in plain words why a mail waits or was not sent.</summary>
public sealed class Reasons(IStringLocalizer words, Show show)
{
    /// <summary>The rule and its numbers; empty when nothing objected.</summary>
    public string Why(OutboxMessage message) => Why(message.Rule, message.Decision);

    /// <param name="decision">The <see cref="DecisionReason"/> as JSON.</param>
    public string Why(string rule, string decision)
    {
        if (rule.Length == 0) return "";
        var reason = DecisionReason.FromJson(decision);
        return rule switch
        {
            "quiet-hours" => reason.Window is { } hours
                ? words["No marketing mail leaves during the quiet hours ({0}).", hours.Replace("-", "–", StringComparison.Ordinal)]
                : words["No marketing mail leaves during the quiet hours."],
            "min-gap" => words["The last mail was less than {0} ago.", Span(reason.Window)],
            Rules.Blackout => words["No marketing mail leaves on this day ({0}).", Day(reason.Window)],
            Rules.ClosedDay => words["No marketing mail leaves on this day of the week."],
            Rules.Paused => words["This person asked for no mail before {0}.", Day(reason.Window)],
            Rules.ComplaintCooling => words["A complaint was closed less than {0} ago: no selling mail yet.", Span(reason.Window)],
            Rules.Revisit => words["This person asked to be contacted again later: no selling mail before {0}.", Day(reason.Window)],
            Rules.Cycle or Rules.LongCycle => words["Already {0} selling mails within {2}, by how often this person buys; the limit is {1}.", reason.Count ?? 0, reason.Limit ?? 0, Span(reason.Window)],
            _ when reason.Limit is null && reason.Window is not null && Fixed(rule) is null => words["The last mail that the rule '{0}' counts was less than {1} ago.", rule, Span(reason.Window)],
            _ => Fixed(rule) ?? (reason.Limit is { } limit ? Cap(rule, reason, limit) : rule),
        };
    }

    /// <summary>The rule alone, for tables of counts.</summary>
    public string Name(string rule) => rule switch
    {
        "" => words["No objection"],
        "quiet-hours" => words["Quiet hours"],
        "min-gap" => words["Too soon after the last mail"],
        "calendar-day" => words["Daily limit"],
        Rules.Blackout => words["Blackout day"],
        Rules.ClosedDay => words["Closed day of the week"],
        Rules.Paused => words["Paused by the person"],
        Rules.ComplaintCooling => words["After a complaint"],
        Rules.Revisit => words["Agreed to come back later"],
        Rules.Cycle => words["Limit by the purchase cycle"],
        Rules.LongCycle => words["Limit by the purchase cycle (year)"],
        _ when Fixed(rule) is { } known => known.TrimEnd('.', '。'),
        _ when rule.StartsWith("selling-", StringComparison.Ordinal) => words["Limit of selling mails ({0})", Short(rule)],
        _ when rule.StartsWith("total-", StringComparison.Ordinal) => words["Limit of all mails ({0})", Short(rule)],
        _ => rule,
    };

    /// <summary>When the mail is tried next, if it still can be.</summary>
    public string? Next(OutboxMessage message) => message.State is MessageState.Deferred or MessageState.Queued
        ? words["Next try: {0}", show.ShortTime(message.DueAt)].Value
        : DecisionReason.FromJson(message.Decision).Next is { } next
            ? words["The limits would have allowed it from {0}.", show.ShortTime(next)].Value
            : null;

    /// <summary>A span for reading: 30 days, 16 hours.</summary>
    public string Span(string? window)
    {
        if (window is null || !window.StartsWith('P')) return window ?? "";
        var span = XmlConvert.ToTimeSpan(window);
        return span.TotalDays >= 1 && span.Ticks % TimeSpan.TicksPerDay == 0
            ? words["{0} days", span.Days]
            : words["{0} hours", Math.Round(span.TotalHours, 1).ToString(CultureInfo.CurrentCulture)];
    }

    private string Day(string? day) =>
        DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? show.Day(date) : day ?? "";

    private string? Fixed(string rule) => (rule switch
    {
        "no-address" => words["There is no mail address."],
        "consent-none" => words["This person has not agreed to marketing mail."],
        "consent-withdrawn" => words["This person opted out."],
        "sales-owned" => words["A salesperson is working on a deal with this person: no selling mail."],
        Rules.TopicWithdrawn => words["This person opted out of this topic."],
        Rules.ConsentPending => words["This person has not pressed the button of the confirmation mail yet."],
        Rules.BasisNotAccepted => words["The law of this person's country does not accept the ground of the consent."],
        Rules.CompanySuppressed => words["Nobody of this person's company is mailed."],
        Rules.FixedPartner => words["The company buys from a fixed partner only: left out of mailings."],
        Rules.ComplaintOpen => words["A complaint of this person is open: no selling mail."],
        Rules.SeasonalOnly => words["This person wants seasonal mail only."],
        Rules.Weekly => words["This person wants at most one mail a week."],
        Rules.Monthly => words["This person wants at most one mail a month."],
        Rules.LookAhead => words["A more important mail of the next days holds the place."],
        "valid-until" => words["Its time had passed before it could be sent."],
        "suppressed-complaint" => words["The address reported our mail as spam."],
        "suppressed-hardbounce" => words["The address does not exist (hard bounce)."],
        "suppressed-legal" => words["Legal objection: nothing may be sent."],
        "suppressed-manual" => words["The address was taken off by hand."],
        "suppressed-providerdropped" => words["The provider refuses to mail this address."],
        "collapsed" or "replaced" => words["A newer mail of the same season replaced it."],
        "stopped" => words["It was stopped by hand."],
        "paused" => words["Its flow is paused."],
        "unsubscribed" => words["This person opted out while the mail waited."],
        "shop-incomplete" => words["The sender's details are not complete."],
        "attempts" => words["The provider could not be reached in several tries."],
        "template" => words["The template could not be rendered."],
        "held" => words["Sending is paused; it leaves as soon as that ends."],
        "warm-up" => words["The plan for getting known to receivers lets it go on a later day."],
        "sending-speed" => words["So many mails leave a minute, and others came first."],
        "recipient-speed" => words["So many mails a minute go to this recipient's provider, and others came first."],
        "provider-later" => words["The provider took no mail just then; it is tried again."],
        "refused" => words["The provider refused it."],
        "dropped" => words["The provider did not try to deliver it."],
        "outcome-unknown" => words["Nobody knows whether it arrived; it is not sent a second time."],
        _ => null,
    })?.Value;

    private string Cap(string rule, DecisionReason reason, int limit)
    {
        if (limit == 0) return words["The rule '{0}' allows none of these mails.", rule];
        var selling = reason.Counts == "selling" || rule.StartsWith("selling", StringComparison.Ordinal);
        return (reason.Window, selling) switch
        {
            ("day", _) => words["Already {0} mail that day; the limit is {1}.", reason.Count ?? 0, limit],
            ("week", _) => words["Already {0} mails that week; the limit is {1}.", reason.Count ?? 0, limit],
            ("month", _) => words["Already {0} mails that month; the limit is {1}.", reason.Count ?? 0, limit],
            (_, true) => words["Already {0} selling mails within {2}; the limit is {1}.", reason.Count ?? 0, limit, Span(reason.Window)],
            _ => words["Already {0} mails within {2}; the limit is {1}.", reason.Count ?? 0, limit, Span(reason.Window)],
        };
    }

    private string Short(string rule)
    {
        var span = rule[(rule.IndexOf('-', StringComparison.Ordinal) + 1)..];
        return span.EndsWith('d') && int.TryParse(span[..^1], CultureInfo.InvariantCulture, out var days) ? words["{0} days", days] : span;
    }
}
