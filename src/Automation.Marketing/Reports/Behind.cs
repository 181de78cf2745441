using System.Globalization;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Reports;

/// <summary>A span of days that a report is about.</summary>
/// <param name="From">This instant included.</param>
/// <param name="Until">This instant not included.</param>
public readonly record struct Period(DateTimeOffset From, DateTimeOffset Until);

/// <summary>One row behind a figure: who, and since when it counts.</summary>
public sealed record BehindRow(Guid ContactId, string? ExternalId, string? Name, string? Email, string? Company, DateTimeOffset At, string Detail)
{
    private static readonly string[] Heads = ["contact_id", "external_id", "name", "email", "company", "at", "detail"];

    /// <summary>The rows as a file: one line each, so that its lines are as many as the figure says.</summary>
    public static async Task WriteCsvAsync(IEnumerable<BehindRow> rows, TextWriter output)
    {
        await output.WriteAsync(string.Join(',', Heads) + "\r\n");
        foreach (var row in rows)
        {
            await output.WriteAsync(string.Join(
                ',', row.ContactId.ToString(), Field(row.ExternalId), Field(row.Name), Field(row.Email), Field(row.Company), row.At.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                Field(row.Detail)) + "\r\n");
        }
    }

    /// <summary>Runs a query whose columns are contact, instant and detail, and joins who it is.</summary>
    /// <param name="query">Ends with an order.</param>
    internal static async Task<List<BehindRow>> ReadAsync(AutomationDb db, string query, IReadOnlyList<object?> values, int skip, int take, CancellationToken cancellation) =>
        await db.QueryAsync(
            $"""
            SELECT r.contact_id, c.external_id, c.name, c.email, c.company, r.at, r.detail
            FROM ({query} LIMIT {take.ToString(CultureInfo.InvariantCulture)} OFFSET {skip.ToString(CultureInfo.InvariantCulture)}) r JOIN contacts c ON c.id = r.contact_id
            ORDER BY r.at DESC, r.contact_id
            """,
            row => new BehindRow(row.Guid(0), row.TextOrNull(1), row.TextOrNull(2), row.TextOrNull(3), row.TextOrNull(4), row.Instant(5), row.TextOrNull(6) ?? ""), cancellation, [.. values]);

    /// <summary>The same for rows that are found outside the database: joins who it is, in the order given.</summary>
    internal static async Task<List<BehindRow>> NamedAsync(AutomationDb db, IReadOnlyCollection<(Guid Contact, DateTimeOffset At, string Detail)> rows, CancellationToken cancellation)
    {
        var people = (await db.QueryAsync(
            $"SELECT id, external_id, name, email, company FROM contacts WHERE {db.Dialect.Among("id", "@p0")}",
            row => (Id: row.Guid(0), ExternalId: row.TextOrNull(1), Name: row.TextOrNull(2), Email: row.TextOrNull(3), Company: row.TextOrNull(4)), cancellation,
            rows.Select(row => row.Contact).ToList())).ToDictionary(person => person.Id);
        return [.. rows.Select(row => (Row: row, Person: people[row.Contact]))
            .Select(one => new BehindRow(one.Row.Contact, one.Person.ExternalId, one.Person.Name, one.Person.Email, one.Person.Company, one.Row.At, one.Row.Detail))];
    }

    // A spreadsheet takes some beginnings for a formula.
    internal static string Field(string? text)
    {
        if (string.IsNullOrEmpty(text)) return "";
        var safe = text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? "'" + text : text;
        return safe.AsSpan().ContainsAny("\",\r\n") ? "\"" + safe.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"" : safe;
    }
}
