using Automation.Marketing.Contacts;
using Automation.Marketing.Deals;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Imports;

/// <summary>Takes deals: known by the sales system's id. A person with an open deal belongs to sales.</summary>
internal sealed class DealRows(ImportRun run)
{
    public const int DealId = 0;
    public const int ExternalId = 1;
    public const int Stage = 2;
    private const int Owner = 3;
    private const int Amount = 4;
    private const int NextAction = 5;
    private const int NextActionOn = 6;

    private const int StatusAt = 2;
    private const int MaxKey = 100;

    private static readonly string[] Columns = ["contact_id", "stage", "status", "owner", "amount", "next_action", "next_action_on"];

    private static readonly HashSet<string> WonWords = new(["受注", "成約", "won", "closed won"], StringComparer.OrdinalIgnoreCase);
    private static readonly HashSet<string> LostWords = new(["失注", "lost", "closed lost"], StringComparer.OrdinalIgnoreCase);

    public async Task TakeAsync(IReadOnlyList<ImportRow> rows, CancellationToken cancellation)
    {
        var people = await PeopleAsync(rows, cancellation);
        await run.Db.HoldAsync("contacts", people.Values, cancellation);
        var deals = rows.Select(row => Read(row, people)).ToList();
        var known = await KnownAsync(deals, cancellation);
        var met = await run.MetAsync([.. known.Values.Select(deal => deal.Id)], cancellation);
        var fresh = new List<DealRow>();
        var changed = new List<DealRow>();
        var owners = new HashSet<Guid>();
        foreach (var deal in deals) Sort(deal, known, met, owners, fresh, changed);
        await WriteAsync(fresh, changed, owners, cancellation);
        await run.MeetAsync(met, cancellation);
    }

    private async Task<Dictionary<string, Guid>> PeopleAsync(IReadOnlyList<ImportRow> rows, CancellationToken cancellation)
    {
        var numbers = rows.Select(row => row.Text(ExternalId, MaxKey)).OfType<string>().Distinct().ToArray();
        return (await run.Db.QueryAsync(
            $"SELECT external_id, id FROM contacts WHERE {run.Db.Dialect.Among("external_id", "@p0")}", row => (Number: row.Text(0), Id: row.Guid(1)), cancellation, (object)numbers))
            .ToDictionary(person => person.Number, person => person.Id, StringComparer.Ordinal);
    }

    private static DealRow Read(ImportRow row, Dictionary<string, Guid> people)
    {
        var key = row.Required(DealId, MaxKey) ?? "";
        var contact = Guid.Empty;
        if (row.Required(ExternalId, MaxKey) is { } number && !people.TryGetValue(number, out contact))
            row.Refuse(ExternalId, $"no person has the customer number '{number}'.");
        var stage = row.Required(Stage, Contact.MaxText) ?? "";
        return new DealRow(
            row, key,
            [contact, stage, StatusOf(stage), row.Text(Owner, Contact.MaxText), row.Number(Amount), row.Text(NextAction, Contact.MaxText), row.Date(NextActionOn)]);
    }

    private static DealStatus StatusOf(string stage) =>
        WonWords.Contains(stage) ? DealStatus.Won : LostWords.Contains(stage) ? DealStatus.Lost : DealStatus.Open;

    private async Task<Dictionary<string, KnownDeal>> KnownAsync(List<DealRow> deals, CancellationToken cancellation)
    {
        var db = run.Db;
        var known = await db.QueryAsync(
            $"SELECT deal_key, id, {string.Join(", ", Columns)} FROM deals WHERE {db.Dialect.Among("deal_key", "@p0")}{db.Dialect.ForUpdate}",
            row => (Key: row.Text(0), Deal: new KnownDeal(row.Guid(1),
            [
                row.Guid(2), row.Text(3), row.Enum<DealStatus>(4), row.TextOrNull(5), row.IsNull(6) ? null : row.Decimal(6), row.TextOrNull(7), row.IsNull(8) ? null : row.Date(8),
            ])), cancellation, (object)deals.Select(deal => deal.Key).Distinct().ToArray());
        return known.ToDictionary(row => row.Key, row => row.Deal, StringComparer.Ordinal);
    }

    private void Sort(DealRow deal, Dictionary<string, KnownDeal> known, HashSet<Guid> met, HashSet<Guid> owners, List<DealRow> fresh, List<DealRow> changed)
    {
        if (deal.Row.Fault is null && known.TryGetValue(deal.Key, out var before))
        {
            deal.Id = before.Id;
            Settle(deal.Values, before.Values);
            if (deal.Values.SequenceEqual(before.Values)) run.Unchanged++;
            else if (met.Contains(before.Id)) deal.Row.Refuse(-1, $"contradicts an earlier row of this file about the same deal.");
            else
            {
                deal.Before = (DealStatus)before.Values[StatusAt]!;
                changed.Add(deal);
            }
            met.Add(before.Id);
            if (deal.Row.Fault is null) owners.Add((Guid)before.Values[0]!);
        }
        else if (deal.Row.Fault is null)
        {
            deal.Id = run.Ids.Next();
            known.Add(deal.Key, new KnownDeal(deal.Id, deal.Values));
            met.Add(deal.Id);
            fresh.Add(deal);
        }
        if (deal.Row.Fault is not null)
        {
            run.Refuse(deal.Row);
            return;
        }
        owners.Add((Guid)deal.Values[0]!);
        foreach (var (field, value) in new[] { ("owner", 3), ("next_action", 5), ("next_action_on", 6) })
            if (deal.Values[value] is null) run.Misses(field, deal.Row.Line);
    }

    // A blank says nothing against what is known. A stage that the sales system has not moved since does not undo what
    // happened here meanwhile: a deal handed back stays handed back.
    private static void Settle(object?[] values, object?[] before)
    {
        for (var at = 3; at < values.Length; at++) values[at] ??= before[at];
        if (Equals(values[1], before[1])) values[2] = before[2];
    }

    private async Task WriteAsync(List<DealRow> fresh, List<DealRow> changed, HashSet<Guid> owners, CancellationToken cancellation)
    {
        run.Taken += fresh.Count;
        run.Changed += changed.Count;
        var db = run.Db;
        await db.InsertManyAsync(
            "deals", ["id", "deal_key", .. Columns, "created_at", "updated_at"],
            [.. fresh.Select(deal => (object?[])[deal.Id, deal.Key, .. deal.Values, run.Now, run.Now])], "", cancellation);
        foreach (var alike in changed.GroupBy(UpdateOf))
            await db.ExecuteManyAsync(alike.Key, [.. alike.Select(deal => (object?[])[deal.Id, run.Now, .. deal.Values.Where(value => value is not null)])], cancellation);
        if (fresh.Count + changed.Count == 0) return;
        await DealEffects.WriteAsync(
            db, [.. fresh.Select(deal => ChangeOf(deal, deal.Status is DealStatus.Open ? DealChangeKind.Opened : DealChangeKind.SeenClosed)), .. changed.Select(ChangeOf)],
            run.Request.Actor, run.Now, cancellation);
        // A deal may have moved from one person to another.
        await DealEffects.SetSalesOwnedAsync(db, owners, cancellation);
        await run.RecordProvenanceAsync([.. fresh.Concat(changed).Select(deal => (Guid)deal.Values[0]!).Distinct()], [], cancellation);
    }

    // Absent values are written as words: PostgreSQL cannot tell their type.
    private static string UpdateOf(DealRow deal)
    {
        var given = Enumerable.Range(0, Columns.Length).Where(at => deal.Values[at] is not null).ToList();
        var assignments = Enumerable.Range(0, Columns.Length).Select(at => given.IndexOf(at) is var place and >= 0 ? $"{Columns[at]} = @p{place + 2}" : $"{Columns[at]} = NULL");
        return $"UPDATE deals SET updated_at = @p1, {string.Join(", ", assignments)}{Ended(deal)} WHERE id = @p0";
    }

    private static string Ended(DealRow deal) => deal.Status switch
    {
        DealStatus.Open => ", closed_at = NULL, lost_reason = NULL, revisit_on = NULL",
        DealStatus.Won or DealStatus.Lost when deal.Before != deal.Status => ", closed_at = @p1, lost_reason = NULL, revisit_on = NULL",
        _ => "",
    };

    private DealChange ChangeOf(DealRow deal) => ChangeOf(deal, deal.Before == deal.Status ? DealChangeKind.Changed : deal.Status switch
    {
        DealStatus.Won => DealChangeKind.Won,
        DealStatus.Lost => DealChangeKind.Lost,
        _ => DealChangeKind.Opened,
    });

    private DealChange ChangeOf(DealRow deal, DealChangeKind kind) =>
        new(kind, (Guid)deal.Values[0]!, deal.Key, (string)deal.Values[1]!, deal.Status, (string?)deal.Values[3], (decimal?)deal.Values[4], RevisitOn: null)
        {
            NextAction = (string?)deal.Values[5],
            NextActionOn = (DateOnly?)deal.Values[6],
            UpdatedAt = run.Now,
            Again = kind is DealChangeKind.Opened && deal.Before is not null,
        };

    private sealed record KnownDeal(Guid Id, object?[] Values);

    /// <summary>A row's values by <see cref="Columns"/>.</summary>
    private sealed record DealRow(ImportRow Row, string Key, object?[] Values)
    {
        public Guid Id { get; set; }

        /// <summary>Null: the deal is new.</summary>
        public DealStatus? Before { get; set; }

        public DealStatus Status => (DealStatus)Values[StatusAt]!;
    }
}
