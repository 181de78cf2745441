using Automation.Marketing.Mail.Content;

namespace Automation.Marketing.Tests.Content;

/// <summary>Every shipped mail as one typical person gets it, read by eye when it changes. <c>UPDATE_GOLDEN=1</c> rewrites the files.</summary>
public sealed class TemplateGoldenTests
{
    private static readonly string Folder = Path.Combine(Shipped.Root, "tests", "Automation.Marketing.Tests", "Content", "Golden");

    [Theory]
    [MemberData(nameof(TemplateTests.Mails), MemberType = typeof(TemplateTests))]
    public void A_mail_looks_as_it_was_approved(string id, string language)
    {
        var catalogue = TemplateCatalogue.Load(Shipped.Templates);
        var mail = new TemplateRenderer(TimeProvider.System).Render(catalogue.Find(id)!, language, "ja", MailPeople.Typical(language));
        var actual = $"{mail.Subject}\n\n===== text\n{mail.Text}\n===== html\n{mail.Html}";
        var file = Path.Combine(Folder, $"{id.Replace('/', '.')}.{language}.out");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Folder);
            File.WriteAllText(file, actual);
        }
        Assert.Equal(File.ReadAllText(file), actual);
    }
}
