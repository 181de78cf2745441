using System.Text.Encodings.Web;
using System.Text.Json;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Automation.Marketing.Contacts.Outgoing;

/// <summary>
/// Posts what is due to whom it is for, outside of every transaction. At least once: who dies between the post and its record leaves the
/// event to be posted again, under the same id.
/// </summary>
/// <remarks>An event waits until the one before it about the same person has been taken, unless that one has failed
/// <see cref="OvertakenAfter"/> times: one that a receiver cannot digest must not hold the person's others up for days.</remarks>
public sealed class OutgoingDeliveries(IDbContextFactory<AutomationDb> dbs, OutgoingPost post, TimeProvider clock, ILogger<OutgoingDeliveries> logger)
{
    /// <summary>How long an event that fails is tried again.</summary>
    public static readonly TimeSpan GivesUpAfter = TimeSpan.FromDays(3);

    /// <summary>How long an endpoint may take nothing before it is paused; its events are kept.</summary>
    public static readonly TimeSpan PausesAfter = TimeSpan.FromDays(1);

    /// <summary>How long events that are done with are kept, for replays.</summary>
    public static readonly TimeSpan Keeps = TimeSpan.FromDays(30);

    public const int OvertakenAfter = 10;

    private const int AtATime = 16;
    private const int BackAfter = 3;
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(5);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // Longer than any post may take: who still holds it then is dead.
    private readonly TimeSpan lease = post.Access.Timeout + TimeSpan.FromSeconds(10);

    /// <returns>Posts made; 0 when none was due.</returns>
    public async Task<int> WorkAsync(CancellationToken stopping)
    {
        var taken = await TakeAsync(stopping);
        await Task.WhenAll(taken.Select(each => DeliverAsync(each, stopping)));
        return taken.Count;
    }

    /// <summary>Gives up what has waited for a month and forgets what was done with then.</summary>
    public async Task TidyAsync(CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var past = clock.GetUtcNow() - Keeps;
        foreach (var endpoint in await db.QueryAsync("SELECT id FROM outgoing_endpoints", row => row.Guid(0), cancellation))
        {
            await db.ExecuteAsync("DELETE FROM outgoing_deliveries WHERE endpoint_id = @p0 AND state IN ('Delivered', 'Dead') AND at < @p1", cancellation, endpoint, past);
            await db.ExecuteAsync(
                "UPDATE outgoing_deliveries SET state = 'Dead', answer = 'waited too long' WHERE endpoint_id = @p0 AND state = 'Waiting' AND at < @p1", cancellation, endpoint, past);
        }
        await db.ExecuteAsync(
            "DELETE FROM outgoing_events WHERE at < @p0 AND NOT EXISTS (SELECT 1 FROM outgoing_deliveries d WHERE d.event_id = outgoing_events.id)", cancellation, past);
        await transaction.CommitAsync(cancellation);
    }

    private async Task<List<Taken>> TakeAsync(CancellationToken stopping)
    {
        await using var db = await dbs.CreateDbContextAsync(stopping);
        var now = clock.GetUtcNow();
        var ready = await db.QueryAsync(
            """
            SELECT id, url, secret, old_secret, old_secret_until, with_address, failures FROM outgoing_endpoints e
            WHERE state = 'Active' AND (retry_at IS NULL OR retry_at <= @p0)
              AND EXISTS (SELECT 1 FROM outgoing_deliveries d WHERE d.endpoint_id = e.id AND d.state = 'Waiting' AND d.due_at <= @p0)
            """,
            row => new Receiver(
                row.Guid(0), row.Text(1), row.InstantOrNull(4) > now ? [row.Text(2), row.Text(3)] : [row.Text(2)], row.Bool(5), row.Int(6)), stopping, now);
        if (ready.Count == 0) return [];
        await using var transaction = await db.BeginWriteAsync(stopping);
        var taken = new List<Taken>();
        foreach (var receiver in ready) taken.AddRange(await TakeForAsync(db, receiver, now, stopping));
        await db.ExecuteManyAsync(
            "UPDATE outgoing_deliveries SET due_at = @p1, attempts = @p2 WHERE id = @p0", [.. taken.Select(each => new object?[] { each.Id, now + lease, each.Attempt })], stopping);
        await transaction.CommitAsync(stopping);
        return taken;
    }

    // Whoever is down is asked by one event whether it is back.
    private static Task<List<Taken>> TakeForAsync(AutomationDb db, Receiver receiver, DateTimeOffset now, CancellationToken stopping) => db.QueryAsync(
        $"""
        SELECT d.id, d.attempts, d.failures, d.first_failed_at, e.id, e.type, e.at, e.data, d.contact_id, c.external_id, c.email
        FROM outgoing_deliveries d JOIN outgoing_events e ON e.id = d.event_id LEFT JOIN contacts c ON c.id = d.contact_id
        WHERE d.endpoint_id = @p0 AND d.state = 'Waiting' AND d.due_at <= @p1
          AND NOT EXISTS (SELECT 1 FROM outgoing_deliveries b
                          WHERE b.endpoint_id = d.endpoint_id AND b.contact_id = d.contact_id AND b.state = 'Waiting' AND b.id < d.id AND b.failures < {OvertakenAfter})
        ORDER BY d.due_at, d.id LIMIT {(receiver.Failures > 0 ? 1 : AtATime)}{db.Dialect.SkipLockedOf("d")}
        """,
        row => new Taken(
            receiver, row.Long(0), row.Int(1) + 1, row.Int(2), row.InstantOrNull(3), row.Guid(4), row.Text(5), row.Instant(6), row.Text(7),
            row.Guid(8), row.TextOrNull(9), row.TextOrNull(10)),
        stopping, receiver.Id, now);

    private async Task DeliverAsync(Taken taken, CancellationToken stopping)
    {
        var body = BodyOf(taken);
        var timestamp = clock.GetUtcNow().ToUnixTimeSeconds();
        var answer = await post.PostAsync(
            taken.Receiver.Url, body,
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                [OutgoingSignature.IdHeader] = taken.EventId.ToString(),
                [OutgoingSignature.TypeHeader] = taken.Type,
                [OutgoingSignature.TimestampHeader] = timestamp.ToString(System.Globalization.CultureInfo.InvariantCulture),
                [OutgoingSignature.Header] = OutgoingSignature.Of(taken.Receiver.Secrets, timestamp, body),
            },
            stopping);
        await RecordAsync(taken, answer);
    }

    private static string BodyOf(Taken taken) => JsonSerializer.Serialize(
        new
        {
            id = taken.EventId,
            type = taken.Type,
            at = taken.At.UtcDateTime,
            contact = taken.ContactId == Guid.Empty ? null : ContactOf(taken),
            data = JsonSerializer.Deserialize<JsonElement>(taken.Data),
        }, Json);

    private static Dictionary<string, object?> ContactOf(Taken taken)
    {
        var contact = new Dictionary<string, object?> { ["id"] = taken.ContactId, ["externalId"] = taken.ExternalId };
        if (taken.Receiver.WithAddress) contact["email"] = taken.Email;
        return contact;
    }

    // It has been posted: that must be written down.
    private async Task RecordAsync(Taken taken, OutgoingAnswer answer)
    {
        await using var db = await dbs.CreateDbContextAsync(CancellationToken.None);
        await using var transaction = await db.BeginWriteAsync(CancellationToken.None);
        var now = clock.GetUtcNow();
        if (answer.IsTaken) await RecordTakenAsync(db, taken, answer, now);
        else await RecordFailedAsync(db, taken, answer, now);
        await transaction.CommitAsync(CancellationToken.None);
    }

    private static async Task RecordTakenAsync(AutomationDb db, Taken taken, OutgoingAnswer answer, DateTimeOffset now)
    {
        await db.ExecuteAsync(
            "UPDATE outgoing_deliveries SET state = 'Delivered', status = @p2, answer = @p3, answered_at = @p4 WHERE id = @p0 AND attempts = @p1 AND state = 'Waiting'",
            CancellationToken.None, taken.Id, taken.Attempt, answer.Status, answer.Text, now);
        await db.ExecuteAsync(
            "UPDATE outgoing_endpoints SET failures = 0, retry_at = NULL, failing_since = NULL WHERE id = @p0 AND failing_since IS NOT NULL", CancellationToken.None, taken.Receiver.Id);
        // Back after an outage: whoever asked meanwhile whether it is back need not wait any longer.
        if (taken.Receiver.Failures < BackAfter) return;
        await db.ExecuteAsync(
            "UPDATE outgoing_deliveries SET due_at = @p1 WHERE endpoint_id = @p0 AND state = 'Waiting' AND due_at > @p1 AND failures > 0", CancellationToken.None, taken.Receiver.Id, now);
    }

    private async Task RecordFailedAsync(AutomationDb db, Taken taken, OutgoingAnswer answer, DateTimeOffset now)
    {
        var first = taken.FirstFailedAt ?? now;
        var isOver = now - first >= GivesUpAfter;
        var recorded = await db.ExecuteAsync(
            $"""
            UPDATE outgoing_deliveries SET state = @p2, due_at = @p3, failures = @p4, first_failed_at = @p5, status = {(answer.Status is { } status ? status : "NULL")}, answer = @p6, answered_at = @p7
            WHERE id = @p0 AND attempts = @p1 AND state = 'Waiting'
            """,
            CancellationToken.None, taken.Id, taken.Attempt, isOver ? DeliveryState.Dead : DeliveryState.Waiting, now + WaitAfter(taken.Failures + 1, answer.RetryAfter),
            taken.Failures + 1, first, answer.Text, now);
        // Another worker has it by now: its answer counts.
        if (recorded == 0) return;
        logger.NotTaken(taken.EventId, taken.Receiver.Id, answer.Status, taken.Attempt);
        var problem = answer.Status is { } code ? $"{code} {answer.Text}" : answer.Text;
        await db.ExecuteAsync(
            "UPDATE outgoing_endpoints SET failing_since = COALESCE(failing_since, @p1), last_problem = @p2 WHERE id = @p0", CancellationToken.None,
            taken.Receiver.Id, now, problem.Length > OutgoingEndpoint.MaxReason ? problem[..OutgoingEndpoint.MaxReason] : problem);
        if (answer.IsDown)
        {
            var failures = taken.Receiver.Failures + 1;
            await db.ExecuteAsync(
                "UPDATE outgoing_endpoints SET failures = @p1, retry_at = @p2 WHERE id = @p0 AND failures < @p1", CancellationToken.None, taken.Receiver.Id, failures, now + RestAfter(failures));
        }
        if (await db.ExecuteAsync(
            "UPDATE outgoing_endpoints SET state = 'Paused', paused_by = @p2, paused_at = @p3 WHERE id = @p0 AND state = 'Active' AND failing_since <= @p1", CancellationToken.None,
            taken.Receiver.Id, now - PausesAfter, OutgoingEndpoints.ByItself, now) > 0) logger.EndpointPaused(taken.Receiver.Id);
    }

    /// <param name="failures">From 1.</param>
    /// <returns>10 s × 3^(<paramref name="failures"/> − 1), at most an hour; longer when the receiver asked for it, at most six hours.</returns>
    private static TimeSpan WaitAfter(int failures, TimeSpan? asked)
    {
        var own = TimeSpan.FromSeconds(Math.Min(10 * Math.Pow(3, failures - 1), LongestWait.TotalSeconds));
        var wish = asked > TimeSpan.FromHours(6) ? TimeSpan.FromHours(6) : asked ?? TimeSpan.Zero;
        return wish > own ? wish : own;
    }

    private static TimeSpan RestAfter(int failures) => TimeSpan.FromSeconds(Math.Min(Math.Pow(2, failures), LongestRest.TotalSeconds));

    private sealed record Receiver(Guid Id, string Url, IReadOnlyList<string> Secrets, bool WithAddress, int Failures);

    private sealed record Taken(
        Receiver Receiver, long Id, int Attempt, int Failures, DateTimeOffset? FirstFailedAt, Guid EventId, string Type, DateTimeOffset At, string Data,
        Guid ContactId, string? ExternalId, string? Email);
}

internal static partial class OutgoingLog
{
    [LoggerMessage(3101, LogLevel.Information, "Event {Event} was not taken by endpoint {Endpoint}: {Status}, attempt {Attempt}")]
    public static partial void NotTaken(this ILogger logger, Guid @event, Guid endpoint, int? status, int attempt);

    [LoggerMessage(3102, LogLevel.Warning, "Endpoint {Endpoint} has taken nothing for a day and is paused")]
    public static partial void EndpointPaused(this ILogger logger, Guid endpoint);
}
