using System.Data.Common;

namespace Automation.Marketing.Storage;

/// <summary>The few words in which the two databases differ, for SQL written by hand.</summary>
public abstract class SqlDialect
{
    /// <summary>Appended to a SELECT of rows that this transaction is about to change.</summary>
    public abstract string ForUpdate { get; }

    /// <summary>Appended to a SELECT of rows that must not be held for update by others until the transaction ends; many may hold them so at once.</summary>
    public abstract string ForShare { get; }

    /// <summary>Appended to a SELECT that claims work: rows that another worker holds are passed over.</summary>
    public abstract string SkipLocked { get; }

    /// <summary>The year of a date column as a whole number.</summary>
    public abstract string YearOf(string date);

    /// <summary>The month of a date column, 1 to 12.</summary>
    public abstract string MonthOf(string date);

    /// <summary>Milliseconds from one instant to another, as a whole number.</summary>
    public abstract string MillisecondsBetween(string from, string to);

    /// <summary>An instant as whole milliseconds since 1970.</summary>
    public abstract string Milliseconds(string instant);

    /// <summary>The other way round.</summary>
    public abstract string Instant(string milliseconds);

    /// <summary>Appended to a SELECT over a join: takes this table's rows and passes over those that another worker holds.</summary>
    public abstract string SkipLockedOf(string table);

    /// <summary>A condition that <paramref name="column"/> is among the values of an array parameter.</summary>
    public abstract string Among(string column, string parameter);

    /// <summary>
    /// A SELECT of the newest rows for each id of an array parameter, the id first: per id one descent of an index on
    /// <paramref name="key"/>, what <paramref name="where"/> fixes, and <paramref name="newest"/>.
    /// </summary>
    /// <param name="since">Parameter; rows not newer than this are left out.</param>
    /// <param name="most">Rows per id; more only of one instant. Null: all.</param>
    public abstract string NewestOfEach(string ids, string table, string key, string columns, string where, string newest, string since, int? most);

    /// <summary>A statement that keeps others who ask for the same words waiting until the transaction ends; empty: nobody else writes meanwhile.</summary>
    /// <param name="words">Array parameter, in order.</param>
    public abstract string HoldWords(string words);

    /// <summary>Values in the form the database stores: instants, ids, enums by name.</summary>
    public abstract object ToDb(object? value);

    /// <summary>The value of a parameter for <see cref="Among"/>.</summary>
    public abstract object ArrayOf(IEnumerable<Guid> ids);

    /// <inheritdoc cref="ArrayOf(IEnumerable{Guid})"/>
    public abstract object ArrayOf(IEnumerable<string> words);

    /// <summary>A table of ids with a word each, made of a parameter; its columns are <c>id</c> and <c>word</c>.</summary>
    public abstract string Rows(string parameter);

    /// <summary>The value of a parameter for <see cref="Rows"/>.</summary>
    /// <param name="rows">Each id once.</param>
    public abstract string RowsOf(IEnumerable<(Guid Id, string Word)> rows);

    public abstract Guid ReadGuid(DbDataReader row, int column);

    public abstract DateTimeOffset ReadInstant(DbDataReader row, int column);

    public abstract decimal ReadDecimal(DbDataReader row, int column);
}
