using Automation.Marketing.Campaigns;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Mail.Delivery.Holds;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Automation.SendGrid;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Campaigns;

public sealed class BroadcastsTests
{
    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Everyone_of_the_audience_is_accounted_for(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, new SendingPolicy(1, [new CapRule("day", 1, CapPeriod.Day)], null, null));
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var bob = await given.Contact("bob@example.com").WhoUnsubscribed();
        var eve = await given.Contact("eve@example.com").WhoConsented();
        await given.Contact(null).WhoConsented();
        await given.SentAsync(given.Mail(eve));
        var id = await CreateAsync(given);
        await given.WorkAsync();
        Assert.Equal(["newsletter/monthly"], given.MailSentTo(ada));
        Assert.Equal("consent-withdrawn", Assert.Single(await given.MessagesAsync(bob)).Rule);
        var capped = (await given.MessagesAsync(eve)).Single(message => message.Origin is MessageOrigin.Broadcast);
        Assert.Equal((MessageState.Skipped, "day"), (capped.State, capped.Rule));
        await using var db = given.Open();
        var broadcast = await db.Broadcasts.SingleAsync();
        Assert.Equal((BroadcastState.Done, given.Clock.Now, given.Clock.Now), (broadcast.State, broadcast.StartedAt!.Value, broadcast.FinishedAt!.Value));
        Assert.Equal((3, 3), await Broadcasts.ProgressAsync(db, await db.Broadcasts.SingleAsync(one => one.Id == id), default));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_broadcast_waits_for_its_hour_whatever_the_zone_it_is_written_in(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await CreateAsync(given, sendAt: given.Clock.Now.AddHours(2).ToOffset(TimeSpan.FromHours(-5)));
        await given.ForAsync(TimeSpan.FromHours(2) - TimeSpan.FromSeconds(1));
        Assert.Empty(given.MailSentTo(ada));
        await given.ForAsync(TimeSpan.FromSeconds(1));
        Assert.Single(given.MailSentTo(ada));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task The_audience_is_frozen_before_the_first_mail(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").Tagged("vip").WhoConsented();
        var bob = await given.Contact("bob@example.com").WhoConsented();
        await CreateAsync(given, new Audience(Tags: ["vip"]));
        await given.Workers.Broadcasts.WorkAsync(default);
        await given.Workers.Broadcasts.WorkAsync(default);
        await using (var db = given.Open())
        {
            await db.ExecuteAsync("UPDATE contact_tags SET contact_id = @p0", default, bob.Id);
            Assert.Equal([ada.Id], await db.BroadcastRecipients.Select(one => one.ContactId).ToListAsync());
        }
        await given.WorkAsync();
        Assert.Single(given.MailSentTo(ada));
        Assert.Empty(given.MailSentTo(bob));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_broadcast_cut_off_anywhere_goes_on_where_it_was(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.ConsentingContactsAsync(1100);
        await CreateAsync(given);
        var ends = 0;
        for (var worked = 1; worked > 0;)
        {
            // Each process ends while its second request is under way; the next goes on.
            using var ending = new CancellationTokenSource();
            var requests = 0;
            given.Provider.Answer = async _ =>
            {
                if (Interlocked.Increment(ref requests) == 2) await ending.CancelAsync();
                return new SendResult.Accepted("taken");
            };
            try
            {
                worked = await given.Workers.Broadcasts.WorkAsync(ending.Token);
            }
            catch (OperationCanceledException)
            {
            }
            if (ending.IsCancellationRequested) ends++;
            given.Restarted();
        }
        Assert.True(ends >= 3, $"It ended {ends} times only.");
        await using var db = given.Open();
        Assert.Equal(1100, await db.OutboxMessages.CountAsync(message => message.State == MessageState.Sent));
        Assert.Equal(1100, given.Provider.Mails.Count);
        Assert.Equal(1100, given.Provider.Mails.Select(mail => mail.To).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_broadcast_that_must_wait_queues_everybody_once_however_often_it_is_cut_off(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.ConsentingContactsAsync(1100);
        await CreateAsync(given);
        await PauseMarketingAsync(given);
        var worked = 0;
        while (await given.Workers.Broadcasts.WorkAsync(default) > 0)
        {
            // A new process after each step, and one that dies in the middle of the next.
            given.Restarted();
            await using var db = given.Open();
            await using (var transaction = await db.BeginWriteAsync(default))
                await db.ExecuteAsync("DELETE FROM broadcast_recipients", default);
            worked++;
        }
        Assert.True(worked >= 5);
        Assert.Empty(given.Provider.Mails);
        await ReleaseAsync(given);
        await given.SendAllAsync();
        Assert.Equal(1100, given.Provider.Mails.Count);
        Assert.Equal(1100, given.Provider.Mails.Select(mail => mail.To).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_broadcast_stopped_while_it_is_sent_begins_no_request_after_the_next(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.ConsentingContactsAsync(700);
        var id = await CreateAsync(given);
        var requests = 0;
        given.Provider.Answer = async _ =>
        {
            if (Interlocked.Increment(ref requests) == 1) await given.Another().Broadcasts.StopAsync(id, default);
            return new SendResult.Accepted("taken");
        };
        await given.WorkAsync();
        Assert.InRange(given.Provider.Mails.Count, 100, 300);
        await using var db = given.Open();
        Assert.Equal(BroadcastState.Stopped, (await db.Broadcasts.SingleAsync()).State);
        Assert.Equal(given.Provider.Mails.Count, await db.OutboxMessages.CountAsync());
        Assert.Equal(given.Provider.Mails.Count, await db.OutboxMessages.CountAsync(message => message.State == MessageState.Sent));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_stopped_broadcast_mails_nobody_who_was_not_mailed_yet(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.ConsentingContactsAsync(700);
        var id = await CreateAsync(given);
        await PauseMarketingAsync(given);
        for (var step = 0; step < 3; step++) await given.Workers.Broadcasts.WorkAsync(default);
        await ReleaseAsync(given);
        await given.Another(options: new DeliveryOptions { Claim = 100 }).Sender.SendDueAsync(default);
        var sent = given.Provider.Mails.Count;
        await given.Workers.Broadcasts.StopAsync(id, default);
        await given.WorkAsync();
        Assert.Equal((100, 100), (sent, given.Provider.Mails.Count));
        await using var db = given.Open();
        Assert.Equal(BroadcastState.Stopped, (await db.Broadcasts.SingleAsync()).State);
        Assert.Equal(400, await db.OutboxMessages.CountAsync(message => message.State == MessageState.Cancelled && message.Rule == "stopped" && message.Slot == SlotState.Released));
        await Assert.ThrowsAsync<RuleBrokenException>(() => given.Workers.Broadcasts.StopAsync(id, default));
    }

    [Fact]
    public async Task What_changes_between_composing_and_deciding_is_heeded()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        await given.ConsentingContactsAsync(600);
        await CreateAsync(given);
        Guid[] last;
        await using (var db = given.Open()) last = [.. (await db.Contacts.Select(contact => contact.Id).ToListAsync()).Order().TakeLast(2)];
        var first = true;
        given.Provider.Answer = async _ =>
        {
            if (first)
            {
                // By now a few hundred are composed; these two are behind them in the same round.
                first = false;
                await using var db = given.Open();
                await db.ExecuteAsync("UPDATE contacts SET email = 'moved@example.com', email_key = 'moved@example.com' WHERE id = @p0", default, last[0]);
                await db.ExecuteAsync("DELETE FROM consent_entries WHERE contact_id = @p0", default, last[1]);
            }
            return new SendResult.Accepted("taken");
        };
        await given.WorkAsync();
        Assert.Equal(599, given.Provider.Mails.Count);
        Assert.Single(given.Provider.Mails, mail => mail.To == "moved@example.com");
        await using var after = given.Open();
        Assert.Equal(last[1], (await after.OutboxMessages.SingleAsync(message => message.State == MessageState.Suppressed)).ContactId);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Two_processes_carry_one_broadcast_through_once(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.ConsentingContactsAsync(600);
        await CreateAsync(given);
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            var workers = given.Another();
            for (var idle = 0; idle < 20;) idle = await workers.Broadcasts.WorkAsync(default) > 0 ? 0 : idle + 1;
        })));
        await given.SendAllAsync();
        Assert.Equal(600, given.Provider.Mails.Count);
        await using var db = given.Open();
        Assert.Equal(BroadcastState.Done, (await db.Broadcasts.SingleAsync()).State);
    }

    [Fact]
    public async Task A_step_that_another_process_has_just_done_is_not_done_again()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        var ada = await given.Contact("ada@example.com").Tagged("vip").WhoConsented();
        var bob = await given.Contact("bob@example.com").WhoConsented();
        await CreateAsync(given, new Audience(Tags: ["vip"]));
        await given.Workers.Broadcasts.WorkAsync(default);
        Task<int> second;
        await using (var db = given.Open())
        {
            // The other process freezes the audience; meanwhile this one has seen that it is to be frozen.
            await using var transaction = await db.BeginWriteAsync(default);
            second = given.Another().Broadcasts.WorkAsync(default);
            await db.ExecuteAsync("INSERT INTO broadcast_recipients (broadcast_id, contact_id) SELECT id, @p0 FROM broadcasts", default, ada.Id);
            await db.ExecuteAsync("UPDATE broadcasts SET state = 'Sending'", default);
            await db.ExecuteAsync("INSERT INTO contact_tags (contact_id, tag) VALUES (@p0, 'vip')", default, bob.Id);
            await transaction.CommitAsync(default);
        }
        await second;
        await given.WorkAsync();
        Assert.Single(given.MailSentTo(ada));
        Assert.Empty(given.MailSentTo(bob));
    }

    [Fact]
    public async Task A_stop_does_not_wait_in_a_circle_with_whoever_decides_about_its_messages()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.PostgreSql, SendingPolicy.Shop, new DateTimeOffset(2026, 11, 16, 23, 0, 0, TimeSpan.FromHours(9)));
        for (var number = 0; number < 2; number++) await given.Contact($"p{number}@example.com").WhoConsented();
        var id = await CreateAsync(given);
        await given.WorkAsync();
        Task stopping;
        await using (var db = given.Open())
        {
            // It has more to decide, or it could not be stopped.
            await db.ExecuteAsync("UPDATE broadcasts SET state = 'Sending'", default);
            await using var transaction = await db.BeginWriteAsync(default);
            // As a decider does: the people, then their messages one after the other, while the stop comes in between.
            await db.HoldAsync("contacts", await db.Contacts.Select(contact => contact.Id).ToListAsync(), default);
            var messages = await db.QueryAsync("SELECT id FROM outbox_messages WHERE state = 'Deferred' ORDER BY id", row => row.Guid(0), default);
            await db.HoldAsync("outbox_messages", [messages[1]], default);
            stopping = given.Another().Broadcasts.StopAsync(id, default);
            await given.SomebodyWaitsAsync();
            await db.HoldAsync("outbox_messages", [messages[0]], default);
            await transaction.CommitAsync(default);
        }
        await stopping;
        await using (var db = given.Open())
            Assert.All(await db.OutboxMessages.ToListAsync(), message => Assert.Equal((MessageState.Cancelled, "stopped"), (message.State, message.Rule)));
    }

    [Theory]
    [InlineData("", "newsletter/monthly", 30, "name")]
    [InlineData("x", "newsletter/yearly", 30, "template")]
    [InlineData("x", "transactional/order-received", 30, "template")]
    [InlineData("x", "newsletter/monthly", 101, "priority")]
    public async Task What_cannot_be_broadcast_is_refused_by_its_field(string name, string template, int priority, string place)
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        await using var db = given.Open();
        var wanted = new NewBroadcast(name, template, new Audience(), Priority: priority);
        Assert.Equal(place, Assert.Throws<BadInputException>(() => given.Workers.Broadcasts.Create(db, wanted, "marketer", given.Clock.Now)).Place);
        var late = new NewBroadcast("x", "newsletter/monthly", new Audience(), SendAt: given.Clock.Now, ValidUntil: given.Clock.Now);
        Assert.Equal("validUntil", Assert.Throws<BadInputException>(() => given.Workers.Broadcasts.Create(db, late, "marketer", given.Clock.Now)).Place);
    }

    private static async Task PauseMarketingAsync(Scenario given)
    {
        await using var db = given.Open();
        await SendingHolds.PauseAsync(db, HoldScope.Marketing, "", "owner", given.Clock.Now, default);
    }

    private static async Task ReleaseAsync(Scenario given)
    {
        await using var db = given.Open();
        foreach (var hold in await SendingHolds.InForceAsync(db, given.Clock.Now, default)) await SendingHolds.ReleaseAsync(db, hold.Id, "owner", given.Clock.Now, default);
    }

    private static async Task<Guid> CreateAsync(Scenario given, Audience? audience = null, DateTimeOffset? sendAt = null)
    {
        await using var db = given.Open();
        var broadcast = given.Workers.Broadcasts.Create(db, new NewBroadcast("News", "newsletter/monthly", audience ?? new Audience(), sendAt), "marketer", given.Clock.Now);
        await db.SaveChangesAsync();
        return broadcast.Id;
    }
}
