using Microsoft.Data.Sqlite;

namespace Automation.Benchmarks;

/// <summary>The floor: prepared inserts and nothing else, into a copy of the product's empty tables, with the product's own settings.</summary>
internal sealed class RawRows : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly Dictionary<string, SqliteCommand> inserts = new(StringComparer.Ordinal);

    /// <param name="like">A database of the product; its tables and indexes are made anew, empty.</param>
    public RawRows(string like, string file)
    {
        connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        Execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000;");
        using var source = new SqliteConnection($"Data Source={like};Mode=ReadOnly;Pooling=False");
        source.Open();
        using var schema = source.CreateCommand();
        schema.CommandText = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 ELSE 2 END";
        using var rows = schema.ExecuteReader();
        while (rows.Read()) Execute(rows.GetString(0));
    }

    public SqliteTransaction Begin() => connection.BeginTransaction();

    public void Insert(SqliteTransaction transaction, string table, string columns, params ReadOnlySpan<object?> values)
    {
        if (!inserts.TryGetValue(table, out var insert))
        {
            insert = connection.CreateCommand();
            var places = string.Join(", ", Enumerable.Range(0, values.Length).Select(place => $"@p{place}"));
            insert.CommandText = $"INSERT INTO {table} ({columns}) VALUES ({places})";
            for (var place = 0; place < values.Length; place++) insert.Parameters.Add(new SqliteParameter($"@p{place}", null));
            inserts[table] = insert;
        }
        insert.Transaction = transaction;
        for (var place = 0; place < values.Length; place++) insert.Parameters[place].Value = values[place] ?? DBNull.Value;
        insert.ExecuteNonQuery();
    }

    public void Dispose()
    {
        foreach (var insert in inserts.Values) insert.Dispose();
        connection.Dispose();
    }

    private void Execute(string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
