using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Deals;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Mail.Events;
using Automation.Marketing.Mail.Suppression;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Content;
using Automation.Marketing.Tests.Databases;
using Automation.SendGrid;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Scenarios;

/// <summary>A shop on a real database, a clock that is moved by hand, and a provider that answers as it is told.</summary>
internal sealed class Scenario : IAsyncDisposable
{
    /// <summary>An ordinary working morning at the shop: Monday, 10:00 in Tokyo.</summary>
    public static readonly DateTimeOffset Monday = new(2026, 11, 16, 10, 0, 0, TimeSpan.FromHours(9));

    /// <summary>Nothing holds a mail back but what the test says.</summary>
    public static readonly SendingPolicy NoLimits = new(1, [], MinGap: null, Quiet: null);

    private readonly TestDatabase database;
    private int steps;

    private Scenario(TestDatabase database, DateTimeOffset now)
    {
        this.database = database;
        Clock = new TestClock(now);
        Workers = Restarted();
    }

    public TestClock Clock { get; }

    public ScriptedProvider Provider { get; } = new();

    public Workers Workers { get; private set; }

    public DatabaseProvider Kind => database.Provider;

    public static async Task<Scenario> OnAsync(DatabaseProvider provider, SendingPolicy? policy = null, DateTimeOffset? now = null)
    {
        var scenario = new Scenario(await TestDatabases.CreateAsync(provider), now ?? Monday);
        await using var db = scenario.Open();
        await db.SaveShopAsync(
            new ShopIdentity("かに屋", "株式会社かに屋", "福井県坂井市三国町1-1", "0776-00-0000", "https://shop.example.com", "kani@shop.example.com", "かに屋", null),
            scenario.Clock.Now, default);
        await db.SaveSendingPolicyAsync(policy ?? NoLimits, scenario.Clock.Now, default);
        return scenario;
    }

    public TestDatabase Database => database;

    public AutomationDb Open() => database.CreateDbContext();

    public Microsoft.EntityFrameworkCore.IDbContextFactory<AutomationDb> Databases => database;

    public ValueTask DisposeAsync() => database.DisposeAsync();

    /// <summary>Another process on the same database.</summary>
    public Workers Another(TemplateCatalogue? templates = null, DeliveryOptions? options = null) => new(database, Clock, Provider, templates, options);

    /// <summary>The process ends and starts again: nothing but the database is left of it.</summary>
    public Workers Restarted(TemplateCatalogue? templates = null) => Workers = Another(templates);

    public Person Contact(string? email) => new(this, email);

    /// <summary>Many people who all consented, made at once.</summary>
    public async Task<IReadOnlyList<Guid>> ConsentingContactsAsync(int count)
    {
        await using var db = Open();
        var ids = new List<Guid>();
        for (var number = 0; number < count; number++)
        {
            var contact = Marketing.Contacts.Contact.Create(Guid.CreateVersion7(Clock.Now), Clock.Now);
            contact.SetEmail(EmailAddress.Parse($"person-{number.ToString(CultureInfo.InvariantCulture)}@example.com"));
            db.Contacts.Add(contact);
            db.ConsentEntries.Add(new ConsentEntry
            {
                Id = Guid.CreateVersion7(Clock.Now),
                ContactId = contact.Id,
                State = ConsentState.Granted,
                Basis = ConsentBasis.OptIn,
                Source = "form",
                Actor = "person",
                At = Clock.Now.AddYears(-1),
            });
            ids.Add(contact.Id);
        }
        await db.SaveChangesAsync();
        return ids;
    }

    /// <summary>A request for a mail that nobody has asked for before.</summary>
    public MailRequest Mail(
        Contact to, Approach approach = Approach.A2, OverCap overCap = OverCap.Defer, int priority = 50, TimeSpan? validFor = null, string? collapseKey = null,
        string template = "welcome/day-3", Guid? instance = null) => Mail(to.Id, approach, overCap, priority, validFor, collapseKey, template, instance);

    public MailRequest Mail(
        Guid to, Approach approach = Approach.A2, OverCap overCap = OverCap.Defer, int priority = 50, TimeSpan? validFor = null, string? collapseKey = null,
        string template = "welcome/day-3", Guid? instance = null)
    {
        var step = "step-" + Interlocked.Increment(ref steps).ToString(CultureInfo.InvariantCulture);
        return new MailRequest(
            new MessageIdentity(to, MessageOrigin.Flow, "flow", step, 1, 1), template, approach is Approach.None ? MessageClass.Transactional : MessageClass.Marketing,
            approach, overCap, priority, Clock.Now + (validFor ?? TimeSpan.FromDays(7)), collapseKey, InstanceId: instance);
    }

    /// <summary>A transactional mail.</summary>
    public MailRequest OrderMail(Contact to) => Mail(to, Approach.None, template: "transactional/order-received") with
    {
        Context = """{"event":{"type":"order.placed","occurred_at":"2026-11-16T01:00:00Z","data":{"order_id":"W1","lines":[{"product":"越前がに","quantity":1,"net":14800}]}}}""",
    };

    public async Task<IReadOnlyList<MailOutcome>> AskAsync(params MailRequest[] requests)
    {
        await using var db = Open();
        await using var transaction = await db.BeginWriteAsync(default);
        var outcomes = await Outbox.RequestAsync(db, requests, await db.SendingPolicyAsync(default), "Asia/Tokyo", Clock.Now, default);
        await transaction.CommitAsync(default);
        return outcomes;
    }

    /// <summary>A mail on its way to the provider: asked for, decided, queued.</summary>
    public async Task<OutboxMessage> QueuedAsync(MailRequest request)
    {
        await AskAsync(request);
        var message = await MessageAsync(request.Identity);
        Assert.Equal(MessageState.Queued, message.State);
        return message;
    }

    /// <summary>A mail that the provider has accepted.</summary>
    public async Task<OutboxMessage> SentAsync(MailRequest request)
    {
        await QueuedAsync(request);
        await SendAllAsync();
        var message = await MessageAsync(request.Identity);
        Assert.True(message.State is MessageState.Sent, $"{message.State}: {(await ChangesAsync(message.Id))[^1].Detail}");
        return message;
    }

    public async Task SendAllAsync()
    {
        while (await Workers.Sender.SendDueAsync(default) > 0) { }
    }

    public async Task<OutboxMessage> MessageAsync(MessageIdentity identity)
    {
        await using var db = Open();
        return await db.OutboxMessages.AsNoTracking().SingleAsync(message => message.Identity == identity.ToString());
    }

    public async Task<OutboxMessage> MessageAsync(Guid id)
    {
        await using var db = Open();
        return await db.OutboxMessages.AsNoTracking().SingleAsync(message => message.Id == id);
    }

    public async Task<IReadOnlyList<OutboxMessage>> MessagesAsync(Contact to)
    {
        await using var db = Open();
        return await db.OutboxMessages.AsNoTracking().Where(message => message.ContactId == to.Id).OrderBy(message => message.RequestedAt).ThenBy(message => message.Id).ToListAsync();
    }

    /// <summary>States of the message, oldest first.</summary>
    public async Task<IReadOnlyList<MessageState>> HistoryAsync(Guid message) => [.. (await ChangesAsync(message)).Select(change => change.State)];

    public async Task<IReadOnlyList<MessageChange>> ChangesAsync(Guid message)
    {
        await using var db = Open();
        return await db.MessageChanges.AsNoTracking().Where(change => change.MessageId == message).OrderBy(change => change.Id).ToListAsync();
    }

    /// <summary>Templates of the mails that reached the provider for this person, in order.</summary>
    public IReadOnlyList<string> MailSentTo(Contact to) =>
        [.. Provider.Mails.Where(mail => mail.To == to.Email).Select(mail => mail.Template)];

    public async Task UnsubscribeAsync(Contact contact)
    {
        await using var db = Open();
        await using var transaction = await db.BeginWriteAsync(default);
        await Refusals.WithdrawAsync(db, contact.Id, "one-click", evidence: null, ipAddress: null, Clock.Now, Clock.Now, default);
        await transaction.CommitAsync(default);
    }

    /// <summary>Sales gives a deal back in the one action.</summary>
    public async Task<HandBack> HandBackAsync(string deal, HandBackRequest request)
    {
        await using var db = Open();
        var id = await db.Deals.Where(one => one.DealKey == deal).Select(one => one.Id).SingleAsync();
        return await HandingBack.HandBackAsync(db, id, request, "sales", Clock.Now, default);
    }

    /// <summary>One more line of the ledger.</summary>
    public async Task SaidAsync(Contact who, ConsentState state, ConsentBasis basis = ConsentBasis.OptIn, string topic = "", DateTimeOffset? at = null)
    {
        await using var db = Open();
        await ConsentLedger.WriteAsync(
            db, [new ConsentEntry { Id = Guid.CreateVersion7(Clock.Now), ContactId = who.Id, Topic = topic, State = state, Basis = basis, Source = "form", Actor = "person", At = at ?? Clock.Now }], default);
    }

    /// <summary>A confirmed mailing holds a slot for the person.</summary>
    public async Task HoldAsync(Contact who, DateTimeOffset at, int priority, Approach approach = Approach.A2)
    {
        await using var db = Open();
        db.SlotHolds.Add(new SlotHold { ContactId = who.Id, SourceId = Guid.NewGuid(), At = at, Approach = approach, Topics = "season", Priority = priority });
        await db.SaveChangesAsync();
    }

    public async Task MarkAsync(string company, bool suppressed = false, bool fixedPartner = false)
    {
        await using var db = Open();
        db.CompanyMarks.Add(new CompanyMark { Company = company, Suppressed = suppressed, FixedPartner = fixedPartner, Reason = "test", Actor = "test", At = Clock.Now });
        await db.SaveChangesAsync();
    }

    /// <summary>A lead event arrives as a source sends it.</summary>
    public async Task<TakenEvent> HappensAsync(Contact to, string type, object? data = null, string? id = null)
    {
        var json = JsonSerializer.SerializeToElement(new { source = "web-shop", id = id ?? Guid.NewGuid().ToString("N"), type, contact = new { email = to.Email }, data = data ?? new { } });
        return (await TakeAsync(json))[0];
    }

    public async Task<IReadOnlyList<TakenEvent>> TakeAsync(params JsonElement[] events)
    {
        await using var db = Open();
        return await EventIntake.TakeAsync(db, [.. events.Select((one, index) => LeadEventInput.Read(one, $"events[{index}]"))], "api-key", Clock.Now, default);
    }

    /// <summary>The provider reports what became of mails, in one body, and it is worked through.</summary>
    public async Task ReportedAsync(params JsonObject[] events)
    {
        await StoreReportAsync(JsonSerializer.SerializeToUtf8Bytes(new JsonArray([.. events.Select(one => one.DeepClone())])));
        await Workers.Reported.WorkAsync(default);
    }

    public async Task StoreReportAsync(byte[] body)
    {
        await using var db = Open();
        await ReportedEvents.StoreAsync(db, body, Clock.Now, default);
    }

    /// <summary>An event about a mail as the provider words it.</summary>
    public JsonObject Event(string kind, OutboxMessage about, params (string Name, JsonNode Value)[] more)
    {
        var reported = new JsonObject
        {
            ["event"] = kind,
            ["email"] = about.Recipient,
            ["timestamp"] = Clock.Now.ToUnixTimeSeconds(),
            ["sg_event_id"] = Guid.NewGuid().ToString("N"),
            [WebhookEvents.MessageIdArgument] = about.Id.ToString("D"),
        };
        foreach (var (name, value) in more) reported[name] = value;
        return reported;
    }

    /// <summary>Publishes the shipped flows.</summary>
    public async Task PublishShippedFlowsAsync()
    {
        await using var db = Open();
        await Workers.Flows.PublishFolderAsync(db, Shipped.Workflows, Clock.Now, default);
    }

    /// <summary>Works until nothing is due now.</summary>
    public Task WorkAsync() => Workers.DrainAsync();

    /// <summary>Time passes; whatever becomes due on the way is done at its own instant.</summary>
    /// <param name="by">The process that works; null: <see cref="Workers"/>.</param>
    public async Task UntilAsync(DateTimeOffset target, Workers? by = null)
    {
        var process = by ?? Workers;
        await process.DrainAsync();
        while (await NextDueAsync() is { } next && next <= target)
        {
            Clock.Now = next;
            await process.DrainAsync();
        }
        Clock.Now = target;
        await process.DrainAsync();
    }

    public Task ForAsync(TimeSpan span) => UntilAsync(Clock.Now + span);

    /// <summary>Until another worker waits for a row that this test holds; PostgreSQL only.</summary>
    public async Task SomebodyWaitsAsync()
    {
        await using var db = Open();
        while ((await db.QueryAsync(
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'", row => row.Int(0), default))[0] == 0)
        {
            await Task.Yield();
        }
    }

    private async Task<DateTimeOffset?> NextDueAsync()
    {
        await using var db = Open();
        var next = await db.QueryAsync("""
            SELECT MIN(at) FROM (
                SELECT MIN(due_at) AS at FROM outbox_messages WHERE state IN ('Deferred', 'Queued', 'Uncertain') AND due_at > @p0
                UNION ALL SELECT MIN(due_at) FROM flow_bookmarks WHERE due_at > @p0
                UNION ALL SELECT MIN(due_at) FROM date_plans WHERE due_at > @p0
                UNION ALL SELECT MIN(opens_at) FROM calendar_entries WHERE state = 'Planned' AND opens_at > @p0
                UNION ALL SELECT MIN(send_at) FROM broadcasts WHERE state = 'Scheduled' AND send_at > @p0
                UNION ALL SELECT MIN(next_at) FROM broadcasts WHERE state IN ('Selecting', 'Sending') AND next_at > @p0
                UNION ALL SELECT MIN(opens_at) FROM occurrences WHERE state = 'Planned' AND opens_at > @p0
                UNION ALL SELECT MIN(due_at) FROM score_checks WHERE due_at > @p0
                UNION ALL SELECT MIN(due_at) FROM hand_offs WHERE due_at > @p0
                UNION ALL SELECT MIN(mail_due_at) FROM notices WHERE mail_due_at > @p0) AS due
            """, row => row.InstantOrNull(0), default, Clock.Now);
        return next[0];
    }
}
