using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Suppression;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Automation.SendGrid;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Mail.Suppression;

public sealed class RefusalsTests
{
    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Whoever_unsubscribes_has_nothing_waiting_any_more(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var bob = await given.Contact("bob@example.com").WhoConsented();
        await given.AskAsync(given.Mail(ada), given.Mail(ada), given.Mail(bob));
        await given.UnsubscribeAsync(ada);
        Assert.All(await given.MessagesAsync(ada), message => Assert.Equal((MessageState.Suppressed, "consent-withdrawn", SlotState.Released), (message.State, message.Rule, message.Slot)));
        Assert.All(await given.MessagesAsync(bob), message => Assert.Equal(MessageState.Queued, message.State));
        await using var db = given.Open();
        Assert.Equal([(Stimuli.MustEnd, "unsubscribed", ada.Id)], (await db.Stimuli.ToListAsync()).Select(one => (one.Name, one.Key, one.ContactId)));
        var line = await db.ConsentEntries.OrderByDescending(entry => entry.At).FirstAsync();
        Assert.Equal((ConsentState.Withdrawn, ConsentBasis.OwnWithdrawal, "one-click", "person"), (line.State, line.Basis, line.Source, line.Actor));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_refusal_that_is_not_committed_has_not_happened(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var queued = await given.QueuedAsync(given.Mail(ada));
        await using (var db = given.Open())
        {
            await using var transaction = await db.BeginWriteAsync(default);
            await Refusals.WithdrawAsync(db, ada.Id, "one-click", null, null, given.Clock.Now, given.Clock.Now, default);
            await Refusals.SuppressAsync(db, "ada@example.com", SuppressionReason.Manual, "test", null, given.Clock.Now, given.Clock.Now, default);
        }
        await given.SendAllAsync();
        Assert.Equal(MessageState.Sent, (await given.MessageAsync(queued.Id)).State);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task The_strongest_reason_to_suppress_is_the_one_that_is_named(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoUnsubscribed();
        foreach (var reason in new[] { SuppressionReason.ProviderDropped, SuppressionReason.Manual, SuppressionReason.HardBounce, SuppressionReason.HardBounce, SuppressionReason.Complaint })
        {
            await using var db = given.Open();
            await using var transaction = await db.BeginWriteAsync(default);
            await Refusals.SuppressAsync(db, "ada@example.com", reason, "test", null, given.Clock.Now, given.Clock.Now, default);
            await transaction.CommitAsync(default);
        }
        var outcome = (await given.AskAsync(given.Mail(ada)))[0];
        Assert.Equal((MessageState.Suppressed, "suppressed-complaint"), (outcome.State, outcome.Rule));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Of_two_words_at_the_same_instant_the_refusal_counts(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented(given.Clock.Now.AddDays(-1)).WhoUnsubscribed(given.Clock.Now.AddDays(-1)).WhoConsented(given.Clock.Now.AddDays(-1));
        Assert.Equal("consent-withdrawn", (await given.AskAsync(given.Mail(ada)))[0].Rule);
        await using var db = given.Open();
        Assert.Equal(ConsentState.Withdrawn, (await ConsentLedger.StatesAsync(db, [ada.Id], default))[ada.Id].State);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task No_attempt_begins_after_an_unsubscribe_is_committed(DatabaseProvider provider)
    {
        const int Mails = 1000;
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.AskAsync([.. Enumerable.Range(0, Mails).Select(_ => given.Mail(ada))]);
        var committed = 0;
        var begunAfter = new List<Guid>();
        var enough = new TaskCompletionSource();
        given.Provider.Answer = async request =>
        {
            if (given.Provider.Mails.Count >= 150) enough.TrySetResult();
            await Task.Yield();
            if (Volatile.Read(ref committed) == 1)
                lock (begunAfter) begunAfter.AddRange(ScriptedProvider.MailsOf(request).Select(mail => mail.MessageId));
            return new SendResult.Accepted("x");
        };
        var senders = Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            var sender = given.Another().Sender;
            while (await sender.SendDueAsync(default) > 0) { }
        })).ToList();
        await enough.Task;
        await given.UnsubscribeAsync(ada);
        Volatile.Write(ref committed, 1);
        await Task.WhenAll(senders);
        await given.SendAllAsync();

        // What reaches the provider afterwards had begun before, and was on the list at the commit.
        await using (var db = given.Open())
            Assert.Subset((await db.AttemptsInFlight.Select(attempt => attempt.MessageId).ToListAsync()).ToHashSet(), begunAfter.ToHashSet());
        var messages = await given.MessagesAsync(ada);
        Assert.Equal(Mails, messages.Count);
        Assert.All(messages, message => Assert.True(message.State is MessageState.Sent or MessageState.Suppressed, message.State.ToString()));
        Assert.Equal(given.Provider.Mails.Count, messages.Count(message => message.State is MessageState.Sent));
        Assert.Contains(messages, message => message.State is MessageState.Suppressed);
    }
}
