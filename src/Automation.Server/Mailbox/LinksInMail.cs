using System.Net;
using System.Text.RegularExpressions;

namespace Automation.Server.Mailbox;

/// <summary>The links in a mail that a recipient could click.</summary>
internal static partial class LinksInMail
{
    private const int Most = 50;

    public static IReadOnlyList<string> Of(MailboxMail mail)
    {
        var found = mail.Html is { } html
            ? Hrefs().Matches(html).Select(match => WebUtility.HtmlDecode(match.Groups[1].Value))
            : Addresses().Matches(mail.Text ?? "").Select(match => match.Value);
        return [.. found.Where(link => link.StartsWith("http", StringComparison.OrdinalIgnoreCase)).Distinct(StringComparer.Ordinal).Take(Most)];
    }

    // A mail's text is not ours: each search has a time limit.
    [GeneratedRegex("""<a\s[^>]*?href\s*=\s*["']([^"']+)["']""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 500)]
    private static partial Regex Hrefs();

    [GeneratedRegex(@"https?://[^\s<>""]+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 500)]
    private static partial Regex Addresses();
}
