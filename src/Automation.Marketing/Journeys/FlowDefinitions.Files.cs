using System.Security.Cryptography;
using System.Text;
using Automation.Marketing.Journeys.Control;
using Automation.Marketing.Journeys.Publishing;
using Automation.Marketing.Storage;
using Automation.Workflows.Definitions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Automation.Marketing.Journeys;

/// <summary>The flows shipped as files.</summary>
public sealed partial class FlowDefinitions
{
    /// <summary>
    /// Publishes every <c>*.json</c> of a folder that changed since it was taken last. A flow whose latest version a person made, or
    /// has retracted, is theirs: the changed file is left alone and said so in the log; importing it makes it their draft.
    /// </summary>
    /// <exception cref="BadInputException">A file is no valid flow; file, place and activity are named. Nothing of the folder was published.</exception>
    public async Task PublishFolderAsync(AutomationDb db, string folder, DateTimeOffset now, CancellationToken cancellation)
    {
        var files = new List<(WorkflowDefinition Definition, string Hash, string File)>();
        foreach (var path in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            var text = await File.ReadAllTextAsync(path, cancellation);
            var hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
            files.Add((await CheckedAsync(db, text, hash, Path.GetFileName(path), cancellation), hash, Path.GetFileName(path)));
        }
        await using var transaction = await db.BeginWriteAsync(cancellation);
        foreach (var (definition, hash, file) in files) await TakeFileAsync(db, definition, hash, file, now, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Reads a flow that is meant to be published as it is.</summary>
    /// <exception cref="BadInputException">It cannot be.</exception>
    private async Task<WorkflowDefinition> CheckedAsync(AutomationDb db, string text, string hash, string file, CancellationToken cancellation)
    {
        var definition = Read(text, file);
        if (definition.DefinitionId.Length == 0) throw new BadInputException(file, $"'definitionId' must have 1 to {FlowDefinition.MaxDefinitionId} characters.");
        FlowSettings.Of(definition);
        // A template that was edited since must not keep the service from starting: the flow goes on, and the template's own page says what is wrong.
        var isTaken = await db.FlowDefinitions.AnyAsync(one => one.DefinitionId == definition.DefinitionId && one.FileHash == hash, cancellation);
        var error = (await rules.CheckAsync(db, definition, isShipped: true, cancellation)).FirstOrDefault(
            finding => finding.Severity is Severity.Error && !(isTaken && finding.Code == TemplateSoundness.Code));
        return error is null ? definition
            : throw new BadInputException(error.ActivityId is null ? file : $"{file}: activity '{error.ActivityId}'", error.Text);
    }

    private async Task TakeFileAsync(
        AutomationDb db, WorkflowDefinition definition, string hash, string file, DateTimeOffset now, CancellationToken cancellation)
    {
        var control = await db.HoldFlowAsync(definition.DefinitionId, cancellation);
        if (await db.FlowDefinitions.AnyAsync(one => one.DefinitionId == definition.DefinitionId && one.FileHash == hash, cancellation)) return;
        var latest = await LatestAsync(db, definition.DefinitionId, cancellation);
        if (latest is { FileHash: null } or { IsPublished: false })
        {
            logger.FileLeftAlone(file, latest.Id);
            return;
        }
        var version = Store(db, control, latest, definition, FlowAction.Shipped, now, hash);
        await db.SaveChangesAsync(cancellation);
        await MakePublishedAsync(db, version, FlowAction.Shipped, now, cancellation);
    }
}

internal static partial class FlowDefinitionsLog
{
    [LoggerMessage(3010, LogLevel.Warning, "{File} has changed, but version {Version} is a person's own: the file is left alone")]
    public static partial void FileLeftAlone(this ILogger logger, string file, string version);
}
