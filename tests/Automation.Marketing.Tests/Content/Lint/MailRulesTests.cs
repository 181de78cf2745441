using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content.Lint;

namespace Automation.Marketing.Tests.Content.Lint;

/// <summary>The rules about mail: law, links, pictures, size, offers, subjects.</summary>
public sealed class MailRulesTests
{
    private const string Words = "<p>朝晩が冷えてきました。港では船の手入れが終わり、あとは漁の始まりを待つばかりです。</p>\n";

    [Theory]
    [InlineData("{{ shop.legal_name }}", "no-sender")]
    [InlineData("{{ shop.address }}", "no-address")]
    [InlineData("{{ shop.phone }}", "no-inquiry")]
    [InlineData("{{ links.unsubscribe }}", "no-unsubscribe")]
    public void Advertising_shows_its_sender_and_the_way_out_in_both_parts(string mark, string code)
    {
        var mail = new Linted
        {
            Html = Words + Linted.Footer.Replace(mark, "https://example.com/", StringComparison.Ordinal),
            Text = "x\n" + Linted.TextFooter.Replace(mark, "-", StringComparison.Ordinal),
        };
        Assert.Equal([$"error {code} html.ja", $"error {code} text.ja"], mail.Places());
    }

    [Theory]
    [InlineData("{{ if contact.name }}{0}{{ end }}", false)]
    [InlineData("{{ if contact.name }}{0}{{ else }}x{{ end }}", false)]
    [InlineData("{{ for p in purchases }}{0}{{ end }}", false)]
    [InlineData("<!-- {0} -->", false)]
    [InlineData("{{ if contact.name }}a {0}{{ else }}b {0}{{ end }}", true)]
    [InlineData("{{ if shop.address }}{0}{{ end }}", true)]
    [InlineData("{{ capture c }}{0}{{ end }}{{ c }}", true)]
    [InlineData("{{ include 'p' }}", true)]
    public void What_the_law_asks_for_must_be_shown_to_everybody(string around, bool isEnough)
    {
        var mail = new Linted { Html = Words + Linted.Footer.Replace("{{ shop.address }}", around.Replace("{0}", "{{ shop.address }}", StringComparison.Ordinal), StringComparison.Ordinal), Partials = { ["p"] = "{{ shop.address }}" } };
        Assert.Equal(isEnough ? [] : ["error no-address html.ja"], mail.Places());
    }

    [Fact]
    public void The_way_out_is_a_link_and_not_only_its_address()
    {
        var mail = new Linted { Html = Words + Linted.Footer.Replace("href=\"{{ links.unsubscribe }}\"", "href=\"https://example.com/\" title=\"{{ links.unsubscribe }}\"", StringComparison.Ordinal) };
        Assert.Equal(["error no-unsubscribe html.ja"], mail.Places());
    }

    [Theory]
    [InlineData("<a href=\"https://example.com/company\">会社概要</a>", "会社概要 https://example.com/company")]
    [InlineData("<a href=\"{{ shop.url }}\">特定商取引法に基づく表記</a>", "特定商取引法に基づく表記\nhttps://example.com/law")]
    public void Address_and_inquiries_may_stand_one_link_away(string link, string text)
    {
        var mail = new Linted
        {
            Html = Words + link + Linted.Footer.Replace("{{ shop.address }}", "", StringComparison.Ordinal).Replace("{{ shop.phone }}", "", StringComparison.Ordinal),
            Text = text + "\n" + Linted.TextFooter.Replace("{{ shop.address }}", "", StringComparison.Ordinal).Replace("{{ shop.phone }}", "", StringComparison.Ordinal),
        };
        Assert.Empty(mail.Places());
    }

    [Fact]
    public void A_transactional_mail_needs_no_way_out_but_should_say_who_sends_it()
    {
        var mail = new Linted { Class = MessageClass.Transactional, Approach = Approach.None, Html = Words + "{{ shop.legal_name }}", Text = "x {{ shop.legal_name }}" };
        Assert.Empty(mail.Places());
        Assert.Equal(["warning no-sender html.ja", "warning no-sender text.ja"], (mail with { Html = Words, Text = "x" }).Places());
    }

    [Theory]
    [InlineData("<a href=\"\">x</a>", "error empty-link html.ja(1,1)-(1,3)")]
    [InlineData("<p><a>x</a>", "error empty-link html.ja(1,4)-(1,6)")]
    [InlineData("<a href>x</a>", "error empty-link html.ja(1,1)-(1,3)")]
    [InlineData("<a href=\"/shop\">x</a>", "error relative-link html.ja(1,10)-(1,15)")]
    [InlineData("<a class=b href='shop.html'>x</a>", "error relative-link html.ja(1,18)-(1,27)")]
    [InlineData("<a href=//example.com/>x</a>", "error relative-link html.ja(1,9)-(1,23)")]
    [InlineData("<a href=\"www.example.com\">x</a>", "error relative-link html.ja(1,10)-(1,25)")]
    [InlineData("<a href=\"#\">x</a>", "error dead-link html.ja(1,10)-(1,11)")]
    [InlineData("<a href=\"https://\">x</a>", "error dead-link html.ja(1,10)-(1,18)")]
    [InlineData("<a href=\"file:///C:/x\">x</a>", "error dead-link html.ja(1,10)-(1,22)")]
    [InlineData("<a href=\"javascript:alert(1)\">x</a>", "error script-link html.ja(1,10)-(1,29)")]
    [InlineData("<a href=\" &#106;ava\tscript:alert(1)\">x</a>", "error script-link html.ja(1,10)-(1,36)")]
    [InlineData("<a href=\"http://example.com/\">x</a>", "warning insecure-link html.ja(1,10)-(1,29)")]
    [InlineData("<a href=\"http://{{ contact.email }}\">x</a>", "warning insecure-link html.ja(1,10)-(1,17)")]
    [InlineData("<a href=\"{{ if contact.name }}https://example.com/{{ else }}#{{ end }}\">x</a>", "error dead-link html.ja(1,61)-(1,62)")]
    [InlineData("<a href=\"{{ $u }}\">x</a>{{ $u = 1 }}<a href=\"{{ $v = '#' ; $v }}\">x</a>", "error dead-link html.ja(1,55)-(1,56)")]
    [InlineData("{{ include 'button' url:'/shop' }}", "error relative-link html.ja(1,26)-(1,31)")]
    public void A_link_must_lead_somewhere(string html, string expected)
    {
        Assert.Equal([expected], new Linted { HtmlStart = html, Partials = { ["button"] = "<a href=\"{{ $.url }}\">x</a>" } }.Places());
    }

    [Theory]
    [InlineData("<a href=\"https://example.com/?a=1#b\">x</a>")]
    [InlineData("<a href=\"{{ shop.url }}\">x</a><a href=\"{{ shop.url }}/path#x\">x</a><a href='{{ links.preferences }}'>x</a>")]
    [InlineData("<a href=\"{{ if contact.name }}{{ shop.url }}{{ end }}/path\">x</a>")]
    [InlineData("<a href=\"mailto:shop@example.com\">x</a><a href=\"tel:0776-00-0000\">x</a>")]
    [InlineData("<a name=\"top\"></a>")]
    [InlineData("<!-- <a href=\"#\">x</a> --><style>a[href=\"#\"] { }</style>")]
    public void A_link_that_leads_somewhere_is_no_finding(string html) => Assert.Empty(new Linted { HtmlStart = html }.Places());

    [Fact]
    public void An_unencrypted_address_in_the_text_is_found()
    {
        Assert.Equal(["warning insecure-link text.ja(2,3)-(2,22)"], new Linted { TextStart = "a\n→ http://example.com/ です https://example.com/" }.Places());
    }

    [Theory]
    [InlineData("<img src=\"https://example.com/a.png\">", "error no-alt html.ja(1,1)-(1,5)")]
    [InlineData("<a href=\"https://example.com/\"><img alt=\"\" src=\"https://example.com/a.png\"></a>", "error no-alt html.ja(1,32)-(1,36)")]
    [InlineData("<img alt=\"x\">", "error empty-image html.ja(1,1)-(1,5)")]
    [InlineData("<img alt=\"x\" src=\"a.png\">", "error relative-link html.ja(1,19)-(1,24)")]
    [InlineData("<img alt=\"x\" src=\"http://example.com/a.png\">", "warning insecure-link html.ja(1,19)-(1,43)")]
    public void A_picture_must_be_there_and_say_what_it_shows(string html, string expected) => Assert.Equal([expected], new Linted { HtmlStart = html }.Places());

    [Theory]
    [InlineData("<img alt=\"かに\" src=\"https://example.com/a.png\"><IMG ALT='' SRC='https://example.com/line.png'/>")]
    [InlineData("<img alt=\"{{ contact.name ?? 'x' }}\" src=\"{{ shop.url }}a.png\">")]
    [InlineData("<a href=\"https://example.com/\"><img alt=\"\" src=\"https://example.com/a.png\">見る</a>")]
    public void A_picture_with_words_is_no_finding(string html) => Assert.Empty(new Linted { HtmlStart = html }.Places());

    [Fact]
    public void Html_over_100_KB_is_refused_and_just_under_is_not()
    {
        var filler = $"<p>{new string('あ', 33_800)}</p>";
        Assert.Equal(["error too-large html.ja"], new Linted { HtmlStart = filler + "<p>" + new string('a', 1_100) + "</p>" }.Places());
        Assert.Empty(new Linted { HtmlStart = filler }.Places());
        Assert.Equal(["error too-large html.ja"], new Linted { HtmlStart = "{{ for i in 1..3000 }}<p>朝晩が冷えてきました。</p>{{ end }}" }.Places());
    }

    [Fact]
    public void A_mail_that_is_only_a_picture_is_refused()
    {
        const string Picture = "<img alt=\"秋の便り\" src=\"https://example.com/all.png\">";
        var partials = new Dictionary<string, string> { ["sender"] = Linted.Footer };
        Assert.Equal(["error image-only html.ja"], new Linted { Html = Picture + "{{ include 'sender' }}", Partials = partials }.Places());
        Assert.Empty(new Linted { Html = Picture + Words + "{{ include 'sender' }}", Partials = partials }.Places());
    }

    [Fact]
    public void A_mail_whose_html_shows_nothing_is_refused()
    {
        var partials = new Dictionary<string, string> { ["sender"] = Linted.Footer };
        Assert.Equal(["error no-html html.ja"], new Linted { Html = "<table><tr><td> </td></tr></table>{{ include 'sender' }}", Partials = partials }.Places());
        Assert.Equal(["error no-html html.ja"], new Linted { Html = " \n" }.Places());
        Assert.Equal(["error no-text text.ja"], new Linted { Text = " \n" }.Places());
    }

    [Theory]
    [InlineData("<p>いまなら1,980円です</p>", "(1,8)-(1,14)")]
    [InlineData("<p>{{ contact.email.size }}円</p>", "(1,7)-(1,25)")]
    [InlineData("<p>¥980</p>", "(1,4)-(1,6)")]
    [InlineData("<p>全品 20%OFF</p>", "(1,7)-(1,13)")]
    [InlineData("<p>2割引のご案内</p>", "(1,4)-(1,7)")]
    [InlineData("<p>クーポンをどうぞ</p>", "(1,4)-(1,8)")]
    [InlineData("<p>Our best <b>prices</b></p>", "(1,16)-(1,22)")]
    [InlineData("<p>秋の<b>セール</b>です</p>", "(1,9)-(1,12)")]
    [InlineData("<a href=\"https://example.com/x\">カートに入れる</a>", "(1,33)-(1,37)")]
    [InlineData("<a href=\"https://example.com/cart\">見る</a>", "(1,10)-(1,34)")]
    [InlineData("<img alt=\"半額セール\" src=\"https://example.com/a.png\">", "(1,13)-(1,16)")]
    [InlineData("{{ if purchases.size > 0 }}{{ purchases[0].net }}{{ end }}", "(1,31)-(1,47)")]
    [InlineData("{{ include 'button' label:'今すぐ購入' }}", "(1,28)-(1,33)")]
    public void Care_mail_must_not_sell(string html, string place)
    {
        var mail = new Linted { Approach = Approach.A3, HtmlStart = html, Partials = { ["button"] = "<b>{{ $.label }}</b>" } };
        Assert.Equal([$"error offer-in-care html.ja{place}"], mail.Places());
        Assert.Empty((mail with { Approach = Approach.A1 }).Places());
    }

    [Theory]
    [InlineData("<p>円滑に進むよう、2円満の心がけで。セールスではありません。</p>")]
    [InlineData("<p>お買い上げいただいた鍋の手入れ。使い始めの3日間は油をなじませます。</p>")]
    [InlineData("<style>.sale { color: red }</style><p style=\"width:100%\">Officially, 100 % cotton.</p>")]
    public void Care_without_an_offer_is_no_finding(string html) => Assert.Empty(new Linted { Approach = Approach.A3, HtmlStart = html }.Places());

    [Fact]
    public void Care_mail_sells_in_no_part()
    {
        var mail = new Linted { Approach = Approach.A3, Subject = "送料無料の秋", TextStart = "特価です" };
        Assert.Equal(["error offer-in-care subject.ja(1,1)-(1,5)", "error offer-in-care text.ja(1,1)-(1,3)"], mail.Places().Where(place => place.Contains("offer", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("ja", "無料のご案内", "warning spam-subject subject.ja(1,1)-(1,3)")]
    [InlineData("ja", "あなたに当選のお知らせ", "warning spam-subject subject.ja(1,5)-(1,7)")]
    [InlineData("ja", "Re: 先日の件", "warning spam-subject subject.ja(1,1)-(1,4)")]
    [InlineData("ja", "秋です！春です！", "warning spam-subject subject.ja")]
    [InlineData("ja", "【秋】【便り】", "warning spam-subject subject.ja")]
    [InlineData("en", "CRAB SEASON IS HERE", "warning spam-subject subject.en")]
    [InlineData("en", "Act now for crab", "warning spam-subject subject.en(1,1)-(1,8)")]
    [InlineData("en", "Fwd: the crab", "warning spam-subject subject.en(1,1)-(1,5)")]
    [InlineData("ja", "秋の便り秋の便り秋の便り秋の便り秋の便り秋の便り秋の便り秋の便り", "warning long-subject subject.ja")]
    [InlineData("en", "A subject that goes on and on and on until nobody reads it any more", "warning long-subject subject.en")]
    [InlineData("ja", "  ", "error empty-subject subject.ja")]
    [InlineData("ja", "{{ if contact.name }}{{ contact.name }}{{ end }}", "error empty-subject subject.ja")]
    public void A_subject_that_puts_people_off_is_found(string language, string subject, string expected) =>
        Assert.Equal([expected], new Linted { Language = language, Subject = subject }.Places());

    [Theory]
    [InlineData("ja", "【港だより】かにの季節です！")]
    [InlineData("ja", "{{ contact.name ?? 'お客' }}様へ、秋の便り")]
    [InlineData("en", "Crab season begins! News from the NHK harbour")]
    [InlineData("en", "Freedom, wrinkle-free: regarding your visit")]
    public void An_honest_subject_is_no_finding(string language, string subject)
    {
        var places = new Linted { Language = language, Subject = subject }.Places();
        Assert.Equal(subject.Contains("wrinkle-free", StringComparison.Ordinal) ? ["warning spam-subject subject.en(1,18)-(1,22)"] : [], places);
    }

    [Theory]
    [InlineData("<p>%%name%%様</p>", "(1,4)-(1,12)")]
    [InlineData("<p>*|FNAME|*</p>", "(1,4)-(1,13)")]
    [InlineData("<p>[[name]]</p>", "(1,4)-(1,12)")]
    [InlineData("<p>${name}</p>", "(1,4)-(1,11)")]
    [InlineData("<p>{first_name}</p>", "(1,4)-(1,16)")]
    [InlineData("<p>{% if x %}</p>", "(1,4)-(1,14)")]
    [InlineData("<p><%= name %></p>", "(1,4)-(1,15)")]
    [InlineData("<a href=\"https://example.com/?n=*|NAME|*\">x</a>", "(1,33)-(1,41)")]
    public void A_mark_of_another_system_is_found(string html, string place) => Assert.Equal([$"error foreign-mark html.ja{place}"], new Linted { HtmlStart = html }.Places());

    [Theory]
    [InlineData("<style>@media x { .a {color:red} } p {b}</style><p>50%% [1] {1} a*b|c|*d ## x</p>")]
    [InlineData("<p>{{ contact.email }} [[ ]] {{ '{' }}</p><a href=\"https://example.com/%E3%81%82%E3%81%84\">x</a>")]
    public void Signs_that_are_no_marks_are_no_finding(string html) => Assert.Empty(new Linted { HtmlStart = html }.Places());

    [Fact]
    public void Settings_that_cannot_be_are_found()
    {
        Assert.Equal(["error settings settings"], new Linted { Approach = Approach.None }.Places());
        Assert.Equal(["error settings settings"], new Linted { Defaults = "[1" }.Places());
        Assert.Equal(["error settings settings"], new Linted { Defaults = "[1]" }.Places());
        Assert.Equal(["warning settings settings"], new Linted { Topics = ["crab", "fish"], Options = new LintOptions { KnownTopics = ["fish"] } }.Places());
        Assert.Empty(new Linted { Topics = ["crab"] }.Places());
    }

    [Fact]
    public void A_language_without_parts_and_a_template_without_languages_are_found()
    {
        Assert.Equal(["error no-language settings.ja"], new Linted { Subject = "", Html = "", Text = " " }.Places());
        var none = new TemplateSource("x/y", MessageClass.Marketing, Approach.A1, [], "", new Dictionary<string, PartsSource>());
        Assert.Equal(["error no-language settings"], TemplateLint.Check(none, new Dictionary<string, string>(), LintOptions.Default).Select(Linted.Place));
    }
}
