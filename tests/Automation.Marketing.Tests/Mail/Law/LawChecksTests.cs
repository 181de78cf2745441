using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Law;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Content;
using Automation.Marketing.Tests.Scenarios;

namespace Automation.Marketing.Tests.Mail.Law;

public sealed class LawChecksTests
{
    private const string OptOut = "https://mail.example.com/u/token";
    private static readonly Uri Public = new("https://mail.example.com/");
    private static readonly ShopIdentity Complete = new("かに屋", "株式会社かに & 屋", "福井県坂井市三国町1-1", "0776-00-0000", "https://shop.example.com", "kani@shop.example.com", "かに屋", null);

    private static readonly TemplateCatalogue Catalogue = TemplateCatalogue.Load(Shipped.Templates);
    private static readonly TemplateRenderer Renderer = new(TimeProvider.System);

    public static TheoryData<string> MarketingTemplates => [.. Catalogue.All.Where(template => template.Class is MessageClass.Marketing).Select(template => template.Id)];

    [Fact]
    public void A_complete_sender_lacks_nothing() => Assert.Empty(LawChecks.Missing(Complete, Public));

    [Theory]
    [InlineData(null, LawState.Failed)]
    [InlineData("Kani@shop.example.com", LawState.Failed)]
    [InlineData("orders@shop.example.com", LawState.Passed)]
    public void An_address_of_its_own_for_order_mail_is_advised_and_never_stops_mail(string? orders, LawState state)
    {
        var shop = Complete with { OrderEmail = orders };
        Assert.Equal(state, LawChecks.OfSender(shop, Public).Single(check => check.Key == LawChecks.OwnOrderAddress).State);
        Assert.Empty(LawChecks.Missing(shop, Public));
    }

    [Theory]
    [InlineData(LawChecks.LegalName)]
    [InlineData(LawChecks.PostalAddress)]
    [InlineData(LawChecks.Contact)]
    [InlineData(LawChecks.FromAddress)]
    public void Each_missing_detail_of_the_sender_is_named(string key)
    {
        var shop = key switch
        {
            LawChecks.LegalName => Complete with { LegalName = " " },
            LawChecks.PostalAddress => Complete with { Address = "" },
            LawChecks.Contact => Complete with { Phone = "" },
            _ => Complete with { FromEmail = "" },
        };
        Assert.Equal([key], LawChecks.Missing(shop, Public));
    }

    [Theory]
    [InlineData("https://mail.example.com/", true)]
    [InlineData("http://127.0.0.1:5080/", true)]     // reaches nobody
    [InlineData("http://mail.example.com/", false)]
    public void The_way_out_works_over_https_only(string url, bool works) =>
        Assert.Equal(works, !LawChecks.Missing(Complete, new Uri(url)).Contains(LawChecks.OptOut));

    [Theory]
    [MemberData(nameof(MarketingTemplates))]
    public void Every_shipped_marketing_template_shows_what_the_law_asks(string id) =>
        Assert.All(LawChecks.OfTemplate(Catalogue.Find(id)!, Renderer), check => Assert.Equal((check.Key, LawState.Passed), (check.Key, check.State)));

    [Theory]
    [InlineData("", "", new[] { LawChecks.LegalName, LawChecks.OptOut, LawChecks.PostalAddress, LawChecks.Contact })]
    [InlineData("株式会社かに &amp; 屋 {0} https://shop.example.com", "株式会社かに & 屋 {0} https://shop.example.com", new string[0])]
    [InlineData("株式会社かに &amp; 屋 {0} 福井県坂井市三国町1-1 0776-00-0000", "株式会社かに & 屋 {0} 福井県坂井市三国町1-1", new[] { LawChecks.Contact })]
    [InlineData("株式会社かに &amp; 屋 https://shop.example.com", "株式会社かに & 屋 {0} https://shop.example.com", new[] { LawChecks.OptOut })]
    public void A_mail_shows_sender_and_way_out_in_each_part(string html, string text, string[] missing) => Assert.Equal(
        missing.Order(), LawChecks.MissingIn(new RenderedMail("s", html.Replace("{0}", OptOut, StringComparison.Ordinal), text.Replace("{0}", OptOut, StringComparison.Ordinal)), Complete, OptOut).Order());

    [Fact]
    public async Task Marketing_of_a_sender_without_a_name_is_neither_published_nor_sent()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await using var db = given.Open();
        await db.SaveShopAsync(Complete with { LegalName = "" }, given.Clock.Now, default);
        var broken = await Assert.ThrowsAsync<RuleBrokenException>(() => LawChecks.RequireAsync(db, Public, Catalogue.Find("newsletter/monthly")!, Renderer, default));
        Assert.Contains(LawChecks.LegalName, broken.Message, StringComparison.Ordinal);
        await LawChecks.RequireAsync(db, Public, Catalogue.Find("transactional/order-received")!, Renderer, default);
        var mail = await given.QueuedAsync(given.Mail(ada));
        await given.SendAllAsync();
        Assert.Equal(MessageState.Queued, (await given.MessageAsync(mail.Id)).State);
        Assert.Empty(given.Provider.Attempts);
    }

    [Fact]
    public async Task A_domains_records_are_unknown_until_somebody_has_looked()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        await using var db = given.Open();
        Assert.Empty(await DomainChecks.OfAsync(db, "shop.example.com", default));
        await DomainChecks.SetAsync(db, "shop.example.com", "spf", LawState.Passed, "kanri", given.Clock.Now, default);
        var records = await DomainChecks.OfAsync(db, "shop.example.com", default);
        Assert.Equal(("kanri", LawState.Passed), (records["spf"].Actor, records["spf"].State));
        Assert.False(records.ContainsKey("dkim"));
        await Assert.ThrowsAsync<RuleBrokenException>(() => DomainChecks.SetAsync(db, "shop.example.com", "mx", LawState.Passed, "kanri", given.Clock.Now, default));
    }
}
