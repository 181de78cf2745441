using CsvHelper;

namespace Automation.Marketing.Imports;

/// <summary>Rows of a comma-separated file whose first row names the columns.</summary>
internal sealed class CsvRows
{
    /// <summary>Longest record, in bytes of UTF-8: an unclosed quote does not swallow a large file.</summary>
    public const int MaxRecord = 256 * 1024;

    private readonly string file;
    private readonly ImportColumns columns;
    private readonly CsvReader reader;
    private readonly int[] columnOf;
    private readonly int[] positions;
    private CsvMalformedRecord? malformed;

    /// <exception cref="BadInputException">A column is unknown, nameless or given twice, or there is no header.</exception>
    public CsvRows(TextReader text, ImportColumns columns, string file)
    {
        (this.file, this.columns) = (file, columns);
        reader = CsvReader.Create(text, new CsvReaderOptions
        {
            Separator = ',',
            HasHeader = false,
            TrackLineNumbers = true,
            MaxRecordSize = MaxRecord,
            OnMalformedRecord = record => malformed = record,
        });
        if (!Next()) throw FileFault.At(file, 1, 1, $"the file is empty.");
        columnOf = new int[reader.FieldCount];
        positions = new int[columns.Names.Count];
        for (var at = 0; at < columnOf.Length; at++) Name(at, reader.GetString(at));
    }

    public bool Has(int column) => positions[column] > 0;

    /// <exception cref="BadInputException">A row is ragged, a quote is open or misplaced, or a record too long.</exception>
    public IEnumerable<ImportRow> Read()
    {
        while (Next())
        {
            if (reader.FieldCount == 1 && columnOf.Length > 1 && string.IsNullOrWhiteSpace(reader.GetString(0))) continue;
            if (reader.FieldCount != columnOf.Length)
                throw FileFault.At(
                    file, reader.LineNumber, Math.Min(reader.FieldCount, columnOf.Length) + 1, $"the row has {reader.FieldCount} fields; the header has {columnOf.Length}.");
            var cells = new string?[columns.Names.Count];
            for (var at = 0; at < columnOf.Length; at++) cells[columnOf[at]] = reader.GetString(at);
            yield return new ImportRow(file, reader.LineNumber, columns, cells, positions);
        }
    }

    private bool Next()
    {
        bool read;
        try
        {
            read = reader.Read();
        }
        catch (CsvFormatException fault)
        {
            throw FileFault.At(file, fault.LineNumber, 1, $"the record is longer than {MaxRecord} bytes, or a quote is never closed.");
        }
        return malformed is { } bad ? throw Malformed(bad.LineNumber, bad.Reason) : read;
    }

    private BadInputException Malformed(long line, CsvMalformedReason reason) => reason switch
    {
        CsvMalformedReason.UnterminatedQuote => FileFault.At(file, line, 1, $"a quote is never closed."),
        CsvMalformedReason.TextAfterClosingQuote => FileFault.At(file, line, 1, $"text follows a closing quote."),
        _ => FileFault.At(file, line, 1, $"a quote stands inside an unquoted field."),
    };

    private void Name(int at, string header)
    {
        if (string.IsNullOrWhiteSpace(header)) throw FileFault.At(file, 1, at + 1, $"the column has no name.");
        columnOf[at] = columns.Find(header);
        if (columnOf[at] < 0) throw FileFault.At(file, 1, at + 1, $"the column '{Shown(header)}' is not known; known are {string.Join(", ", columns.Names)}.");
        if (positions[columnOf[at]] > 0) throw FileFault.At(file, 1, at + 1, $"the column '{Shown(header)}' is given twice.");
        positions[columnOf[at]] = at + 1;
    }

    private static string Shown(string header) => header.Length <= 60 ? header : header[..60] + "…";
}

/// <summary>Rows of the CDNOW file: white space between customer, date, number of CDs and dollars.</summary>
internal static class CdnowRows
{
    private static readonly string[] Header = ["customer_id", "date", "number_of_cds", "dollar_value"];
    private static readonly int[] Positions = PositionsOf();

    /// <exception cref="BadInputException">The header is another, or a row has not four fields.</exception>
    public static IEnumerable<ImportRow> Read(TextReader reader, string file)
    {
        if (reader.ReadLine() is not { } header || !Fields(header).SequenceEqual(Header))
            throw FileFault.At(file, 1, 1, $"the header must be {string.Join(' ', Header)}.");
        for (long line = 2; reader.ReadLine() is { } text; line++)
        {
            var fields = Fields(text);
            if (fields.Length == 0) continue;
            if (fields.Length != Header.Length) throw FileFault.At(file, line, fields.Length + 1, $"the row has {fields.Length} fields; the header has {Header.Length}.");
            var cells = new string?[ImportColumns.Purchases.Names.Count];
            cells[PurchaseRows.ExternalId] = "cdnow-" + fields[0];
            cells[PurchaseRows.Date] = fields[1];
            cells[PurchaseRows.Quantity] = fields[2];
            cells[PurchaseRows.Net] = fields[3];
            cells[PurchaseRows.Currency] = "USD";
            var row = new ImportRow(file, line, ImportColumns.Purchases, cells, Positions);
            if (fields[0].Length != 5 || !fields[0].All(char.IsAsciiDigit)) row.Refuse(PurchaseRows.ExternalId, $"is not a customer number of five digits.");
            yield return row;
        }
    }

    private static string[] Fields(string line) => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static int[] PositionsOf()
    {
        var positions = new int[ImportColumns.Purchases.Names.Count];
        (positions[PurchaseRows.ExternalId], positions[PurchaseRows.Date], positions[PurchaseRows.Quantity], positions[PurchaseRows.Net]) = (1, 2, 3, 4);
        return positions;
    }
}
