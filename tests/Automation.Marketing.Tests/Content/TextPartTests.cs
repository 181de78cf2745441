using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;
using Automation.Templates;

namespace Automation.Marketing.Tests.Content;

public sealed class TextPartTests
{
    [Theory]
    [InlineData("<p>こんにちは。</p><p>港から&amp;お便り&nbsp;です。</p>", "こんにちは。\n\n港から&お便り です。\n")]
    [InlineData("<h2>旬の魚</h2>\n<p>かに</p>", "■ 旬の魚\n\nかに\n")]
    [InlineData("<ul>\n<li>雄</li>\n<li>雌</li>\n</ul><ol><li>a<li>b</ol>", "・雄\n・雌\n\n1. a\n2. b\n")]
    [InlineData("<p>a<br>b<br/>\n  c</p>", "a\nb\nc\n")]
    [InlineData("<div>a</div><div>b</div>", "a\nb\n")]
    [InlineData("<table><tr><td>品</td><td>数</td></tr><tr><td>かに</td><td>2</td></tr></table>", "品 数\nかに 2\n")]
    [InlineData("<a href=\"https://example.com/?a=1&amp;b=2\">見る</a>", "見る: https://example.com/?a=1&b=2\n")]
    [InlineData("<a href='{{ links.unsubscribe }}'>配信を停止する</a>｜<a href=\"{{ shop.url }}\">{{ shop.url }}</a>", "配信を停止する: {{ links.unsubscribe }} ｜{{ shop.url }}\n")]
    [InlineData("<a href=\"mailto:shop@example.com\">shop@example.com</a> <a href=\"#top\">上へ</a>", "shop@example.com 上へ\n")]
    [InlineData("<a href=\"{{ if a }}https://a.example.com/{{ else }}{{ m[\"u\"] }}{{ end }}\">x</a>", "x: {{ if a }}https://a.example.com/{{ else }}{{ m[\"u\"] }}{{ end }}\n")]
    [InlineData("<img alt=\"ゆでたかに\" src=\"https://example.com/a.png\"><img src=x>", "ゆでたかに\n")]
    [InlineData("<html><head><title>t</title><style>p{}</style></head><body><!-- c --><script>x<y</script><p>本文</p></body></html>", "本文\n")]
    [InlineData("<div style=\"display:none\">preheader</div><p>本文</p>", "本文\n")]
    [InlineData("<p>{{ contact.name ?? \"お客\" }}様</p>\n{{~ if deal ~}}\n<p>{{ deal.id }}</p>\n{{~ end ~}}\n<p>end</p>", "{{ contact.name ?? \"お客\" }}様\n\n{{~ if deal ~}}\n{{ deal.id }}\n\n{{~ end ~}}\nend\n")]
    [InlineData("<p>a</p>{{- if x -}}<p>b</p>{{- end -}}<p>c</p>", "a\n\n{{ if x }}\n\nb\n\n{{ end }}\n\nc\n")]
    [InlineData("<p {{ if a }}class=\"b\"{{ end }}>x</p>", "x\n")]
    [InlineData("<style>{{ $c = 'red' }}p { color: {{ $c }} }</style><p>{{ $c }}</p>", "{{ $c = 'red' }}\n\n{{ $c }}\n")]
    [InlineData("{{ include \"sender.html.ja\" }}", "{{ include \"sender.text.ja\" }}\n")]
    [InlineData("1 < 2 & 3 &lt;b&gt; &hearts; don't", "1 < 2 & 3 <b> ♥ don't\n")]
    [InlineData("<p don't>a</p>b", "a\n\nb\n")]
    [InlineData("", "")]
    public void Html_is_said_as_text(string html, string text) => Assert.Equal(text, TextPart.FromHtml(html));

    [Fact]
    public void A_partial_without_a_partner_for_text_is_left_out()
    {
        const string Html = "{{ include \"frame.html\" }}<p>a</p>{{ include 'button.html' url:shop.url }}";
        Assert.Equal("a\n\n{{ include 'button.text' url:shop.url }}\n", TextPart.FromHtml(Html, name => name == "button.text"));
    }

    [Theory]
    [InlineData("{<b>{</b> x }}")]
    [InlineData("&#123;&#123; contact.name }}")]
    [InlineData("{<b></b>{{ 'x' }}")]
    [InlineData("{%{{{ contact.name }}}%}")]
    public void What_was_text_never_becomes_code(string html)
    {
        var written = Template.Parse(html);
        Assert.False(written.HasErrors);
        var model = new TemplateObject { ["contact"] = new TemplateObject { ["name"] = "SECRET" } };
        var shown = System.Net.WebUtility.HtmlDecode(written.Render(new TemplateContext(model))).Replace("<b>", "", StringComparison.Ordinal).Replace("</b>", "", StringComparison.Ordinal);
        Assert.Equal(shown, Template.Parse(TextPart.FromHtml(html)).Render(new TemplateContext(model)).TrimEnd('\n'));
    }

    [Theory]
    [InlineData("<a href=\"{{ if a }}x\">t{{ end }}</a>")]
    [InlineData("<p {{ if a }}>x</p>{{ else }}>y</p>{{ end }}")]
    [InlineData("<!-- {{ if a }} --><p>x</p><!-- {{ end }} -->")]
    [InlineData("<style>{{ for x in y }}</style><script>{{ end }}</script>a")]
    [InlineData("<a href=\"{{ for x in y }}{{ x }}\">{{ end }}")]
    [InlineData("<p title='{{ func f; ret 1; end }}'>{{ f }}</p>")]
    public void Code_woven_into_tags_still_parses(string html)
    {
        Assert.False(Template.Parse(html).HasErrors);
        Assert.Empty(Template.Parse(TextPart.FromHtml(html)).Messages);
    }

    [Theory]
    [InlineData("<", 400_000)]
    [InlineData("<a href=\"", 60_000)]
    [InlineData("<!--", 100_000)]
    [InlineData("<ul><li>", 50_000)]
    [InlineData("</", 200_000)]
    [InlineData("&#123;", 60_000)]
    [InlineData("{{", 200_000)]
    [InlineData("<p style=", 50_000)]
    [InlineData("{{ if x }}<a href='", 20_000)]
    [InlineData("<p a='{{ x }}'>", 20_000)]
    [InlineData("<style>", 50_000)]
    [InlineData("<b href href href='", 20_000)]
    public void Hostile_html_is_read_once(string piece, int times)
    {
        var html = string.Concat(Enumerable.Repeat(piece, times));
        var text = TextPart.FromHtml(html);
        Assert.InRange(text.Length, 0, 12 * html.Length);
    }

    [Fact]
    public void Any_text_at_all_gives_a_text_and_keeps_good_code_good()
    {
        string[] pieces = ["<p>", "</p>", "<a href=\"", "\">", "</a>", "{{ if x }}", "{{ end }}", "{{ x }}", "{{ $y = 1 }}", "<!--", "-->", "<style>", "</style>", "あ", "&lt;", "{", "}", "'", "<img alt='", "{{- x -}}", "\n", " ", "<li>", "<", ">"];
        var random = new Random(20261122);
        var good = 0;
        for (var round = 0; round < 3_000; round++)
        {
            var html = string.Concat(Enumerable.Range(0, random.Next(1, 25)).Select(_ => pieces[random.Next(pieces.Length)]));
            var text = TextPart.FromHtml(html);
            if (Template.Parse(html).HasErrors) continue;
            good++;
            Assert.True(!Template.Parse(text).HasErrors, $"{html} => {text}");
        }
        Assert.InRange(good, 500, 3_000);
    }

    [Theory]
    [MemberData(nameof(TemplateTests.Mails), MemberType = typeof(TemplateTests))]
    public void A_shipped_mail_says_the_same_in_its_generated_text(string id, string language)
    {
        var catalogue = TemplateCatalogue.Load(Shipped.Templates);
        var template = catalogue.Find(id)!;
        var source = File.ReadAllText(Path.Combine(Shipped.Templates, id, $"html.{language}.sbn"));
        var parts = template.Parts[language] with { Text = Template.Parse(TextPart.FromHtml(source, name => File.Exists(Path.Combine(Shipped.Templates, "_partials", name + ".sbn")) || File.Exists(Path.Combine(Shipped.Templates, "_partials", name))), "text") };
        var changed = template with { Parts = System.Collections.Frozen.FrozenDictionary.ToFrozenDictionary(new Dictionary<string, MailParts> { [language] = parts }) };
        var text = new TemplateRenderer(TimeProvider.System).Render(changed, language, language, MailPeople.Typical(language)).Text;
        Assert.Contains("0776-00-1106", text, StringComparison.Ordinal);
        Assert.DoesNotMatch("</?[a-z]|\\{\\{|&[a-z]+;", text);
        Assert.DoesNotContain("\n\n\n", text, StringComparison.Ordinal);
        if (template.Class is MessageClass.Marketing) Assert.Contains(MailPeople.UnsubscribeUrl, text, StringComparison.Ordinal);
    }
}
