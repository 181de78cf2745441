using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Mail.Suppression;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Automation.SendGrid;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Mail.Delivery;

public sealed class MailSenderTests
{
    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_accepted_mail_is_sent_and_its_slot_spent(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        given.Provider.Answers(new SendResult.Accepted("abc"));
        var message = await given.SentAsync(given.Mail(ada));
        Assert.Equal((SlotState.Spent, given.Clock.Now, 1, "abc"), (message.Slot, message.SentAt!.Value, message.Attempt, message.ProviderMessageId));
        Assert.NotEmpty(message.Subject!);
        Assert.Equal([MessageState.Queued, MessageState.Sending, MessageState.Sent], await given.HistoryAsync(message.Id));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_marketing_mail_carries_our_id_and_a_one_click_way_out(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").Named("Ada; of, Turin").WhoConsented();
        var message = await given.SentAsync(given.Mail(ada));
        await given.AskAsync(given.OrderMail(ada));
        await given.SendAllAsync();
        var (marketing, order) = (given.Provider.Attempts[0].Personalizations[0], given.Provider.Attempts[1].Personalizations[0]);
        Assert.Equal(message.Id, given.Provider.Mails[0].MessageId);
        Assert.Equal("List-Unsubscribe=One-Click", marketing.Headers!["List-Unsubscribe-Post"]);
        await using var db = given.Open();
        var links = await new LinkFactory(new PublicAddress(), given.Clock).ForAsync(db, default);
        Assert.Equal($"<{links.UnsubscribeUrl(ada.Id, message.Id)}>", marketing.Headers["List-Unsubscribe"]);
        Assert.Null(order.Headers);
        Assert.All(given.Provider.Attempts, attempt => Assert.Empty(attempt.Check(given.Clock.Now)));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task What_was_decided_before_midnight_and_leaves_after_it_counts_for_the_new_day(DatabaseProvider provider)
    {
        var oneADay = Scenario.NoLimits with { Caps = [new CapRule("calendar-day", 1, CapPeriod.Day)] };
        await using var given = await Scenario.OnAsync(provider, oneADay, new DateTimeOffset(2026, 11, 16, 23, 58, 0, TimeSpan.FromHours(9)));
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var before = await given.QueuedAsync(given.Mail(ada));
        given.Clock.Now += TimeSpan.FromMinutes(3);
        var after = await given.QueuedAsync(given.Mail(ada));
        await given.SendAllAsync();
        Assert.Equal([after.Id], given.Provider.Mails.Select(mail => mail.MessageId));
        Assert.Equal((MessageState.Deferred, "calendar-day"), (await given.MessageAsync(before.Id)) is var waits ? (waits.State, waits.Rule) : default);
        await given.ForAsync(TimeSpan.FromDays(1));
        Assert.Equal(2, given.Provider.Mails.Count);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Order_mail_comes_from_its_own_address_once_the_shop_has_one(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.SentAsync(given.OrderMail(ada));
        await using (var db = given.Open()) await db.SaveShopAsync(await db.ShopAsync(default) with { OrderEmail = "orders@shop.example.com" }, given.Clock.Now, default);
        await given.SentAsync(given.OrderMail(ada));
        await given.SentAsync(given.Mail(ada));
        Assert.Equal(["kani@shop.example.com", "orders@shop.example.com", "kani@shop.example.com"], given.Provider.Attempts.Select(attempt => attempt.From.Email));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_refused_mail_has_failed_and_gives_its_slot_back(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var queued = await given.QueuedAsync(given.Mail(ada));
        given.Provider.Answers(new SendResult.Refused("The subject is required.", 400, []));
        await given.SendAllAsync();
        var message = await given.MessageAsync(queued.Id);
        Assert.Equal((MessageState.Failed, "refused", SlotState.Released), (message.State, message.Rule, message.Slot));
        Assert.Equal("The subject is required.", (await given.ChangesAsync(queued.Id))[^1].Detail);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_mail_put_off_by_the_provider_keeps_its_slot_and_goes_later(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var queued = await given.QueuedAsync(given.Mail(ada));
        given.Provider.Answers(new SendResult.TryLater(TimeSpan.FromSeconds(30), "busy", WholeKey: false));
        await given.SendAllAsync();
        var waiting = await given.MessageAsync(queued.Id);
        Assert.Equal((MessageState.Queued, SlotState.Reserved, given.Clock.Now.AddSeconds(30)), (waiting.State, waiting.Slot, waiting.DueAt));
        given.Provider.Accepts();
        await given.ForAsync(TimeSpan.FromSeconds(29));
        Assert.Single(given.Provider.Attempts);
        await given.ForAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(MessageState.Sent, (await given.MessageAsync(queued.Id)).State);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_limit_on_the_whole_key_stops_all_sending_until_it_ends(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var bob = await given.Contact("bob@example.com").WhoConsented();
        await given.QueuedAsync(given.Mail(ada));
        given.Provider.Answers(new SendResult.TryLater(TimeSpan.FromMinutes(1), "rate limit", WholeKey: true));
        await given.SendAllAsync();
        given.Provider.Accepts();
        await given.QueuedAsync(given.Mail(bob));
        await given.SendAllAsync();
        Assert.Equal("rate limit", given.Workers.Sender.PausedBecause);
        Assert.Single(given.Provider.Attempts);
        given.Clock.Now = given.Clock.Now.AddMinutes(1);
        await given.SendAllAsync();
        Assert.Null(given.Workers.Sender.PausedBecause);
        Assert.Equal((2, 1), (given.MailSentTo(ada).Count, given.MailSentTo(bob).Count));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_refused_key_pauses_sending_and_loses_nothing(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var queued = await given.QueuedAsync(given.Mail(ada));
        given.Provider.Answers(new SendResult.Paused("the API key is not valid"));
        await given.SendAllAsync();
        var waiting = await given.MessageAsync(queued.Id);
        Assert.Equal((MessageState.Queued, SlotState.Reserved), (waiting.State, waiting.Slot));
        Assert.Equal("the API key is not valid", given.Workers.Sender.PausedBecause);
        given.Provider.Accepts();
        await given.ForAsync(TimeSpan.FromHours(1));
        Assert.Equal(MessageState.Sent, (await given.MessageAsync(queued.Id)).State);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_marketing_mail_of_unknown_outcome_is_never_sent_again(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var queued = await given.QueuedAsync(given.Mail(ada));
        given.Provider.Answers(new SendResult.Unknown("timeout"));
        await given.SendAllAsync();
        given.Provider.Accepts();
        await given.ForAsync(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        var doubtful = await given.MessageAsync(queued.Id);
        Assert.Equal((MessageState.Uncertain, SlotState.Reserved), (doubtful.State, doubtful.Slot));
        await given.ForAsync(TimeSpan.FromDays(40));
        var message = await given.MessageAsync(queued.Id);
        Assert.Equal((MessageState.Failed, "outcome-unknown", SlotState.Spent), (message.State, message.Rule, message.Slot));
        Assert.Equal([MessageState.Queued, MessageState.Sending, MessageState.Uncertain, MessageState.Failed], await given.HistoryAsync(queued.Id));
        Assert.Single(given.Provider.Attempts);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_transactional_mail_of_unknown_outcome_is_sent_once_more_after_5_minutes_and_no_third_time(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com");
        var queued = await given.QueuedAsync(given.OrderMail(ada));
        given.Provider.Answers(new SendResult.Unknown("timeout"));
        await given.SendAllAsync();
        await given.ForAsync(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        Assert.Single(given.Provider.Attempts);
        await given.ForAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(2, given.Provider.Attempts.Count);
        await given.ForAsync(TimeSpan.FromDays(1));
        Assert.Equal(2, given.Provider.Attempts.Count);
        Assert.Equal(MessageState.Failed, (await given.MessageAsync(queued.Id)).State);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_resend_that_the_provider_makes_needless_in_time_does_not_happen(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com");
        var queued = await given.QueuedAsync(given.OrderMail(ada));
        given.Provider.Answers(new SendResult.Unknown("timeout"));
        await given.SendAllAsync();
        given.Clock.Now = given.Clock.Now.AddMinutes(5);
        await given.Workers.Unknown.SettleDueAsync(default);
        await given.ReportedAsync(given.Event("delivered", queued));
        await given.SendAllAsync();
        Assert.Single(given.Provider.Attempts);
        Assert.Equal(MessageState.Sent, (await given.MessageAsync(queued.Id)).State);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Whoever_unsubscribed_after_the_decision_is_not_mailed(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var marketing = await given.QueuedAsync(given.Mail(ada));
        var order = await given.QueuedAsync(given.OrderMail(ada));
        await given.UnsubscribeAsync(ada);
        await given.SendAllAsync();
        var withdrawn = await given.MessageAsync(marketing.Id);
        Assert.Equal((MessageState.Suppressed, "consent-withdrawn", SlotState.Released), (withdrawn.State, withdrawn.Rule, withdrawn.Slot));
        Assert.Equal(MessageState.Sent, (await given.MessageAsync(order.Id)).State);
        Assert.Equal(["transactional/order-received"], given.MailSentTo(ada));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task What_has_changed_by_the_time_of_dispatch_counts(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, Scenario.NoLimits with { Quiet = QuietHours.Default with { Spread = TimeSpan.Zero } });
        var expired = await given.QueuedAsync(given.Mail(await given.Contact("a@example.com").WhoConsented(), validFor: TimeSpan.FromHours(1)));
        var quiet = await given.QueuedAsync(given.Mail(await given.Contact("b@example.com").WhoConsented()));
        var dead = await given.QueuedAsync(given.Mail(await given.Contact("c@example.com").WhoConsented()));
        var owned = await given.Contact("d@example.com").WhoConsented();
        var sales = await given.QueuedAsync(given.Mail(owned));
        await using (var db = given.Open())
        {
            // As another process would have left it, without the withdrawal that goes with it.
            await db.ExecuteAsync(
                "INSERT INTO suppressed_addresses (address_key, reason, source, at) VALUES (@p0, @p1, @p2, @p3)", default,
                "c@example.com", SuppressionReason.Manual, "test", given.Clock.Now);
            await db.ExecuteAsync("UPDATE contacts SET sales_owned = @p1 WHERE id = @p0", default, owned.Id, true);
        }
        given.Clock.Now = new DateTimeOffset(2026, 11, 16, 21, 0, 0, TimeSpan.FromHours(9));
        await given.SendAllAsync();
        Assert.Empty(given.Provider.Attempts);
        Assert.Equal((MessageState.Expired, "valid-until"), Standing(await given.MessageAsync(expired.Id)));
        Assert.Equal((MessageState.Suppressed, "suppressed-manual"), Standing(await given.MessageAsync(dead.Id)));
        Assert.Equal((MessageState.Skipped, "sales-owned"), Standing(await given.MessageAsync(sales.Id)));
        var waiting = await given.MessageAsync(quiet.Id);
        Assert.Equal((MessageState.Deferred, "quiet-hours"), Standing(waiting));
        Assert.Equal(new DateTimeOffset(2026, 11, 17, 8, 0, 0, TimeSpan.FromHours(9)), waiting.DueAt);
        Assert.All([await given.MessageAsync(expired.Id), waiting], message => Assert.NotEqual(SlotState.Reserved, message.Slot));
        await given.UntilAsync(waiting.DueAt);
        Assert.Equal(MessageState.Sent, (await given.MessageAsync(quiet.Id)).State);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_attempt_under_way_when_the_process_ended_is_uncertain_after_the_restart(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var queued = await given.QueuedAsync(given.Mail(ada));
        var reached = new TaskCompletionSource();
        given.Provider.Answer = _ =>
        {
            reached.SetResult();
            return new TaskCompletionSource<SendResult>().Task;   // the process ends here: nobody hears the answer
        };
        _ = given.SendAllAsync();
        await reached.Task;
        Assert.Equal(MessageState.Sending, (await given.MessageAsync(queued.Id)).State);

        given.Provider.Accepts();
        given.Restarted();
        // On PostgreSQL another process may still be at it: the lease tells when not.
        if (provider is DatabaseProvider.PostgreSql)
        {
            await given.Workers.Unknown.FindAbandonedAsync(atStart: true, default);
            Assert.Equal(MessageState.Sending, (await given.MessageAsync(queued.Id)).State);
            given.Clock.Now += new DeliveryOptions().Lease + TimeSpan.FromSeconds(1);
        }
        await given.Workers.Unknown.FindAbandonedAsync(atStart: true, default);
        await given.WorkAsync();
        Assert.Equal((MessageState.Uncertain, "outcome-unknown"), Standing(await given.MessageAsync(queued.Id)));
        Assert.Single(given.Provider.Attempts);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_mail_taken_but_not_begun_when_the_process_ended_goes_out_after_the_restart(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var queued = await given.QueuedAsync(given.Mail(ada));
        await using (var db = given.Open())
        {
            await db.ExecuteAsync(
                "UPDATE outbox_messages SET lease_owner = @p1, lease_until = @p2 WHERE id = @p0", default, queued.Id, "dead", given.Clock.Now.AddMinutes(2));
        }
        await given.SendAllAsync();
        Assert.Empty(given.Provider.Attempts);
        given.Restarted();
        await given.Workers.Unknown.FindAbandonedAsync(atStart: true, default);
        if (provider is DatabaseProvider.PostgreSql) given.Clock.Now = given.Clock.Now.AddMinutes(2).AddSeconds(1);
        await given.SendAllAsync();
        Assert.Equal(MessageState.Sent, (await given.MessageAsync(queued.Id)).State);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_template_that_breaks_fails_the_mail_and_says_where(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        using var files = new TemplateFiles();
        files.Add("broken", "Hello", "text\n{{ for line in 1..99999999 }}x{{ end }}");
        files.Add("sound", "Hello", "text");
        given.Restarted(TemplateCatalogue.Load(files.Folder));
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var bob = await given.Contact("bob@example.com").WhoConsented();
        var broken = await given.QueuedAsync(given.Mail(ada, template: "broken"));
        var missing = await given.QueuedAsync(given.Mail(ada, template: "gone"));
        var sound = await given.QueuedAsync(given.Mail(bob, template: "sound"));
        await given.SendAllAsync();
        var failed = await given.MessageAsync(broken.Id);
        Assert.Equal((MessageState.Failed, SlotState.Released), (failed.State, failed.Slot));
        Assert.Contains("broken/text.ja.sbn(2,", (await given.ChangesAsync(broken.Id))[^1].Detail, StringComparison.Ordinal);
        Assert.Contains("'gone'", (await given.ChangesAsync(missing.Id))[^1].Detail, StringComparison.Ordinal);
        Assert.Equal(MessageState.Sent, (await given.MessageAsync(sound.Id)).State);
        Assert.Empty(given.MailSentTo(ada));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Without_the_senders_identity_marketing_waits_and_orders_are_confirmed(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await using var db = given.Open();
        var complete = await db.ShopAsync(default);
        await db.SaveShopAsync(complete with { Phone = "" }, given.Clock.Now, default);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var queued = await given.QueuedAsync(given.Mail(ada));
        await given.QueuedAsync(given.OrderMail(ada));
        await given.SendAllAsync();
        Assert.Equal((MessageState.Queued, SlotState.Reserved), (await given.MessageAsync(queued.Id)) is var waiting ? (waiting.State, waiting.Slot) : default);
        Assert.Equal(["transactional/order-received"], given.MailSentTo(ada));
        await db.SaveShopAsync(complete, given.Clock.Now, default);
        await given.SendAllAsync();
        Assert.Equal(MessageState.Sent, (await given.MessageAsync(queued.Id)).State);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_event_that_comes_before_the_reply_is_believed_and_counted_once(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var queued = await given.QueuedAsync(given.Mail(ada));
        given.Provider.Answer = async _ =>
        {
            await given.ReportedAsync(given.Event("delivered", queued));
            return new SendResult.Accepted("late-reply");
        };
        await given.SendAllAsync();
        var message = await given.MessageAsync(queued.Id);
        Assert.Equal((MessageState.Sent, SlotState.Spent, 1, "late-reply"), (message.State, message.Slot, message.DeliveredCount, message.ProviderMessageId));
        Assert.Equal([MessageState.Queued, MessageState.Sending, MessageState.Sent], await given.HistoryAsync(queued.Id));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_slot_never_moves_back_in_time_when_another_clock_is_behind(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var people = await given.ConsentingContactsAsync(3);
        await given.AskAsync([.. people.Select(id => given.Mail(id))]);
        var began = given.Clock.Now;
        var (proved, lost) = (Guid.Empty, Guid.Empty);
        given.Provider.Answer = async request =>
        {
            var ids = ScriptedProvider.MailsOf(request).Select(mail => mail.MessageId).ToList();
            given.Clock.Now = began.AddSeconds(-3);
            if (proved == Guid.Empty) await given.ReportedAsync(given.Event("delivered", await given.MessageAsync(proved = ids[0])));
            else if (lost == Guid.Empty && (lost = ids[0]) != Guid.Empty) return new SendResult.Unknown("No answer in time.");
            return new SendResult.Accepted("abc");
        };
        await given.Another(options: new DeliveryOptions { Batch = 1 }).Sender.SendDueAsync(default);
        await using var db = given.Open();
        Assert.Equal(3, await db.OutboxMessages.CountAsync(message => message.SlotAt == began));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_mail_reported_as_dropped_before_the_reply_stays_failed(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var queued = await given.QueuedAsync(given.Mail(ada));
        given.Provider.Answer = async _ =>
        {
            await given.ReportedAsync(given.Event("dropped", queued, ("reason", "Bounced Address")));
            return new SendResult.Accepted("late-reply");
        };
        await given.SendAllAsync();
        Assert.Equal((MessageState.Failed, "dropped"), Standing(await given.MessageAsync(queued.Id)));
        Assert.Equal([MessageState.Queued, MessageState.Sending, MessageState.Failed], await given.HistoryAsync(queued.Id));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Several_senders_side_by_side_send_each_mail_once(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var people = await given.ConsentingContactsAsync(120);
        await given.AskAsync([.. people.Select(id => given.Mail(id))]);
        var senders = Enumerable.Range(0, 4).Select(_ => given.Another(options: new DeliveryOptions { Claim = 20, Batch = 10 }).Sender).ToList();
        await Task.WhenAll(senders.Select(async sender =>
        {
            while (await sender.SendDueAsync(default) > 0) { }
        }));
        await given.SendAllAsync();
        Assert.Equal(120, given.Provider.Mails.Count);
        Assert.Equal(120, given.Provider.Mails.Select(mail => mail.MessageId).Distinct().Count());
    }

    private static (MessageState State, string Rule) Standing(OutboxMessage message) => (message.State, message.Rule);
}
