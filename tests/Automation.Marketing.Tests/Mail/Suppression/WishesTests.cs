using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Suppression;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Mail.Suppression;

public sealed class WishesTests
{
    private static readonly DateOnly Today = new(2026, 11, 16);
    private static readonly Said Page = new("preference-center", "token", "192.0.2.7", "Mozilla/5.0");

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_topic_can_be_refused_and_asked_for_again_by_itself(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var about = (string topics) => given.Mail(ada) with { Topics = topics };
        await given.AskAsync(about("gift"), about("season,gift"), about("season"));
        await InTransactionAsync(given, db => Refusals.WithdrawAsync(db, ada.Id, "gift", Page, given.Clock.Now, given.Clock.Now, default));
        Assert.Equal(
            [MessageState.Suppressed, MessageState.Suppressed, MessageState.Queued], (await given.MessagesAsync(ada)).OrderBy(message => message.NodeId, StringComparer.Ordinal).Select(message => message.State));
        Assert.Equal(["topic-withdrawn", "topic-withdrawn", "", ""], (await given.AskAsync(about("gift"), about("season,gift"), about("season"), about(""))).Select(outcome => outcome.Rule));

        given.Clock.Now += TimeSpan.FromMinutes(1);
        await InTransactionAsync(given, db => Wishes.GrantAsync(db, ada.Id, "gift", Page, given.Clock.Now, default));
        Assert.Equal("", (await given.AskAsync(about("season,gift"))).Single().Rule);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Who_stopped_everything_can_ask_for_one_topic_again(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.SaidAsync(ada, ConsentState.Granted, topic: "gift", at: given.Clock.Now.AddDays(-9));
        await given.UnsubscribeAsync(ada);
        Assert.Equal("consent-withdrawn", (await given.AskAsync(given.Mail(ada) with { Topics = "gift" })).Single().Rule);
        given.Clock.Now += TimeSpan.FromMinutes(1);
        await given.SaidAsync(ada, ConsentState.Granted, ConsentBasis.ExistingRelationship, topic: "season");
        Assert.Equal("consent-withdrawn", (await given.AskAsync(given.Mail(ada) with { Topics = "season" })).Single().Rule);
        await given.SaidAsync(ada, ConsentState.Granted, ConsentBasis.OptIn, topic: "gift");
        Assert.Equal(["", "consent-withdrawn"], (await given.AskAsync(given.Mail(ada) with { Topics = "gift" }, given.Mail(ada))).Select(outcome => outcome.Rule));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_wish_to_be_contacted_later_pauses_mail_and_is_heard_by_flows(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await using (var db = given.Open()) await Wishes.ContactInMonthsAsync(db, ada, 6, Today, Page, given.Clock.Now, default);
        var outcome = (await given.AskAsync(given.Mail(ada, validFor: TimeSpan.FromDays(300)))).Single();
        Assert.Equal("preference-paused", outcome.Rule);
        Assert.Equal(new DateTimeOffset(2027, 5, 16, 0, 0, 0, TimeSpan.FromHours(9)), (await given.MessageAsync(outcome.Identity)).DueAt);
        await using var check = given.Open();
        Assert.Equal(Wishes.ContactLater, (await check.LeadEvents.SingleAsync()).Type);
        Assert.Equal((Stimuli.EventReceived, Wishes.ContactLater), (await check.Stimuli.SingleAsync()) is var heard ? (heard.Name, heard.Key) : default);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Taking_a_pause_back_lets_waiting_mail_go(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented().WhoWants(MailFrequency.AsDesired, Today.AddDays(5));
        var waiting = given.Mail(ada);
        await given.AskAsync(waiting);
        Assert.Equal(MessageState.Deferred, (await given.MessageAsync(waiting.Identity)).State);
        await using (var db = given.Open()) await Wishes.SetAsync(db, ada, MailFrequency.AsDesired, null, Today, Page, given.Clock.Now, default);
        await given.WorkAsync();
        Assert.Equal(MessageState.Sent, (await given.MessageAsync(waiting.Identity)).State);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(25)]
    public async Task Impossible_wishes_are_refused_and_change_nothing(int months)
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await using var db = given.Open();
        await Assert.ThrowsAsync<RuleBrokenException>(() => Wishes.ContactInMonthsAsync(db, ada, months, Today, Page, given.Clock.Now, default));
        await Assert.ThrowsAsync<RuleBrokenException>(() => Wishes.SetAsync(db, ada, MailFrequency.Weekly, Today, Today, Page, given.Clock.Now, default));
        Assert.False(await db.MailPreferences.AnyAsync());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Merging_keeps_the_stricter_word_of_the_two(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var kept = await given.Contact("kept@example.com").WhoConsented();
        var merged = await given.Contact("merged@example.com").WhoConsented();
        await given.SaidAsync(merged, ConsentState.Withdrawn, ConsentBasis.OwnWithdrawal, topic: "gift");
        await InTransactionAsync(given, db => ConsentLedger.MergeAsync(db, kept.Id, merged.Id, "steward", given.Clock.Now, default));
        Assert.Equal(["topic-withdrawn", ""], (await given.AskAsync(given.Mail(kept) with { Topics = "gift" }, given.Mail(kept))).Select(outcome => outcome.Rule));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_attempt_under_way_when_the_person_opts_out_is_listed(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var flying = await given.QueuedAsync(given.Mail(ada));
        var (begun, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        given.Provider.Answer = async _ =>
        {
            begun.SetResult();
            await goOn.Task;
            return new Automation.SendGrid.SendResult.Accepted("x");
        };
        var sending = given.Workers.Sender.SendDueAsync(default);
        await begun.Task;
        await given.AskAsync(given.Mail(ada));
        await given.UnsubscribeAsync(ada);
        goOn.SetResult();
        await sending;
        await using var db = given.Open();
        var listed = await db.AttemptsInFlight.SingleAsync();
        Assert.Equal((flying.Id, ada.Id), (listed.MessageId, listed.ContactId));
        Assert.Equal(MessageState.Sent, (await given.MessageAsync(flying.Id)).State);
    }

    private static async Task InTransactionAsync(Scenario given, Func<AutomationDb, Task> act)
    {
        await using var db = given.Open();
        await using var transaction = await db.BeginWriteAsync(default);
        await act(db);
        await transaction.CommitAsync(default);
    }
}
