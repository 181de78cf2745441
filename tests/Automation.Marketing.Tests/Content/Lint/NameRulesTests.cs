using Automation.Marketing.Mail.Content.Lint;

namespace Automation.Marketing.Tests.Content.Lint;

public sealed class NameRulesTests
{
    [Fact]
    public void A_template_without_fault_has_no_findings() => Assert.Empty(new Linted().Places());

    [Theory]
    [InlineData("{{ contact.email ", "error syntax html.ja")]
    [InlineData("{{ if contact.name }}", "error syntax html.ja")]
    [InlineData("a {{ 1 + }} b {{ end }}", "error syntax html.ja(1,10)-(1,11)")]
    public void Every_fault_of_the_syntax_is_found(string html, string expected)
    {
        Assert.StartsWith(expected, Assert.Single(new Linted { HtmlStart = html }.Findings().Where(finding => finding.Code == LintCodes.Syntax).Take(1).Select(Linted.Place)), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_faults_of_the_syntax_are_two_findings()
    {
        var found = new Linted { TextStart = "{{ 1 + }}\n{{ (2 }}" }.Findings();
        Assert.Equal([(1, 8), (2, 7)], found.Where(finding => finding.Code == LintCodes.Syntax).Select(finding => (finding.Line, finding.Column)));
    }

    [Theory]
    [InlineData("{{ contct.email }}", "error unknown-variable html.ja(1,4)-(1,10)", "'contct' is not known to mails. Did you mean 'contact'?")]
    [InlineData("<p>\n  {{ first_name }}</p>", "error unknown-variable html.ja(2,6)-(2,16)", "Did you mean 'contact.name'?")]
    [InlineData("{{ unsubscribe }}", "error unknown-variable html.ja(1,4)-(1,15)", "Did you mean 'links.unsubscribe'?")]
    [InlineData("{{ quux }}", "error unknown-variable html.ja(1,4)-(1,8)", "declare a default")]
    [InlineData("{{ $total }}", "error unknown-variable html.ja(1,4)-(1,10)", "'$total' is not known")]
    [InlineData("{{ contact.nam }}", "error unknown-member html.ja(1,12)-(1,15)", "'contact' has no 'nam'. Did you mean 'name'?")]
    [InlineData("{{ contact['nam'] }}", "error unknown-member html.ja(1,12)-(1,17)", "'contact' has no 'nam'.")]
    [InlineData("{{ shop.zzzzzz }}", "error unknown-member html.ja(1,9)-(1,15)", "Use one of these: name, legal_name, address, phone, url, email.")]
    [InlineData("{{ contact.email.first }}", "error unknown-member html.ja(1,18)-(1,23)", "'contact.email' has no 'first'.")]
    [InlineData("{{ for p in purchases }}{{ p.prodct }}{{ end }}", "error unknown-member html.ja(1,30)-(1,36)", "'purchases[]' has no 'prodct'. Did you mean 'product'?")]
    [InlineData("{{ c = contact; c.nam }}", "error unknown-member html.ja(1,19)-(1,22)", "'contact' has no 'nam'.")]
    [InlineData("{{ with contact; nam; end }}", "error unknown-variable html.ja(1,18)-(1,21)", "'nam' is not known")]
    [InlineData("{{ func f(who); who.nam; end; f contact }}", "error unknown-member html.ja(1,21)-(1,24)", "'contact' has no 'nam'.")]
    [InlineData("{{ purchases | array.map 'prodct' | array.join ', ' }}", "error unknown-member html.ja(1,27)-(1,33)", "Did you mean 'product'?")]
    [InlineData("{{ contact.email | upcase }}", "error unknown-function html.ja(1,20)-(1,26)", "There is no function 'upcase'. Did you mean 'string.upcase'?")]
    [InlineData("{{ contact.email | string.upcas }}", "error unknown-function html.ja(1,20)-(1,32)", "There is no function 'string.upcas'. Did you mean 'string.upcase'?")]
    [InlineData("{{ frobnicate_it 1 }}", "error unknown-function html.ja(1,4)-(1,17)", "There is no function 'frobnicate_it'. Remove it")]
    [InlineData("{{ contact.email 'x' }}", "error unknown-function html.ja(1,4)-(1,17)", "There is no function 'contact.email'.")]
    [InlineData("{{ include 'sendr' }}", "error unknown-partial html.ja(1,13)-(1,18)", "There is no partial 'sendr'. Did you mean 'sender'?")]
    public void What_nobody_knows_is_found_where_it_stands(string html, string place, string message)
    {
        var found = Assert.Single(new Linted { HtmlStart = html, Partials = { ["sender.sbn"] = "x" } }.Findings());
        Assert.Equal(place, Linted.Place(found));
        Assert.Contains(message, found.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{{ contact.custom.anything ?? '' }}{{ contact.custom['of mine'] ?? '' }}")]
    [InlineData("{{ event?.data?.order_id ?? '-' }}")]
    [InlineData("{{ for p in purchases }}{{ for.index }} {{ p.date.month }} {{ p.product ?? 'x' }} {{ p.net | math.format 'N0' }}{{ else }}none{{ end }}")]
    [InlineData("{{ $x = 1; y = 2; $x + y }}")]
    [InlineData("{{ func greet(name); ret 'Hello ' + name; end; greet contact.email }}")]
    [InlineData("{{ f(x) = x * 2; f 3 }}")]
    [InlineData("{{ capture c }}text{{ end }}{{ c }}")]
    [InlineData("{{ with contact }}{{ email }} {{ shop.name }}{{ end }}")]
    [InlineData("{{ for i in 1..3; if total; total; end; total = i; end }}")]
    [InlineData("{{ contact.tags.size }} {{ contact.tags | array.join ', ' }} {{ contact.email.size }}")]
    [InlineData("{{ x = { a: 1 }; x.a }} {{ 'a-b' | string.split '-' | array.first }}")]
    [InlineData("{{ contact.tags | array.each @(do; ret $0 | string.upcase; end) }}")]
    [InlineData("{{ date.now | date.to_string '%F' }} {{ date.now.year }}")]
    [InlineData("{{ include 'greeting' who:contact.email }}")]
    [InlineData("{{ func box; }}[{{ $$ }}]{{ end }}{{ wrap box }}inside {{ contact.email }}{{ end }}")]
    [InlineData("{{ links.view ?? shop.url }}")]
    [InlineData("{{ this.contact.email }}")]
    public void What_is_known_is_no_finding(string html)
    {
        Assert.Empty(new Linted { HtmlStart = html, Partials = { ["greeting"] = "Hello {{ $.who }} {{ $who }} {{ $nothing }}" } }.Places());
    }

    [Theory]
    [InlineData("{{ contact.name }}", "(1,4)-(1,16)", "contact.name")]
    [InlineData("{{ contact.kana | string.strip }}", "(1,4)-(1,16)", "contact.kana")]
    [InlineData("{{ 'Dear ' + contact.company }}", "(1,14)-(1,29)", "contact.company")]
    [InlineData("{{ $\"Dear {contact.prefecture}\" }}", "(1,12)-(1,30)", "contact.prefecture")]
    [InlineData("{{ contact.custom.size_of_shoe }}", "(1,4)-(1,31)", "contact.custom.size_of_shoe")]
    [InlineData("{{ deal?.owner }}", "(1,4)-(1,15)", "deal.owner")]
    [InlineData("{{ event?.data?.total | math.format 'N0' }}", "(1,4)-(1,22)", "event.data.total")]
    [InlineData("{{ $who = contact.name }}\n{{ $who }}", "(2,4)-(2,8)", "contact.name")]
    [InlineData("{{ for p in purchases }}{{ p.product }}{{ end }}", "(1,28)-(1,37)", "purchases[].product")]
    [InlineData("{{ if contact.kana }}{{ contact.name }}{{ end }}", "(1,25)-(1,37)", "contact.name")]
    [InlineData("{{ if contact.name }}x{{ else }}{{ contact.name }}{{ end }}", "(1,36)-(1,48)", "contact.name")]
    [InlineData("{{ if contact.name || contact.kana }}{{ contact.name }}{{ end }}", "(1,41)-(1,53)", "contact.name")]
    [InlineData("{{ contact.name | object.default null }}", "(1,4)-(1,16)", "contact.name")]
    [InlineData("{{ contact.name ?? contact.kana }}", "(1,20)-(1,32)", "contact.kana")]
    [InlineData("{{ campaign?.title }}", "(1,4)-(1,19)", "campaign.title")]
    [InlineData("{{ (purchases | array.first)?.date }}", "(1,4)-(1,35)", "purchases[0].date")]
    [InlineData("{{ if contact.name }}{{ $x = 'a' }}{{ else }}{{ $x = contact.kana }}{{ end }}{{ $x }}", "(1,81)-(1,83)", "contact.kana")]
    public void What_may_be_missing_needs_a_default(string html, string place, string path)
    {
        var found = Assert.Single(new Linted { HtmlStart = html }.Findings());
        Assert.Equal($"error missing-default html.ja{place}", Linted.Place(found));
        Assert.Equal([path], found.Values);
    }

    [Theory]
    [InlineData("{{ contact.name ?? 'お客様' }}")]
    [InlineData("{{ contact.name | string.strip | object.default 'お客' }}様")]
    [InlineData("{{ if contact.name }}{{ contact.name }}{{ end }}")]
    [InlineData("{{ if contact.name && contact.name != '' }}{{ contact.name }}{{ end }}")]
    [InlineData("{{ if !contact.name }}x{{ else }}{{ contact.name }}{{ end }}")]
    [InlineData("{{ if contact.name == null || contact.name == '' }}x{{ else }}{{ contact.name }}{{ end }}")]
    [InlineData("{{ if contact.name | string.whitespace }}x{{ else }}{{ contact.name }}{{ end }}")]
    [InlineData("{{ if contact.name == '' }}x{{ else if contact.name }}{{ contact.name }}{{ end }}")]
    [InlineData("{{ contact.name ? contact.name : 'x' }}")]
    [InlineData("{{ contact.name ?! contact.name }}")]
    [InlineData("{{ case contact.prefecture; when '福井県' }}{{ contact.prefecture }}{{ end }}")]
    [InlineData("{{ $who = contact.name }}{{ if $who }}{{ $who }}{{ end }}")]
    [InlineData("{{ $who = contact.name }}{{ if !$who; $who = 'x'; end }}{{ $who }}")]
    [InlineData("{{ if contact.name }}{{ $x = contact.name }}{{ else }}{{ $x = 'y' }}{{ end }}{{ $x }}")]
    [InlineData("{{ if deal?.owner }}{{ deal.owner }} {{ deal.stage }}{{ end }}")]
    [InlineData("{{ if deal }}{{ deal.id }}{{ end }}")]
    [InlineData("{{ if (object.typeof event?.data?.lines) == 'array' }}{{ for line in event.data.lines }}{{ line.product ?? '-' }}{{ end }}{{ end }}")]
    [InlineData("{{ if event?.data?.total > 1000 }}{{ event.data.total }}{{ end }}")]
    [InlineData("{{ if purchases.size > 0 }}{{ purchases[0].date.year }}{{ end }}")]
    [InlineData("{{ if (purchases | array.size) > 0 }}{{ purchases[0].net }}{{ end }}")]
    [InlineData("{{ if purchases.empty? }}x{{ else }}{{ purchases[0].net }}{{ end }}")]
    [InlineData("{{ $last = purchases | array.first }}{{ if $last }}{{ $last.date.month }}{{ end }}")]
    [InlineData("{{ if !deal; ret; end; deal.id }}")]
    [InlineData("{{ contact.name = contact.name ?? 'x'; contact.name }}")]
    [InlineData("{{ contact.language == 'ja' }}{{ contact.name | string.size }}")]
    [InlineData("{{ include 'button' url:links.view }}")]
    public void What_is_guarded_or_has_a_default_is_no_finding(string html)
    {
        var wholeMail = new Linted { HtmlStart = html, Partials = { ["button"] = "{{ if $.url && $.url != '' }}<a href=\"{{ $.url }}\">x</a>{{ end }}" } };
        // `ret` ends the mail before its sender: only the names are looked at here.
        Assert.DoesNotContain(wholeMail.Findings(), finding => finding.Code is LintCodes.MissingDefault or LintCodes.MayFail);
    }

    [Fact]
    public void A_declared_default_stands_in_for_what_is_missing()
    {
        var mail = new Linted { HtmlStart = "{{ contact.name }} {{ deal.owner }} {{ greeting }} {{ deal.stage }}", Defaults = """{"contact": {"name": "お客様"}, "deal": {"owner": "担当"}, "greeting": "こんにちは"}""" };
        Assert.Equal(["error missing-default html.ja(1,55)-(1,65)"], mail.Places());
    }

    [Theory]
    [InlineData("{{ deal.stage }}", "(1,4)-(1,14)", "deal")]
    [InlineData("{{ if deal.owner }}x{{ end }}", "(1,7)-(1,17)", "deal")]
    [InlineData("{{ event.type }}", "(1,4)-(1,14)", "event")]
    [InlineData("{{ season.opens_on.month }}", "(1,4)-(1,19)", "season")]
    [InlineData("{{ purchases[0].net }}", "(1,4)-(1,20)", "purchases[0]")]
    [InlineData("{{ $d = deal }}{{ $d.stage }}", "(1,19)-(1,27)", "deal")]
    [InlineData("{{ with deal }}{{ stage }}{{ end }}", "(1,9)-(1,13)", "deal")]
    public void Reading_something_of_what_may_be_missing_is_an_error(string html, string place, string path)
    {
        var found = new Linted { HtmlStart = html }.Findings()[0];
        Assert.Equal($"error may-fail html.ja{place}", Linted.Place(found));
        Assert.Equal([path], found.Values);
    }

    [Fact]
    public void Raw_is_an_explicit_choice_in_html_and_none_in_text()
    {
        var mail = new Linted { HtmlStart = "{{ contact.email | raw }}", TextStart = "{{ contact.email | raw }}" };
        Assert.Equal(["warning unescaped html.ja(1,20)-(1,23)"], mail.Places());
        Assert.Empty(new Linted { HtmlStart = "{{ '<b>x</b>' | raw }}" }.Places());
    }

    [Fact]
    public void A_fault_in_a_partial_is_found_there_once()
    {
        var mail = new Linted { HtmlStart = "{{ include 'p' }}{{ include 'p.sbn' }}", TextStart = "{{ include 'p' }}", Partials = { ["p.sbn"] = "a\n{{ contact.nam }}" } };
        Assert.Equal(["error unknown-member partials/p.sbn(2,12)-(2,15)"], mail.Places());
    }

    [Fact]
    public void A_partial_that_does_not_parse_is_named()
    {
        var mail = new Linted { HtmlStart = "<p>{{ include 'p' }}</p>", Partials = { ["p"] = "{{ if }}" } };
        Assert.Equal(["error broken-partial html.ja(1,16)-(1,17)"], mail.Places());
    }

    [Fact]
    public void A_partial_alone_is_checked_without_what_a_mail_must_have()
    {
        Assert.Empty(TemplateLint.CheckPartial("p.html", "<p>{{ $.label }} {{ $kind }} {{ shop.name }}</p>", new Dictionary<string, string>(), LintOptions.Default));
        var found = TemplateLint.CheckPartial("p.html", "<p>{{ shop.nam }}</p><img src=\"https://example.com/a.png\">", new Dictionary<string, string>(), LintOptions.Default);
        Assert.Equal(["error unknown-member partials/p.html(1,12)-(1,15)", "error no-alt partials/p.html(1,22)-(1,26)"], found.Select(Linted.Place));
    }

    [Fact]
    public void What_fails_only_when_it_runs_is_found_with_its_place()
    {
        var found = Assert.Single(new Linted { HtmlStart = "<p>\n{{ 'abc' | math.round }}</p>" }.Findings());
        Assert.Equal(("render-fails", 2, 4), (found.Code, found.Line, found.Column));
    }

    [Fact]
    public void A_finding_says_its_words_with_the_facts_in_them()
    {
        var found = Assert.Single(new Linted { HtmlStart = "{{ contact.nam }}" }.Findings());
        Assert.Equal("'{0}' has no '{1}'. Did you mean '{2}'?", found.Message);
        Assert.Equal(["contact", "nam", "name"], found.Values);
        Assert.Equal("html.ja(1,12) : error : unknown-member : 'contact' has no 'nam'. Did you mean 'name'?", found.ToString());
    }
}
