using System.Text;
using Automation.Marketing.Tests.Content.Lint;

namespace Automation.Marketing.Tests.Scenarios;

/// <summary>A folder of templates made for one test.</summary>
internal sealed class TemplateFiles : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("automation-templates-").FullName;

    /// <summary>A marketing template in Japanese with these words, and the sender below them.</summary>
    public void Add(string id, string subject, string text)
    {
        var home = Directory.CreateDirectory(Path.Combine(Folder, id)).FullName;
        File.WriteAllText(Path.Combine(home, "template.json"), """{"class":"marketing","approach":"A2"}""");
        File.WriteAllText(Path.Combine(home, "subject.ja.sbn"), subject, Encoding.UTF8);
        File.WriteAllText(Path.Combine(home, "html.ja.sbn"), "<p>html</p>" + Linted.Footer, Encoding.UTF8);
        File.WriteAllText(Path.Combine(home, "text.ja.sbn"), text + "\n" + Linted.TextFooter, Encoding.UTF8);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
