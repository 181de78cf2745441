using System.Globalization;
using System.Text.Json;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Lifecycle;
using Automation.Marketing.Contacts.Outgoing;
using Automation.Marketing.Contacts.Scoring;
using Automation.Marketing.Deals;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Leads;

/// <summary>
/// Looks at people who did something: works out their score, hands over who became hot, and tells owners what matters. Each
/// person is held meanwhile, so that of several processes one alone sees a crossing.
/// </summary>
public sealed class LeadRound(IDbContextFactory<AutomationDb> dbs, TimeProvider clock)
{
    private const int Batch = 100;

    // An old event that arrives late is no reason to call today.
    private static readonly TimeSpan SignalsFor = TimeSpan.FromDays(1);

    // Below this a score has not changed but for the last bits.
    private const double Nothing = 1e-6;

    /// <returns>How many looks were asked for.</returns>
    public async Task<int> WorkAsync(CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var now = clock.GetUtcNow();
        if ((await db.QueryAsync("SELECT 1 FROM score_checks WHERE due_at <= @p0 LIMIT 1", row => row.Int(0), cancellation, now)).Count == 0) return 0;
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var due = await db.QueryAsync(
            $"SELECT id, contact_id, due_at FROM score_checks WHERE due_at <= @p0 ORDER BY due_at, id LIMIT {Batch}{db.Dialect.SkipLocked}",
            row => (Id: row.Guid(0), Contact: row.Guid(1), At: row.Instant(2)), cancellation, now);
        await db.HoldAsync("contacts", due.Select(check => check.Contact).Distinct(), cancellation);
        await LookAsync(db, due.GroupBy(check => check.Contact).ToDictionary(group => group.Key, group => group.Max(check => check.At)), now, cancellation);
        await db.ExecuteAsync($"DELETE FROM score_checks WHERE {db.Dialect.Among("id", "@p0")}", cancellation, due.Select(check => check.Id).ToArray());
        await transaction.CommitAsync(cancellation);
        return due.Count;
    }

    private static async Task LookAsync(AutomationDb db, Dictionary<Guid, DateTimeOffset> people, DateTimeOffset now, CancellationToken cancellation)
    {
        var rules = await db.ScoringRulesAsync(cancellation);
        var zone = await Scores.ZoneAsync(db, cancellation);
        var cases = await Scores.LoadAsync(db, people.Keys, rules, now, cancellation);
        var owners = await OwnersAsync(db, people.Keys, cancellation);
        var flowsAsk = (await db.QueryAsync("SELECT 1 FROM flow_triggers WHERE name = @p0 LIMIT 1", row => row.Int(0), cancellation, Stimuli.ScoreCrossed)).Count > 0;
        foreach (var known in cases.Values.OrderBy(one => one.Person.Id))
        {
            // Time of a score goes forward only, whatever the order in which processes come by.
            var asOf = known.Stored?.AsOf is { } last && last > people[known.Person.Id] ? last : people[known.Person.Id];
            var touches = known.Touches(rules, zone);
            var heat = HeatOf(known, touches, rules, asOf);
            var before = known.Stored?.ScoreAt(asOf) ?? 0;
            var told = heat.Alert ? Told(known, rules, asOf)
                : owners.TryGetValue(known.Person.Id, out var owner) ? await SignalAsync(db, known, rules, heat, owner, asOf, zone, now, cancellation)
                : known.Stored?.Signals ?? "{}";
            await Scores.SaveAsync(db, known, touches, heat, rules, heat.Cooled ? asOf : known.Stored?.HotSince, told, asOf, cancellation);
            if (flowsAsk && heat.Score - before > Nothing) await Stimuli.ScoreChangedAsync(db, known.Person.Id, before, heat.Score, now, cancellation);
            if (heat.Alert) await AlertAsync(db, known.Person.Id, heat, owners, zone, asOf, now, cancellation);
        }
    }

    private static Heat HeatOf(ScoreCase known, IReadOnlyList<Touch> touches, ScoringRules rules, DateTimeOffset asOf)
    {
        var heat = Heat.At(rules, touches, known.Cuts, Fitness.Of(rules, known.Person, known.Tags), known.Before, asOf);
        return known.Person.Stage is LifecycleStage.Disqualified ? heat with { IsHot = false, Alert = false } : heat;
    }

    private static async Task AlertAsync(
        AutomationDb db, Guid contact, Heat heat, Dictionary<Guid, string?> owners, TimeZoneInfo zone, DateTimeOffset asOf, DateTimeOffset now, CancellationToken cancellation)
    {
        await OutgoingEvents.TellAsync(db, [("lead.hot", contact, JsonSerializer.Serialize(new { score = Math.Round(heat.Score, 1), fit = heat.Fit }))], now, cancellation);
        var words = string.Create(CultureInfo.InvariantCulture, $"有望な見込み客 / Hot lead · {heat.Score:0} · {heat.Fit}");
        if (owners.TryGetValue(contact, out var owner))
        {
            // Who has just been handed over, by a flow say, is waiting for an answer: sales knows.
            if ((await db.QueryAsync("SELECT 1 FROM hand_offs WHERE contact_id = @p0 AND state = 'Waiting' LIMIT 1", row => row.Int(0), cancellation, contact)).Count > 0) return;
            var mail = await HandOffText.MailAsync(db, contact, "有望な見込み客", "Hot lead", words, now, cancellation);
            await Notices.AddAsync(db, owner, contact, words, mail, now, cancellation);
        }
        else if ((await LeadSettings.ReadAsync(db, cancellation)).Automatic && (await LeadOwners.SellersAsync(db, cancellation)).Count > 0)
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"{contact:N}-{asOf.ToUnixTimeMilliseconds()}");
            await HandingOff.HandOffAsync(db, new HandOffRequest(contact, Owner: null, words, key, InstanceId: null), zone, now, cancellation);
        }
        else
        {
            await Notices.AddAsync(db, null, contact, words, mail: null, now, cancellation);
        }
    }

    private static async Task<Dictionary<Guid, string?>> OwnersAsync(AutomationDb db, IReadOnlyCollection<Guid> contacts, CancellationToken cancellation)
    {
        var open = await db.QueryAsync(
            $"SELECT contact_id, owner FROM deals WHERE status = 'Open' AND {db.Dialect.Among("contact_id", "@p0")} ORDER BY updated_at DESC",
            row => (Contact: row.Guid(0), Owner: row.TextOrNull(1)), cancellation, contacts);
        return open.GroupBy(deal => deal.Contact).ToDictionary(group => group.Key, group => group.Select(deal => deal.Owner).FirstOrDefault(owner => owner is not null));
    }

    private static async Task<string> SignalAsync(
        AutomationDb db, ScoreCase known, ScoringRules rules, Heat heat, string? owner, DateTimeOffset asOf, TimeZoneInfo zone, DateTimeOffset now, CancellationToken cancellation)
    {
        var told = Known(known);
        foreach (var (rule, touch) in Signals(known, rules, asOf))
        {
            if (told.TryGetValue(rule.Id, out var last) && touch.At < last + TimeSpan.FromHours(rule.WindowHours)) continue;
            told[rule.Id] = touch.At;
            var words = string.Create(CultureInfo.InvariantCulture, $"{rule.Id} · {touch.Type} {TimeZoneInfo.ConvertTime(touch.At, zone):yyyy-MM-dd HH:mm} · {heat.Score:0} · {heat.Fit}");
            var mail = await HandOffText.MailAsync(db, known.Person.Id, "営業のきっかけ", "A reason to get in touch", words, now, cancellation);
            await Notices.AddAsync(db, owner, known.Person.Id, words, mail, now, cancellation);
        }
        return JsonSerializer.Serialize(told);
    }

    // Sales is told of these by the alert.
    private static string Told(ScoreCase known, ScoringRules rules, DateTimeOffset asOf)
    {
        var told = Known(known);
        foreach (var (rule, touch) in Signals(known, rules, asOf)) told[rule.Id] = touch.At;
        return JsonSerializer.Serialize(told);
    }

    private static Dictionary<string, DateTimeOffset> Known(ScoreCase known) =>
        JsonSerializer.Deserialize<Dictionary<string, DateTimeOffset>>(known.Stored?.Signals ?? "{}")!;

    private static IEnumerable<(SignalRule Rule, RawTouch Newest)> Signals(ScoreCase known, ScoringRules rules, DateTimeOffset asOf)
    {
        foreach (var rule in rules.Signals)
        {
            var newest = known.Record.Where(touch => touch.At <= asOf && asOf - touch.At < SignalsFor && rule.Matches(touch)).OrderByDescending(touch => touch.At).FirstOrDefault();
            if (newest.Type is not null) yield return (rule, newest);
        }
    }
}
