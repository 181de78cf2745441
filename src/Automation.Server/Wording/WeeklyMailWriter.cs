using System.Globalization;
using System.Net;
using System.Text;
using Automation.Marketing.Campaigns;
using Automation.Marketing.Campaigns.Weekly;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Storage;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Wording;

/// <summary>Words the Monday mail in the shop's language, as text and as plain HTML of the same lines.</summary>
internal sealed class WeeklyMailWriter(IStringLocalizer words, PublicAddress address, TimeProvider clock) : IWeeklyMailWriter
{
    private const int MostReasons = 6;

    public RenderedMail Write(WeeklySummary summary, ShopIdentity shop)
    {
        var (culture, uiCulture) = (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture);
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(shop.Language == "ja" ? "ja-JP" : "en-GB");
            return Worded(summary, shop);
        }
        finally
        {
            (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = (culture, uiCulture);
        }
    }

    private RenderedMail Worded(WeeklySummary summary, ShopIdentity shop)
    {
        var show = new Show(words, clock);
        show.For(shop);
        var reasons = new Reasons(words, show);
        List<(string Title, IReadOnlyList<string> Lines)> parts =
        [
            (words["What goes out this week"], summary.Coming.Count == 0
                ? [words["Nothing is planned."]]
                : [.. summary.Coming.Select(one => Coming(one, show))]),
            (words["Last week"], [words["{0} mails were sent.", show.Number(summary.Sent)], Orders(summary.Orders, show)]),
            (words["What was not sent, and why"], summary.NotSent.Count == 0
                ? [words["Nothing was held back."]]
                : [.. summary.NotSent.Take(MostReasons).Select(line => $"{reasons.Name(line.Rule)}: {show.Number(line.Mails)}"), .. More(summary.NotSent.Skip(MostReasons).Sum(line => line.Mails), show)]),
            (words["Who has heard nothing for long"], summary.Silent == 0
                ? [words["No customer who may be mailed has waited longer than {0} days.", Audience.SilentDays]]
                : [words["{0} may be mailed and have heard nothing for {1} days, or for two of their purchase cycles. A broadcast can be made for just them.", show.People(summary.Silent), Audience.SilentDays]]),
            .. Unwelcome(summary.Unwelcome, new WelcomeWords(words, show)),
        ];
        var link = new Uri(address.Url, "calendar").ToString();
        return new RenderedMail(words["This week at {0}: {1}", shop.Name, show.Day(summary.Monday)], Html(parts, link), Text(parts, link));
    }

    private string Coming(ComingMailing one, Show show) => one.IsApproved
        ? words["{0}: {1}, for {2}", show.ShortTime(one.At), Words.Either(one.Title, one.TitleEn), show.People(one.People)]
        : words["{0}: {1}, for {2} – waits for approval", show.ShortTime(one.At), Words.Either(one.Title, one.TitleEn), show.People(one.People)];

    private string Orders(FollowedOrders orders, Show show) => orders.Orders == 0
        ? words["No order followed within {0} days after a mail, a card or a call.", WeeklySummary.FollowDays]
        : words["{0} orders by {1} followed within {2} days after a mail, a card or a call: {3}.", show.Number(orders.Orders), show.People(orders.People), WeeklySummary.FollowDays, show.Money(orders.Net)];

    // Nothing is said while there is nothing to say: most weeks have no such template.
    private IEnumerable<(string, IReadOnlyList<string>)> Unwelcome(IReadOnlyList<WelcomeScore> scores, WelcomeWords welcome) =>
        scores.Count == 0 ? [] : [(words["What was not welcome"], [.. scores.Select(welcome.Warning)])];

    private IEnumerable<string> More(int mails, Show show) => mails == 0 ? [] : [words["other reasons: {0}", show.Number(mails)]];

    private string Text(List<(string Title, IReadOnlyList<string> Lines)> parts, string link)
    {
        var text = new StringBuilder();
        foreach (var (title, lines) in parts) text.Append(title).Append('\n').AppendJoin("", lines.Select(line => $"- {line}\n")).Append('\n');
        return text.Append(words["The calendar: {0}", link]).Append('\n').Append(words["Who gets this mail is set under Broadcasts, Monday mail."]).Append('\n').ToString();
    }

    private string Html(List<(string Title, IReadOnlyList<string> Lines)> parts, string link)
    {
        var html = new StringBuilder("<div style=\"font-family:sans-serif;max-width:36rem\">");
        foreach (var (title, lines) in parts)
        {
            html.Append("<h2 style=\"font-size:1.1rem\">").Append(WebUtility.HtmlEncode(title)).Append("</h2><ul>");
            foreach (var line in lines) html.Append("<li>").Append(WebUtility.HtmlEncode(line)).Append("</li>");
            html.Append("</ul>");
        }
        return html.Append("<p><a href=\"").Append(WebUtility.HtmlEncode(link)).Append("\">").Append(WebUtility.HtmlEncode(words["Open the calendar"])).Append("</a></p><p style=\"color:#666\">")
            .Append(WebUtility.HtmlEncode(words["Who gets this mail is set under Broadcasts, Monday mail."])).Append("</p></div>").ToString();
    }
}
