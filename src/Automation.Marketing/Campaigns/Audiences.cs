using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Automation.Marketing.Campaigns.Turns;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Campaigns;

/// <summary>Turns an audience rule into one query over the people.</summary>
public static class Audiences
{
    // A century: more is a slip, and beyond the calendar it has no first day.
    private const int MostDays = 36_525;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <exception cref="BadInputException">The text is no audience rule; the place is named.</exception>
    public static Audience Parse(string json, string place)
    {
        try
        {
            var audience = JsonSerializer.Deserialize<Audience>(json, Json) ?? new Audience();
            Check(audience, place);
            return audience;
        }
        catch (JsonException broken)
        {
            throw new BadInputException($"{place}{broken.Path?.TrimStart('$')}", "is not an audience rule: tags, notTags, prefectures, bought, notBought, silent, due.");
        }
    }

    /// <param name="place">Where the rule stands; empty: it is all there is.</param>
    /// <exception cref="BadInputException">A number does not fit, or something is missing; the place is named.</exception>
    public static void Check(Audience audience, string place)
    {
        var within = place.Length == 0 ? "" : place + ".";
        CheckDays(audience.Bought, within + "bought");
        CheckDays(audience.NotBought, within + "notBought");
        CheckDue(audience.Due, within + "due");
    }

    public static string ToJson(this Audience audience) => JsonSerializer.Serialize(audience, Json);

    /// <summary>How many people the rule reaches, before consent and caps.</summary>
    public static Task<int> CountAsync(AutomationDb db, Audience audience, DateOnly today, CancellationToken cancellation) =>
        CountAsync(db, audience, today, WithMail, cancellation);

    /// <summary>How many people are reached by how many of these rules, each on its day; nobody who is reached by none.</summary>
    internal static async Task<Dictionary<int, int>> CountPerPersonAsync(
        AutomationDb db, IReadOnlyList<(Audience Audience, DateOnly Day)> rules, CancellationToken cancellation)
    {
        var values = new List<object?>();
        var each = string.Join(" UNION ALL ", rules.Select(rule => $"SELECT c.id AS id FROM contacts c WHERE {Where(db, rule.Audience, rule.Day, values)}"));
        var counts = await db.QueryAsync(
            $"SELECT n, COUNT(*) FROM (SELECT COUNT(*) AS n FROM ({each}) AS hits GROUP BY id) AS persons GROUP BY n", row => (Mails: row.Int(0), People: row.Int(1)), cancellation, [.. values]);
        return counts.ToDictionary(line => line.Mails, line => line.People);
    }

    /// <summary>The next of those whom the rule reaches now, in the order of their ids.</summary>
    internal static Task<List<Guid>> PageAsync(AutomationDb db, Audience audience, DateOnly today, Guid after, int atMost, CancellationToken cancellation)
    {
        var values = new List<object?> { after };
        var where = Where(db, audience, today, values);
        return db.QueryAsync(
            $"SELECT c.id FROM contacts c WHERE c.id > @p0 AND {where} ORDER BY c.id LIMIT {atMost.ToString(CultureInfo.InvariantCulture)}", row => row.Guid(0), cancellation, [.. values]);
    }

    /// <summary>Freezes the people whom the rule reaches now as rows of a broadcast.</summary>
    /// <param name="capacity">At most so many, those who bought last first.</param>
    internal static Task<int> FreezeAsync(AutomationDb db, Guid broadcastId, Audience audience, DateOnly today, int? capacity, CancellationToken cancellation)
    {
        var values = new List<object?> { broadcastId };
        var where = Where(db, audience, today, values);
        return db.ExecuteAsync(
            $"INSERT INTO broadcast_recipients (broadcast_id, contact_id) SELECT @p0, c.id FROM contacts c WHERE {where}{Lately(capacity)} ON CONFLICT DO NOTHING",
            cancellation, [.. values]);
    }

    /// <summary>Adds the people whom the rule reaches and no mail can: they have an address of paper, or a telephone.</summary>
    internal static Task<int> FreezeOnPaperAsync(AutomationDb db, Guid broadcastId, Audience audience, DateOnly today, CancellationToken cancellation)
    {
        var values = new List<object?> { broadcastId };
        var where = Where(db, audience, today, values, WithoutMail);
        return db.ExecuteAsync(
            $"INSERT INTO broadcast_recipients (broadcast_id, contact_id, apart) SELECT @p0, c.id, '{nameof(SetApart.OnPaper)}' FROM contacts c WHERE {where} ON CONFLICT DO NOTHING",
            cancellation, [.. values]);
    }

    /// <summary>How many people the rule reaches whom no mail can reach, but a postcard or a call.</summary>
    public static Task<int> CountOnPaperAsync(AutomationDb db, Audience audience, DateOnly today, CancellationToken cancellation) =>
        CountAsync(db, audience, today, WithoutMail, cancellation);

    /// <summary>How many people the rule reaches whom a mail can reach, and a postcard or a call as well.</summary>
    public static Task<int> CountBothWaysAsync(AutomationDb db, Audience audience, DateOnly today, CancellationToken cancellation) =>
        CountAsync(db, audience, today, $"{WithMail} AND {WithPaper}", cancellation);

    /// <summary>Some of those whom the rule reaches, drawn evenly and always the same.</summary>
    internal static Task<List<Guid>> SampleAsync(AutomationDb db, Audience audience, DateOnly today, int most, CancellationToken cancellation)
    {
        var values = new List<object?>();
        var where = Where(db, audience, today, values);
        // The end of an id is drawn by lot; its front is the time at which the person became known.
        return db.QueryAsync(
            $"SELECT c.id FROM contacts c WHERE {where} ORDER BY SUBSTR(CAST(c.id AS text), 25), c.id LIMIT {most.ToString(CultureInfo.InvariantCulture)}", row => row.Guid(0), cancellation, [.. values]);
    }

    private static string Lately(int? capacity) => capacity is not { } most ? "" :
        $" ORDER BY COALESCE((SELECT MAX(p.date) FROM purchases p WHERE p.contact_id = c.id AND p.net > 0), '0001-01-01') DESC, c.id LIMIT {most.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>Holds a slot for everyone whom the rule reaches.</summary>
    internal static Task<int> HoldAsync(AutomationDb db, SlotHold held, Audience audience, DateOnly day, CancellationToken cancellation)
    {
        var values = new List<object?> { held.SourceId, held.At, held.Approach, held.Topics, held.Priority };
        var where = Where(db, audience, day, values);
        // PostgreSQL must be told what kind of value a selected parameter is.
        var (id, at) = db.Database.IsSqlite() ? ("@p0", "@p1") : ("CAST(@p0 AS uuid)", "CAST(@p1 AS timestamptz)");
        return db.ExecuteAsync(
            $"INSERT INTO slot_holds (contact_id, source_id, at, approach, topics, priority) SELECT c.id, {id}, {at}, @p2, @p3, @p4 FROM contacts c WHERE {where} ON CONFLICT DO NOTHING",
            cancellation, [.. values]);
    }

    private static void CheckDays(PurchaseSpan? span, string place)
    {
        if (span?.LastDays is < 0 or > MostDays) throw new BadInputException($"{place}.lastDays", $"must be 0 to {MostDays} days.");
    }

    private static async Task<int> CountAsync(AutomationDb db, Audience audience, DateOnly today, string reachable, CancellationToken cancellation)
    {
        var values = new List<object?>();
        var where = Where(db, audience, today, values, reachable);
        return (await db.QueryAsync($"SELECT COUNT(*) FROM contacts c WHERE {where}", row => row.Int(0), cancellation, [.. values]))[0];
    }

    private static void CheckDue(RepurchaseDue? due, string place)
    {
        if (due is null) return;
        if (due.Category is null) throw new BadInputException($"{place}.category", "is missing; an empty text is whatever it is.");
        if (due.WithinDays is < 0 or > RepurchaseDue.MostDays) throw new BadInputException($"{place}.withinDays", $"must be 0 to {RepurchaseDue.MostDays} days.");
    }

    private const string WithMail = "c.email IS NOT NULL", WithPaper = "(c.address IS NOT NULL OR c.phone IS NOT NULL)", WithoutMail = $"c.email IS NULL AND {WithPaper}";

    private static string Where(AutomationDb db, Audience audience, DateOnly today, List<object?> values, string reachable = WithMail)
    {
        var conditions = new List<string> { reachable };
        foreach (var tag in audience.Tags ?? [])
            conditions.Add($"EXISTS (SELECT 1 FROM contact_tags t WHERE t.contact_id = c.id AND t.tag = {Value(tag)})");
        if (audience.NotTags is { Count: > 0 } unwanted)
            conditions.Add($"NOT EXISTS (SELECT 1 FROM contact_tags t WHERE t.contact_id = c.id AND {db.Dialect.Among("t.tag", Value(unwanted.ToArray()))})");
        if (audience.Prefectures is { Count: > 0 } prefectures)
            conditions.Add(db.Dialect.Among("c.prefecture", Value(prefectures.ToArray())));
        if (audience.Bought is { } bought) conditions.Add("c.id IN " + Buyers(bought));
        if (audience.NotBought is { } notBought) conditions.Add("c.id NOT IN " + Buyers(notBought));
        if (audience.Silent is true) conditions.Add(Silent());
        if (audience.Due is { } due) conditions.Add(Due(due));
        return string.Join(" AND ", conditions);

        // Whatever holds a slot was an approach: mail that left or is about to, a postcard, a call.
        string Silent()
        {
            var cycle = "COALESCE((SELECT y.days FROM purchase_cycles y WHERE y.contact_id = c.id AND y.category = ''), (SELECT m.days FROM category_cycles m WHERE m.category = ''), 0)";
            var end = Value(new DateTimeOffset(today.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero));
            var from = $"{db.Dialect.Milliseconds(end)} - CAST({(long)TimeSpan.FromDays(1).TotalMilliseconds} AS bigint) * CASE WHEN 2 * {cycle} > {Audience.SilentDays} THEN 2 * {cycle} ELSE {Audience.SilentDays} END";
            return $"""
                c.complaint_opened_at IS NULL AND c.sales_owned = false
                AND EXISTS (SELECT 1 FROM purchases p WHERE p.contact_id = c.id AND p.net > 0 AND p.date <= {Value(today)})
                AND (SELECT n.state FROM consent_entries n WHERE n.contact_id = c.id AND n.channel = 'email' AND n.topic = '' AND n.state <> 'Pending'
                     ORDER BY n.at DESC, CASE n.state WHEN 'Withdrawn' THEN 0 ELSE 1 END, n.id DESC LIMIT 1) = 'Granted'
                AND NOT EXISTS (SELECT 1 FROM suppressed_addresses s WHERE s.address_key = c.email_key)
                AND NOT EXISTS (SELECT 1 FROM company_marks k WHERE k.company = c.company AND (k.suppressed = true OR k.fixed_partner = true))
                AND NOT EXISTS (SELECT 1 FROM outbox_messages o WHERE o.contact_id = c.id AND o.{OutboxMessageMapping.Counted} AND o.approach <> 'None' AND {db.Dialect.Milliseconds("o.slot_at")} > {from})
                AND NOT EXISTS (SELECT 1 FROM paper_sends w WHERE w.contact_id = c.id AND w.slot_at IS NOT NULL AND {db.Dialect.Milliseconds("w.slot_at")} > {from})
                """;
        }

        // Cycles are worked out some times a day: whoever has bought since is not expected any more.
        string Due(RepurchaseDue due)
        {
            var category = Value(due.Category);
            var ofCategory = due.Category.Length == 0 ? "" : $" AND p.category = {category}";
            return $"""
                EXISTS (SELECT 1 FROM purchase_cycles y WHERE y.contact_id = c.id AND y.category = {category} AND y.is_sure = true
                    AND y.due_on >= {Value(today.AddDays(-RepurchaseDue.DaysAfter))} AND y.due_on <= {Value(today.AddDays(due.WithinDays))}
                    AND NOT EXISTS (SELECT 1 FROM purchases p WHERE p.contact_id = c.id AND p.net > 0 AND p.date > y.last_on AND p.date <= {Value(today)}{ofCategory}))
                """;
        }

        string Value(object value)
        {
            values.Add(value);
            return "@p" + (values.Count - 1).ToString(CultureInfo.InvariantCulture);
        }

        string Buyers(PurchaseSpan span)
        {
            var parts = new List<string> { "p.net > 0" };
            var from = span.LastDays is { } days ? today.AddDays(-days) : span.From;
            if (from is { } first) parts.Add($"p.date >= {Value(first)}");
            parts.Add($"p.date <= {Value(span.To ?? today)}");
            if (span.Product is { } product) parts.Add($"p.product = {Value(product)}");
            if (span.Category is { } category) parts.Add($"p.category = {Value(category)}");
            return $"(SELECT p.contact_id FROM purchases p WHERE {string.Join(" AND ", parts)})";
        }
    }
}
