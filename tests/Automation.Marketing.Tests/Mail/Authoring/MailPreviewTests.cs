using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Content.Authoring;
using Automation.Marketing.Mail.Content.Lint;
using Automation.Marketing.Mail.Content.Preview;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Mail.Authoring;

// xunit disposes of the preview through DisposeAsync.
#pragma warning disable CA1001
public sealed class MailPreviewTests : IAsyncLifetime
#pragma warning restore CA1001
{
    private Scenario given = null!;
    private MailPreview preview = null!;

    public async Task InitializeAsync()
    {
        given = await Scenario.OnAsync(Marketing.Storage.DatabaseProvider.Sqlite);
        preview = new MailPreview(given.Workers.Templates, new TemplateRenderer(given.Clock), new LinkFactory(new PublicAddress(), given.Clock), given.Clock);
    }

    public async Task DisposeAsync()
    {
        preview.Dispose();
        await given.DisposeAsync();
    }

    [Fact]
    public async Task A_real_person_sees_the_mail_as_it_would_be_sent_to_them()
    {
        var ada = await given.Contact("ada@example.com").Named("山田 花子").WhoConsented().WhoBought(new DateOnly(2026, 10, 1), "せいこがに");
        var shown = await RenderAsync(Written("{{ contact.name }}様", "<p>{{ purchases[0].product }}</p>", "{{ links.unsubscribe }}"), new PreviewPerson(ada.Id));
        Assert.Equal(("山田 花子様", "<p>せいこがに</p>"), (shown.Subject, shown.Html));
        Assert.Empty(shown.Errors);
    }

    [Fact]
    public async Task Links_of_a_preview_belong_to_nobody()
    {
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var shown = await RenderAsync(Written("a", "<p></p>", "{{ links.unsubscribe }}"), new PreviewPerson(ada.Id));
        await using var db = given.Open();
        var links = await new LinkFactory(new PublicAddress(), given.Clock).ForAsync(db, default);
        Assert.Equal((MailLinks.Nobody, MailLinks.Nobody), links.Read(shown.Text!.Split('/')[^1]));
    }

    [Fact]
    public async Task A_preview_writes_nothing()
    {
        await RenderAsync(given.Workers.Templates.Find("welcome/day-0")!.Source, new PreviewPerson(null));
        await using var db = given.Open();
        Assert.Equal(
            (0, 0, 0), (await db.OutboxMessages.CountAsync(), await db.TemplateDrafts.CountAsync(), await db.TemplateVersions.CountAsync()));
    }

    [Theory]
    [InlineData(SamplePerson.Typical)]
    [InlineData(SamplePerson.NoName)]
    [InlineData(SamplePerson.LongName)]
    [InlineData(SamplePerson.NoPurchases)]
    [InlineData(SamplePerson.Hostile)]
    public async Task Every_shipped_template_can_be_looked_at_as_every_made_up_person(SamplePerson who)
    {
        foreach (var template in given.Workers.Templates.All)
        {
            foreach (var language in template.Parts.Keys)
            {
                var shown = await RenderAsync(template.Source, new PreviewPerson(null, who), language);
                Assert.Empty(shown.Errors);
                Assert.Equal(language, shown.Language);
                Assert.False(string.IsNullOrWhiteSpace(shown.Subject), template.Id);
                Assert.DoesNotContain("<script>alert", shown.Html, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task A_part_that_fails_says_where_and_the_others_are_shown()
    {
        var shown = await RenderAsync(Written("題", "<p>\n{{ contact.name | nonsense }}</p>", "文"), new PreviewPerson(null));
        Assert.Equal(("題", null, "文"), (shown.Subject, shown.Html, shown.Text));
        Assert.Equal(("letters/one/html.ja.sbn", 2), (Assert.Single(shown.Errors).Template, shown.Errors[0].Line));
        Assert.Throws<RuleBrokenException>(() => shown.Whole());
    }

    [Theory]
    [InlineData("{{ while true }}x{{ end }}")]
    [InlineData("{{ for i in 1..1000000000 }}{{ for j in 1..1000000000 }}x{{ end }}{{ end }}")]
    [InlineData("{{ func f }}{{ f }}{{ end }}{{ f }}")]
    [InlineData("{{ x = \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" }}{{ for i in 1..60 }}{{ x = x + x }}{{ end }}{{ x }}")]
    [InlineData("{{ regex.match \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\" \"^(a+)+$\" }}")]
    public async Task A_hostile_text_ends_in_an_error_within_its_bounds(string hostile)
    {
        var shown = await RenderAsync(Written(hostile, hostile, hostile), new PreviewPerson(null));
        Assert.Equal((null, null, null), (shown.Subject, shown.Html, shown.Text));
        Assert.Equal(3, shown.Errors.Count);
    }

    [Fact]
    public async Task A_missing_language_is_shown_in_the_other_and_named()
    {
        var shown = await RenderAsync(Written("題", "<p></p>", "文"), new PreviewPerson(null), "en");
        Assert.Equal(("ja", "題"), (shown.Language, shown.Subject));
    }

    [Fact]
    public async Task A_partial_is_shown_within_a_template_as_it_is_being_written()
    {
        await using var db = given.Open();
        var partial = TemplateContent.OfPartial("_partials/sender.text.ja", "新しい署名 {{ shop.name }}");
        var shown = await preview.RenderAsync(db, partial, "welcome/day-0", "ja", new PreviewPerson(null), default);
        Assert.Contains("新しい署名 かに屋", shown!.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("新しい署名", given.Workers.Templates.Current.Partials.Texts["sender.text.ja"], StringComparison.Ordinal);
        Assert.Null(await preview.RenderAsync(db, partial, "no/such", "ja", new PreviewPerson(null), default));
    }

    [Fact]
    public async Task A_person_who_does_not_exist_is_not_made_up()
    {
        await using var db = given.Open();
        Assert.Null(await preview.RenderAsync(db, TemplateContent.Of(Written("a", "b", "c")), null, "ja", new PreviewPerson(Guid.NewGuid()), default));
    }

    private async Task<PreviewMail> RenderAsync(TemplateSource template, PreviewPerson person, string language = "ja")
    {
        await using var db = given.Open();
        return (await preview.RenderAsync(db, TemplateContent.Of(template), within: null, language, person, default))!;
    }

    private static TemplateSource Written(string subject, string html, string text) => new(
        "letters/one", MessageClass.Marketing, Approach.A3, [], "{}", new Dictionary<string, PartsSource> { ["ja"] = new(subject, html, text) });
}
