using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Mail;

public sealed class OutboxTests
{
    private static readonly SendingPolicy OneADay = new(1, [new CapRule("calendar-day", 1, CapPeriod.Day)], MinGap: null, Quiet: null);
    private static readonly TimeSpan Long = TimeSpan.FromDays(60);

    private static readonly SendingPolicy OneAtAll = new(1, [new CapRule("once", 1, CapPeriod.Rolling, TimeSpan.FromDays(30))], MinGap: null, Quiet: null);

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task One_identity_asked_for_twice_is_mailed_once(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var request = given.Mail(ada);
        Assert.Single(await given.AskAsync(request, request));
        Assert.Empty(await given.AskAsync(request with { Template = "welcome/day-7", Priority = 90 }));
        await given.SendAllAsync();
        Assert.Empty(await given.AskAsync(request));
        await given.SendAllAsync();
        Assert.Equal(["welcome/day-3"], given.MailSentTo(ada));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Decision_slot_row_and_history_are_there_together_or_not_at_all(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await using (var db = given.Open())
        {
            await using var transaction = await db.BeginWriteAsync(default);
            await Outbox.RequestAsync(db, [given.Mail(ada)], Scenario.NoLimits, "Asia/Tokyo", given.Clock.Now, default);
        }
        await using (var db = given.Open())
        {
            Assert.Equal(0, await db.OutboxMessages.CountAsync());
            Assert.Equal(0, await db.MessageChanges.CountAsync());
        }
        var message = await given.QueuedAsync(given.Mail(ada));
        Assert.Equal((SlotState.Reserved, given.Clock.Now), (message.Slot, message.SlotAt));
        Assert.Equal([MessageState.Queued], await given.HistoryAsync(message.Id));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_mail_decided_against_says_why(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, SendingPolicy.Shop);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.SentAsync(given.Mail(ada));
        var second = given.Mail(ada, overCap: OverCap.Skip);
        await given.AskAsync(second);
        var message = await given.MessageAsync(second.Identity);
        var reason = DecisionReason.FromJson(message.Decision);
        Assert.Equal((MessageState.Skipped, "min-gap", SlotState.None), (message.State, message.Rule, message.Slot));
        Assert.Equal((given.Clock.Now.AddHours(16) < reason.Next, 1), (true, reason.PolicyVersion));
        Assert.Null(message.SlotAt);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Requests_of_one_call_compete_with_each_other(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, OneADay);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var bob = await given.Contact("bob@example.com").WhoConsented();
        var outcomes = await given.AskAsync(given.Mail(ada), given.Mail(ada), given.Mail(bob));
        Assert.Equal([MessageState.Queued, MessageState.Deferred, MessageState.Queued], outcomes.Select(outcome => outcome.State));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_newer_mail_replaces_an_unsent_one_with_the_same_key(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, OneAtAll);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var bob = await given.Contact("bob@example.com").WhoConsented();
        var older = given.Mail(ada, collapseKey: "crab-season");
        var other = given.Mail(bob, collapseKey: "crab-season");
        await given.AskAsync(older, other);
        var newer = given.Mail(ada, collapseKey: "crab-season", template: "season/crab-last-call");
        await given.AskAsync(newer);
        var replaced = await given.MessageAsync(older.Identity);
        Assert.Equal((MessageState.Cancelled, "collapsed", SlotState.Released), (replaced.State, replaced.Rule, replaced.Slot));
        Assert.Equal(MessageState.Queued, (await given.MessageAsync(newer.Identity)).State);
        Assert.Equal(MessageState.Queued, (await given.MessageAsync(other.Identity)).State);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Asking_again_for_a_mail_does_not_replace_it_by_itself(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var request = given.Mail(ada, collapseKey: "crab-season");
        await given.AskAsync(request);
        await given.AskAsync(request);
        Assert.Equal(MessageState.Queued, (await given.MessageAsync(request.Identity)).State);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_withdrawn_mail_gives_its_slot_back(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, OneAtAll);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var run = Guid.NewGuid();
        var first = await given.QueuedAsync(given.Mail(ada, instance: run));
        await using (var db = given.Open())
        {
            await using var transaction = await db.BeginWriteAsync(default);
            Assert.Equal(1, await Outbox.CancelOfInstancesAsync(db, [run], "goal", given.Clock.Now, default));
            await transaction.CommitAsync(default);
        }
        var withdrawn = await given.MessageAsync(first.Id);
        Assert.Equal((MessageState.Cancelled, "goal", SlotState.Released), (withdrawn.State, withdrawn.Rule, withdrawn.Slot));
        Assert.Equal([MessageState.Queued, MessageState.Cancelled], await given.HistoryAsync(first.Id));
        await given.QueuedAsync(given.Mail(ada));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_deferred_mail_is_decided_anew_at_its_instant_and_not_before(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, OneADay);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.SentAsync(given.Mail(ada));
        var later = given.Mail(ada);
        await given.AskAsync(later);
        var midnight = new DateTimeOffset(2026, 11, 17, 0, 0, 0, TimeSpan.FromHours(9));
        Assert.Equal(midnight, (await given.MessageAsync(later.Identity)).DueAt);

        given.Clock.Now = midnight.AddMilliseconds(-1);
        Assert.Equal(0, await given.Workers.Decisions.WorkAsync(default));
        given.Clock.Now = midnight;
        Assert.Equal(1, await given.Workers.Decisions.WorkAsync(default));
        var message = await given.MessageAsync(later.Identity);
        Assert.Equal((MessageState.Queued, "", SlotState.Reserved, (DateTimeOffset?)midnight), (message.State, message.Rule, message.Slot, message.SlotAt));
        Assert.Equal([MessageState.Deferred, MessageState.Queued], await given.HistoryAsync(message.Id));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task When_a_slot_frees_the_best_claim_takes_it(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, OneADay);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.SentAsync(given.Mail(ada));
        MailRequest[] waiting =
        [
            given.Mail(ada, priority: 30, validFor: TimeSpan.FromDays(9)),
            given.Mail(ada, priority: 80, validFor: TimeSpan.FromDays(9)),
            given.Mail(ada, priority: 80, validFor: TimeSpan.FromDays(8)),
            given.Mail(ada, priority: 50, validFor: TimeSpan.FromDays(2)),
        ];
        foreach (var request in waiting)
        {
            await given.AskAsync(request);
            given.Clock.Now += TimeSpan.FromSeconds(1);
        }
        await given.ForAsync(TimeSpan.FromDays(6));
        await using var db = given.Open();
        var sent = await db.OutboxMessages.Where(message => message.State == MessageState.Sent).OrderBy(message => message.SentAt).Select(message => message.Identity).ToListAsync();
        // Priority, then what expires sooner; the one that was good for two days only never got a day.
        Assert.Equal([waiting[2].Identity.ToString(), waiting[1].Identity.ToString(), waiting[0].Identity.ToString()], sent.Skip(1));
        Assert.Equal(MessageState.Expired, (await given.MessageAsync(waiting[3].Identity)).State);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Rivals_of_one_person_are_decided_together_however_many_are_due_at_once(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, OneAtAll);
        var blocker = await given.ConsentingContactsAsync(600);
        var rival = await given.Contact("rival@example.com").WhoConsented();
        // All wait for the same instant; the rival's dear mail is the last of all by id, and its cheap one the first.
        var cheap = given.Mail(rival, priority: 10, validFor: Long);
        var dear = given.Mail(rival, priority: 90, validFor: Long);
        await given.AskAsync([given.Mail(rival), .. blocker.Select(id => given.Mail(id))]);
        await given.SendAllAsync();
        await given.AskAsync(cheap);
        await given.AskAsync([.. blocker.Select(id => given.Mail(id, validFor: Long))]);
        await given.AskAsync(dear);
        await using (var db = given.Open())
        {
            // As if the slots were freed by another policy: everything that waits is due now.
            await db.SaveSendingPolicyAsync(OneAtAll with { Caps = [new CapRule("next", 1, CapPeriod.Rolling, TimeSpan.FromMinutes(1))] }, given.Clock.Now, default);
            given.Clock.Now = given.Clock.Now.AddMinutes(2);
            await db.ExecuteAsync("UPDATE outbox_messages SET due_at = @p0 WHERE state = 'Deferred'", default, given.Clock.Now);
        }
        while (await given.Workers.Decisions.WorkAsync(default) > 0) { }
        Assert.Equal(MessageState.Queued, (await given.MessageAsync(dear.Identity)).State);
        Assert.Equal(MessageState.Deferred, (await given.MessageAsync(cheap.Identity)).State);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Of_a_thousand_mails_for_one_slot_exactly_one_gets_it_from_64_workers(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, OneAtAll);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var requests = Enumerable.Range(0, 1000).Select(_ => given.Mail(ada, overCap: OverCap.Skip)).ToList();
        await Parallel.ForEachAsync(requests, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (request, _) => await given.AskAsync(request));
        await given.SendAllAsync();
        await using var db = given.Open();
        var states = await db.OutboxMessages.GroupBy(message => message.State).Select(group => new { group.Key, Count = group.Count() }).ToDictionaryAsync(one => one.Key, one => one.Count);
        Assert.Equal(new Dictionary<MessageState, int> { [MessageState.Sent] = 1, [MessageState.Skipped] = 999 }, states);
        Assert.Single(given.Provider.Mails);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task One_identity_asked_for_by_many_workers_at_once_is_one_row(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var request = given.Mail(ada);
        await Parallel.ForEachAsync(Enumerable.Range(0, 40), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (_, _) => await given.AskAsync(request));
        Assert.Single(await given.MessagesAsync(ada));
    }

    [Fact]
    public async Task An_unsubscribe_and_a_decision_about_the_same_person_do_not_block_each_other()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.PostgreSql, OneADay);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.SentAsync(given.Mail(ada));
        var waiting = given.Mail(ada);
        await given.AskAsync(waiting);
        given.Clock.Now = given.Clock.Now.AddDays(1);

        await using var db = given.Open();
        await using var transaction = await db.BeginWriteAsync(default);
        await db.QueryAsync("SELECT id FROM contacts WHERE id = @p0 FOR UPDATE", row => row.Guid(0), default, ada.Id);
        var deciding = given.Workers.Decisions.WorkAsync(default);
        await given.SomebodyWaitsAsync();
        await Marketing.Mail.Suppression.Refusals.WithdrawAsync(db, ada.Id, "one-click", null, null, given.Clock.Now, given.Clock.Now, default);
        await transaction.CommitAsync(default);
        await deciding;
        Assert.Equal((MessageState.Suppressed, "consent-withdrawn"), Standing(await given.MessageAsync(waiting.Identity)));
    }

    private static (MessageState State, string Rule) Standing(OutboxMessage message) => (message.State, message.Rule);
}
