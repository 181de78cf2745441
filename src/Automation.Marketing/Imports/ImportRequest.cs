using System.Globalization;
using Automation.Marketing.Contacts.Consent;

namespace Automation.Marketing.Imports;

/// <summary>What a file holds.</summary>
public enum ImportKind { Customers, Purchases, Deals, Cdnow, Suppressions, Connections }

/// <summary>One file to import.</summary>
public sealed record ImportRequest
{
    /// <summary>Purchases of a file are known by (source, order, line); two files of one shop system share a source.</summary>
    public const string DefaultSource = "import";

    public required ImportKind Kind { get; init; }

    /// <summary>Read to its end, twice; one that cannot seek is copied to a temporary file first.</summary>
    public required Stream Content { get; init; }

    /// <summary>What errors and the record of provenance call the file.</summary>
    public required string FileName { get; init; }

    /// <summary>On what ground these people may be mailed; only together with <see cref="Evidence"/>.</summary>
    public ConsentBasis? Basis { get; init; }

    /// <summary>What proves it, e.g. a document's number; at most 200 characters.</summary>
    public string? Evidence { get; init; }

    /// <summary>Reports what would happen and changes nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>Who imports.</summary>
    public required string Actor { get; init; }

    /// <summary>The shop system that numbers the orders; at most 100 characters.</summary>
    public string Source { get; init; } = DefaultSource;
}

/// <summary>How far an import is.</summary>
public readonly record struct ImportProgress(long RowsRead, long BytesRead, long BytesTotal);

/// <summary>Why one row was not taken. Everything else of its file was.</summary>
/// <param name="Column">The field's position in the file, from 1; 0 for the row as a whole.</param>
/// <param name="Phrase">The reason with <c>{0}</c>, … where <paramref name="Facts"/> stand.</param>
public sealed record ImportRefusal(string FileName, long Line, int Column, string Field, string Phrase, IReadOnlyList<object?> Facts)
{
    public string Place => $"{FileName}({Line},{Column})";

    public string Reason => string.Format(CultureInfo.InvariantCulture, Phrase, [.. Facts]);

    public override string ToString() => Field.Length == 0 ? $"{Place}: {Reason}" : $"{Place}/{Field}: {Reason}";
}

/// <summary>Accepted rows that leave a recommended field empty.</summary>
public sealed record MissingField(string Field, long Rows, IReadOnlyList<long> FirstLines);

/// <summary>What an import did, or in a dry run would have done.</summary>
public sealed record ImportReport
{
    public required ImportKind Kind { get; init; }
    public required string FileName { get; init; }
    public required string Encoding { get; init; }
    public required bool DryRun { get; init; }
    public long RowsRead { get; init; }

    /// <summary>Rows that made a new record.</summary>
    public long Taken { get; init; }

    /// <summary>Rows that changed a known record.</summary>
    public long Changed { get; init; }

    public long Unchanged { get; init; }
    public long Refused { get; init; }

    /// <summary>The first of the <see cref="Refused"/>, at most <see cref="Importer.RefusalsKept"/>.</summary>
    public required IReadOnlyList<ImportRefusal> Refusals { get; init; }

    /// <summary>New people.</summary>
    public long PeopleTaken { get; init; }

    public long ConsentGranted { get; init; }

    /// <summary>People who may not be mailed: nothing is known of their consent.</summary>
    public long ConsentMissing { get; init; }

    /// <summary>People who withdrew; no import lifts that.</summary>
    public long WithdrawalsKept { get; init; }

    public required IReadOnlyList<MissingField> Missing { get; init; }
}
