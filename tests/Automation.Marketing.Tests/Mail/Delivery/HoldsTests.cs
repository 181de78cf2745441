using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Delivery.Holds;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace Automation.Marketing.Tests.Mail.Delivery;

public sealed class HoldsTests
{
    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task While_all_is_paused_nothing_leaves_and_what_waited_leaves_afterwards(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await PauseAsync(given, HoldScope.All);
        await given.QueuedAsync(given.Mail(ada));
        await given.QueuedAsync(given.OrderMail(ada));
        await given.Workers.DrainAsync();
        Assert.Empty(given.Provider.Attempts);
        await ReleaseAsync(given);
        await given.Workers.DrainAsync();
        Assert.Equal(2, given.Provider.Mails.Count);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Marketing_that_is_paused_waits_with_its_reason_while_orders_are_confirmed(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await PauseAsync(given, HoldScope.Marketing);
        var waits = await given.QueuedAsync(given.Mail(ada));
        var order = await given.QueuedAsync(given.OrderMail(ada));
        await given.Restarted().DrainAsync();
        Assert.Equal(order.Id, Assert.Single(given.Provider.Mails).MessageId);
        var held = await given.MessageAsync(waits.Id);
        Assert.Equal((MessageState.Queued, SendingHolds.Rule, SlotState.Reserved), (held.State, held.Rule, held.Slot));
        await ReleaseAsync(given);
        await given.Workers.DrainAsync();
        Assert.Equal(MessageState.Sent, (await given.MessageAsync(waits.Id)).State);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Selling_that_is_paused_lets_thanks_and_care_through(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await PauseAsync(given, HoldScope.Selling);
        var selling = await given.QueuedAsync(given.Mail(ada, Approach.A1));
        var care = await given.QueuedAsync(given.Mail(ada, Approach.A3));
        await given.Workers.DrainAsync();
        Assert.Equal((MessageState.Queued, MessageState.Sent), ((await given.MessageAsync(selling.Id)).State, (await given.MessageAsync(care.Id)).State));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task One_broadcast_pauses_without_the_others(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var (paused, other) = (Guid.NewGuid(), Guid.NewGuid());
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await PauseAsync(given, HoldScope.Broadcast, paused.ToString("N"));
        var waits = await given.QueuedAsync(given.Mail(ada) with { Identity = MessageIdentity.OfBroadcast(paused, ada.Id) });
        var leaves = await given.QueuedAsync(given.Mail(ada) with { Identity = MessageIdentity.OfBroadcast(other, ada.Id) });
        await given.Workers.DrainAsync();
        Assert.Equal((MessageState.Queued, MessageState.Sent), ((await given.MessageAsync(waits.Id)).State, (await given.MessageAsync(leaves.Id)).State));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task What_expires_while_it_is_held_has_expired(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await PauseAsync(given, HoldScope.Marketing);
        var waits = await given.QueuedAsync(given.Mail(await given.Contact("ada@example.com").WhoConsented(), validFor: TimeSpan.FromHours(2)));
        await given.Workers.DrainAsync();
        given.Clock.Now += TimeSpan.FromHours(3);
        await given.Workers.DrainAsync();
        Assert.Equal(MessageState.Expired, (await given.MessageAsync(waits.Id)).State);
        Assert.Empty(given.Provider.Attempts);
    }

    [Fact]
    public async Task What_is_paused_cannot_be_paused_again_and_what_is_released_stays_on_record()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        await PauseAsync(given, HoldScope.All);
        await Assert.ThrowsAsync<RuleBrokenException>(() => PauseAsync(given, HoldScope.All));
        await ReleaseAsync(given);
        given.Clock.Now += TimeSpan.FromMinutes(1);
        await PauseAsync(given, HoldScope.All);
        await using var db = given.Open();
        Assert.Equal(["owner", null], (await db.SendingHolds.AsNoTracking().OrderBy(hold => hold.Since).ThenBy(hold => hold.Id).ToListAsync()).Select(hold => hold.ReleasedBy));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_mail_that_waits_can_be_cancelled_and_one_that_left_cannot(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var waits = await given.QueuedAsync(given.Mail(ada));
        await CancelAsync(given, waits.Id);
        await given.Workers.DrainAsync();
        Assert.Empty(given.Provider.Attempts);
        var cancelled = await given.MessageAsync(waits.Id);
        Assert.Equal((MessageState.Cancelled, SlotState.Released), (cancelled.State, cancelled.Slot));
        var sent = await given.SentAsync(given.Mail(ada));
        await Assert.ThrowsAsync<RuleBrokenException>(() => CancelAsync(given, sent.Id));
        Assert.Equal(MessageState.Sent, (await given.MessageAsync(sent.Id)).State);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task From_three_complaints_in_a_thousand_on_nothing_that_sells_leaves_until_a_person_says_so(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await CountAsync(given, delivered: 1000, complaints: 2);
        Assert.Empty(await InForceAsync(given));
        await CountAsync(given, delivered: 0, complaints: 1);
        var hold = Assert.Single(await InForceAsync(given));
        Assert.Equal((HoldScope.Selling, HoldReason.Complaints, "3/1000", (DateTimeOffset?)null), (hold.Scope, hold.Reason, hold.Detail, hold.Until));
        await ReleaseAsync(given);
        // What was counted before does not stop it again; what comes anew does.
        await CountAsync(given, delivered: 1000, complaints: 1);
        Assert.Empty(await InForceAsync(given));
        await CountAsync(given, delivered: 0, complaints: 2);
        Assert.Single(await InForceAsync(given));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task From_five_dead_addresses_in_a_hundred_on_no_marketing_leaves(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await CountAsync(given, delivered: 191, hardBounces: 9);
        Assert.Empty(await InForceAsync(given));
        await CountAsync(given, delivered: 0, hardBounces: 2);
        Assert.Equal((HoldScope.Marketing, HoldReason.Bounces), Assert.Single(await InForceAsync(given)) is var hold ? (hold.Scope, hold.Reason) : default);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Few_mails_say_nothing_and_old_days_do_not_count(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await CountAsync(given, delivered: 10, complaints: 5, hardBounces: 5);
        Assert.Empty(await InForceAsync(given));
        await CountAsync(given, delivered: 990, complaints: 0);
        given.Clock.Now += TimeSpan.FromDays(8);
        await CountAsync(given, delivered: 1000, complaints: 1);
        Assert.Empty(await InForceAsync(given));
    }

    private static async Task PauseAsync(Scenario given, HoldScope scope, string key = "") =>
        await InTransactionAsync(given, db => SendingHolds.PauseAsync(db, scope, key, "owner", given.Clock.Now, default));

    private static async Task ReleaseAsync(Scenario given)
    {
        foreach (var hold in await InForceAsync(given))
            await InTransactionAsync(given, async db => Assert.True(await SendingHolds.ReleaseAsync(db, hold.Id, "owner", given.Clock.Now, default)));
    }

    private static Task CancelAsync(Scenario given, Guid id) => InTransactionAsync(given, db => Outbox.CancelAsync(db, id, given.Clock.Now, default));

    private static Task CountAsync(Scenario given, int delivered, int hardBounces = 0, int complaints = 0) => InTransactionAsync(
        given, db => Breakers.CountAsync(db, delivered, hardBounces, complaints, NullLogger.Instance, given.Clock.Now, default));

    private static async Task<IReadOnlyList<ActiveHold>> InForceAsync(Scenario given)
    {
        await using var db = given.Open();
        return await SendingHolds.InForceAsync(db, given.Clock.Now, default);
    }

    private static async Task InTransactionAsync(Scenario given, Func<AutomationDb, Task> what)
    {
        await using var db = given.Open();
        await using var transaction = await db.BeginWriteAsync(default);
        await what(db);
        await transaction.CommitAsync(default);
    }
}
