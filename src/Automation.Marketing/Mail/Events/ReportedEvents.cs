using System.Data.Common;
using System.Text.Json;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Outgoing;
using Automation.Marketing.Contacts.Scoring;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Mail.Delivery.Holds;
using Automation.Marketing.Mail.Suppression;
using Automation.Marketing.Storage;
using Automation.SendGrid;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Automation.Marketing.Mail.Events;

/// <summary>Works through stored webhook bodies: each event is believed once, state moves only forward, refusals act at once.</summary>
public sealed class ReportedEvents(IDbContextFactory<AutomationDb> dbs, TimeProvider clock, ILogger<ReportedEvents> logger)
{
    /// <summary>The lead event that a click becomes for flows.</summary>
    public const string Clicked = "mail.clicked";

    private const int MostFailures = 10;

    private static readonly string[] Columns =
        ["id", "event_key", "natural_key", "message_id", "contact_id", "kind", "at", "url", "machine", "received_at", "raw"];

    /// <summary>Stores a verified body; it is worked through later.</summary>
    public static Task StoreAsync(AutomationDb db, byte[] body, DateTimeOffset now, CancellationToken cancellation) =>
        db.ExecuteAsync("INSERT INTO webhook_batches (received_at, body) VALUES (@p0, @p1)", cancellation, now, body);

    /// <summary>Takes the oldest stored body. One that cannot be worked through lets the others pass.</summary>
    /// <returns>1, or 0 when there was none.</returns>
    public async Task<int> WorkAsync(CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        long? taken = null;
        try
        {
            await using var transaction = await db.BeginWriteAsync(cancellation);
            var now = clock.GetUtcNow();
            var stored = await db.QueryAsync(
                $"SELECT id, body, received_at FROM webhook_batches WHERE failures < {MostFailures} ORDER BY failures, id LIMIT 1{db.Dialect.SkipLocked}",
                row => (Id: row.Long(0), Body: row.Bytes(1), ReceivedAt: row.Instant(2)), cancellation);
            if (stored.Count == 0) return 0;
            taken = stored[0].Id;
            await ApplyAsync(db, Read(stored[0].Body), stored[0].ReceivedAt, now, cancellation);
            await db.ExecuteAsync("DELETE FROM webhook_batches WHERE id = @p0", cancellation, taken);
            await transaction.CommitAsync(cancellation);
        }
        catch (DbException problem) when (taken is not null)
        {
            logger.BodyFailed(problem, taken.Value);
            await using var transaction = await db.BeginWriteAsync(cancellation);
            await db.ExecuteAsync("UPDATE webhook_batches SET failures = failures + 1 WHERE id = @p0", cancellation, taken);
            await transaction.CommitAsync(cancellation);
        }
        return 1;
    }

    private IReadOnlyList<WebhookEvent> Read(byte[] body)
    {
        try
        {
            var batch = WebhookEvents.Read(body);
            if (batch.Errors.Count > 0) logger.EventsUnreadable(batch.Errors.Count);
            // Test mails are counted nowhere: what becomes of one must not bar the tester's own address either.
            return [.. batch.Events.Where(reported => !reported.CustomArgs.ContainsKey(TestMail.Argument)).Select(Storable)];
        }
        catch (WebhookFormatException)
        {
            logger.EventsUnreadable(1);
            return [];
        }
    }

    private async Task ApplyAsync(
        AutomationDb db, IReadOnlyList<WebhookEvent> events, DateTimeOffset receivedAt, DateTimeOffset now, CancellationToken cancellation)
    {
        await HoldRefusingAsync(db, events, cancellation);
        var messages = await MessagesAsync(db, events, cancellation);
        var fresh = await FreshAsync(db, events, cancellation);
        if (fresh.Count == 0) return;
        foreach (var reported in fresh) Meters.WorkedOff(reported.Kind.ToString(), now - reported.Timestamp);
        var people = await PeopleAsync(db, fresh, messages, cancellation);
        var machine = await MachineTraffic.JudgeAsync(db, [.. fresh.Select(reported => (reported, MessageOf(reported, messages)?.Id))], cancellation);
        await db.InsertManyAsync(
            "delivery_events", Columns,
            [.. fresh.Select(reported => new object?[]
            {
                RowId.New(now), reported.EventId, reported.NaturalKey, MessageOf(reported, messages)?.Id, ContactOf(reported, messages, people),
                reported.Name, reported.Timestamp, reported.Url, machine.Contains(reported), receivedAt, reported.Raw,
            })],
            "ON CONFLICT DO NOTHING", cancellation);
        var about = fresh.Where(reported => MessageOf(reported, messages) is not null).ToLookup(reported => MessageOf(reported, messages)!);
        await SettleAsync(db, about, now, cancellation);
        await CountAsync(db, about, cancellation);
        await ToldMail.TellAsync(db, wants => Told(about, machine, wants), now, cancellation);
        await Breakers.CountAsync(
            db, about.Count(one => one.Key.DeliveredCount == 0 && Any(one, WebhookEventKind.Delivered)), about.Count(one => Any(one, WebhookEventKind.Bounce)),
            about.Count(one => Any(one, WebhookEventKind.SpamReport)), logger, now, cancellation);
        foreach (var reported in fresh.Where(Matters)) await ApplyToPersonAsync(db, reported, ContactOf(reported, messages, people), now, cancellation);
        var freed = fresh.Where(reported => reported.Kind is WebhookEventKind.Bounce or WebhookEventKind.Dropped)
            .Select(reported => ContactOf(reported, messages, people)).OfType<Guid>().Distinct().ToList();
        await Outbox.ReplanAsync(db, freed, now, cancellation);
        var clicks = fresh.Where(reported => reported.Kind is WebhookEventKind.Click && !machine.Contains(reported) && MessageOf(reported, messages) is not null)
            .Select(reported => (Event: reported, Message: MessageOf(reported, messages)!)).ToList();
        await Stimuli.WriteAsync(db, [.. clicks.Select(click => ClickStimulus(click.Event, click.Message))], now, cancellation);
        if (clicks.Count > 0) await ScoreChecks.WriteAsync(db, clicks.Select(click => (click.Message.ContactId, new RawTouch(Clicked, click.Event.Timestamp, ""))), now, cancellation);
    }

    private static IEnumerable<ToldMail> Told(ILookup<ReportedMessage, WebhookEvent> about, IReadOnlySet<WebhookEvent> machine, Func<string, bool> wants)
    {
        foreach (var one in about)
        {
            if (one.Key.AwaitsProof && !Any(one, WebhookEventKind.Dropped) && wants(OutgoingTypes.MessageSent)) yield return one.Key.Told(OutgoingTypes.MessageSent);
            foreach (var reported in one)
            {
                if (reported.Kind is WebhookEventKind.Delivered && one.Key.DeliveredCount > 0) continue;
                if (TypeOf(reported.Kind) is { } type && wants(type) && !machine.Contains(reported))
                    yield return one.Key.Told(type, reported.Kind is WebhookEventKind.Click ? reported.Url : reported.Reason);
            }
        }
    }

    private static string? TypeOf(WebhookEventKind kind) => kind switch
    {
        WebhookEventKind.Delivered => OutgoingTypes.MessageDelivered,
        WebhookEventKind.Bounce or WebhookEventKind.Blocked => OutgoingTypes.MessageBounced,
        WebhookEventKind.Click => OutgoingTypes.MessageClicked,
        WebhookEventKind.SpamReport => OutgoingTypes.MessageComplained,
        WebhookEventKind.Dropped => OutgoingTypes.MessageFailed,
        _ => null,
    };

    private static bool Any(IEnumerable<WebhookEvent> events, WebhookEventKind kind) => events.Any(reported => reported.Kind == kind);

    // People are held before their messages, as everywhere: an unsubscribe and a reply must not wait for each other.
    private static async Task HoldRefusingAsync(AutomationDb db, IReadOnlyList<WebhookEvent> events, CancellationToken cancellation)
    {
        if (db.Dialect.ForUpdate.Length == 0) return;
        var refusing = events.Where(Matters).ToList();
        if (refusing.Count == 0) return;
        var contacts = await db.QueryAsync($"""
            SELECT contact_id FROM outbox_messages WHERE {db.Dialect.Among("id", "@p0")}
            UNION SELECT id FROM contacts WHERE {db.Dialect.Among("email_key", "@p1")}
            """, row => row.Guid(0), cancellation, refusing.Select(MessageId).OfType<Guid>().ToArray(), refusing.Select(AddressKey).OfType<string>().ToArray());
        await db.HoldAsync("contacts", contacts, cancellation);
    }

    // Rows are held from here on: two bodies about one message are worked through one after the other.
    private static async Task<Dictionary<Guid, ReportedMessage>> MessagesAsync(
        AutomationDb db, IReadOnlyList<WebhookEvent> events, CancellationToken cancellation)
    {
        var ids = events.Select(MessageId).OfType<Guid>().Distinct().Order().ToArray();
        var messages = await db.QueryAsync($"""
            SELECT id, contact_id, state, template, node_id, origin_id, instance_id, identity, rule, delivered_count, clicks_total FROM outbox_messages
            WHERE {db.Dialect.Among("id", "@p0")} ORDER BY id{db.Dialect.ForUpdate}
            """,
            row => new ReportedMessage(
                row.Guid(0), row.Guid(1), row.Enum<MessageState>(2), row.Text(3), row.Text(4), row.Text(5), row.GuidOrNull(6), row.Text(7), row.Text(8), row.Int(9), row.Int(10) > 0),
            cancellation, ids);
        return messages.ToDictionary(message => message.Id);
    }

    private static async Task<List<WebhookEvent>> FreshAsync(AutomationDb db, IReadOnlyList<WebhookEvent> events, CancellationToken cancellation)
    {
        var known = (await db.QueryAsync(
            $"SELECT natural_key FROM delivery_events WHERE {db.Dialect.Among("natural_key", "@p0")}", row => row.Text(0), cancellation,
            events.Select(reported => reported.NaturalKey).ToArray())).ToHashSet(StringComparer.Ordinal);
        var knownIds = (await db.QueryAsync(
            $"SELECT event_key FROM delivery_events WHERE {db.Dialect.Among("event_key", "@p0")}", row => row.Text(0), cancellation,
            events.Select(reported => reported.EventId).OfType<string>().ToArray())).ToHashSet(StringComparer.Ordinal);
        return [.. events.Where(reported => known.Add(reported.NaturalKey) & (reported.EventId is not { } id || knownIds.Add(id)))];
    }

    // Late bounces come without our id: the address tells whose they are.
    private static async Task<Dictionary<string, Guid>> PeopleAsync(
        AutomationDb db, List<WebhookEvent> fresh, Dictionary<Guid, ReportedMessage> messages, CancellationToken cancellation)
    {
        var keys = fresh.Where(reported => MessageOf(reported, messages) is null).Select(AddressKey).OfType<string>().Distinct().ToArray();
        if (keys.Length == 0) return [];
        var people = await db.QueryAsync(
            $"SELECT email_key, id FROM contacts WHERE {db.Dialect.Among("email_key", "@p0")}", row => (Key: row.Text(0), Id: row.Guid(1)), cancellation, keys);
        return people.ToDictionary(person => person.Key, person => person.Id, StringComparer.Ordinal);
    }

    // State moves only forward: what an event proves to be accepted is sent, whatever came before it.
    private static async Task SettleAsync(
        AutomationDb db, ILookup<ReportedMessage, WebhookEvent> about, DateTimeOffset now, CancellationToken cancellation)
    {
        var proved = new List<(ReportedMessage Message, DateTimeOffset At)>();
        foreach (var one in about)
        {
            if (!one.Key.MayHaveLeft) continue;
            if (one.FirstOrDefault(reported => reported.Kind is WebhookEventKind.Dropped) is { } dropped) await DropAsync(db, one.Key, dropped, now, cancellation);
            else if (one.Key.AwaitsProof) proved.Add((one.Key, one.Min(reported => reported.Timestamp)));
        }
        foreach (var alike in proved.GroupBy(each => each.At))
        {
            await db.ExecuteAsync($"""
                UPDATE outbox_messages SET slot_at = CASE WHEN state = 'Sending' AND slot = 'Reserved' AND slot_at < @p2 THEN @p2 ELSE slot_at END,
                       state = 'Sent', rule = '', sent_at = @p1, slot = CASE slot WHEN 'Reserved' THEN 'Spent' ELSE slot END, lease_owner = NULL, lease_until = NULL
                WHERE {db.Dialect.Among("id", "@p0")}
                """, cancellation, alike.Select(each => each.Message.Id).ToArray(), alike.Key, now);
        }
        await MessageHistory.WriteAsync(db, proved.Select(each => each.Message.Id), MessageState.Sent, "proved by the provider", now, cancellation);
        await OutcomeStimuli.TellAsync(
            db,
            [.. proved.Select(each => each.Message).Where(message => message.InstanceId is not null)
                .Select(message => new SettledMail(message.ContactId, message.InstanceId!.Value, message.Identity, MessageState.Sent))],
            now, cancellation);
    }

    // Once per message, however often it is reported; opens and clicks anew from the events, of which later ones can turn earlier
    // ones into a machine's.
    private static async Task CountAsync(AutomationDb db, ILookup<ReportedMessage, WebhookEvent> about, CancellationToken cancellation)
    {
        foreach (var alike in about.GroupBy(one => (
            Delivered: Any(one, WebhookEventKind.Delivered), Bounced: Any(one, WebhookEventKind.Bounce) || Any(one, WebhookEventKind.Blocked), Hard: Any(one, WebhookEventKind.Bounce))))
        {
            if (alike.Key is (false, false, false)) continue;
            await db.ExecuteAsync($"""
                UPDATE outbox_messages SET
                    delivered_count = {(alike.Key.Delivered ? "1" : "delivered_count")}, bounced_count = {(alike.Key.Bounced ? "1" : "bounced_count")},
                    slot = {(alike.Key.Hard ? "CASE slot WHEN 'None' THEN slot ELSE 'Released' END" : "slot")}
                WHERE {db.Dialect.Among("id", "@p0")}
                """, cancellation, alike.Select(one => one.Key.Id).ToArray());
        }
        await db.ExecuteAsync($"""
            UPDATE outbox_messages SET
                opens_total = (SELECT COUNT(*) FROM delivery_events e WHERE e.message_id = outbox_messages.id AND e.kind = 'open'),
                opens_unique = (SELECT COUNT(*) FROM (SELECT 1 FROM delivery_events e WHERE e.message_id = outbox_messages.id AND e.kind = 'open' AND e.machine = false LIMIT 1) AS one),
                clicks_total = (SELECT COUNT(*) FROM delivery_events e WHERE e.message_id = outbox_messages.id AND e.kind = 'click'),
                clicks_unique = (SELECT COUNT(*) FROM (SELECT 1 FROM delivery_events e WHERE e.message_id = outbox_messages.id AND e.kind = 'click' AND e.machine = false LIMIT 1) AS one)
            WHERE {db.Dialect.Among("id", "@p0")}
            """, cancellation,
            about.Where(one => one.Key.WasClicked || Any(one, WebhookEventKind.Open) || Any(one, WebhookEventKind.Click)).Select(one => one.Key.Id).ToArray());
    }

    // Accepted, but the provider will not try: as good as refused.
    private static async Task DropAsync(AutomationDb db, ReportedMessage message, WebhookEvent dropped, DateTimeOffset now, CancellationToken cancellation)
    {
        await db.ExecuteAsync(
            "UPDATE outbox_messages SET state = 'Failed', rule = 'dropped', slot = CASE slot WHEN 'None' THEN slot ELSE 'Released' END, lease_owner = NULL, lease_until = NULL WHERE id = @p0",
            cancellation, message.Id);
        await MessageHistory.WriteAsync(db, [message.Id], MessageState.Failed, "dropped: " + dropped.Reason, now, cancellation);
        if (message.AwaitsProof && message.InstanceId is { } instance)
            await OutcomeStimuli.TellAsync(db, [new SettledMail(message.ContactId, instance, message.Identity, MessageState.Failed)], now, cancellation);
    }

    // Whether it may say something about the person besides the mail.
    private static bool Matters(WebhookEvent reported) => reported.Kind is WebhookEventKind.SpamReport or WebhookEventKind.Unsubscribe or WebhookEventKind.GroupUnsubscribe
        or WebhookEventKind.Bounce or WebhookEventKind.Dropped;

    private static async Task ApplyToPersonAsync(AutomationDb db, WebhookEvent reported, Guid? contact, DateTimeOffset now, CancellationToken cancellation)
    {
        var address = AddressKey(reported);
        if (SuppressionFor(reported) is { } reason && address is not null)
            await Refusals.SuppressAsync(db, address, reason, "provider", reported.Reason, reported.Timestamp, now, cancellation);
        var refuses = reported.Kind is WebhookEventKind.SpamReport or WebhookEventKind.Unsubscribe or WebhookEventKind.GroupUnsubscribe
            || (reported.Kind is WebhookEventKind.Dropped && Says(reported, "unsubscribed"));
        if (refuses && contact is { } id)
            await Refusals.WithdrawAsync(db, id, "provider", reported.Name, reported.Ip, EndOfItsSecond(reported), now, cancellation);
    }

    // The provider tells whole seconds: a grant within the same one does not outlast the refusal.
    private static DateTimeOffset EndOfItsSecond(WebhookEvent reported) => reported.Timestamp.AddMilliseconds(999);

    private static SuppressionReason? SuppressionFor(WebhookEvent reported) => reported.Kind switch
    {
        WebhookEventKind.SpamReport => SuppressionReason.Complaint,
        WebhookEventKind.Bounce => SuppressionReason.HardBounce,
        WebhookEventKind.Dropped when Says(reported, "spam") => SuppressionReason.Complaint,
        WebhookEventKind.Dropped when Says(reported, "bounced") => SuppressionReason.HardBounce,
        WebhookEventKind.Dropped when Says(reported, "invalid") => SuppressionReason.ProviderDropped,
        _ => null,
    };

    private static bool Says(WebhookEvent reported, string word) => reported.Reason?.Contains(word, StringComparison.OrdinalIgnoreCase) ?? false;

    private static NewStimulus ClickStimulus(WebhookEvent reported, ReportedMessage message) => new(
        Stimuli.EventReceived, Clicked, message.ContactId,
        JsonSerializer.Serialize(new
        {
            type = Clicked,
            occurred_at = reported.Timestamp,
            source = "provider",
            id = reported.NaturalKey,
            data = new { template = message.Template, url = reported.Url, node = message.NodeId, flow = message.OriginId, message_id = message.Id },
        }));

    private static ReportedMessage? MessageOf(WebhookEvent reported, Dictionary<Guid, ReportedMessage> messages) =>
        MessageId(reported) is { } id ? messages.GetValueOrDefault(id) : null;

    private static Guid? ContactOf(WebhookEvent reported, Dictionary<Guid, ReportedMessage> messages, Dictionary<string, Guid> people)
    {
        if (MessageOf(reported, messages) is { } message) return message.ContactId;
        return AddressKey(reported) is { } key && people.TryGetValue(key, out var contact) ? contact : null;
    }

    private static Guid? MessageId(WebhookEvent reported) =>
        reported.CustomArgs.TryGetValue(WebhookEvents.MessageIdArgument, out var text) && Guid.TryParse(text, out var id) ? id : null;

    private static string? AddressKey(WebhookEvent reported) => EmailAddress.TryParse(reported.Email, out var address) ? address.Key : null;

    // A receiving server's words can hold anything; one text that the database refuses would hold up all that follows.
    private static WebhookEvent Storable(WebhookEvent reported) => reported with
    {
        Name = Text(reported.Name, DeliveryEvent.MaxKind)!,
        EventId = Text(reported.EventId, DeliveryEvent.MaxKey),
        Url = Text(reported.Url, DeliveryEvent.MaxText),
        Reason = Text(reported.Reason, DeliveryEvent.MaxText),
        Ip = Text(reported.Ip, DeliveryEvent.MaxText),
        Raw = reported.Raw.Replace("\0", "", StringComparison.Ordinal),
    };

    // PostgreSQL refuses NUL in text.
    private static string? Text(string? text, int maxLength)
    {
        var clean = text?.Replace("\0", "", StringComparison.Ordinal);
        return clean?.Length > maxLength ? clean[..maxLength] : clean;
    }

    private sealed record ReportedMessage(
        Guid Id, Guid ContactId, MessageState State, string Template, string NodeId, string OriginId, Guid? InstanceId, string Identity, string Rule, int DeliveredCount, bool WasClicked)
    {
        public ToldMail Told(string type, string? detail = null) => new(type, ContactId, Id, Template, OriginId, detail);

        /// <summary>What was never tried cannot have been dropped or proved.</summary>
        public bool MayHaveLeft => AwaitsProof || State is MessageState.Sent;

        /// <summary>Any event about it proves that it was accepted: given up or about to be sent once more, it need not be.</summary>
        public bool AwaitsProof =>
            State is MessageState.Sending or MessageState.Uncertain || (State is MessageState.Failed or MessageState.Queued && Rule == "outcome-unknown");
    }
}

internal static partial class ReportedEventsLog
{
    [LoggerMessage(2101, LogLevel.Warning, "{Count} elements of a webhook body could not be read")]
    public static partial void EventsUnreadable(this ILogger logger, int count);

    [LoggerMessage(2102, LogLevel.Error, "Webhook body {Body} could not be worked through and waits behind the others")]
    public static partial void BodyFailed(this ILogger logger, Exception problem, long body);
}
