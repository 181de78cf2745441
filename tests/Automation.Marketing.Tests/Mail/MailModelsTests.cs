using Automation.Marketing.Mail.Content;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Automation.Templates;

namespace Automation.Marketing.Tests.Mail;

public sealed class MailModelsTests
{
    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_declared_default_fills_what_the_person_lacks_and_nothing_else(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var (ada, nobody) = (await given.Contact("ada@example.com").Named("Ada"), await given.Contact("nobody@example.com"));
        await using var db = given.Open();
        var models = await MailModels.LoadAsync(db, [ada.Id, nobody.Id], ShopIdentity.Unnamed, _ => true, default);
        var defaults = new TemplateObject
        {
            ["contact"] = new TemplateObject { ["name"] = "お客様", ["email"] = "no" },
            ["deal"] = new TemplateObject { ["owner"] = "担当" },
            ["greeting"] = "こんにちは",
        };
        var template = Template.Parse("{{ contact.name }} {{ contact.email }} {{ deal.owner }} {{ greeting }}{{ deal.owner = 'x'; contact.name = 'y' }}");
        string Rendered(Guid id) => template.Render(new TemplateContext(models.For(id, "{}", links: null, defaults)));
        Assert.Equal("Ada ada@example.com 担当 こんにちは", Rendered(ada.Id));
        Assert.Equal("お客様 nobody@example.com 担当 こんにちは", Rendered(nobody.Id));
        Assert.Equal("お客様 nobody@example.com 担当 こんにちは", Rendered(nobody.Id));      // the first render's assignments stayed its own
    }
}
