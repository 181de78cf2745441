using Automation.Marketing;
using Automation.Marketing.Journeys.Publishing;
using Automation.Marketing.Storage;
using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Commands.FlowTrials;

/// <summary>
/// A shop in which flows are checked exactly as publishing checks them: the program itself on a throw-away database, with the
/// templates, the limits and the season days that are shipped, and the season days in <c>calendars</c> beside the flows.
/// </summary>
internal sealed class CheckShop : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("automation-check-").FullName;
    private AutomationServer? server;

    /// <param name="files">The flows; calendars are looked for beside them.</param>
    /// <exception cref="BadInputException">A setting, a template or a calendar is at fault.</exception>
    public static async Task<CheckShop> OpenAsync(IEnumerable<string> files, CancellationToken cancellation)
    {
        var shop = new CheckShop();
        try
        {
            await shop.PrepareAsync([Settings.Shipped(Directory.GetCurrentDirectory(), "workflows"), .. files.Select(file => Path.GetDirectoryName(Path.GetFullPath(file))!)], cancellation);
            return shop;
        }
        catch
        {
            await shop.DisposeAsync();
            throw;
        }
    }

    /// <param name="resolver">Finds flows used as activities.</param>
    /// <returns>Errors first. Who sends is asked when the flow is published: here nobody has said it.</returns>
    public async Task<IReadOnlyList<WorkflowFinding>> CheckAsync(WorkflowDefinition definition, WorkflowResolver resolver, CancellationToken cancellation)
    {
        var services = server!.App.Services;
        await using var db = await services.GetRequiredService<IDbContextFactory<AutomationDb>>().CreateDbContextAsync(cancellation);
        return await services.GetRequiredService<FlowRules>().CheckAsync(db, definition, isShipped: true, cancellation, resolver);
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null) await server.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    private async Task PrepareAsync(IEnumerable<string> flowFolders, CancellationToken cancellation)
    {
        var trial = new Trial(folder, _ => { });
        var calendars = Directory.CreateDirectory(Path.Combine(trial.WorkflowsFolder, "calendars")).FullName;
        var found = flowFolders.Distinct(StringComparer.Ordinal).Select(flows => Path.Combine(flows, "calendars")).Where(Directory.Exists)
            .SelectMany(beside => Directory.EnumerateFiles(beside, "*.calendar.json"));
        foreach (var file in found) File.Copy(file, Path.Combine(calendars, Path.GetFileName(file)), overwrite: true);
        server = AutomationServer.Build(["--urls", "http://127.0.0.1:0"], clock: null, trial);
        await server.PrepareAsync(cancellation);
    }
}
