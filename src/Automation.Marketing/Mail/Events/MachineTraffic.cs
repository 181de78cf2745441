using Automation.Marketing.Storage;
using Automation.SendGrid;

namespace Automation.Marketing.Mail.Events;

/// <summary>
/// Tells what scanners and mail programs did from what people did (brief §5). Machine events are kept and counted as
/// such; they drive nothing. What comes later can show that an earlier event was a machine's.
/// </summary>
internal static class MachineTraffic
{
    /// <summary>Whoever clicks this soon after delivery has not read.</summary>
    public static readonly TimeSpan TooSoon = TimeSpan.FromSeconds(10);

    /// <summary>Nobody follows <see cref="TooMany"/> links of a mail in this time.</summary>
    public static readonly TimeSpan TooFast = TimeSpan.FromSeconds(5);

    public const int TooMany = 3;

    // Who follows the link that nobody sees follows all the others on the same visit.
    private static readonly TimeSpan Visit = TimeSpan.FromMinutes(1);

    /// <summary>Marks events as a machine's: of these, and of those stored before.</summary>
    /// <param name="fresh">Events not stored yet, with the message each is about; null when it is about none of ours.</param>
    /// <returns>Those of <paramref name="fresh"/> that a machine made.</returns>
    public static async Task<HashSet<WebhookEvent>> JudgeAsync(
        AutomationDb db, IReadOnlyList<(WebhookEvent Event, Guid? Message)> fresh, CancellationToken cancellation)
    {
        var machine = fresh.Select(each => each.Event).Where(reported => reported.MachineOpen).ToHashSet();
        var concerned = fresh.Where(each => each.Message is not null && each.Event.Kind is WebhookEventKind.Click or WebhookEventKind.Delivered).ToList();
        if (concerned.Count == 0) return machine;
        // A delivery matters only for clicks that came before its report: those are stored, and few.
        var stored = await StoredAsync(db, [.. concerned.Select(each => each.Message!.Value).Distinct()], cancellation);
        if (stored.Count == 0 && concerned.All(each => each.Event.Kind is WebhookEventKind.Delivered)) return machine;
        var late = new List<Guid>();
        var all = concerned.Select(each => new Trace(null, each.Message!.Value, each.Event, each.Event.Kind is WebhookEventKind.Click, each.Event.Timestamp, each.Event.Url)).Concat(stored);
        foreach (var traces in all.GroupBy(trace => trace.Message))
        {
            foreach (var click in Machines([.. traces.Where(trace => trace.IsClick)], [.. traces.Where(trace => !trace.IsClick).Select(trace => trace.At)]))
            {
                if (click.Fresh is { } reported) machine.Add(reported);
                else late.Add(click.Stored!.Value);
            }
        }
        await db.ExecuteAsync($"UPDATE delivery_events SET machine = true WHERE {db.Dialect.Among("id", "@p0")}", cancellation, late);
        return machine;
    }

    private static IEnumerable<Trace> Machines(List<Trace> clicks, List<DateTimeOffset> deliveries) => clicks.Where(click =>
        deliveries.Any(delivered => click.At >= delivered && click.At - delivered <= TooSoon)
        || clicks.Any(other => Content.MailLinks.IsTrap(other.Url) && (other.At - click.At).Duration() <= Visit)
        || LinksAround(click, clicks) >= TooMany);

    // In some span of that length that the click lies in.
    private static int LinksAround(Trace click, List<Trace> clicks) =>
        clicks.Where(first => first.At <= click.At && click.At - first.At <= TooFast)
            .Max(first => clicks.Where(other => other.At >= first.At && other.At - first.At <= TooFast).Select(other => other.Url).Distinct().Count());

    private static async Task<List<Trace>> StoredAsync(AutomationDb db, Guid[] messages, CancellationToken cancellation) =>
        await db.QueryAsync(
            $"SELECT id, message_id, kind, at, url FROM delivery_events WHERE {db.Dialect.Among("message_id", "@p0")} AND kind IN ('delivered', 'click')",
            row => new Trace(row.Guid(0), row.Guid(1), null, row.Text(2) == "click", row.Instant(3), row.TextOrNull(4)), cancellation, messages);

    /// <param name="Stored">Its id, when it is stored already.</param>
    /// <param name="Fresh">The event, when it is not.</param>
    private sealed record Trace(Guid? Stored, Guid Message, WebhookEvent? Fresh, bool IsClick, DateTimeOffset At, string? Url);
}
