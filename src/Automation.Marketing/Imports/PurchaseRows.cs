using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Automation.Marketing.Contacts;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Imports;

/// <summary>
/// Takes order lines: known by (source, order, line). Where a file numbers no lines, a line's number is its ordinal in the order;
/// where it numbers no orders, the content stands for the order and the ordinal tells exact repetitions apart.
/// </summary>
internal sealed class PurchaseRows(ImportRun run, string source)
{
    public const int OrderId = 0;
    public const int LineNumber = 1;
    public const int ExternalId = 2;
    public const int Date = 3;
    private const int Product = 4;
    private const int Category = 5;
    public const int Quantity = 6;
    public const int Net = 7;
    private const int Cost = 8;
    public const int Currency = 9;

    private const int MaxKey = 100;
    private const int BuyersKept = 200_000;

    private static readonly string[] Columns =
        ["id", "source", "order_id", "line", "contact_id", "date", "product", "category", "quantity", "net", "cost", "currency"];

    private readonly Dictionary<string, Buyer> buyers = new(StringComparer.Ordinal);

    /// <summary>Whether an earlier batch has had this person.</summary>
    public bool Knows(string externalId) => buyers.ContainsKey(externalId);

    public async Task TakeAsync(IReadOnlyList<ImportRow> rows, CancellationToken cancellation)
    {
        await LoadBuyersAsync(rows, cancellation);
        var lines = new List<OrderLine>(rows.Count);
        foreach (var row in rows) lines.Add(Read(row));
        await NumberAsync(lines, cancellation);
        var known = await KnownAsync(lines, cancellation);
        var met = await run.MetAsync([.. known.Values.Select(line => line.Id)], cancellation);
        var fresh = new List<OrderLine>(lines.Count);
        var changed = new List<OrderLine>();
        foreach (var line in lines) Sort(line, known, met, fresh, changed);
        await WriteAsync(fresh, changed, cancellation);
        await run.MeetAsync(met, cancellation);
    }

    private async Task LoadBuyersAsync(IReadOnlyList<ImportRow> rows, CancellationToken cancellation)
    {
        if (buyers.Count > BuyersKept) buyers.Clear();
        var unknown = rows.Select(row => row.Text(ExternalId, MaxKey)).OfType<string>().Where(number => !buyers.ContainsKey(number)).Distinct().ToArray();
        if (unknown.Length == 0) return;
        foreach (var (number, id) in await run.Db.QueryAsync(
            $"SELECT external_id, id FROM contacts WHERE {run.Db.Dialect.Among("external_id", "@p0")}", row => (row.Text(0), row.Guid(1)), cancellation, (object)unknown))
            buyers[number] = new Buyer(id);
    }

    private OrderLine Read(ImportRow row)
    {
        var line = new OrderLine(row) { OrderId = row.Text(OrderId, MaxKey), Line = row.WholeNumber(LineNumber) ?? 0 };
        var number = row.Required(ExternalId, MaxKey);
        if (number is not null)
        {
            if (buyers.TryGetValue(number, out var buyer)) line.Buyer = buyer;
            else row.Refuse(ExternalId, $"no person has the customer number '{number}'.");
        }
        line.Date = row.Date(Date) ?? Missing(row, Date, default(DateOnly));
        line.Product = row.Text(Product, Contact.MaxText);
        line.Category = row.Text(Category, Contact.MaxText);
        line.Quantity = row.Number(Quantity) ?? 1;
        line.Net = row.Number(Net) ?? Missing(row, Net, 0m);
        line.Cost = row.Number(Cost);
        line.Currency = row.Currency(Currency) ?? "JPY";
        if (line.OrderId is null && row.Fault is null) line.OrderId = ContentKey(number!, line);
        return line;
    }

    private static T Missing<T>(ImportRow row, int column, T instead)
    {
        row.Refuse(column, $"is missing.");
        return instead;
    }

    private static string ContentKey(string externalId, OrderLine line)
    {
        var content = string.Join('\u001F', externalId, line.Date.ToString("yyyyMMdd", CultureInfo.InvariantCulture), line.Product, line.Category,
            line.Quantity.ToString("0.####", CultureInfo.InvariantCulture), line.Net.ToString("0.####", CultureInfo.InvariantCulture),
            line.Cost?.ToString("0.####", CultureInfo.InvariantCulture), line.Currency);
        return "content:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)).AsSpan(0, 16));
    }

    // Refused rows of a numbered order count as well: once they are put right, the others must keep their numbers.
    private async Task NumberAsync(List<OrderLine> lines, CancellationToken cancellation)
    {
        var unnumbered = lines.Where(line => line is { OrderId: not null, Line: 0 }).ToList();
        if (unnumbered.Count == 0) return;
        var db = run.Db;
        var reached = (await db.QueryAsync(
            $"SELECT key, ordinal FROM import_ordinals WHERE {db.Dialect.Among("key", "@p0")}", row => (Key: row.Text(0), Ordinal: row.Int(1)), cancellation,
            (object)unnumbered.Select(line => line.OrderId!).Distinct().ToArray())).ToDictionary(row => row.Key, row => row.Ordinal, StringComparer.Ordinal);
        foreach (var line in unnumbered) reached[line.OrderId!] = line.Line = reached.GetValueOrDefault(line.OrderId!) + 1;
        await db.InsertManyAsync(
            "import_ordinals", ["key", "ordinal"], [.. reached.Select(pair => new object?[] { pair.Key, pair.Value })],
            "ON CONFLICT (key) DO UPDATE SET ordinal = excluded.ordinal", cancellation);
    }

    private async Task<Dictionary<(string, int), KnownLine>> KnownAsync(List<OrderLine> lines, CancellationToken cancellation)
    {
        var orders = lines.Where(line => line.Row.Fault is null).Select(line => line.OrderId!).Distinct().ToArray();
        var db = run.Db;
        var known = await db.QueryAsync(
            $"SELECT {string.Join(", ", Columns)} FROM purchases WHERE source = @p0 AND {db.Dialect.Among("order_id", "@p1")}{db.Dialect.ForUpdate}",
            row => (Key: (row.Text(2), row.Int(3)), Line: new KnownLine(
                row.Guid(0),
                new Content(row.Guid(4), row.Date(5), row.TextOrNull(6), row.TextOrNull(7), row.Decimal(8), row.Decimal(9), row.IsNull(10) ? null : row.Decimal(10), row.Text(11)))),
            cancellation, source, orders);
        return known.ToDictionary(row => row.Key, row => row.Line);
    }

    private void Sort(OrderLine line, Dictionary<(string, int), KnownLine> known, HashSet<Guid> met, List<OrderLine> fresh, List<OrderLine> changed)
    {
        if (line.Row.Fault is null && known.TryGetValue((line.OrderId!, line.Line), out var before))
        {
            line.Id = before.Id;
            // A blank says nothing against what is known.
            line.Category ??= before.Content.Category;
            line.Product ??= before.Content.Product;
            line.Cost ??= before.Content.Cost;
            if (line.Content == before.Content) run.Unchanged++;
            else if (met.Contains(before.Id)) line.Row.Refuse(-1, $"contradicts an earlier row of this file about the same order line.");
            else changed.Add(line);
            met.Add(before.Id);
        }
        else if (line.Row.Fault is null)
        {
            line.Id = run.Ids.Next();
            known.Add((line.OrderId!, line.Line), new KnownLine(line.Id, line.Content));
            met.Add(line.Id);
            fresh.Add(line);
        }
        if (line.Row.Fault is not null) run.Refuse(line.Row);
        else if (line.Product is null && run.Request.Kind is ImportKind.Purchases) run.Misses("product", line.Row.Line);
    }

    private async Task WriteAsync(List<OrderLine> fresh, List<OrderLine> changed, CancellationToken cancellation)
    {
        run.Taken += fresh.Count;
        run.Changed += changed.Count;
        await run.Db.InsertManyAsync("purchases", Columns, [.. fresh.Select(line => line.ToRow(source))], "", cancellation);
        foreach (var line in changed)
        {
            var row = line.ToRow(source);
            // Absent values are written as words: PostgreSQL cannot tell their type.
            var given = Enumerable.Range(4, Columns.Length - 4).Where(at => row[at] is not null).ToList();
            var assignments = Enumerable.Range(4, Columns.Length - 4).Select(at => given.IndexOf(at) is var place and >= 0 ? $"{Columns[at]} = @p{place + 1}" : $"{Columns[at]} = NULL");
            await run.Db.ExecuteAsync($"UPDATE purchases SET {string.Join(", ", assignments)} WHERE id = @p0", cancellation, [line.Id, .. given.Select(at => row[at])]);
        }
        var told = fresh.Concat(changed).Select(line => line.Buyer!).Distinct().Where(buyer => !buyer.IsRecorded).ToList();
        foreach (var buyer in told) buyer.IsRecorded = true;
        await run.RecordProvenanceAsync([.. told.Select(buyer => buyer.Id)], [], cancellation);
    }

    private sealed class Buyer(Guid id)
    {
        public Guid Id => id;

        /// <summary>That this file told of them is written down.</summary>
        public bool IsRecorded { get; set; }
    }

    private sealed record KnownLine(Guid Id, Content Content);

    private sealed record Content(Guid ContactId, DateOnly Date, string? Product, string? Category, decimal Quantity, decimal Net, decimal? Cost, string Currency);

    private sealed class OrderLine(ImportRow row)
    {
        public ImportRow Row => row;
        public Guid Id { get; set; }
        public string? OrderId { get; set; }

        /// <summary>0 until numbered.</summary>
        public int Line { get; set; }

        public Buyer? Buyer { get; set; }
        public DateOnly Date { get; set; }
        public string? Product { get; set; }
        public string? Category { get; set; }
        public decimal Quantity { get; set; }
        public decimal Net { get; set; }
        public decimal? Cost { get; set; }
        public string Currency { get; set; } = "JPY";

        public Content Content => new(Buyer!.Id, Date, Product, Category, Quantity, Net, Cost, Currency);

        public object?[] ToRow(string source) => [Id, source, OrderId, Line, Buyer!.Id, Date, Product, Category, Quantity, Net, Cost, Currency];
    }
}
