using Automation.Marketing.Contacts;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Imports;

/// <summary>
/// Takes a file of people, purchases or deals. A file at fault as a whole changes nothing; a row at fault is left out and
/// named. The same file a second time changes nothing, and no import starts a flow.
/// </summary>
/// <remarks>One transaction a file, streamed in batches: docs/decisions/0005-imports.md.</remarks>
public static class Importer
{
    /// <summary>Refused rows that a report names; all are counted.</summary>
    public const int RefusalsKept = 100;

    private const int RowsABatch = 2_000;

    /// <exception cref="BadInputException">The file as a whole, or the request, is at fault. Nothing was applied.</exception>
    public static async Task<ImportReport> ImportAsync(
        IDbContextFactory<AutomationDb> databases, ImportRequest request, IProgress<ImportProgress>? progress, TimeProvider clock, CancellationToken cancellation)
    {
        Check(request);
        await using var copy = request.Content.CanSeek ? null : await CopyAsync(request.Content, cancellation);
        var content = copy ?? request.Content;
        var (encoding, mark) = FileEncoding.Find(content, request.FileName);
        content.Position = mark;
        using var reader = new StreamReader(content, encoding, detectEncodingFromByteOrderMarks: false, bufferSize: 64 * 1024, leaveOpen: true);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var run = new ImportRun(db, request, clock.GetUtcNow());
        await run.OpenAsync(cancellation);
        await TakeAllAsync(run, reader, content, progress, cancellation);
        await run.CloseAsync(cancellation);
        if (request.Kind is ImportKind.Customers && run.Taken + run.Changed > 0) await db.NoteDatesOfManyAsync(run.Now, cancellation);
        var report = run.Report(encoding.WebName);
        if (request.DryRun) return report;
        await Audit.WriteAsync(
            db, request.Actor, "import", request.FileName, before: null,
            new { Kind = request.Kind.ToString(), report.Taken, report.Changed, report.Refused, report.ConsentGranted, Basis = request.Basis?.ToString() }, run.Now, cancellation);
        await transaction.CommitAsync(cancellation);
        return report;
    }

    private static void Check(ImportRequest request)
    {
        if (request.Basis is null != string.IsNullOrWhiteSpace(request.Evidence))
            throw FileFault.Of("--evidence", $"consent needs a basis and evidence together.");
        if (request.Evidence?.Length > Contact.MaxText) throw FileFault.Of("--evidence", $"is longer than {Contact.MaxText} characters.");
        if (request.Basis is not null && request.Kind is ImportKind.Purchases or ImportKind.Deals or ImportKind.Suppressions or ImportKind.Connections)
            throw FileFault.Of("--basis", $"only people are given consent: customers or cdnow.");
        if (request.Source.Length is 0 or > 100) throw FileFault.Of("--source", $"must have 1 to 100 characters.");
    }

    private static async Task<FileStream> CopyAsync(Stream content, CancellationToken cancellation)
    {
        var copy = new FileStream(
            Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 64 * 1024,
            FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        await content.CopyToAsync(copy, cancellation);
        return copy;
    }

    private static async Task TakeAllAsync(ImportRun run, StreamReader reader, Stream content, IProgress<ImportProgress>? progress, CancellationToken cancellation)
    {
        var (rows, takeAsync) = Open(run, reader);
        foreach (var batch in rows.Chunk(RowsABatch))
        {
            await takeAsync(batch, cancellation);
            run.RowsRead += batch.Length;
            progress?.Report(new ImportProgress(run.RowsRead, content.Position, content.Length));
        }
    }

    private static (IEnumerable<ImportRow> Rows, Func<ImportRow[], CancellationToken, Task> TakeAsync) Open(ImportRun run, TextReader reader)
    {
        var file = run.Request.FileName;
        if (run.Request.Kind is ImportKind.Cdnow) return (CdnowRows.Read(reader, file), new CdnowImport(run).TakeAsync);
        if (run.Request.Kind is ImportKind.Customers)
        {
            var people = new CsvRows(reader, ImportColumns.Customers, file);
            if (!people.Has(CustomerRows.ExternalId) && !people.Has(CustomerRows.Email)) throw FileFault.At(file, 1, 1, $"the column {"external_id"} or {"email"} is missing.");
            return (people.Read(), new CustomerRows(run).TakeAsync);
        }
        if (run.Request.Kind is ImportKind.Purchases)
            return (Require(new CsvRows(reader, ImportColumns.Purchases, file), ImportColumns.Purchases, file, PurchaseRows.ExternalId, PurchaseRows.Date, PurchaseRows.Net).Read(),
                new PurchaseRows(run, run.Request.Source).TakeAsync);
        if (run.Request.Kind is ImportKind.Suppressions)
            return (Require(new CsvRows(reader, ImportColumns.Suppressions, file), ImportColumns.Suppressions, file, SuppressionRows.Email).Read(), new SuppressionRows(run).TakeAsync);
        if (run.Request.Kind is ImportKind.Connections)
            return (Require(new CsvRows(reader, ImportColumns.Connections, file), ImportColumns.Connections, file, ConnectionRows.Who).Read(), new ConnectionRows(run).TakeAsync);
        return (Require(new CsvRows(reader, ImportColumns.Deals, file), ImportColumns.Deals, file, DealRows.DealId, DealRows.ExternalId, DealRows.Stage).Read(),
            new DealRows(run).TakeAsync);
    }

    private static CsvRows Require(CsvRows rows, ImportColumns columns, string file, params ReadOnlySpan<int> required)
    {
        foreach (var column in required)
            if (!rows.Has(column)) throw FileFault.At(file, 1, 1, $"the column {columns.Names[column]} is missing.");
        return rows;
    }
}

/// <summary>CDNOW: the people of the rows first, then what they bought.</summary>
internal sealed class CdnowImport(ImportRun run)
{
    public const string Source = "cdnow";

    private readonly CustomerRows people = new(run);
    private readonly PurchaseRows purchases = new(run, Source);

    public async Task TakeAsync(IReadOnlyList<ImportRow> rows, CancellationToken cancellation)
    {
        var numbers = rows.Where(row => row.Fault is null).Select(row => row.Text(PurchaseRows.ExternalId, 100)!).Distinct().Where(number => !purchases.Knows(number)).ToList();
        await people.TakePeopleAsync(
            [.. numbers.Select(number => new ImportedPerson(null) { Values = CustomerRows.ValuesOf(number, EmailAddress.Parse(number + "@example.com")) })], cancellation);
        await purchases.TakeAsync(rows, cancellation);
    }
}
