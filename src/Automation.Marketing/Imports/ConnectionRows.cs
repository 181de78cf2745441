using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Connections;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Imports;

/// <summary>Takes who in the team knows whom: a person by number or address, or else a company.</summary>
internal sealed class ConnectionRows(ImportRun run)
{
    public const int Who = 0;
    private const int ExternalId = 1;
    private const int Email = 2;
    private const int Company = 3;
    private const int Strength = 4;
    private const int Since = 5;
    private const int Note = 6;

    private const int MaxKey = 100;

    private static readonly Dictionary<string, ConnectionStrength> Strengths = new(StringComparer.OrdinalIgnoreCase)
    {
        ["met"] = ConnectionStrength.Met,
        ["面識あり"] = ConnectionStrength.Met,
        ["1"] = ConnectionStrength.Met,
        ["knows"] = ConnectionStrength.Knows,
        ["知り合い"] = ConnectionStrength.Knows,
        ["2"] = ConnectionStrength.Knows,
        ["close"] = ConnectionStrength.Close,
        ["親しい"] = ConnectionStrength.Close,
        ["3"] = ConnectionStrength.Close,
    };

    public async Task TakeAsync(IReadOnlyList<ImportRow> rows, CancellationToken cancellation)
    {
        var colleagues = await ColleaguesAsync(cancellation);
        var byNumber = await PeopleAsync("external_id", rows.Select(row => row.Text(ExternalId, MaxKey)), cancellation);
        var byAddress = await PeopleAsync("email_key", rows.Select(row => row.Email(Email)?.Key), cancellation);
        var companies = await CompaniesAsync(rows, cancellation);
        var read = new Dictionary<(Guid User, Guid? Contact, string? Company), KnownHow>();
        foreach (var row in rows)
        {
            var (contact, company) = WhomOf(row, byNumber, byAddress, companies);
            var user = UserOf(row, colleagues);
            var how = new KnownHow(StrengthOf(row), row.Date(Since), row.Text(Note, Connection.MaxNote));
            if (row.Fault is not null) run.Refuse(row);
            // Of two rows about the same the later one stands, as it does in two files.
            else if (!read.TryAdd((user, contact, company), how)) (read[(user, contact, company)], run.Unchanged) = (how, run.Unchanged + 1);
        }
        await WriteAsync(read, cancellation);
    }

    // A team is small: by address, by the name they sign in with, by the name they show.
    private async Task<Dictionary<string, Guid>> ColleaguesAsync(CancellationToken cancellation)
    {
        var found = new Dictionary<string, Guid>(StringComparer.OrdinalIgnoreCase);
        var users = await run.Db.QueryAsync(
            "SELECT id, email, user_name, display_name FROM users WHERE disabled_at IS NULL ORDER BY id",
            row => (Id: row.Guid(0), Names: new[] { row.TextOrNull(1), row.Text(2), row.Text(3) }), cancellation);
        for (var name = 0; name < 3; name++)
            foreach (var user in users.Where(user => !string.IsNullOrEmpty(user.Names[name]))) found.TryAdd(user.Names[name]!, user.Id);
        return found;
    }

    private async Task<Dictionary<string, Guid>> PeopleAsync(string column, IEnumerable<string?> keys, CancellationToken cancellation) =>
        (await run.Db.QueryAsync(
            $"SELECT {column}, id FROM contacts WHERE {run.Db.Dialect.Among(column, "@p0")}", row => (Key: row.Text(0), Id: row.Guid(1)), cancellation,
            keys.OfType<string>().Distinct().ToArray()))
        .ToDictionary(person => person.Key, person => person.Id, StringComparer.Ordinal);

    private async Task<HashSet<string>> CompaniesAsync(IReadOnlyList<ImportRow> rows, CancellationToken cancellation) =>
        [.. await run.Db.QueryAsync(
            $"SELECT DISTINCT company FROM contacts WHERE {run.Db.Dialect.Among("company", "@p0")}", row => row.Text(0), cancellation,
            rows.Select(row => row.Text(Company, Contact.MaxText)).OfType<string>().Distinct().ToArray())];

    private static (Guid? Contact, string? Company) WhomOf(ImportRow row, Dictionary<string, Guid> byNumber, Dictionary<string, Guid> byAddress, HashSet<string> companies)
    {
        if (row.Text(ExternalId, MaxKey) is { } number)
        {
            if (byNumber.TryGetValue(number, out var person)) return (person, null);
            row.Refuse(ExternalId, $"no person has the customer number '{number}'.");
        }
        else if (row.Email(Email) is { } address)
        {
            if (byAddress.TryGetValue(address.Key, out var person)) return (person, null);
            row.Refuse(Email, $"no person has this address.");
        }
        else if (row.Text(Company, Contact.MaxText) is { } company)
        {
            if (companies.Contains(company)) return (null, company);
            row.Refuse(Company, $"nobody of this company is known.");
        }
        else
        {
            row.Refuse(-1, $"needs a customer number, an email address or a company.");
        }
        return default;
    }

    private static Guid UserOf(ImportRow row, Dictionary<string, Guid> colleagues)
    {
        if (row.Required(Who, MaxKey) is not { } name) return default;
        if (colleagues.TryGetValue(name, out var user)) return user;
        row.Refuse(Who, $"is nobody of the team.");
        return default;
    }

    private static ConnectionStrength StrengthOf(ImportRow row)
    {
        if (row.Text(Strength, 32) is not { } word) return ConnectionStrength.Knows;
        if (!Strengths.TryGetValue(word, out var strength)) row.Refuse(Strength, $"is none of {"met, knows, close"}.");
        return strength;
    }

    private async Task WriteAsync(Dictionary<(Guid User, Guid? Contact, string? Company), KnownHow> read, CancellationToken cancellation)
    {
        var db = run.Db;
        var known = (await db.QueryAsync(
            $"SELECT user_id, contact_id, company, strength, since, note FROM connections WHERE {db.Dialect.Among("user_id", "@p0")}",
            row => (Key: (row.Guid(0), row.GuidOrNull(1), row.TextOrNull(2)), How: new KnownHow(row.Enum<ConnectionStrength>(3), row.IsNull(4) ? null : row.Date(4), row.TextOrNull(5))),
            cancellation, read.Keys.Select(key => key.User).Distinct().ToArray())).ToDictionary(row => row.Key, row => row.How);
        var fresh = read.Where(one => !known.TryGetValue(one.Key, out var how) || how != one.Value).ToList();
        var changed = fresh.Count(one => known.ContainsKey(one.Key));
        (run.Taken, run.Changed, run.Unchanged) = (run.Taken + fresh.Count - changed, run.Changed + changed, run.Unchanged + read.Count - fresh.Count);
        foreach (var kind in fresh.GroupBy(one => one.Key.Contact is null))
        {
            await ConnectionDesk.WriteAsync(
                db, [.. kind.Select(one => ConnectionDesk.RowOf(run.Ids.Next(), one.Key.User, one.Key.Contact, one.Key.Company, one.Value, run.Request.Actor, run.Now))], kind.Key, cancellation);
        }
    }
}
