using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Contacts.Repurchase;

/// <summary>
/// Keeps everybody's purchase cycles as their purchases have them today, and tells flows once when somebody is due, late by
/// half a cycle, or gone for three. A purchase begins a new cycle, in which everything can be told again.
/// </summary>
public sealed class PurchaseCycleRound(IDbContextFactory<AutomationDb> dbs, TimeProvider clock)
{
    // What flows are told, by the state that begins.
    private static readonly Dictionary<RepurchaseState, string> Events = new()
    {
        [RepurchaseState.Due] = "repurchase.due",
        [RepurchaseState.Lapsed] = "repurchase.lapsed",
        [RepurchaseState.Dormant] = "repurchase.dormant",
    };

    /// <returns>How many times flows were told something.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var now = clock.GetUtcNow();
        var today = LocalTime.DayOf(now, LocalTime.ZoneOr((await db.ShopAsync(cancellation)).TimeZone, TimeZoneInfo.Utc));
        var medians = await MediansAsync(db, today, cancellation);
        await SaveMediansAsync(db, medians, cancellation);
        var told = 0;
        await foreach (var page in PurchaseLines.PagesAsync(db, null, today, cancellation))
        {
            var stored = await StoredAsync(db, [.. page.Select(person => person.Key)], cancellation);
            var changed = page.Where(person => !Same(stored[person.Key], Cycles(person.Key, person, stored[person.Key], medians, today))).Select(person => person.Key).ToList();
            if (changed.Count > 0) told += await TakeAsync(db, changed, medians, today, now, cancellation);
        }
        await db.ExecuteAsync("DELETE FROM purchase_cycles WHERE NOT EXISTS (SELECT 1 FROM purchases p WHERE p.contact_id = purchase_cycles.contact_id)", cancellation);
        return told;
    }

    /// <summary>Cycles of one person as they should be; what was told of a cycle that still runs stays told.</summary>
    private static List<PurchaseCycle> Cycles(Guid person, IEnumerable<Purchase> lines, IEnumerable<PurchaseCycle> stored, Dictionary<string, int> medians, DateOnly today)
    {
        var before = stored.ToDictionary(cycle => cycle.Category, StringComparer.Ordinal);
        var cycles = new List<PurchaseCycle>();
        var own = lines.ToList();
        var hasCategories = own.Any(line => !string.IsNullOrEmpty(line.Category));
        foreach (var (category, rhythm) in PurchaseRhythms.Of(own, medians, today).Where(one => one.Rhythm.IsOwn))
        {
            var told = before.TryGetValue(category, out var known) && known.LastOn == rhythm.Last ? known.Told : RepurchaseState.Waiting;
            // Over everything only where the shop has no categories: nobody is reminded twice of one thing.
            var isTold = rhythm.IsSure && category.Length > 0 == hasCategories;
            var state = isTold ? rhythm.StateOn(today) : RepurchaseState.Waiting;
            cycles.Add(new PurchaseCycle
            {
                ContactId = person,
                Category = category,
                Days = Math.Max(1, (int)Math.Round(rhythm.Usual, MidpointRounding.AwayFromZero)),
                LastOn = rhythm.Last,
                DueOn = rhythm.Due,
                IsSure = rhythm.IsSure,
                Told = state > told ? state : told,
                Begun = state > told ? rhythm.BeginOf(state) : null,
            });
        }
        return cycles;
    }

    private static bool Same(IEnumerable<PurchaseCycle> stored, IEnumerable<PurchaseCycle> wanted) =>
        stored.Select(Content).Order().SequenceEqual(wanted.Select(Content).Order());

    private static (string, int, DateOnly?, DateOnly?, bool, RepurchaseState) Content(PurchaseCycle cycle) =>
        (cycle.Category, cycle.Days, cycle.LastOn, cycle.DueOn, cycle.IsSure, cycle.Told);

    private static async Task<Dictionary<string, int>> MediansAsync(AutomationDb db, DateOnly today, CancellationToken cancellation)
    {
        var gaps = new GapCounts();
        await foreach (var page in PurchaseLines.PagesAsync(db, null, today, cancellation))
        {
            foreach (var person in page)
            {
                foreach (var (category, days) in PurchaseRhythms.Kinds([.. person], today)) gaps.Add(category, days);
            }
        }
        return gaps.Medians();
    }

    private static async Task SaveMediansAsync(AutomationDb db, Dictionary<string, int> medians, CancellationToken cancellation)
    {
        var before = await db.QueryAsync("SELECT category, days FROM category_cycles", row => (Category: row.Text(0), Days: row.Int(1)), cancellation);
        if (before.Count == medians.Count && before.All(known => medians.TryGetValue(known.Category, out var days) && days == known.Days)) return;
        await using var transaction = await db.BeginWriteAsync(cancellation);
        await db.ExecuteAsync($"DELETE FROM category_cycles WHERE NOT ({db.Dialect.Among("category", "@p0")})", cancellation, [medians.Keys.ToArray()]);
        await db.InsertManyAsync(
            "category_cycles", ["category", "days"], [.. medians.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => new object?[] { one.Key, Math.Max(1, one.Value) })],
            "ON CONFLICT (category) DO UPDATE SET days = excluded.days", cancellation);
        await transaction.CommitAsync(cancellation);
    }

    private static async Task<ILookup<Guid, PurchaseCycle>> StoredAsync(AutomationDb db, IReadOnlyCollection<Guid> people, CancellationToken cancellation)
    {
        var rows = await db.QueryAsync(
            $"SELECT contact_id, category, days, last_on, due_on, is_sure, told FROM purchase_cycles WHERE {db.Dialect.Among("contact_id", "@p0")}",
            row => new PurchaseCycle
            {
                ContactId = row.Guid(0),
                Category = row.Text(1),
                Days = row.Int(2),
                LastOn = row.IsNull(3) ? null : row.Date(3),
                DueOn = row.IsNull(4) ? null : row.Date(4),
                IsSure = row.Bool(5),
                Told = row.Enum<RepurchaseState>(6),
            },
            cancellation, people);
        return rows.ToLookup(cycle => cycle.ContactId);
    }

    // Read again while the people are held: another process may be at the same, and each thing is told once.
    private static async Task<int> TakeAsync(AutomationDb db, List<Guid> people, Dictionary<string, int> medians, DateOnly today, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        await db.HoldAsync("contacts", people, cancellation);
        var lines = await PurchaseLines.OfAsync(db, people, null, today, cancellation);
        var stored = await StoredAsync(db, people, cancellation);
        var wanted = people.SelectMany(person => Cycles(person, lines[person], stored[person], medians, today)).ToList();
        await db.ExecuteAsync($"DELETE FROM purchase_cycles WHERE {db.Dialect.Among("contact_id", "@p0")}", cancellation, people);
        await db.InsertManyAsync(
            "purchase_cycles", ["contact_id", "category", "days", "last_on", "due_on", "is_sure", "told"],
            [.. wanted.Select(cycle => new object?[] { cycle.ContactId, cycle.Category, cycle.Days, cycle.LastOn, cycle.DueOn, cycle.IsSure, cycle.Told })], "", cancellation);
        // What began long ago is history that came in by an import, or an outage that lasted: nobody is mailed for it.
        var fresh = wanted.Where(cycle => cycle.Begun is { } begun && today.DayNumber - begun.DayNumber <= EventIntake.StartsFlowsFor.Days).ToList();
        await Stimuli.WriteAsync(db, [.. fresh.Select(cycle => Told(cycle, now))], now, cancellation);
        await transaction.CommitAsync(cancellation);
        return fresh.Count;
    }

    private static NewStimulus Told(PurchaseCycle cycle, DateTimeOffset now)
    {
        var type = Events[cycle.Told];
        return new NewStimulus(
            Stimuli.EventReceived, type, cycle.ContactId, Stimuli.EventOf(type, now, new { category = cycle.Category, last_on = cycle.LastOn, due_on = cycle.DueOn, every_days = cycle.Days }));
    }
}
