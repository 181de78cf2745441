using Automation.Marketing.Storage;

namespace Automation.Marketing.Mail.GoingLive;

/// <summary>Who switched real sending on, and when.</summary>
public sealed record LiveMark(string By, DateTimeOffset At);

/// <summary>The switch, and when the provider's events were last seen to arrive.</summary>
public static class LiveSending
{
    private const string Key = "live-sending";
    private const string WebhookKey = "webhook-verified";

    /// <returns>Null: real sending is off.</returns>
    public static Task<LiveMark?> ReadAsync(AutomationDb db, CancellationToken cancellation) => db.ReadSettingAsync<LiveMark>(Key, cancellation);

    /// <param name="missing">Names of the checks that fail.</param>
    /// <exception cref="RuleBrokenException">A check fails, or it is on already.</exception>
    public static async Task GoLiveAsync(AutomationDb db, IReadOnlyCollection<string> missing, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        if (missing.Count > 0) throw new RuleBrokenException($"Not yet: {missing.Count} of the points above are open.");
        await using var transaction = await db.BeginWriteAsync(cancellation);
        if (await ReadAsync(db, cancellation) is { } mark) throw new RuleBrokenException($"Real sending is on already, switched on by {mark.By}.");
        await db.WriteSettingAsync(Key, new LiveMark(who, now), now, cancellation);
        await Audit.WriteAsync(db, who, "sending.live", "", before: null, new { Live = true }, now, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Back to one's own addresses only.</summary>
    /// <exception cref="RuleBrokenException">It is off already.</exception>
    public static async Task StopAsync(AutomationDb db, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        if (await db.ExecuteAsync("DELETE FROM settings WHERE key = @p0", cancellation, Key) == 0) throw new RuleBrokenException("Real sending is off already.");
        await Audit.WriteAsync(db, who, "sending.stopped", "", new { Live = true }, after: null, now, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>A signed event has arrived: the provider finds us and we know its key.</summary>
    public static Task NoteWebhookAsync(AutomationDb db, DateTimeOffset now, CancellationToken cancellation) =>
        db.WriteSettingAsync(WebhookKey, new Seen(now), now, cancellation);

    /// <returns>Null: never, while real sending was off.</returns>
    public static async Task<DateTimeOffset?> WebhookSeenAsync(AutomationDb db, CancellationToken cancellation) =>
        (await db.ReadSettingAsync<Seen>(WebhookKey, cancellation))?.At;

    private sealed record Seen(DateTimeOffset At);
}
