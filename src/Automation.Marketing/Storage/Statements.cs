using System.Data;
using System.Data.Common;
using Automation.Marketing.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Automation.Marketing.Storage;

/// <summary>
/// What a context's connection has been asked, for the next time: on SQLite, which works inside this process, preparing a
/// statement costs more than most of them do. Npgsql keeps its own.
/// </summary>
internal sealed class Statements
{
    // Few texts come again and again; what a rule of a segment makes up comes once.
    private const int Most = 64;

    private readonly Dictionary<string, DbCommand> kept = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RowStatement> rows = new(StringComparer.Ordinal);
    private DbConnection? of;
    private int closings;

    /// <summary>A command with so many places, <c>@p0</c> and so on; its caller has it alone until it is disposed.</summary>
    public Statement Take(DbConnection connection, string sql, int places)
    {
        if (of != connection) Follow(connection);
        // One that is taken is not here: asked twice at once, there are two.
        if (kept.Remove(sql, out var command) && command.Parameters.Count == places) return new Statement(command, this, closings);
        command?.Dispose();
        command = connection.CreateCommand();
        command.CommandText = sql;
        for (var at = 0; at < places; at++)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = HandSql.Place(at);
            command.Parameters.Add(parameter);
        }
        return new Statement(command, command is SqliteCommand ? this : null, closings);
    }

    /// <summary>A statement for row after row of so many values.</summary>
    public RowStatement Rows(SqliteConnection connection, string sql, int values)
    {
        if (of != connection) Follow(connection);
        if (rows.TryGetValue(sql, out var statement)) return statement;
        if (rows.Count == Most) Clear();
        return rows[sql] = new RowStatement(connection, sql, values);
    }

    /// <summary>Whether it is kept; otherwise the caller ends it.</summary>
    /// <param name="since">How often the connection had been closed when the command was taken.</param>
    public bool Keep(DbCommand command, int since)
    {
        if (since != closings) return false;
        if (kept.Count == Most) Clear();
        return kept.TryAdd(command.CommandText, command);
    }

    // A connection that is closed ends its commands, and knows nothing of them when it is opened again.
    private void Follow(DbConnection connection)
    {
        Clear();
        closings++;
        of = connection;
        connection.StateChange += (_, change) =>
        {
            if (change.CurrentState is ConnectionState.Open) return;
            Clear();
            closings++;
        };
    }

    private void Clear()
    {
        foreach (var command in kept.Values) command.Dispose();
        foreach (var statement in rows.Values) statement.Dispose();
        kept.Clear();
        rows.Clear();
    }
}

/// <summary>A command in use.</summary>
internal sealed class Statement(DbCommand command, Statements? keeper, int since) : IAsyncDisposable
{
    public DbCommand Command => command;

    public ValueTask DisposeAsync()
    {
        command.Transaction = null;
        return keeper is not null && keeper.Keep(command, since) ? ValueTask.CompletedTask : command.DisposeAsync();
    }
}
