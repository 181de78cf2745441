namespace Automation.Workflows.Tests;

/// <summary>Finds recordings that lie beside the repository; they are other people's data and are not copied into it.</summary>
internal static class SharedFiles
{
    /// <summary>The folder, or null when it is not there (a checkout by itself).</summary>
    public static string? Folder(string path)
    {
        var shared = Path.Combine(Path.GetDirectoryName(Repository())!, "shared", path);
        return Directory.Exists(shared) ? shared : null;
    }

    public static string Repository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Automation.sln"))) return folder.FullName;
        throw new DirectoryNotFoundException("The tests run below the repository.");
    }
}
