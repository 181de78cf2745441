using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Automation.Marketing.Storage.Sqlite;

/// <summary>
/// One statement for row after row, its values bound by number: ADO.NET looks each place up by its name, for each row anew,
/// which takes longer than most rows.
/// </summary>
internal sealed class RowStatement : IDisposable
{
    private readonly sqlite3 database;
    private readonly sqlite3_stmt statement;
    private readonly int[] places;

    /// <param name="connection">Open, and open for as long as this is used.</param>
    /// <param name="values">How many a row has: <c>@p0</c> and so on, in any order.</param>
    /// <exception cref="SqliteException">The SQL is wrong.</exception>
    public RowStatement(SqliteConnection connection, string sql, int values)
    {
        database = connection.Handle!;
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(database, sql, out statement), database);
        places = [.. Enumerable.Range(0, values).Select(at => raw.sqlite3_bind_parameter_index(statement, HandSql.Place(at)))];
    }

    /// <returns>Rows changed.</returns>
    /// <exception cref="SqliteException">A rule of the database is broken, or it is busy for longer than the connection waits.</exception>
    public int Run(object?[] row, SqlDialect dialect)
    {
        for (var at = 0; at < row.Length; at++)
        {
            if (places[at] > 0) Bind(places[at], dialect.ToDb(row[at]));
        }
        int result;
        do result = raw.sqlite3_step(statement);
        while (result == raw.SQLITE_ROW);
        var changed = raw.sqlite3_changes(database);
        try
        {
            if (result != raw.SQLITE_DONE) SqliteException.ThrowExceptionForRC(result, database);
        }
        finally
        {
            raw.sqlite3_reset(statement);
        }
        return changed;
    }

    public void Dispose() => statement.Dispose();

    private void Bind(int place, object value)
    {
        var result = value switch
        {
            DBNull => raw.sqlite3_bind_null(statement, place),
            string text => Bind(place, text),
            long number => raw.sqlite3_bind_int64(statement, place, number),
            int number => raw.sqlite3_bind_int64(statement, place, number),
            double number => raw.sqlite3_bind_double(statement, place, number),
            byte[] bytes => raw.sqlite3_bind_blob(statement, place, bytes),
            _ => throw new ArgumentException($"SQLite has no place for a {value.GetType().Name}.", nameof(value)),
        };
        SqliteException.ThrowExceptionForRC(result, database);
    }

    private int Bind(int place, string text)
    {
        // Nothing has no address, and would be taken for NULL.
        if (text.Length is 0 or > 500) return raw.sqlite3_bind_text(statement, place, text);
        Span<byte> bytes = stackalloc byte[text.Length * 3];
        return raw.sqlite3_bind_text(statement, place, bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
    }
}
