using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Contacts.Scoring;

/// <summary>All that a person's score is made of.</summary>
/// <param name="Record">What they did, as it is on record, of the types that rules name.</param>
/// <param name="Stored">As last worked out; null: never.</param>
public sealed record ScoreCase(
    Contact Person, IReadOnlyCollection<string> Tags, IReadOnlyList<RawTouch> Record, IReadOnlyList<ScoreCut> Cuts, ContactScore? Stored)
{
    public IReadOnlyList<Touch> Touches(ScoringRules rules, TimeZoneInfo zone) => Behaviour.Touches(rules, Record, Cuts, zone);

    public HeatBefore Before => new(Stored?.HotSince, Stored?.AlertedAt);
}

/// <summary>Reads what scores are made of, and what a hand-back does to them.</summary>
public static class Scores
{
    // Newest first; more than this nobody does in earnest within twenty half-lives.
    private const int MostEvents = 2000;
    private const int MostWithData = 300;

    /// <returns>By person; who does not exist is absent.</returns>
    public static async Task<Dictionary<Guid, ScoreCase>> LoadAsync(
        AutomationDb db, IReadOnlyCollection<Guid> contacts, ScoringRules rules, DateTimeOffset now, CancellationToken cancellation)
    {
        var ids = contacts.Distinct().ToArray();
        var since = now - rules.Reach;
        var record = await RecordAsync(db, ids, rules, since, cancellation);
        var cuts = (await db.QueryAsync(
            $"SELECT contact_id, at, factor FROM score_resets WHERE undone_at IS NULL AND {db.Dialect.Among("contact_id", "@p0")}",
            row => (Contact: row.Guid(0), Cut: new ScoreCut(row.Instant(1), row.Double(2))), cancellation, ids)).ToLookup(row => row.Contact, row => row.Cut);
        var tags = (await db.QueryAsync(
            $"SELECT contact_id, tag FROM contact_tags WHERE {db.Dialect.Among("contact_id", "@p0")}", row => (Contact: row.Guid(0), Tag: row.Text(1)), cancellation, ids))
            .ToLookup(row => row.Contact, row => row.Tag);
        var stored = await db.ContactScores.AsNoTracking().Where(score => ids.Contains(score.ContactId)).ToDictionaryAsync(score => score.ContactId, cancellation);
        var people = await db.Contacts.AsNoTracking().Where(contact => ids.Contains(contact.Id)).ToListAsync(cancellation);
        return people.ToDictionary(
            person => person.Id, person => new ScoreCase(person, [.. tags[person.Id]], [.. record[person.Id]], [.. cuts[person.Id]], stored.GetValueOrDefault(person.Id)));
    }

    /// <summary>Sales handed the person back: what they did so far is worth at most so much, and they are hot again only by what they do from now on.</summary>
    public static async Task HandedBackAsync(AutomationDb db, Guid contactId, DateTimeOffset now, CancellationToken cancellation)
    {
        await db.HoldAsync("contacts", [contactId], cancellation);
        var rules = await db.ScoringRulesAsync(cancellation);
        if (!(await LoadAsync(db, [contactId], rules, now, cancellation)).TryGetValue(contactId, out var known)) return;
        var touches = known.Touches(rules, await ZoneAsync(db, cancellation));
        var score = Behaviour.ScoreAt(touches, now);
        var factor = score > rules.AfterHandBack ? rules.AfterHandBack / score : 1;
        await db.ExecuteAsync(
            "INSERT INTO score_resets (id, contact_id, at, factor) VALUES (@p0, @p1, @p2, @p3)", cancellation, RowId.New(now), contactId, now, factor);
        if (known.Stored?.HotSince is { } hot) await db.ExecuteAsync("UPDATE score_resets SET hot_since = @p2 WHERE contact_id = @p0 AND at = @p1", cancellation, contactId, now, hot);
        if (known.Stored is null) return;
        var sums = Behaviour.SumsAt(touches, now).ToDictionary(pair => pair.Key, pair => pair.Value * factor);
        await db.ExecuteAsync(
            "UPDATE contact_scores SET as_of = @p1, sums = @p2, hot_since = NULL, cools_at = NULL WHERE contact_id = @p0", cancellation, contactId, now, ContactScore.TextOf(sums));
    }

    /// <summary>The hand-back was a slip: what the person did is worth again what it was.</summary>
    /// <param name="handedBackAt">The instant given to <see cref="HandedBackAsync"/>.</param>
    public static async Task HandBackUndoneAsync(AutomationDb db, Guid contactId, DateTimeOffset handedBackAt, DateTimeOffset now, CancellationToken cancellation)
    {
        await db.HoldAsync("contacts", [contactId], cancellation);
        var reset = await db.QueryAsync(
            "SELECT id, hot_since FROM score_resets WHERE contact_id = @p0 AND at = @p1 AND undone_at IS NULL ORDER BY id LIMIT 1", row => (Id: row.Guid(0), HotSince: row.InstantOrNull(1)),
            cancellation, contactId, handedBackAt);
        if (reset.Count == 0) return;
        await db.ExecuteAsync("UPDATE score_resets SET undone_at = @p1 WHERE id = @p0", cancellation, reset[0].Id, now);
        var rules = await db.ScoringRulesAsync(cancellation);
        if (!(await LoadAsync(db, [contactId], rules, now, cancellation)).TryGetValue(contactId, out var known) || known.Stored is null) return;
        var touches = known.Touches(rules, await ZoneAsync(db, cancellation));
        var heat = Heat.At(rules, touches, known.Cuts, Fitness.Of(rules, known.Person, known.Tags), known.Before with { HotSince = reset[0].HotSince }, now);
        await SaveAsync(db, known, touches, heat with { Alert = false }, rules, reset[0].HotSince, known.Stored.Signals, now, cancellation);
    }

    /// <summary>Keeps what was worked out.</summary>
    /// <param name="hotSince">Since when the person is hot, if the heat says so.</param>
    public static async Task SaveAsync(
        AutomationDb db, ScoreCase known, IReadOnlyList<Touch> touches, Heat heat, ScoringRules rules, DateTimeOffset? hotSince, string signals, DateTimeOffset asOf,
        CancellationToken cancellation)
    {
        var sums = Behaviour.SumsAt(touches, asOf);
        var since = heat.IsHot ? hotSince ?? asOf : (DateTimeOffset?)null;
        await db.InsertManyAsync(
            "contact_scores", ["contact_id", "as_of", "sums", "fit", "hot_since", "cools_at", "alerted_at", "why", "signals"],
            [[
                known.Person.Id, asOf, ContactScore.TextOf(sums), heat.Fit, since, since is null ? null : asOf + Behaviour.UntilBelow(sums, rules.CoolBelow),
                heat.Alert ? asOf : known.Stored?.AlertedAt, heat.IsHot ? WhyOf(touches, asOf) : known.Stored?.Why ?? "", signals,
            ]],
            """
            ON CONFLICT (contact_id) DO UPDATE SET as_of = excluded.as_of, sums = excluded.sums, fit = excluded.fit, hot_since = excluded.hot_since, cools_at = excluded.cools_at,
                alerted_at = excluded.alerted_at, why = excluded.why, signals = excluded.signals
            """, cancellation);
    }

    public static async Task<TimeZoneInfo> ZoneAsync(AutomationDb db, CancellationToken cancellation) =>
        LocalTime.ZoneOr((await db.ShopAsync(cancellation)).TimeZone, TimeZoneInfo.Utc);

    // What makes hot at once, else what counts most of all that the person does of one kind.
    private static string WhyOf(IReadOnlyList<Touch> touches, DateTimeOffset instant) =>
        touches.Where(touch => touch.At <= instant).GroupBy(touch => (touch.Rule, touch.Immediate))
            .OrderByDescending(group => group.Sum(touch => touch.WorthAt(instant))).ThenByDescending(group => group.Key.Immediate).Select(group => group.Key.Rule).FirstOrDefault() ?? "";

    private static async Task<ILookup<Guid, RawTouch>> RecordAsync(AutomationDb db, Guid[] ids, ScoringRules rules, DateTimeOffset since, CancellationToken cancellation)
    {
        var asked = rules.Touches.Select(rule => (rule.Events, rule.Contains)).Concat(rules.Signals.Select(rule => (rule.Events, rule.Contains))).ToList();
        var withData = asked.Where(rule => rule.Contains.Count > 0).SelectMany(rule => rule.Events).ToHashSet();
        var types = asked.SelectMany(rule => rule.Events).ToHashSet();
        var events = await db.QueryAsync(
            db.Dialect.NewestOfEach("@p0", "lead_events", "contact_id", "type, occurred_at", "1 = 1", "occurred_at", "@p1", MostEvents),
            row => (Contact: row.Guid(0), Touch: new RawTouch(row.Text(1), row.Instant(2), "")), cancellation, ids, since);
        events.RemoveAll(one => !types.Contains(one.Touch.Type) || withData.Contains(one.Touch.Type));
        if (withData.Count > 0)
        {
            events.AddRange((await db.QueryAsync(
                db.Dialect.NewestOfEach("@p0", "lead_events", "contact_id", "type, occurred_at, data", "1 = 1", "occurred_at", "@p1", MostWithData),
                row => (Contact: row.Guid(0), Touch: new RawTouch(row.Text(1), row.Instant(2), row.Text(3))), cancellation, ids, since)).Where(one => withData.Contains(one.Touch.Type)));
        }
        if (types.Contains(TouchRule.Clicked))
        {
            events.AddRange(await db.QueryAsync(
                db.Dialect.NewestOfEach("@p0", "delivery_events", "contact_id", "at", "kind = 'click' AND machine = false", "at", "@p1", MostEvents),
                row => (Contact: row.Guid(0), Touch: new RawTouch(TouchRule.Clicked, row.Instant(1), "")), cancellation, ids, since));
        }
        return events.ToLookup(one => one.Contact, one => one.Touch);
    }
}
