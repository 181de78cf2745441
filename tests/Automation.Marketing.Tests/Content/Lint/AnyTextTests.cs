using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content.Lint;

namespace Automation.Marketing.Tests.Content.Lint;

public sealed class AnyTextTests
{
    private static readonly string[] Pieces =
    [
        "{{ ", " }}", "{{ if contact.name }}", "{{ end }}", "{{ else }}", "{{ include 'p' }}", "{{ include 'q' x:contact }}", "contact", ".name", "?.", "purchases", "[0]", " | ", "string.strip", "raw", "??", "'x'", "$x", " = ",
        "{{ for p in purchases }}", "{{ with deal }}", "{{ capture c }}", "{{ func f(a) }}", "{{ f 1 }}", "<a href=\"", "\">", "</a>", "<img ", "alt='", "'", ">", "<", "<!--", "-->", "<style>", "</style>", "javascript:", "http://", "#",
        "円", "1,980", "￥", "%%name%%", "[[x]]", "*|A|*", "{name}", "あ", "\n", "無料", "!!", "\0", "\ud800", "&#x110000;",
    ];

    [Fact]
    public void Any_text_at_all_is_linted_with_places_inside_it()
    {
        var random = new Random(20261122);
        for (var round = 0; round < 1_500; round++)
        {
            var (subject, html, text, partial) = (Soup(random), Soup(random), Soup(random), Soup(random));
            var partials = new Dictionary<string, string> { ["p"] = partial, ["q"] = "{{ $.x.name }}{{ include 'p' }}" };
            var found = TemplateLint.Check(
                new TemplateSource("a/b", MessageClass.Marketing, Approach.A3, ["x"], round % 2 == 0 ? "" : partial, new Dictionary<string, PartsSource> { ["ja"] = new(subject, html, text) }), partials, LintOptions.Default);
            foreach (var finding in found)
            {
                var written = finding.Part switch { "subject" => subject, "html" => html, "text" => text, "partials/p" => partial, _ => partials["q"] };
                var lines = written.Split('\n');
                Assert.InRange(finding.EndLine, finding.Line, Math.Max(finding.Line, lines.Length));
                if (finding.Line > 0) Assert.InRange(finding.Column, 1, lines[finding.Line - 1].Length + 1);
                Assert.DoesNotContain("{0}", finding.Text, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("<a href=\"http://", 20_000)]
    [InlineData("<p>お問い合わせ", 60_000)]
    [InlineData("[[a", 100_000)]
    [InlineData("{{ contact.name }}", 20_000)]
    [InlineData("{{ include 'self' }}", 20_000)]
    [InlineData("1,1,1,1,", 50_000)]
    [InlineData("<", 500_000)]
    [InlineData("<p>あ</p>", 500_000)]
    public void A_large_template_is_linted_within_bounds(string piece, int times)
    {
        var text = string.Concat(Enumerable.Repeat(piece, times));
        var mail = new Linted { Approach = Approach.A3, Html = text, Text = text, Partials = { ["self"] = "x{{ include 'self' }}" } };
        Assert.InRange(mail.Findings().Count, 1, 1_000);
    }

    private static string Soup(Random random) => string.Concat(Enumerable.Range(0, random.Next(0, 25)).Select(_ => Pieces[random.Next(Pieces.Length)]));
}
