using System.Net;
using System.Text;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content.Lint;

namespace Automation.Marketing.Campaigns.Calendar.OurYears;

/// <summary>The three mails of a season as a shop would begin to write them, in both languages, with the product's name in them.</summary>
internal static class OurYearTexts
{
    private const string Opens = "opens_on", Ends = "ends_on";
    private const string Paragraph = """<p class="ink" style="margin:0 0 18px;font-size:16px;line-height:1.8;color:#22313f">""";

    private static readonly Pattern Announce = new(
        new Wording(
            "{P}の季節が、もうすぐ始まります", "いつもお選びくださる方へ、一足早いお知らせです。",
            ["{P}の季節が近づいてまいりました。", "{A}", "ご注文は、始まる前から承っております。お届けの希望日がございましたら、どうぞお早めにお知らせください。"], Opens, "始まり", "{P}を見る"),
        new Wording(
            "{P}: the season is about to begin", "An early word for you.",
            ["The season for {P} is near.", "{A}", "We take orders before it begins. If you have a day in mind, let us know early."], Opens, "Begins on", "See {P}"));

    private static readonly Pattern Peak = new(
        new Wording(
            "{P}が、いちばんよい時季を迎えました", "いまが盛りです。",
            ["{P}が盛りを迎えました。一年のうちで、いまがいちばんよい時季です。", "{A}", "どうぞこの機会にお楽しみください。"], Ends, "季節の終わり", "{P}を見る"),
        new Wording(
            "{P} at its best", "This is the time of year for it.",
            ["{P} is at its best now.", "{A}", "We would be glad if you enjoyed it while it lasts."], Ends, "The season ends on", "See {P}"));

    private static readonly Pattern LastCall = new(
        new Wording(
            "今季の{P}は、まもなく終わります", "次の季節までのお別れの前に。",
            ["今季の{P}も、終わりが見えてまいりました。", "{A}", "もう一度とお考えでしたら、お早めにお知らせください。"], Ends, "季節の終わり", "{P}を見る"),
        new Wording(
            "The last {P} of the season", "Before it is over until next time.",
            ["The season for {P} is coming to its end.", "{A}", "If you would like some more, let us know soon."], Ends, "The season ends on", "See {P}"));

    /// <param name="which"><c>announce</c>, <c>peak</c> or <c>last-call</c>.</param>
    /// <param name="about">What is special about it; null: nothing is said.</param>
    public static TemplateSource Of(string id, string which, string product, string? about)
    {
        var (pattern, approach) = which switch { "announce" => (Announce, Approach.A1), "peak" => (Peak, Approach.A2), _ => (LastCall, Approach.A2) };
        return new TemplateSource(id, MessageClass.Marketing, approach, [Mail.Decision.MailTopics.Season], "{}", new Dictionary<string, PartsSource>
        {
            ["ja"] = Parts(pattern.Ja, "ja", product, about),
            ["en"] = Parts(pattern.En, "en", product, about),
        });
    }

    private static PartsSource Parts(Wording words, string language, string product, string? about)
    {
        string Filled(string text) => text.Replace("{P}", product, StringComparison.Ordinal).Replace("{A}", about, StringComparison.Ordinal);
        var lines = words.Lines.Where(line => line != "{A}" || about is not null).Select(Filled).ToList();
        var day = $"{{{{~ $day = (object.typeof season?.{words.Day}) == \"string\" ? (date.parse season.{words.Day}) : season?.{words.Day} ~}}}}\n";
        var written = language == "ja" ? "{{ $day.month }}月{{ $day.day }}日" : "{{ $day.day }} {{ $day | date.to_string \"%g%B\" }}";
        var (subject, lead, label) = (Filled(words.Subject), Filled(words.Lead), Filled(words.Button));
        return new PartsSource(subject, Html(language, subject, lead, lines, day, words.DayName, written, label), Text(language, lines, day, words.DayName, written, label));
    }

    private static string Html(string language, string title, string lead, List<string> lines, string day, string dayName, string written, string label)
    {
        var html = new StringBuilder($"{{{{ include \"head.html\" lang:\"{language}\" title:\"{Quoted(title)}\" preheader:\"{Quoted(lead)}\" }}}}\n").Append(day);
        html.Append(Paragraph).Append(Greeting(language)).Append("</p>\n");
        foreach (var line in lines) html.Append(Paragraph).Append(WebUtility.HtmlEncode(line)).Append("</p>\n");
        html.Append("{{~ if $day ~}}\n").Append(Paragraph).Append("<strong>").Append(dayName).Append(": ").Append(written).Append("</strong></p>\n{{~ end ~}}\n");
        return html.Append($"{{{{ include \"button.html\" url:shop.url label:\"{Quoted(label)}\" }}}}\n{{{{ include \"sender.html.{language}\" }}}}\n").ToString();
    }

    private static string Text(string language, List<string> lines, string day, string dayName, string written, string label)
    {
        var text = new StringBuilder(day).Append(Greeting(language)).Append("\n\n");
        foreach (var line in lines) text.Append(line).Append("\n\n");
        text.Append("{{~ if $day ~}}\n").Append(dayName).Append(": ").Append(written).Append("\n\n{{~ end ~}}\n");
        return text.Append("{{~ if shop.url && shop.url != \"\" ~}}\n").Append(label).Append(":\n{{ shop.url }}\n\n{{~ end ~}}\n").Append($"{{{{ include \"sender.text.{language}\" }}}}\n").ToString();
    }

    private static string Greeting(string language) => language == "ja"
        ? "{{ contact.name | string.strip | object.default \"お客\" }}様"
        : "Hello{{ if contact.name && contact.name != \"\" }} {{ contact.name }}{{ end }},";

    // Inside a text of the template language.
    private static string Quoted(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);

    private sealed record Pattern(Wording Ja, Wording En);

    private sealed record Wording(string Subject, string Lead, IReadOnlyList<string> Lines, string Day, string DayName, string Button);
}
