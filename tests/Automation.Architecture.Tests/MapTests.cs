using System.Reflection;
using System.Xml.Linq;

namespace Automation.Architecture.Tests;

/// <summary>The arrows of docs/ARCHITECTURE.md, held by equality: a name that is misspelt here fails instead of passing for ever.</summary>
public sealed class MapTests
{
    private static readonly string Root = FindRoot();

    [Theory]
    [InlineData("Automation.Templates", "")]
    [InlineData("Automation.Workflows", "")]
    [InlineData("Automation.SendGrid", "")]
    [InlineData("Automation.SendGrid.StandIn", "Automation.SendGrid")]
    [InlineData("Automation.Marketing", "Automation.SendGrid Automation.Templates Automation.Workflows")]
    [InlineData("Automation.Server", "Automation.Marketing Automation.SendGrid.StandIn")]
    public void A_project_refers_to_exactly_what_the_map_draws(string project, string drawn)
    {
        var file = XDocument.Load(Path.Combine(Root, "src", project, project + ".csproj"));
        var refers = file.Descendants("ProjectReference").Select(each => Path.GetFileNameWithoutExtension(each.Attribute("Include")!.Value.Replace('\\', '/')))
            .Order(StringComparer.Ordinal);
        Assert.Equal(drawn, string.Join(' ', refers));
    }

    [Theory]
    [InlineData("Automation.Templates", "")]
    [InlineData("Automation.Workflows", "")]
    [InlineData("Automation.SendGrid", "")]
    [InlineData("Automation.SendGrid.StandIn", "Microsoft.AspNetCore")]
    [InlineData("Automation.Marketing", "Microsoft.EntityFrameworkCore")]
    [InlineData("Automation.Server", "Microsoft.AspNetCore Microsoft.EntityFrameworkCore Quartz")]
    public void A_project_uses_exactly_the_frameworks_that_it_may(string project, string mayUse)
    {
        string[] frameworks = ["Microsoft.AspNetCore", "Microsoft.EntityFrameworkCore", "Quartz"];
        var names = Assembly.Load(project).GetReferencedAssemblies().Select(each => each.Name!).ToList();
        var uses = frameworks.Where(framework => names.Any(name => name == framework || name.StartsWith(framework + ".", StringComparison.Ordinal)));
        Assert.Equal(mayUse, string.Join(' ', uses));
    }

    // A folder of Marketing may name the namespaces drawn for it, its own and the ground floor (the root, Days, Storage).
    [Theory]
    [InlineData("Contacts", "")]
    [InlineData("Deals", "Contacts")]
    [InlineData("Mail", "Contacts")]
    [InlineData("Campaigns", "Contacts Mail")]
    [InlineData("Leads", "Contacts Deals Mail")]
    [InlineData("Reports", "Campaigns Contacts Deals Mail")]
    [InlineData("Journeys", "Campaigns Contacts Deals Mail")]
    public void A_folder_of_Marketing_uses_exactly_what_the_map_draws(string folder, string drawn)
    {
        string[] folders = ["Accounts", "Campaigns", "Contacts", "Deals", "Imports", "Journeys", "Leads", "Mail", "Reports"];
        var texts = Directory.EnumerateFiles(Path.Combine(Root, "src", "Automation.Marketing", folder), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText).ToList();
        var uses = folders.Where(other => other != folder
            && texts.Any(text => text.Contains($"using Automation.Marketing.{other};", StringComparison.Ordinal)
                || text.Contains($"using Automation.Marketing.{other}.", StringComparison.Ordinal)));
        Assert.Equal(drawn, string.Join(' ', uses));
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = File.ReadAllText(Path.Combine(Root, "Automation.sln"));
        var projects = new[] { "src", "tests" }.SelectMany(top => Directory.EnumerateFiles(Path.Combine(Root, top), "*.csproj", SearchOption.AllDirectories));
        Assert.All(projects, project => Assert.Contains(Path.GetFileName(project), solution, StringComparison.Ordinal));
    }

    [Fact]
    public void Lock_files_hold_no_addresses()
    {
        var locks = new[] { "packages.lock.json", "package-lock.json" }
            .SelectMany(name => Directory.EnumerateFiles(Root, name, SearchOption.AllDirectories))
            .Where(file => !file.Contains("node_modules", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(locks);
        Assert.All(locks, file => Assert.DoesNotContain("\"resolved\": \"http", File.ReadAllText(file), StringComparison.Ordinal));
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Automation.sln"))) folder = folder.Parent;
        return folder.FullName;
    }
}
