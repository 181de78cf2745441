using System.Data.Common;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Automation.Marketing.Storage.Postgres;

/// <summary>When one machine is too small.</summary>
public sealed class PostgresAutomationDb(DbContextOptions<PostgresAutomationDb> options) : AutomationDb(options)
{
    public override SqlDialect Dialect => PostgresDialect.Instance;

    // PostgreSQL keeps instants, not offsets, and Npgsql refuses any but UTC; cut to milliseconds as everywhere.
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<decimal>().HavePrecision(18, 4);
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcMilliseconds>();
    }

    private sealed class UtcMilliseconds() : ValueConverter<DateTimeOffset, DateTimeOffset>(
        instant => DateTimeOffset.FromUnixTimeMilliseconds(instant.ToUnixTimeMilliseconds()), stored => stored);
}

internal sealed class PostgresDialect : SqlDialect
{
    public static readonly PostgresDialect Instance = new();

    public override string ForUpdate => " FOR UPDATE";

    // The weakest of the holds: it stands in the way of FOR UPDATE alone, not of counting in the row.
    public override string ForShare => " FOR KEY SHARE";
    public override string SkipLocked => " FOR UPDATE SKIP LOCKED";
    public override string YearOf(string date) => $"EXTRACT(YEAR FROM {date})::int";
    public override string MonthOf(string date) => $"EXTRACT(MONTH FROM {date})::int";
    public override string MillisecondsBetween(string from, string to) => $"CAST(EXTRACT(EPOCH FROM ({to} - {from})) * 1000 AS bigint)";
    public override string Milliseconds(string instant) => $"CAST(FLOOR(EXTRACT(EPOCH FROM {instant}) * 1000) AS bigint)";
    public override string Instant(string milliseconds) => $"(TIMESTAMPTZ 'epoch' + {milliseconds} * INTERVAL '1 millisecond')";
    public override string SkipLockedOf(string table) => $" FOR UPDATE OF {table} SKIP LOCKED";

    public override string Among(string column, string parameter) => $"{column} = ANY({parameter})";

    public override string NewestOfEach(string ids, string table, string key, string columns, string where, string newest, string since, int? most) => $"""
        SELECT own.id, newest.* FROM unnest({ids}) AS own(id) CROSS JOIN LATERAL (
            SELECT {columns} FROM {table} WHERE {key} = own.id AND {where} AND {newest} > {since} ORDER BY {newest} DESC{(most is null ? "" : $" FETCH FIRST {most} ROWS WITH TIES")}) AS newest
        """;

    public override string HoldWords(string words) =>
        $"SELECT pg_advisory_xact_lock(hashtextextended(word, 7)) FROM (SELECT word FROM unnest({words}) AS word ORDER BY hashtextextended(word, 7)) AS ordered";

    public override object ToDb(object? value) => value switch
    {
        null => DBNull.Value,
        DateTimeOffset instant => DateTimeOffset.FromUnixTimeMilliseconds(instant.ToUnixTimeMilliseconds()),
        Enum name => name.ToString(),
        _ => value,
    };

    public override object ArrayOf(IEnumerable<Guid> ids) => ids.ToArray();

    public override object ArrayOf(IEnumerable<string> words) => words.ToArray();

    public override string Rows(string parameter) => $"(SELECT CAST(key AS uuid) AS id, value AS word FROM jsonb_each_text(CAST({parameter} AS jsonb)))";

    public override string RowsOf(IEnumerable<(Guid Id, string Word)> rows) => JsonSerializer.Serialize(rows.ToDictionary(row => row.Id, row => row.Word));

    public override Guid ReadGuid(DbDataReader row, int column) => row.GetGuid(column);

    public override DateTimeOffset ReadInstant(DbDataReader row, int column) => row.GetFieldValue<DateTimeOffset>(column);

    public override decimal ReadDecimal(DbDataReader row, int column) => row.GetDecimal(column);
}

/// <summary>For dotnet-ef only.</summary>
internal sealed class PostgresDesignTimeFactory : IDesignTimeDbContextFactory<PostgresAutomationDb>
{
    public PostgresAutomationDb CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<PostgresAutomationDb>().UseNpgsql("Host=localhost;Database=design").Options);
}
