using System.Collections.Concurrent;
using Automation.Marketing;
using Automation.Marketing.Imports;
using Automation.Marketing.Storage;
using Automation.Server.Work;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Pages.People;

/// <summary>What is being done with a file.</summary>
public enum ImportState { Looking, Looked, Taking, Done, Failed }

/// <summary>A file that somebody brought by the page.</summary>
public sealed class BroughtFile
{
    public required Guid Id { get; init; }

    /// <summary>Nobody else sees it.</summary>
    public required string Owner { get; init; }

    public required ImportRequest Request { get; init; }
    public required DateTimeOffset BroughtAt { get; init; }

    public ImportState State { get; internal set; } = ImportState.Looking;

    /// <summary>0 to 100 of the file's bytes.</summary>
    public int Percent { get; internal set; }

    public ImportReport? Report { get; internal set; }

    /// <summary>Why the file as a whole was not taken.</summary>
    public BadInputException? Fault { get; internal set; }

    public bool IsUnderWay => State is ImportState.Looking or ImportState.Taking;
}

/// <summary>
/// Files brought by the page: looked at first, taken once somebody has seen what that does, both while the page shows how far it
/// is. They lie in the data folder for an hour at most; a file taken is gone at once.
/// </summary>
internal sealed class ImportDesk(
    IDbContextFactory<AutomationDb> dbs, Settings settings, WorkLoops work, TimeProvider clock, IHostApplicationLifetime lifetime, ILogger<ImportDesk> logger)
{
    public const int MaxBytes = 50_000_000;
    private const int MostAtOnce = 20;

    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<Guid, BroughtFile> files = new();

    public BroughtFile? Find(Guid id, string owner) => files.TryGetValue(id, out var file) && file.Owner == owner ? file : null;

    /// <summary>Keeps the file and looks at it.</summary>
    /// <param name="request">Its content is that of the upload.</param>
    /// <exception cref="RuleBrokenException">Too many files wait already.</exception>
    public async Task<BroughtFile> BringAsync(ImportRequest request, string owner, CancellationToken cancellation)
    {
        Forget();
        if (files.Count >= MostAtOnce) throw new RuleBrokenException("Too many files are being imported. Try again in a few minutes.");
        var file = new BroughtFile { Id = Guid.NewGuid(), Owner = owner, Request = request with { Content = Stream.Null }, BroughtAt = TimeProvider.System.GetUtcNow() };
        Directory.CreateDirectory(Folder);
        await using (var kept = File.Create(PathOf(file.Id))) await request.Content.CopyToAsync(kept, cancellation);
        files[file.Id] = file;
        Begin(file, ImportState.Looking);
        return file;
    }

    /// <summary>Takes a file that has been looked at; pressed twice it is taken once.</summary>
    public void Take(BroughtFile file)
    {
        lock (file)
        {
            if (file.State is not ImportState.Looked) return;
            file.State = ImportState.Taking;
        }
        Begin(file, ImportState.Taking);
    }

    private string Folder => Path.Combine(settings.DataFolder, "imports");

    private string PathOf(Guid id) => Path.Combine(Folder, $"{id:N}.csv");

    private void Begin(BroughtFile file, ImportState state)
    {
        file.Percent = 0;
        _ = Task.Run(() => WorkAsync(file, state, lifetime.ApplicationStopping));
    }

    private async Task WorkAsync(BroughtFile file, ImportState state, CancellationToken stopping)
    {
        try
        {
            await using (var content = File.OpenRead(PathOf(file.Id)))
            {
                var request = file.Request with { Content = content, DryRun = state is ImportState.Looking };
                file.Report = await Importer.ImportAsync(dbs, request, new Percentage(file), clock, stopping);
            }
            if (state is ImportState.Taking)
            {
                File.Delete(PathOf(file.Id));
                work.Wake();
            }
            file.State = state is ImportState.Looking ? ImportState.Looked : ImportState.Done;
        }
        catch (BadInputException fault)
        {
            (file.Fault, file.State) = (fault, ImportState.Failed);
        }
        catch (Exception problem)
        {
            // Nobody awaits this: what went wrong is logged, and the page says that nothing was applied.
            if (!stopping.IsCancellationRequested) logger.ImportFailed(problem);
            file.State = ImportState.Failed;
        }
    }

    private void Forget()
    {
        var old = TimeProvider.System.GetUtcNow() - Kept;
        foreach (var file in files.Values.Where(file => file.BroughtAt < old && !file.IsUnderWay)) files.TryRemove(file.Id, out _);
        if (!Directory.Exists(Folder)) return;
        // Those of an earlier start of the service too.
        foreach (var path in Directory.EnumerateFiles(Folder, "*.csv").Where(path => File.GetLastWriteTimeUtc(path) < old.UtcDateTime)) File.Delete(path);
    }

    private sealed class Percentage(BroughtFile file) : IProgress<ImportProgress>
    {
        public void Report(ImportProgress value) => file.Percent = value.BytesTotal == 0 ? 100 : (int)(100 * value.BytesRead / value.BytesTotal);
    }
}

internal static partial class ImportDeskLog
{
    [LoggerMessage(3201, LogLevel.Error, "A file that was brought by the page could not be imported; nothing of it was applied")]
    public static partial void ImportFailed(this ILogger logger, Exception problem);
}
