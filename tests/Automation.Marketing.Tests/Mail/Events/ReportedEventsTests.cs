using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Suppression;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Automation.SendGrid;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Mail.Events;

public sealed class ReportedEventsTests
{
    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Deliveries_opens_and_clicks_are_counted_on_the_mail(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var sent = await given.SentAsync(given.Mail(await given.Contact("ada@example.com").WhoConsented()));
        await given.ReportedAsync(given.Event("processed", sent), given.Event("deferred", sent), given.Event("delivered", sent));
        await given.ReportedAsync(given.Event("open", sent), Later(given.Event("open", sent), 60));
        await given.ReportedAsync(Later(Clicked(given, sent, "https://shop.example.com/a"), 60), Later(Clicked(given, sent, "https://shop.example.com/b"), 90));
        var message = await given.MessageAsync(sent.Id);
        Assert.Equal((MessageState.Sent, 1, 0), (message.State, message.DeliveredCount, message.BouncedCount));
        Assert.Equal((2, 1, 2, 1), (message.OpensTotal, message.OpensUnique, message.ClicksTotal, message.ClicksUnique));
        Assert.Equal(7, await CountAsync(given));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_open_by_a_machine_is_no_persons_open(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var sent = await given.SentAsync(given.Mail(await given.Contact("ada@example.com").WhoConsented()));
        await given.ReportedAsync(given.Event("open", sent, ("sg_machine_open", true)));
        var message = await given.MessageAsync(sent.Id);
        Assert.Equal((1, 0), (message.OpensTotal, message.OpensUnique));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_event_known_by_either_key_is_believed_once(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var sent = await given.SentAsync(given.Mail(await given.Contact("ada@example.com").WhoConsented()));
        var open = given.Event("open", sent);
        var otherKey = open.DeepClone().AsObject();
        otherKey["sg_event_id"] = "another";
        var withoutKey = open.DeepClone().AsObject();
        withoutKey.Remove("sg_event_id");
        var sameKeyOtherSecond = Later(open.DeepClone().AsObject(), 5);
        await given.ReportedAsync(open, open, otherKey);
        await given.ReportedAsync(withoutKey, sameKeyOtherSecond);
        Assert.Equal(1, (await given.MessageAsync(sent.Id)).OpensTotal);
        Assert.Equal(1, await CountAsync(given));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Events_in_any_order_leave_the_same_mail(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var results = new List<(MessageState, int, int, int)>();
        foreach (var order in new[] { new[] { 0, 1, 2 }, [2, 1, 0], [1, 2, 0] })
        {
            var sent = await given.SentAsync(given.Mail(await given.Contact($"{string.Concat(order)}@example.com").WhoConsented()));
            JsonObject[] events = [given.Event("deferred", sent), Later(given.Event("delivered", sent), 10), Later(Clicked(given, sent, "https://a.example"), 30)];
            foreach (var index in order) await given.ReportedAsync(events[index]);
            var message = await given.MessageAsync(sent.Id);
            results.Add((message.State, message.DeliveredCount, message.BouncedCount, message.ClicksUnique));
        }
        Assert.All(results, result => Assert.Equal((MessageState.Sent, 1, 0, 1), result));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_hard_bounce_suppresses_the_address_and_releases_the_slot(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var sent = await given.SentAsync(given.Mail(ada));
        var waiting = await given.QueuedAsync(given.Mail(ada));
        var order = await given.QueuedAsync(given.OrderMail(ada));
        await given.ReportedAsync(given.Event("bounce", sent, ("type", "bounce"), ("reason", "550 no such user")));
        var message = await given.MessageAsync(sent.Id);
        Assert.Equal((MessageState.Sent, 1, SlotState.Released), (message.State, message.BouncedCount, message.Slot));
        Assert.Equal([(SuppressionReason.HardBounce, "550 no such user")], await SuppressedAsync(given, "ada@example.com"));
        Assert.Equal(MessageState.Suppressed, (await given.MessageAsync(waiting.Id)).State);
        Assert.Equal(MessageState.Suppressed, (await given.MessageAsync(order.Id)).State);
        Assert.Equal(MessageState.Suppressed, (await given.AskAsync(given.Mail(ada)))[0].State);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_block_is_for_this_time_only(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var sent = await given.SentAsync(given.Mail(ada));
        await given.ReportedAsync(given.Event("bounce", sent, ("type", "blocked"), ("reason", "421 try later")));
        Assert.Empty(await SuppressedAsync(given, "ada@example.com"));
        Assert.Equal(SlotState.Spent, (await given.MessageAsync(sent.Id)).Slot);
        Assert.Equal(MessageState.Queued, (await given.AskAsync(given.Mail(ada)))[0].State);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_spam_report_suppresses_and_withdraws_at_once(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var sent = await given.SentAsync(given.Mail(ada));
        var waiting = await given.QueuedAsync(given.Mail(ada));
        await given.ReportedAsync(given.Event("spamreport", sent));
        Assert.Equal(SuppressionReason.Complaint, Assert.Single(await SuppressedAsync(given, "ada@example.com")).Reason);
        Assert.Equal(ConsentState.Withdrawn, await ConsentAsync(given, ada));
        Assert.Equal("suppressed-complaint", (await given.MessageAsync(waiting.Id)).Rule);
    }

    [Theory]
    [InlineData(DatabaseProvider.Sqlite, "unsubscribe")]
    [InlineData(DatabaseProvider.PostgreSql, "unsubscribe")]
    [InlineData(DatabaseProvider.Sqlite, "group_unsubscribe")]
    [InlineData(DatabaseProvider.PostgreSql, "group_unsubscribe")]
    public async Task An_unsubscribe_that_the_provider_heard_of_counts(DatabaseProvider provider, string kind)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var sent = await given.SentAsync(given.Mail(ada));
        await given.ReportedAsync(given.Event(kind, sent));
        Assert.Equal(ConsentState.Withdrawn, await ConsentAsync(given, ada));
        Assert.Empty(await SuppressedAsync(given, "ada@example.com"));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_old_refusal_that_arrives_late_does_not_undo_a_newer_consent(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var sent = await given.SentAsync(given.Mail(ada));
        var refusal = given.Event("unsubscribe", sent);
        given.Clock.Now = given.Clock.Now.AddDays(3);
        await GrantAsync(given, ada, given.Clock.Now.AddDays(-1));
        await given.ReportedAsync(refusal);
        Assert.Equal(ConsentState.Granted, await ConsentAsync(given, ada));
    }

    [Theory]
    [InlineData("Bounced Address", SuppressionReason.HardBounce)]
    [InlineData("Spam Reporting Address", SuppressionReason.Complaint)]
    [InlineData("Invalid", SuppressionReason.ProviderDropped)]
    public async Task A_mail_the_provider_dropped_has_failed_and_its_lists_are_taken_over(string reason, SuppressionReason suppression)
    {
        foreach (var provider in new[] { DatabaseProvider.Sqlite, DatabaseProvider.PostgreSql })
        {
            await using var given = await Scenario.OnAsync(provider);
            var ada = await given.Contact("ada@example.com").WhoConsented();
            var sent = await given.SentAsync(given.Mail(ada));
            await given.ReportedAsync(given.Event("processed", sent), given.Event("dropped", sent, ("reason", reason)));
            var message = await given.MessageAsync(sent.Id);
            Assert.Equal((MessageState.Failed, "dropped", SlotState.Released), (message.State, message.Rule, message.Slot));
            Assert.Equal(suppression, Assert.Single(await SuppressedAsync(given, "ada@example.com")).Reason);
        }
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_bounce_without_any_id_is_matched_by_its_address(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("Ada@Example.com").WhoConsented();
        await given.SentAsync(given.Mail(ada));
        await given.ReportedAsync(new JsonObject { ["event"] = "bounce", ["type"] = "bounce", ["email"] = "ada@example.COM", ["timestamp"] = given.Clock.Now.ToUnixTimeSeconds() });
        Assert.Single(await SuppressedAsync(given, "ada@example.com"));
        await using var db = given.Open();
        Assert.Equal(ada.Id, (await db.DeliveryEvents.SingleAsync()).ContactId);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_event_about_an_uncertain_mail_proves_that_it_was_sent(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var queued = await given.QueuedAsync(given.Mail(ada));
        given.Provider.Answers(new SendResult.Unknown("timeout"));
        await given.SendAllAsync();
        await given.ReportedAsync(given.Event("processed", queued));
        var message = await given.MessageAsync(queued.Id);
        Assert.Equal((MessageState.Sent, "", SlotState.Spent), (message.State, message.Rule, message.Slot));
        await given.ForAsync(TimeSpan.FromDays(2));
        Assert.Equal(MessageState.Sent, (await given.MessageAsync(queued.Id)).State);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Proof_that_comes_after_a_mail_was_given_up_is_still_believed(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var queued = await given.QueuedAsync(given.Mail(ada));
        given.Provider.Answers(new SendResult.Unknown("timeout"));
        await given.SendAllAsync();
        await given.ForAsync(TimeSpan.FromDays(2));
        Assert.Equal(MessageState.Failed, (await given.MessageAsync(queued.Id)).State);
        await given.ReportedAsync(given.Event("delivered", queued));
        var message = await given.MessageAsync(queued.Id);
        Assert.Equal((MessageState.Sent, SlotState.Spent, 1), (message.State, message.Slot, message.DeliveredCount));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_mail_that_was_refused_is_not_made_sent_by_a_stray_event(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var queued = await given.QueuedAsync(given.Mail(await given.Contact("ada@example.com").WhoConsented()));
        given.Provider.Answers(new SendResult.Refused("no", 400, []));
        await given.SendAllAsync();
        await given.ReportedAsync(given.Event("open", queued));
        Assert.Equal(MessageState.Failed, (await given.MessageAsync(queued.Id)).State);
    }

    [Fact]
    public async Task Replies_and_reports_about_the_same_mails_do_not_block_each_other()
    {
        const int Mails = 100;
        await using var given = await Scenario.OnAsync(DatabaseProvider.PostgreSql);
        var people = await given.ConsentingContactsAsync(Mails);
        await given.AskAsync([.. people.Select(id => given.Mail(id))]);
        var reading = new List<Task>();
        given.Provider.Answer = async request =>
        {
            await using var db = given.Open();
            foreach (var mail in ScriptedProvider.MailsOf(request))
            {
                var message = await db.OutboxMessages.AsNoTracking().SingleAsync(one => one.Id == mail.MessageId);
                await given.StoreReportAsync(JsonSerializer.SerializeToUtf8Bytes(new JsonArray(given.Event("processed", message))));
                lock (reading) reading.Add(Task.Run(() => given.Another().Reported.WorkAsync(default)));
            }
            return new SendResult.Accepted("x");
        };
        await given.SendAllAsync();
        await Task.WhenAll(reading);
        await given.WorkAsync();
        await using var after = given.Open();
        Assert.Equal(Mails, await after.OutboxMessages.CountAsync(message => message.State == MessageState.Sent && message.ProviderMessageId == "x"));
        Assert.Equal(Mails, await after.MessageChanges.CountAsync(change => change.State == MessageState.Sent));
        Assert.Equal(Mails, await CountAsync(given));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_bad_element_does_not_keep_the_good_ones_out(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var sent = await given.SentAsync(given.Mail(await given.Contact("ada@example.com").WhoConsented()));
        var good = given.Event("delivered", sent).ToJsonString();
        await given.StoreReportAsync(Encoding.UTF8.GetBytes($$"""[7, null, {"event":"open"}, {"timestamp":1}, "x", [], {"event":"weather","timestamp":5,"new":{"a":[1]} }, {{good}}]"""));
        await given.WorkAsync();
        Assert.Equal(1, (await given.MessageAsync(sent.Id)).DeliveredCount);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Kinds_that_mean_nothing_to_us_are_kept_and_change_nothing(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoUnsubscribed();
        var sent = await given.SentAsync(given.OrderMail(ada));
        await given.ReportedAsync(given.Event("group_resubscribe", sent), given.Event("account_status_change", sent), given.Event("a-kind-with-a-name-longer-than-any-we-know", sent));
        Assert.Equal(3, await CountAsync(given));
        Assert.Equal(ConsentState.Withdrawn, await ConsentAsync(given, ada));
        Assert.Equal([MessageState.Queued, MessageState.Sending, MessageState.Sent], await given.HistoryAsync(sent.Id));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_body_that_is_no_list_is_put_aside_and_the_next_is_read(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var sent = await given.SentAsync(given.Mail(await given.Contact("ada@example.com").WhoConsented()));
        await given.StoreReportAsync("{"u8.ToArray());
        await given.StoreReportAsync(JsonSerializer.SerializeToUtf8Bytes(new JsonArray(given.Event("delivered", sent))));
        await given.WorkAsync();
        Assert.Equal(1, (await given.MessageAsync(sent.Id)).DeliveredCount);
        await using var db = given.Open();
        Assert.Equal(0, await db.WebhookBatches.CountAsync());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Words_that_a_database_cannot_hold_do_not_hold_up_the_rest(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var (bounced, dropped, clicked) = (await given.SentAsync(given.Mail(ada)), await given.SentAsync(given.Mail(ada)), await given.SentAsync(given.Mail(ada)));
        await given.ReportedAsync(
            given.Event("bounce", bounced, ("reason", "550 \0 no such user"), ("sg_event_id", new string('x', 5000))),
            given.Event("dropped", dropped, ("reason", "Bounced \0 Address"), ("ip", "\0")),
            given.Event("unsubscribe", clicked, ("ip", "1.2.3.4\0"), ("sg_event_id", "a\0b")),
            given.Event("click", clicked, ("url", "https://shop.example.com/\0" + new string('y', 9000))),
            given.Event("event\0", clicked));
        Assert.Equal((1, 1), ((await given.MessageAsync(bounced.Id)).BouncedCount, (await given.MessageAsync(clicked.Id)).ClicksUnique));
        Assert.Equal(MessageState.Failed, (await given.MessageAsync(dropped.Id)).State);
        Assert.Equal(5, await CountAsync(given));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task The_recorded_posts_of_the_provider_are_each_worked_through(DatabaseProvider provider)
    {
        var folder = Path.GetFullPath(Path.Combine(Content.Shipped.Root, "..", "shared", "sendgrid", "samples", "webhook"));
        if (!Directory.Exists(folder)) return;
        await using var given = await Scenario.OnAsync(provider);
        using var expectations = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(folder, "expectations.json")));
        var (bodies, events) = (0, 0);
        foreach (var one in expectations.RootElement.GetProperty("cases").EnumerateArray().Where(one => one.GetProperty("expect").GetProperty("http").GetString() == "2xx"))
        {
            using var sample = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(folder, one.GetProperty("file").GetString()!)));
            await given.StoreReportAsync(Encoding.UTF8.GetBytes(sample.RootElement.GetProperty("body").GetString()!));
            await given.WorkAsync();
            events += one.GetProperty("expect").GetProperty("events").GetInt32();
            Assert.True(events == await CountAsync(given), one.GetProperty("file").GetString());
            bodies++;
        }
        Assert.True(bodies >= 10, $"{bodies} recorded posts ran.");
        Console.WriteLine($"{bodies} recorded posts ran.");
    }

    private static JsonObject Later(JsonObject reported, int seconds)
    {
        reported["timestamp"] = reported["timestamp"]!.GetValue<long>() + seconds;
        return reported;
    }

    private static JsonObject Clicked(Scenario given, OutboxMessage about, string url) => given.Event("click", about, ("url", url));

    private static async Task<int> CountAsync(Scenario given)
    {
        await using var db = given.Open();
        return await db.DeliveryEvents.CountAsync();
    }

    private static async Task<IReadOnlyList<(SuppressionReason Reason, string? Detail)>> SuppressedAsync(Scenario given, string key)
    {
        await using var db = given.Open();
        return [.. (await db.SuppressedAddresses.Where(one => one.AddressKey == key).ToListAsync()).Select(one => (one.Reason, one.Detail))];
    }

    private static async Task<ConsentState> ConsentAsync(Scenario given, Contact contact)
    {
        await using var db = given.Open();
        return (await ConsentLedger.StatesAsync(db, [contact.Id], default))[contact.Id].State;
    }

    private static async Task GrantAsync(Scenario given, Contact contact, DateTimeOffset at)
    {
        await using var db = given.Open();
        db.ConsentEntries.Add(new ConsentEntry { Id = Guid.CreateVersion7(at), ContactId = contact.Id, State = ConsentState.Granted, Basis = ConsentBasis.OptIn, Source = "form", Actor = "person", At = at });
        await db.SaveChangesAsync();
    }
}
