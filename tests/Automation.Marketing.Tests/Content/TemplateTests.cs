using System.Text;
using System.Text.RegularExpressions;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;

namespace Automation.Marketing.Tests.Content;

/// <summary>What every shipped mail keeps to, for typical people and for the worst ones.</summary>
public sealed partial class TemplateTests
{
    private const int LargestHtml = 30_000;      // bytes; mail programs cut long mails

    private static readonly TemplateCatalogue Catalogue = TemplateCatalogue.Load(Shipped.Templates);
    private static readonly TemplateRenderer Renderer = new(TimeProvider.System);

    public static TheoryData<string, string> Mails
    {
        get
        {
            var mails = new TheoryData<string, string>();
            foreach (var template in Catalogue.All)
            {
                mails.Add(template.Id, "ja");
                mails.Add(template.Id, "en");
            }
            return mails;
        }
    }

    public static TheoryData<string> Templates => [.. Catalogue.All.Select(template => template.Id)];

    [Fact]
    public void The_shop_finds_the_mails_it_was_promised()
    {
        string[] promised =
        [
            "business/budget-season", "business/fiscal-year-end", "care/maintenance", "care/thanks-after-purchase", "care/year-end-thanks", "consent/confirm",
            "newsletter/monthly", "nurture/budget", "nurture/competitor", "nurture/follow-up", "nurture/no-contact", "nurture/revisit", "nurture/too-early",
            "season/crab-last-call", "season/crab-new-year", "season/crab-opening", "season/crab-opening-everyone", "season/gift-midsummer", "season/gift-year-end",
            "season/ushi-day", "transactional/order-received", "welcome/clicked", "welcome/day-0", "welcome/day-3", "welcome/day-7",
        ];
        Assert.Equal(promised, Catalogue.All.Select(template => template.Id));
    }

    [Theory]
    [MemberData(nameof(Templates))]
    public void A_mail_is_written_in_both_languages(string id)
    {
        Assert.Equal(["en", "ja"], Catalogue.Find(id)!.Parts.Keys.Order());
    }

    [Theory]
    [MemberData(nameof(Mails))]
    public void A_mail_reads_well_whoever_it_is_for(string id, string language)
    {
        foreach (var (person, mail) in ForEverybody(id, language))
        {
            Assert.False(string.IsNullOrWhiteSpace(mail.Subject), person);
            Assert.DoesNotContain("\n\n\n", mail.Text, StringComparison.Ordinal);
            Assert.All(new[] { mail.Subject, mail.Html, mail.Text }, part => Assert.DoesNotContain("{{~", part, StringComparison.Ordinal));
            Assert.All(new[] { "月日", "（）", "()", "null" }, gap => Assert.DoesNotContain(gap, mail.Subject + mail.Text, StringComparison.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(Mails))]
    public void A_mail_says_who_sends_it_and_how_to_reach_them(string id, string language)
    {
        var legalName = language == "ja" ? "越前みなと水産株式会社" : "Echizen Minato Suisan Co., Ltd.";
        var town = language == "ja" ? "福井県坂井市" : "Sakai, Fukui";
        foreach (var (_, mail) in ForEverybody(id, language))
            Assert.All(new[] { mail.Html, mail.Text }, part => Assert.All(new[] { legalName, town, "0776-00-1106" }, word => Assert.Contains(word, part, StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Mails))]
    public void Marketing_offers_the_way_out_and_the_preferences(string id, string language)
    {
        if (Catalogue.Find(id)!.Class is MessageClass.Transactional) return;
        foreach (var (_, mail) in ForEverybody(id, language))
        {
            Assert.Contains($"href=\"{MailPeople.UnsubscribeUrl.Replace("&", "&amp;", StringComparison.Ordinal)}\"", mail.Html, StringComparison.Ordinal);
            Assert.Contains($"href=\"{MailPeople.PreferencesUrl}\"", mail.Html, StringComparison.Ordinal);
            Assert.Contains(MailPeople.UnsubscribeUrl, mail.Text, StringComparison.Ordinal);
            Assert.Contains(MailPeople.PreferencesUrl, mail.Text, StringComparison.Ordinal);
            Assert.Contains(language == "ja" ? "配信を停止する" : "Unsubscribe", mail.Html, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Mails))]
    public void A_caring_mail_sells_nothing(string id, string language)
    {
        if (Catalogue.Find(id)!.Approach is not Approach.A3) return;
        var mail = Renderer.Render(Catalogue.Find(id)!, language, "ja", MailPeople.Typical(language));
        Assert.DoesNotMatch(OfferWords(), mail.Subject);
        Assert.DoesNotMatch(OfferWords(), mail.Text);
        Assert.DoesNotMatch(OfferWords(), WithoutStyles(mail.Html));
        var source = File.ReadAllText(Path.Combine(Shipped.Templates, id, $"html.{language}.sbn"));
        Assert.DoesNotContain("button.html", source, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Mails))]
    public void Html_is_whole_small_and_tells_what_its_pictures_show(string id, string language)
    {
        foreach (var (person, mail) in ForEverybody(id, language).Where(each => each.Person != "with very long fields"))
        {
            Assert.InRange(Encoding.UTF8.GetByteCount(mail.Html), 1_000, LargestHtml);
            Assert.All(Image().Matches(mail.Html), image => Assert.Matches("alt=\"[^\"]+\"", image.Value));
            Assert.Contains($"<html lang=\"{language}\">", mail.Html, StringComparison.Ordinal);
            foreach (var tag in new[] { "html", "head", "body", "table", "tr", "td", "p", "a", "h2", "ul", "li", "div", "strong" })
                Assert.True(Regex.Count(mail.Html, $"<{tag}[ >]") == Regex.Count(mail.Html, $"</{tag}>"), $"<{tag}> is not closed as often as it is opened ({person}).");
        }
    }

    [Theory]
    [MemberData(nameof(Mails))]
    public void What_people_typed_stays_text_in_html(string id, string language)
    {
        var mail = Renderer.Render(Catalogue.Find(id)!, language, "ja", MailPeople.All["with markup in every field"](language));
        Assert.DoesNotContain("<script", mail.Html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("&amp;lt;", mail.Html, StringComparison.Ordinal);      // escaped once, not twice
    }

    [Theory]
    [MemberData(nameof(Templates))]
    public void An_english_mail_holds_no_japanese(string id)
    {
        var mail = Renderer.Render(Catalogue.Find(id)!, "en", "ja", MailPeople.Typical("en"));
        Assert.DoesNotMatch("[ぁ-んァ-ヶ一-龠]", mail.Subject + mail.Html.Replace("'Hiragino Sans'", "", StringComparison.Ordinal) + mail.Text);
    }

    [Theory]
    [MemberData(nameof(Templates))]
    public void Somebody_without_a_name_is_still_greeted(string id)
    {
        var mail = Renderer.Render(Catalogue.Find(id)!, "ja", "ja", MailPeople.All["known by nothing but an address"]("ja"));
        Assert.Contains(id.StartsWith("nurture/", StringComparison.Ordinal) ? "ご担当者様" : "お客様", mail.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("season/crab-opening", "11月6日", "6 November")]
    [InlineData("season/crab-opening-everyone", "11月6日", "6 November")]
    [InlineData("season/crab-last-call", "3月20日", "20 March")]
    public void The_season_is_dated_the_way_each_language_does(string id, string japanese, string english)
    {
        var template = Catalogue.Find(id)!;
        var (ja, en) = (Renderer.Render(template, "ja", "ja", MailPeople.Typical("ja")), Renderer.Render(template, "en", "ja", MailPeople.Typical("en")));
        Assert.All(new[] { ja.Subject, ja.Html, ja.Text }, part => Assert.Contains(japanese, part, StringComparison.Ordinal));
        Assert.All(new[] { en.Subject, en.Html, en.Text }, part => Assert.Contains(english, part, StringComparison.Ordinal));
    }

    [Fact]
    public void A_promise_names_the_day_that_was_promised()
    {
        var template = Catalogue.Find("nurture/revisit")!;
        Assert.Contains("5月9日ごろに", Renderer.Render(template, "ja", "ja", MailPeople.Typical("ja")).Text, StringComparison.Ordinal);
        Assert.Contains("around 9 May", Renderer.Render(template, "en", "ja", MailPeople.Typical("en")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_past_buyer_is_reminded_of_the_latest_crab()
    {
        var text = Renderer.Render(Catalogue.Find("season/crab-opening")!, "ja", "ja", MailPeople.Typical("ja")).Text;
        Assert.Contains("「わけあり越前がに」", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Older", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_confirmation_lists_the_order()
    {
        var mail = Renderer.Render(Catalogue.Find("transactional/order-received")!, "ja", "ja", MailPeople.Typical("ja"));
        Assert.Contains("W261120-007", mail.Subject, StringComparison.Ordinal);
        Assert.Contains("・越前がに 浜ゆで 中 × 1　14,800円", mail.Text, StringComparison.Ordinal);
        Assert.Contains("19,780円", mail.Html, StringComparison.Ordinal);
        Assert.DoesNotContain(MailPeople.UnsubscribeUrl, mail.Text, StringComparison.Ordinal);
    }

    private static IEnumerable<(string Person, RenderedMail Mail)> ForEverybody(string id, string language) =>
        MailPeople.All.Select(person => (person.Key, Renderer.Render(Catalogue.Find(id)!, language, "ja", person.Value(language))));

    private static string WithoutStyles(string html) => Regex.Replace(html, "<style>.*?</style>|style=\"[^\"]*\"", "", RegexOptions.Singleline);

    [GeneratedRegex("[0-9０-９]円|[¥￥]|価格|料金|値引|割引|セール|クーポン|送料無料|特価|お得|限定|ご注文は|お買い求め|\\bprice|\\bdiscount|\\bsale\\b|\\bcoupon|\\boffer|free shipping|order now|buy now|% off", RegexOptions.IgnoreCase)]
    private static partial Regex OfferWords();

    [GeneratedRegex("<img[^>]*>")]
    private static partial Regex Image();
}
