using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Scoring;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Imports;

/// <summary>A person as a file has them, by <see cref="CustomerRows.Columns"/>; null where it says nothing.</summary>
/// <param name="Row">Where from; null when made by a program.</param>
internal sealed record ImportedPerson(ImportRow? Row)
{
    public required object?[] Values { get; init; }
    public IReadOnlyList<string> Tags { get; init; } = [];
}

/// <summary>Takes people: known by customer number or address, filled and overwritten by what the file says, never by blanks.</summary>
internal sealed class CustomerRows(ImportRun run)
{
    public const int ExternalId = 0;
    public const int Email = 1;
    private const int Name = 2;
    private const int Kana = 3;
    private const int Company = 4;
    private const int PostalCode = 5;
    private const int Prefecture = 6;
    private const int Address = 7;
    private const int Phone = 8;
    private const int BirthDate = 9;
    private const int Tags = 10;

    /// <summary>In the database, as opposed to the file: the address's key beside the address, no tags.</summary>
    private static readonly string[] Columns =
        ["external_id", "email", "email_key", "name", "kana", "company", "postal_code", "prefecture", "address", "phone", "birth_date"];

    private const int EmailValue = 1;
    private const int EmailKey = 2;
    private const int BirthDateValue = 10;

    // What mail to a person and audiences are made of (name, place) and what joins them to their purchases.
    private static readonly (string Field, int Value)[] Recommended = [("email", EmailValue), ("external_id", 0), ("name", 3), ("prefecture", 7)];

    public static object?[] ValuesOf(string externalId, EmailAddress email)
    {
        var values = new object?[Columns.Length];
        (values[ExternalId], values[EmailValue], values[EmailKey]) = (externalId, email.Value, email.Key);
        return values;
    }

    public async Task TakeAsync(IReadOnlyList<ImportRow> rows, CancellationToken cancellation)
    {
        var people = new List<ImportedPerson>(rows.Count);
        foreach (var row in rows)
        {
            var person = Read(row);
            if (row.Fault is null) people.Add(person);
            else run.Refuse(row);
        }
        var (taken, changed, unchanged) = await TakePeopleAsync(people, cancellation);
        run.Taken += taken;
        run.Changed += changed;
        run.Unchanged += unchanged;
    }

    /// <returns>How many of the rows made, changed, or left a person as they were.</returns>
    public async Task<(int Taken, int Changed, int Unchanged)> TakePeopleAsync(IReadOnlyList<ImportedPerson> people, CancellationToken cancellation)
    {
        var known = await KnownPeople.LoadAsync(run, people, cancellation);
        var counts = (Taken: 0, Changed: 0, Unchanged: 0);
        foreach (var person in people)
        {
            switch (Apply(known, person))
            {
                case Outcome.Taken: counts.Taken++; break;
                case Outcome.Changed: counts.Changed++; break;
                case Outcome.Unchanged: counts.Unchanged++; break;
                default: run.Refuse(person.Row!); continue;
            }
            foreach (var (field, value) in Recommended)
                if (person.Row is not null && person.Values[value] is null) run.Misses(field, person.Row.Line);
        }
        await known.SaveAsync(cancellation);
        run.PeopleTaken += counts.Taken;
        return counts;
    }

    private static ImportedPerson Read(ImportRow row)
    {
        var values = new object?[Columns.Length];
        var email = row.Email(Email);
        (values[0], values[EmailValue], values[EmailKey]) = (row.Text(ExternalId, 100), email?.Value, email?.Key);
        if (values[0] is null && email is null) row.Refuse(ExternalId, $"needs a customer number or an email address.");
        values[3] = row.Text(Name, Contact.MaxText);
        values[4] = row.Kana(Kana);
        values[5] = row.Text(Company, Contact.MaxText);
        values[6] = row.PostalCode(PostalCode);
        values[7] = row.Prefecture(Prefecture);
        values[8] = row.Text(Address, Contact.MaxText);
        values[9] = row.Phone(Phone);
        values[BirthDateValue] = row.Date(BirthDate);
        return new ImportedPerson(row) { Values = values, Tags = row.Tags(Tags) };
    }

    private enum Outcome { Taken, Changed, Unchanged, Refused }

    private Outcome Apply(KnownPeople known, ImportedPerson person)
    {
        var byNumber = known.ByNumber(person.Values[0] as string);
        var byAddress = known.ByAddress(person.Values[EmailKey] as string);
        if (byNumber is not null && byAddress is not null && byNumber != byAddress) return Refuse(person, Email, $"belongs to another person than the customer number.");
        if (byAddress is { Values: [string other, ..] } && person.Values[0] is string number && other != number)
            return Refuse(person, ExternalId, $"differs from the number that the person with this address already has.");
        var record = byNumber ?? byAddress;
        if (record is null)
        {
            known.Add(new PersonRecord(run.Ids.Next(), person.Values) { IsNew = true, IsMet = true, NewTags = [.. person.Tags] });
            return Outcome.Taken;
        }
        if (record.IsMet && record.Differs(person.Values)) return Refuse(person, -1, $"contradicts an earlier row of this file about the same person.");
        return known.Merge(record, person) ? Outcome.Changed : Outcome.Unchanged;
    }

    private static Outcome Refuse(ImportedPerson person, int column, RulePhrase problem)
    {
        if (person.Row is null) throw FileFault.Of((string)person.Values[0]!, problem);
        person.Row.Refuse(column, problem);
        return Outcome.Refused;
    }

    /// <summary>One row of <c>contacts</c> while a batch is worked on.</summary>
    private sealed class PersonRecord(Guid id, object?[] values)
    {
        public Guid Id => id;
        public object?[] Values => values;
        public bool IsNew { get; init; }

        /// <summary>This file has spoken of them before.</summary>
        public bool IsMet { get; set; }

        public bool WasMet { get; init; }
        public bool IsChanged { get; set; }
        public bool IsReaddressed { get; set; }
        public HashSet<string> OldTags { get; } = new(StringComparer.Ordinal);
        public HashSet<string> NewTags { get; init; } = new(StringComparer.Ordinal);

        /// <summary>Whether these values would replace others, rather than fill blanks.</summary>
        public bool Differs(object?[] given)
        {
            for (var at = 0; at < values.Length; at++)
                if (at != EmailValue && given[at] is { } value && values[at] is { } old && !old.Equals(value)) return true;
            return false;
        }
    }

    private sealed class KnownPeople(ImportRun run)
    {
        private readonly Dictionary<string, PersonRecord> byNumber = new(StringComparer.Ordinal);
        private readonly Dictionary<string, PersonRecord> byAddress = new(StringComparer.Ordinal);
        private readonly Dictionary<Guid, PersonRecord> all = [];

        public static async Task<KnownPeople> LoadAsync(ImportRun run, IReadOnlyList<ImportedPerson> people, CancellationToken cancellation)
        {
            var known = new KnownPeople(run);
            var db = run.Db;
            var rows = new Dictionary<Guid, object?[]>();
            foreach (var (column, value) in new[] { ("external_id", 0), ("email_key", EmailKey) })
            {
                var keys = people.Select(person => person.Values[value] as string).OfType<string>().Distinct().ToArray();
                foreach (var (id, values) in await db.QueryAsync(
                    $"SELECT id, {string.Join(", ", Columns)} FROM contacts WHERE {db.Dialect.Among(column, "@p0")}{db.Dialect.ForUpdate}",
                    row => (row.Guid(0), ValuesOf(row)), cancellation, (object)keys)) rows[id] = values;
            }
            var met = await run.MetAsync(rows.Keys, cancellation);
            foreach (var (id, values) in rows) known.Add(new PersonRecord(id, values) { IsMet = met.Contains(id), WasMet = met.Contains(id) });
            if (people.Any(person => person.Tags.Count > 0))
            {
                foreach (var (id, tag) in await db.QueryAsync(
                    $"SELECT contact_id, tag FROM contact_tags WHERE {db.Dialect.Among("contact_id", "@p0")}", row => (row.Guid(0), row.Text(1)), cancellation, rows.Keys))
                    known.all[id].OldTags.Add(tag);
            }
            return known;
        }

        public PersonRecord? ByNumber(string? number) => number is null ? null : byNumber.GetValueOrDefault(number);

        public PersonRecord? ByAddress(string? key) => key is null ? null : byAddress.GetValueOrDefault(key);

        public void Add(PersonRecord record)
        {
            all.Add(record.Id, record);
            Index(record);
        }

        /// <returns>Whether anything is new.</returns>
        public bool Merge(PersonRecord record, ImportedPerson person)
        {
            record.IsMet = true;
            var changed = false;
            if (person.Values[EmailKey] is string key && key != record.Values[EmailKey] as string)
            {
                if (record.Values[EmailKey] is string old) byAddress.Remove(old);
                (record.Values[EmailValue], record.Values[EmailKey]) = (person.Values[EmailValue], key);
                record.IsReaddressed = changed = true;
            }
            for (var at = 0; at < Columns.Length; at++)
            {
                if (at is EmailValue or EmailKey || person.Values[at] is not { } value || value.Equals(record.Values[at])) continue;
                record.Values[at] = value;
                changed = true;
            }
            record.IsChanged |= changed;
            foreach (var tag in person.Tags)
                if (!record.OldTags.Contains(tag)) changed |= record.NewTags.Add(tag);
            Index(record);
            return changed;
        }

        public async Task SaveAsync(CancellationToken cancellation)
        {
            var met = all.Values.Where(record => record.IsMet).ToList();
            await UpdateAsync([.. met.Where(record => record is { IsChanged: true, IsNew: false })], cancellation);
            await run.Db.InsertManyAsync(
                "contacts", ["id", .. Columns, "custom", "sales_owned", "created_at", "updated_at"],
                [.. met.Where(record => record.IsNew).Select(record => (object?[])[record.Id, .. record.Values, "{}", false, run.Now, run.Now])], "", cancellation);
            await run.Db.InsertManyAsync(
                "contact_tags", ["contact_id", "tag"], [.. met.SelectMany(record => record.NewTags.Select(tag => new object?[] { record.Id, tag }))], "", cancellation);
            var touched = met.ToLookup(record => record.IsNew || record.IsChanged || record.NewTags.Count > 0, record => record.Id);
            await run.RecordProvenanceAsync([.. touched[true]], [.. touched[false]], cancellation);
            await run.GrantAsync([.. met.Where(record => !record.WasMet && record.Values[EmailKey] is not null).Select(record => record.Id)], cancellation);
            await ScoreChecks.ProfilesChangedAsync(run.Db, [.. touched[true]], run.Now, cancellation);
            await run.MeetAsync(met.Select(record => record.Id), cancellation);
        }

        // Addresses can move between people within a batch: all that move are freed first, since each is unique.
        private async Task UpdateAsync(List<PersonRecord> changed, CancellationToken cancellation)
        {
            var readdressed = changed.Where(record => record.IsReaddressed).Select(record => record.Id).ToArray();
            if (readdressed.Length > 0)
                await run.Db.ExecuteAsync($"UPDATE contacts SET email_key = NULL WHERE {run.Db.Dialect.Among("id", "@p0")}", cancellation, readdressed);
            var assignments = string.Join(", ", Columns.Select((column, at) => $"{column} = @p{at + 2}"));
            foreach (var record in changed)
            {
                // PostgreSQL cannot tell the type of an absent date by itself.
                var sql = $"UPDATE contacts SET updated_at = @p1, {assignments} WHERE id = @p0";
                if (record.Values[BirthDateValue] is null) sql = sql.Replace($"birth_date = @p{BirthDateValue + 2}", "birth_date = NULL", StringComparison.Ordinal);
                object?[] values = [record.Id, run.Now, .. record.Values];
                await run.Db.ExecuteAsync(sql, cancellation, record.Values[BirthDateValue] is null ? values[..^1] : values);
            }
        }

        private void Index(PersonRecord record)
        {
            if (record.Values[0] is string number) byNumber[number] = record;
            if (record.Values[EmailKey] is string key) byAddress[key] = record;
        }

        private static object?[] ValuesOf(SqlRow row)
        {
            var values = new object?[Columns.Length];
            for (var at = 0; at < values.Length; at++)
                values[at] = at == BirthDateValue ? (row.IsNull(at + 1) ? null : row.Date(at + 1)) : row.TextOrNull(at + 1);
            return values;
        }
    }
}
