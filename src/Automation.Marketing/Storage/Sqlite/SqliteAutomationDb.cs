using System.Data.Common;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Automation.Marketing.Storage.Sqlite;

/// <summary>The default: one file, WAL.</summary>
public sealed class SqliteAutomationDb(DbContextOptions<SqliteAutomationDb> options) : AutomationDb(options)
{
    public override SqlDialect Dialect => SqliteDialect.Instance;

    // SQLite has neither instants nor decimals that it can compare: integers in the smallest unit instead.
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UnixMilliseconds>();
        configurationBuilder.Properties<decimal>().HaveConversion<TenThousandths>();
    }

    private sealed class UnixMilliseconds() : ValueConverter<DateTimeOffset, long>(
        instant => instant.ToUnixTimeMilliseconds(), stored => DateTimeOffset.FromUnixTimeMilliseconds(stored));

    private sealed class TenThousandths() : ValueConverter<decimal, long>(
        amount => (long)(amount * 10_000m), stored => stored / 10_000m);
}

internal sealed class SqliteDialect : SqlDialect
{
    public static readonly SqliteDialect Instance = new();

    // Write transactions are immediate: nobody else writes meanwhile.
    public override string ForUpdate => "";
    public override string ForShare => "";
    public override string SkipLocked => "";
    public override string YearOf(string date) => $"CAST(substr({date}, 1, 4) AS INTEGER)";
    public override string MonthOf(string date) => $"CAST(substr({date}, 6, 2) AS INTEGER)";
    public override string MillisecondsBetween(string from, string to) => $"({to} - {from})";
    public override string Milliseconds(string instant) => instant;
    public override string Instant(string milliseconds) => milliseconds;
    public override string SkipLockedOf(string table) => "";

    public override string Among(string column, string parameter) => $"{column} IN (SELECT value FROM json_each({parameter}))";

    // SQLite has no lateral join: the oldest of the newest bounds the range instead.
    public override string NewestOfEach(string ids, string table, string key, string columns, string where, string newest, string since, int? most) => $"""
        SELECT own.value, {string.Join(", ", columns.Split(", ").Select(column => "m." + column))} FROM json_each({ids}) own CROSS JOIN {table} m
        WHERE m.{key} = own.value AND {where} AND m.{newest} > {since}{(most is null ? "" : $"""
          AND m.{newest} >= COALESCE((SELECT x.{newest} FROM {table} x WHERE x.{key} = own.value AND {where} AND x.{newest} > {since}
                                      ORDER BY x.{newest} DESC LIMIT 1 OFFSET {most - 1}), {since})
        """)}
        """;

    public override string HoldWords(string words) => "";

    public override object ToDb(object? value) => value switch
    {
        null => DBNull.Value,
        DateTimeOffset instant => instant.ToUnixTimeMilliseconds(),
        Guid id => Text(id),
        DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        decimal amount => (long)(amount * 10_000m),
        bool flag => flag ? 1L : 0L,
        Enum name => name.ToString(),
        _ => value,
    };

    public override object ArrayOf(IEnumerable<Guid> ids)
    {
        var json = new StringBuilder("[");
        foreach (var id in ids) json.Append(json.Length > 1 ? "," : "").Append('"').Append(Text(id)).Append('"');
        return json.Append(']').ToString();
    }

    public override object ArrayOf(IEnumerable<string> words) => JsonSerializer.Serialize(words);

    public override string Rows(string parameter) => $"(SELECT key AS id, value AS word FROM json_each({parameter}))";

    public override string RowsOf(IEnumerable<(Guid Id, string Word)> rows) => JsonSerializer.Serialize(rows.ToDictionary(row => Text(row.Id), row => row.Word));

    public override Guid ReadGuid(DbDataReader row, int column) => Guid.Parse(row.GetString(column));

    public override DateTimeOffset ReadInstant(DbDataReader row, int column) =>
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));

    public override decimal ReadDecimal(DbDataReader row, int column) => row.GetInt64(column) / 10_000m;

    // EF writes upper case; a row written by hand must be found by EF.
    private static string Text(Guid id) => string.Create(36, id, static (text, id) =>
    {
        id.TryFormat(text, out _);
        Ascii.ToUpperInPlace(text, out _);
    });
}

/// <summary>For dotnet-ef only.</summary>
internal sealed class SqliteDesignTimeFactory : IDesignTimeDbContextFactory<SqliteAutomationDb>
{
    public SqliteAutomationDb CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqliteAutomationDb>().UseSqlite("Data Source=design.db").Options);
}
