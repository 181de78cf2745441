namespace Automation.Marketing.Tests.Content;

/// <summary>Where the shipped files are.</summary>
internal static class Shipped
{
    public static string Root { get; } = FindRoot();

    public static string Templates => Path.Combine(Root, "templates");

    public static string Workflows => Path.Combine(Root, "workflows");

    public static string Calendars => Path.Combine(Workflows, "calendars");

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Automation.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests run outside the repository.");
    }
}
