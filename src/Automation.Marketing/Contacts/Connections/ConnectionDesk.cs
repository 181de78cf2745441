using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Contacts.Connections;

/// <summary>What a colleague says of somebody they know.</summary>
public sealed record KnownHow(ConnectionStrength Strength, DateOnly? Since, string? Note);

/// <param name="Colleague">The name under which they work here.</param>
/// <param name="Person">Null: it is about the company.</param>
public sealed record ConnectionLine(
    Guid Id, Guid UserId, string Colleague, Guid? ContactId, string? Person, string? Company, ConnectionStrength Strength, DateOnly? Since, string? Note, string Actor, DateTimeOffset At);

/// <param name="Name">Under which they own deals and sign.</param>
public sealed record Colleague(Guid Id, string Name);

/// <summary>Who in the team knows whom.</summary>
public static class ConnectionDesk
{
    public const int Most = 200;
    public const int MaxSearch = 100;

    /// <summary>Who of several knows somebody best, in SQL over <c>connections k</c> and <c>users u</c>: the closest; of those alike, who knows the person
    /// before who knows the company, then who has known them longest.</summary>
    internal const string BestFirst =
        "CASE k.strength WHEN 'Close' THEN 0 WHEN 'Knows' THEN 1 ELSE 2 END, CASE WHEN k.contact_id IS NULL THEN 1 ELSE 0 END, COALESCE(k.since, '9999-12-31'), u.display_name, k.id";

    private static readonly string[] Columns = ["id", "user_id", "contact_id", "company", "strength", "since", "note", "actor", "at"];

    /// <summary>A colleague knows this person; said again, the newer words stand.</summary>
    /// <exception cref="RuleBrokenException">There is no such colleague or person, or the note is too long.</exception>
    public static async Task KnowsPersonAsync(AutomationDb db, Guid contactId, Guid userId, KnownHow how, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        if (!await db.Contacts.AnyAsync(person => person.Id == contactId, cancellation)) throw new RuleBrokenException("There is no such person.");
        await SaveAsync(db, userId, contactId, company: null, how, actor, now, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>A colleague knows people at this company.</summary>
    /// <exception cref="RuleBrokenException">There is no such colleague, nobody of this company is known, or the note is too long.</exception>
    public static async Task KnowsCompanyAsync(AutomationDb db, string company, Guid userId, KnownHow how, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        if (!await db.Contacts.AnyAsync(person => person.Company == company, cancellation)) throw new RuleBrokenException("Nobody of this company is known.");
        await SaveAsync(db, userId, contactId: null, company, how, actor, now, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <exception cref="RuleBrokenException">It is gone already.</exception>
    public static async Task ForgetAsync(AutomationDb db, Guid id, CancellationToken cancellation)
    {
        if (await db.ExecuteAsync("DELETE FROM connections WHERE id = @p0", cancellation, id) == 0) throw new RuleBrokenException("This is not on record any more.");
    }

    /// <summary>Who knows this person or their company, who knows them best first.</summary>
    public static Task<List<ConnectionLine>> OfPersonAsync(AutomationDb db, Guid contactId, string? company, CancellationToken cancellation) =>
        string.IsNullOrWhiteSpace(company)
            ? ReadAsync(db, "k.contact_id = @p0", BestFirst, cancellation, contactId)
            : ReadAsync(db, "k.contact_id = @p0 OR k.company = @p1", BestFirst, cancellation, contactId, company);

    /// <summary>Who knows this company or somebody there, who knows them best first.</summary>
    public static Task<List<ConnectionLine>> OfCompanyAsync(AutomationDb db, string company, CancellationToken cancellation) =>
        ReadAsync(db, "k.company = @p0 OR c.company = @p0", BestFirst, cancellation, company);

    /// <summary>The newest that have the text in a name, an address, a company or a note.</summary>
    /// <param name="text">Null or blank: all.</param>
    public static Task<List<ConnectionLine>> SearchAsync(AutomationDb db, string? text, CancellationToken cancellation)
    {
        const string Newest = "k.at DESC, k.id";
        if (string.IsNullOrWhiteSpace(text)) return ReadAsync(db, "1 = 1", Newest, cancellation);
        string[] fields = ["u.display_name", "c.name", "c.kana", "c.email", "c.company", "k.company", "k.note"];
        var pattern = "%" + text.Trim().ToLowerInvariant().Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal) + "%";
        return ReadAsync(db, string.Join(" OR ", fields.Select(field => $"LOWER({field}) LIKE @p0 ESCAPE '\\'")), Newest, cancellation, pattern);
    }

    /// <summary>Those who can be said to know somebody.</summary>
    public static Task<List<Colleague>> ColleaguesAsync(AutomationDb db, CancellationToken cancellation) =>
        db.QueryAsync("SELECT id, display_name FROM users WHERE disabled_at IS NULL ORDER BY display_name, id", row => new Colleague(row.Guid(0), row.Text(1)), cancellation);

    private static async Task SaveAsync(
        AutomationDb db, Guid userId, Guid? contactId, string? company, KnownHow how, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        if (how.Note?.Length > Connection.MaxNote) throw new RuleBrokenException($"At most {Connection.MaxNote} characters.");
        if (!await db.Users.AnyAsync(user => user.Id == userId && user.DisabledAt == null, cancellation)) throw new RuleBrokenException("Choose a colleague.");
        await WriteAsync(db, [RowOf(RowId.New(now), userId, contactId, company, how, actor, now)], contactId is null, cancellation);
    }

    internal static object?[] RowOf(Guid id, Guid userId, Guid? contactId, string? company, KnownHow how, string actor, DateTimeOffset now) =>
        [id, userId, contactId, company, how.Strength, how.Since, string.IsNullOrWhiteSpace(how.Note) ? null : how.Note.Trim(), actor, now];

    /// <param name="rows">From <see cref="RowOf"/>; each colleague and person, or company, once.</param>
    internal static Task<int> WriteAsync(AutomationDb db, IReadOnlyCollection<object?[]> rows, bool ofCompanies, CancellationToken cancellation) => db.InsertManyAsync(
        "connections", Columns, rows,
        $"ON CONFLICT (user_id, {(ofCompanies ? "company" : "contact_id")}) DO UPDATE SET strength = excluded.strength, since = excluded.since, note = excluded.note, actor = excluded.actor, at = excluded.at",
        cancellation);

    private static Task<List<ConnectionLine>> ReadAsync(AutomationDb db, string where, string order, CancellationToken cancellation, params object?[] values) => db.QueryAsync(
        $"""
        SELECT k.id, k.user_id, u.display_name, k.contact_id, COALESCE(c.name, c.email, c.external_id, ''), COALESCE(k.company, c.company), k.strength, k.since, k.note, k.actor, k.at
        FROM connections k JOIN users u ON u.id = k.user_id LEFT JOIN contacts c ON c.id = k.contact_id
        WHERE {where} ORDER BY {order} LIMIT {Most}
        """,
        row => new ConnectionLine(
            row.Guid(0), row.Guid(1), row.Text(2), row.GuidOrNull(3), row.IsNull(3) ? null : row.Text(4), row.TextOrNull(5), row.Enum<ConnectionStrength>(6),
            row.IsNull(7) ? null : row.Date(7), row.TextOrNull(8), row.Text(9), row.Instant(10)),
        cancellation, values);
}
