using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Automation.Marketing.Storage;

/// <summary>
/// SQL written by hand where sets are large or a statement must be exact: same text for both databases, values by
/// position (<c>@p0</c>, <c>@p1</c>, …), always on the context's connection and inside its transaction.
/// </summary>
public static class HandSql
{
    // PostgreSQL takes at most 65,535 values a statement.
    private const int MaxValues = 30_000;

    private const int RowsABatch = 500;

    /// <returns>Rows changed.</returns>
    public static async Task<int> ExecuteAsync(this AutomationDb db, string sql, CancellationToken cancellation, params object?[] values)
    {
        await using var statement = await db.StatementAsync(sql, values, cancellation);
        return await statement.Command.ExecuteNonQueryAsync(cancellation);
    }

    public static async Task<List<T>> QueryAsync<T>(
        this AutomationDb db, string sql, Func<SqlRow, T> read, CancellationToken cancellation, params object?[] values)
    {
        await using var statement = await db.StatementAsync(sql, values, cancellation);
        await using var reader = await statement.Command.ExecuteReaderAsync(cancellation);
        var rows = new List<T>();
        var row = new SqlRow(reader, db.Dialect);
        while (await reader.ReadAsync(cancellation)) rows.Add(read(row));
        return rows;
    }

    /// <summary>The same row by row, for what may be longer than memory; until the last row the connection does nothing else.</summary>
    public static async IAsyncEnumerable<T> StreamAsync<T>(
        this AutomationDb db, string sql, Func<SqlRow, T> read, [EnumeratorCancellation] CancellationToken cancellation, params object?[] values)
    {
        await using var statement = await db.StatementAsync(sql, values, cancellation);
        await using var reader = await statement.Command.ExecuteReaderAsync(cancellation);
        var row = new SqlRow(reader, db.Dialect);
        while (await reader.ReadAsync(cancellation)) yield return read(row);
    }

    /// <summary>One list of words as the only value: without this overload C# would take the array for all the values.</summary>
#pragma warning disable CA1068 // the values come last, as in the overload above
    public static Task<List<T>> QueryAsync<T>(
        this AutomationDb db, string sql, Func<SqlRow, T> read, CancellationToken cancellation, string[] words) =>
        db.QueryAsync(sql, read, cancellation, new object?[] { words });
#pragma warning restore CA1068

    /// <summary>Keeps others off these rows until the transaction ends; in the order of their ids, so that nobody waits in a circle.</summary>
    /// <remarks>Nothing to do on SQLite, where nobody else writes meanwhile.</remarks>
    public static async Task HoldAsync(this AutomationDb db, string table, IEnumerable<Guid> ids, CancellationToken cancellation)
    {
        if (db.Dialect.ForUpdate.Length == 0) return;
        await db.QueryAsync(
            $"SELECT id FROM {table} WHERE {db.Dialect.Among("id", "@p0")} ORDER BY id{db.Dialect.ForUpdate}", row => row.Guid(0), cancellation, ids);
    }

    /// <summary>Keeps others off these words until the transaction ends, e.g. the names of companies.</summary>
    public static async Task HoldWordsAsync(this AutomationDb db, string[] words, CancellationToken cancellation)
    {
        if (db.Dialect.HoldWords("@p0") is { Length: > 0 } hold) await db.QueryAsync(hold, _ => 0, cancellation, words);
    }

    /// <summary>Runs one statement for each row of values: prepared once on SQLite, many a round trip on PostgreSQL.</summary>
    /// <returns>Rows changed.</returns>
    public static async Task<int> ExecuteManyAsync(
        this AutomationDb db, string sql, IReadOnlyCollection<object?[]> rows, CancellationToken cancellation)
    {
        if (rows.Count == 0) return 0;
        if (db.Database.GetDbConnection().CanCreateBatch) return await db.ExecuteBatchesAsync(sql, rows, cancellation);
        return await db.ExecuteEachAsync(sql, rows, cancellation);
    }

    /// <summary>Inserts rows: one prepared statement on SQLite, statements of many rows on PostgreSQL.</summary>
    /// <param name="tail">What follows the values, e.g. <c>ON CONFLICT DO NOTHING</c>.</param>
    /// <returns>Rows inserted or changed.</returns>
    public static async Task<int> InsertManyAsync(
        this AutomationDb db, string table, IReadOnlyList<string> columns, IReadOnlyCollection<object?[]> rows, string tail, CancellationToken cancellation)
    {
        if (rows.Count == 0) return 0;
        var head = $"INSERT INTO {table} ({string.Join(", ", columns)}) VALUES ";
        if (db.Database.IsSqlite()) return await db.ExecuteEachAsync(head + Places(1, columns.Count) + " " + tail, rows, cancellation);
        var changed = 0;
        Statement? statement = null;
        try
        {
            foreach (var chunk in rows.Chunk(Math.Max(1, Math.Min(RowsABatch, MaxValues / columns.Count))))
            {
                if (statement is null || statement.Command.Parameters.Count != chunk.Length * columns.Count)
                {
                    if (statement is not null) await statement.DisposeAsync();
                    statement = await db.StatementAsync(head + Places(chunk.Length, columns.Count) + " " + tail, new object?[chunk.Length * columns.Count], cancellation);
                }
                var command = statement.Command;
                for (var at = 0; at < command.Parameters.Count; at++)
                    command.Parameters[at].Value = db.Dialect.ToDb(chunk[at / columns.Count][at % columns.Count]);
                changed += await command.ExecuteNonQueryAsync(cancellation);
            }
        }
        finally
        {
            if (statement is not null) await statement.DisposeAsync();
        }
        return changed;
    }

    // SQLite works inside this process: no round trip is saved by many rows a statement.
    private static async Task<int> ExecuteEachAsync(this AutomationDb db, string sql, IReadOnlyCollection<object?[]> rows, CancellationToken cancellation)
    {
        await db.Database.OpenConnectionAsync(cancellation);
        var statement = db.Statements.Rows((SqliteConnection)db.Database.GetDbConnection(), sql, rows.First().Length);
        var changed = 0;
        foreach (var row in rows)
        {
            cancellation.ThrowIfCancellationRequested();
            changed += statement.Run(row, db.Dialect);
        }
        return changed;
    }

    private static async Task<int> ExecuteBatchesAsync(
        this AutomationDb db, string sql, IReadOnlyCollection<object?[]> rows, CancellationToken cancellation)
    {
        await db.Database.OpenConnectionAsync(cancellation);
        var changed = 0;
        foreach (var chunk in rows.Chunk(RowsABatch))
        {
            await using var batch = db.Database.GetDbConnection().CreateBatch();
            batch.Transaction = db.Database.CurrentTransaction?.GetDbTransaction();
            foreach (var row in chunk)
            {
                var command = batch.CreateBatchCommand();
                command.CommandText = sql;
                for (var at = 0; at < row.Length; at++)
                {
                    var parameter = command.CreateParameter();
                    (parameter.ParameterName, parameter.Value) = (Place(at), db.Dialect.ToDb(row[at]));
                    command.Parameters.Add(parameter);
                }
                batch.BatchCommands.Add(command);
            }
            changed += await batch.ExecuteNonQueryAsync(cancellation);
        }
        return changed;
    }

    private static async Task<Statement> StatementAsync(this AutomationDb db, string sql, object?[] values, CancellationToken cancellation)
    {
        await db.Database.OpenConnectionAsync(cancellation);
        var statement = db.Statements.Take(db.Database.GetDbConnection(), sql, values.Length);
        statement.Command.Transaction = db.Database.CurrentTransaction?.GetDbTransaction();
        for (var at = 0; at < values.Length; at++)
        {
            statement.Command.Parameters[at].Value = values[at] switch
            {
                IEnumerable<Guid> ids => db.Dialect.ArrayOf(ids),
                IEnumerable<string> words => db.Dialect.ArrayOf(words),
                var value => db.Dialect.ToDb(value),
            };
        }
        return statement;
    }

    internal static string Place(int at) => "@p" + at.ToString(CultureInfo.InvariantCulture);

    private static string Places(int rows, int columns)
    {
        var places = new StringBuilder();
        for (var row = 0; row < rows; row++)
        {
            places.Append(row == 0 ? "(" : ", (");
            for (var column = 0; column < columns; column++)
                places.Append(column == 0 ? "@p" : ", @p").Append(row * columns + column);
            places.Append(')');
        }
        return places.ToString();
    }
}

/// <summary>One row of a hand-written query, read by position.</summary>
public readonly struct SqlRow(DbDataReader reader, SqlDialect dialect)
{
    public bool IsNull(int column) => reader.IsDBNull(column);
    public Guid Guid(int column) => dialect.ReadGuid(reader, column);
    public Guid? GuidOrNull(int column) => reader.IsDBNull(column) ? null : dialect.ReadGuid(reader, column);
    public string Text(int column) => reader.GetString(column);
    public string? TextOrNull(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    public int Int(int column) => Convert.ToInt32(reader.GetValue(column), CultureInfo.InvariantCulture);
    public long Long(int column) => Convert.ToInt64(reader.GetValue(column), CultureInfo.InvariantCulture);
    public bool Bool(int column) => Convert.ToBoolean(reader.GetValue(column), CultureInfo.InvariantCulture);
    public byte[] Bytes(int column) => (byte[])reader.GetValue(column);
    public DateTimeOffset Instant(int column) => dialect.ReadInstant(reader, column);
    public DateTimeOffset? InstantOrNull(int column) => reader.IsDBNull(column) ? null : dialect.ReadInstant(reader, column);
    public double Double(int column) => Convert.ToDouble(reader.GetValue(column), CultureInfo.InvariantCulture);
    public decimal Decimal(int column) => dialect.ReadDecimal(reader, column);

    public DateOnly Date(int column) => reader.GetValue(column) switch
    {
        DateOnly date => date,
        DateTime date => DateOnly.FromDateTime(date),
        var text => DateOnly.ParseExact((string)text, "yyyy-MM-dd", CultureInfo.InvariantCulture),
    };

    public T Enum<T>(int column) where T : struct, Enum => System.Enum.Parse<T>(reader.GetString(column));
}
