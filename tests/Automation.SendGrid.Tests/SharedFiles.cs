namespace Automation.SendGrid.Tests;

/// <summary>Recordings of the original that lie beside the repository; absent on a machine that has only the repository.</summary>
internal static class SharedFiles
{
    /// <returns>Null when there is no such folder.</returns>
    public static string? Folder(string name)
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (!File.Exists(Path.Combine(at.FullName, "Automation.sln"))) continue;
            var folder = Path.Combine(at.FullName, "..", "shared", name);
            return Directory.Exists(folder) ? folder : null;
        }

        return null;
    }
}
