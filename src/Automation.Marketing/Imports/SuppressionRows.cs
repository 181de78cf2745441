using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Suppression;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Imports;

/// <summary>Takes addresses that nothing may be sent to. One that is on the list already stays as it is.</summary>
internal sealed class SuppressionRows(ImportRun run)
{
    public const int Email = 0;
    private const int Reason = 1;
    private const int Detail = 2;
    private const int Since = 3;

    private const int MaxDetail = 500;

    public async Task TakeAsync(IReadOnlyList<ImportRow> rows, CancellationToken cancellation)
    {
        var taken = new List<(string Key, SuppressionReason Reason, string? Detail, DateTimeOffset At)>(rows.Count);
        foreach (var row in rows)
        {
            var (address, reason, since) = (row.Email(Email), ReasonOf(row), row.Date(Since));
            if (address is null && row.Fault is null) row.Refuse(Email, $"is missing.");
            var detail = row.Text(Detail, MaxDetail);
            if (row.Fault is not null) run.Refuse(row);
            else taken.Add((address!.Value.Key, reason, detail, since is { } day ? new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero) : run.Now));
        }
        await SuppressAsync(taken, cancellation);
    }

    private static SuppressionReason ReasonOf(ImportRow row)
    {
        if (row.Text(Reason, 32) is not { } word) return SuppressionReason.Manual;
        if (!SuppressionReasons.TryParse(word, out var reason)) row.Refuse(Reason, $"is none of the reasons {string.Join(", ", SuppressionReasons.Words)}.");
        return reason;
    }

    private async Task SuppressAsync(List<(string Key, SuppressionReason Reason, string? Detail, DateTimeOffset At)> addresses, CancellationToken cancellation)
    {
        var db = run.Db;
        var people = (await db.QueryAsync(
            $"SELECT email_key, id FROM contacts WHERE {db.Dialect.Among("email_key", "@p0")}", row => (Key: row.Text(0), Id: row.Guid(1)), cancellation,
            addresses.Select(address => address.Key).Distinct().ToArray())).ToDictionary(person => person.Key, person => person.Id, StringComparer.Ordinal);
        await db.HoldAsync("contacts", people.Values, cancellation);
        var fresh = await db.InsertManyAsync(
            "suppressed_addresses", ["address_key", "reason", "source", "detail", "at"],
            [.. addresses.DistinctBy(address => (address.Key, address.Reason)).Select(address => new object?[] { address.Key, address.Reason, run.Provenance, address.Detail, address.At })],
            "ON CONFLICT DO NOTHING", cancellation);
        (run.Taken, run.Unchanged) = (run.Taken + fresh, run.Unchanged + addresses.Count - fresh);
        foreach (var group in addresses.Where(address => people.ContainsKey(address.Key)).GroupBy(address => address.Reason))
        {
            await Outbox.SuppressQueuedAsync(
                db, [.. group.Select(address => people[address.Key])], $"suppressed-{group.Key.ToString().ToLowerInvariant()}", marketingOnly: false, run.Now, cancellation);
        }
    }
}
