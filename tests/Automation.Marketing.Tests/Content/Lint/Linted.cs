using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content.Lint;

namespace Automation.Marketing.Tests.Content.Lint;

/// <summary>A template without fault, of which a test changes one thing.</summary>
internal sealed record Linted
{
    public const string Footer = """
        <p>{{ shop.legal_name }}<br>{{ shop.address }}<br>{{ shop.phone }}</p>
        <p><a href="{{ links.unsubscribe }}">配信を停止する</a></p>
        """;

    public const string TextFooter = "{{ shop.legal_name }}\n{{ shop.address }}\n{{ shop.phone }}\n配信を停止する {{ links.unsubscribe }}\n";

    private const string Words = "<p>朝晩が冷えてきました。港では船の手入れが終わり、あとは漁の始まりを待つばかりです。</p>";

    public MessageClass Class { get; init; } = MessageClass.Marketing;

    public Approach Approach { get; init; } = Approach.A1;

    public string[] Topics { get; init; } = [];

    public string Defaults { get; init; } = "{}";

    public string Language { get; init; } = "ja";

    public string Subject { get; init; } = "港からのお便り";

    /// <summary>Its first line; words and the sender follow.</summary>
    public string? HtmlStart { get; init; }

    public string? TextStart { get; init; }

    public string Html { get; init; } = Words + "\n" + Footer;

    public string Text { get; init; } = "朝晩が冷えてきました。\n" + TextFooter;

    public Dictionary<string, string> Partials { get; init; } = [];

    public LintOptions Options { get; init; } = LintOptions.Default;

    public IReadOnlyList<LintFinding> Findings() => TemplateLint.Check(
        new TemplateSource("test/one", Class, Approach, Topics, Defaults, new Dictionary<string, PartsSource>
        {
            [Language] = new(Subject, HtmlStart is null ? Html : HtmlStart + "\n" + Html, TextStart is null ? Text : TextStart + "\n" + Text),
        }),
        Partials, Options);

    /// <summary><c>severity code part.language(line,column)-(line,column)</c> of each finding.</summary>
    public string[] Places() => [.. Findings().Select(Place)];

    public static string Place(LintFinding finding) =>
        $"{(finding.Severity is LintSeverity.Error ? "error" : "warning")} {finding.Code} {finding.Part}{(finding.Language.Length > 0 ? "." : "")}{finding.Language}"
        + (finding.Line == 0 ? "" : $"({finding.Line},{finding.Column})-({finding.EndLine},{finding.EndColumn})");
}
