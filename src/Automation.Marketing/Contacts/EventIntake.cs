using System.Data.Common;
using System.Text.Json.Nodes;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Contacts.Scoring;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Contacts;

/// <summary>What became of an event: its person, and whether it had been taken before.</summary>
public sealed record TakenEvent(string Source, string Id, Guid ContactId, bool Duplicate);

/// <summary>
/// Takes lead events: creates or updates the person, records the event once, and leaves a stimulus for the flows. All
/// events of a call are committed together or none.
/// </summary>
public static class EventIntake
{
    /// <summary>Older events update data only (brief §4.4).</summary>
    public static readonly TimeSpan StartsFlowsFor = TimeSpan.FromDays(7);

    // SQLSTATE; on SQLite writers queue, and it does not come up.
    private const string UniqueViolation = "23505";
    private const int MostAttempts = 5;

    private static readonly string[] EventColumns = ["id", "source", "source_id", "type", "contact_id", "occurred_at", "received_at", "data"];

    private static readonly string[] PurchaseColumns =
        ["id", "source", "order_id", "line", "contact_id", "date", "product", "category", "quantity", "net", "cost", "currency"];

    private static readonly string[] ConsentColumns =
        ["id", "contact_id", "channel", "topic", "state", "basis", "source", "evidence", "actor", "at"];

    /// <exception cref="BadInputException">An event joins two different people.</exception>
    public static async Task<IReadOnlyList<TakenEvent>> TakeAsync(
        AutomationDb db, IReadOnlyList<LeadEventInput> events, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await TakeOnceAsync(db, events, actor, now, cancellation);
            }
            catch (DbException taken) when (taken.SqlState == UniqueViolation && attempt < MostAttempts)
            {
                // The same event or person came in by another door at this moment: now it can be seen.
                db.ChangeTracker.Clear();
            }
        }
    }

    private static async Task<IReadOnlyList<TakenEvent>> TakeOnceAsync(
        AutomationDb db, IReadOnlyList<LeadEventInput> events, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var known = await KnownAsync(db, events, cancellation);
        var people = await PeopleByKeys.LoadAsync(db, events, cancellation);
        var zone = LocalTime.ZoneOr((await db.ShopAsync(cancellation)).TimeZone, TimeZoneInfo.Utc);
        var taken = new List<TakenEvent>(events.Count);
        var fresh = new List<(LeadEventInput Event, Contact Contact)>(events.Count);
        for (var index = 0; index < events.Count; index++)
        {
            var lead = events[index];
            if (known.TryGetValue((lead.Source, lead.Id), out var before))
            {
                taken.Add(new TakenEvent(lead.Source, lead.Id, before, Duplicate: true));
                continue;
            }
            var contact = people.FindOrCreate(lead.Contact, $"events[{index}].contact", now);
            known.Add((lead.Source, lead.Id), contact.Id);
            fresh.Add((lead, contact));
            taken.Add(new TakenEvent(lead.Source, lead.Id, contact.Id, Duplicate: false));
        }
        await people.SaveAsync(db, now, cancellation);
        await WriteAsync(db, fresh, actor, zone, now, cancellation);
        await transaction.CommitAsync(cancellation);
        return taken;
    }

    private static async Task<Dictionary<(string, string), Guid>> KnownAsync(
        AutomationDb db, IReadOnlyList<LeadEventInput> events, CancellationToken cancellation)
    {
        var known = await db.QueryAsync(
            $"SELECT source, source_id, contact_id FROM lead_events WHERE {db.Dialect.Among("source", "@p0")} AND {db.Dialect.Among("source_id", "@p1")}",
            row => (Key: (row.Text(0), row.Text(1)), Contact: row.Guid(2)), cancellation,
            events.Select(lead => lead.Source).Distinct().ToArray(), events.Select(lead => lead.Id).Distinct().ToArray());
        return known.ToDictionary(row => row.Key, row => row.Contact);
    }

    private static async Task WriteAsync(
        AutomationDb db, List<(LeadEventInput Event, Contact Contact)> fresh, string actor, TimeZoneInfo zone, DateTimeOffset now, CancellationToken cancellation)
    {
        await db.InsertManyAsync(
            "lead_events", EventColumns,
            [.. fresh.Select(taken => new object?[]
            {
                RowId.New(now), taken.Event.Source, taken.Event.Id, taken.Event.Type, taken.Contact.Id,
                taken.Event.OccurredAt ?? now, now, taken.Event.Data,
            })],
            "", cancellation);
        await db.InsertManyAsync(
            "contact_sources", ["contact_id", "source", "first_seen_at", "last_seen_at"],
            [.. fresh.Select(taken => (taken.Contact.Id, taken.Event.Source)).Distinct().Select(pair => new object?[] { pair.Id, "api:" + pair.Source, now, now })],
            "ON CONFLICT (contact_id, source) DO UPDATE SET last_seen_at = excluded.last_seen_at", cancellation);
        await db.InsertManyAsync(
            "contact_tags", ["contact_id", "tag"],
            [.. fresh.SelectMany(taken => taken.Event.Contact.Tags.Select(tag => (taken.Contact.Id, tag))).Distinct().Select(pair => new object?[] { pair.Id, pair.tag })],
            "ON CONFLICT DO NOTHING", cancellation);
        await db.InsertManyAsync(
            "purchases", PurchaseColumns,
            [.. fresh.SelectMany(taken => taken.Event.OrderLines.Select(line => new object?[]
            {
                RowId.New(now), taken.Event.Source, line.OrderId, line.Line, taken.Contact.Id,
                LocalTime.DayOf(taken.Event.OccurredAt ?? now, zone),
                line.Product, line.Category, line.Quantity, line.Net, line.Cost, line.Currency,
            }))],
            "ON CONFLICT DO NOTHING", cancellation);
        await GrantAsync(db, fresh, actor, now, cancellation);
        await Stimuli.WriteAsync(
            db,
            [.. fresh.Where(taken => now - (taken.Event.OccurredAt ?? now) <= StartsFlowsFor).SelectMany(taken => StimuliOf(taken.Event, taken.Contact.Id, now))],
            now, cancellation);
        await ScoreChecks.WriteAsync(db, fresh.Select(taken => (taken.Contact.Id, new RawTouch(taken.Event.Type, taken.Event.OccurredAt ?? now, taken.Event.Data))), now, cancellation);
    }

    private static IEnumerable<NewStimulus> StimuliOf(LeadEventInput lead, Guid contactId, DateTimeOffset now)
    {
        var payload = PayloadOf(lead, now);
        yield return new NewStimulus(Stimuli.EventReceived, lead.Type, contactId, payload);
        if (lead.Request is { } request) yield return new NewStimulus(Stimuli.RequestReceived, request, contactId, payload);
    }

    private static async Task GrantAsync(
        AutomationDb db, List<(LeadEventInput Event, Contact Contact)> fresh, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        var said = fresh.Where(taken => taken.Event.Contact.Consent is not null).ToList();
        if (said.Count == 0) return;
        var standing = await ConsentLedger.StatesAsync(db, [.. said.Select(taken => taken.Contact.Id)], cancellation);
        var rows = new List<object?[]>();
        foreach (var (lead, contact) in said)
        {
            var consent = lead.Contact.Consent!;
            // A consent dated in the future would outlive every refusal until then.
            var at = lead.OccurredAt < now ? lead.OccurredAt.Value : now;
            if (!ConsentLedger.MayGrant(standing.GetValueOrDefault(contact.Id), consent.Basis, at)) continue;
            rows.Add([RowId.New(now), contact.Id, ConsentEntry.Email, "", ConsentState.Granted, consent.Basis, "api:" + lead.Source, consent.Evidence, actor, at]);
            standing[contact.Id] = (ConsentState.Granted, at);
        }
        await db.InsertManyAsync("consent_entries", ConsentColumns, rows, "", cancellation);
    }

    private static string PayloadOf(LeadEventInput lead, DateTimeOffset now) =>
        Stimuli.EventOf(lead.Type, lead.OccurredAt ?? now, lead.Source, lead.Id, JsonNode.Parse(lead.Data));
}
