using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Mail.Decision;

/// <summary>What decisions read from the database, and how one person's mails compete.</summary>
public sealed class DecisionRoundTests
{
    private static readonly SendingPolicy OneADay = new(1, [new CapRule("calendar-day", 1, CapPeriod.Day)], MinGap: null, Quiet: null);
    private static readonly SendingPolicy OneAMonth = new(1, [new CapRule("once", 1, CapPeriod.Rolling, TimeSpan.FromDays(30))], MinGap: null, Quiet: null);

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_new_mail_does_not_overtake_a_better_one_that_could_go_now(DatabaseProvider provider)
    {
        var opening = new DateTimeOffset(2026, 11, 17, 8, 0, 0, TimeSpan.FromHours(9));
        await using var given = await Scenario.OnAsync(provider, OneADay with { Quiet = QuietHours.Default }, opening.AddHours(-3));
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var better = given.Mail(ada, priority: 80);
        await given.AskAsync(better);
        // It waits for its own moment after the opening; between the two another mail is asked for.
        Assert.InRange((await given.MessageAsync(better.Identity)).DueAt, opening, opening.AddMinutes(30));
        given.Clock.Now = opening;
        var lesser = given.Mail(ada, priority: 30);
        Assert.Equal([MessageState.Deferred], (await given.AskAsync(lesser)).Select(outcome => outcome.State));
        Assert.Equal(MessageState.Queued, (await given.MessageAsync(better.Identity)).State);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_new_mail_of_higher_priority_replans_those_that_wait(DatabaseProvider provider)
    {
        var policy = OneADay with { MinGap = TimeSpan.FromDays(3) };
        await using var given = await Scenario.OnAsync(provider, policy);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.SentAsync(given.Mail(ada));
        var waiting = given.Mail(ada, priority: 30, validFor: TimeSpan.FromDays(5));
        await given.AskAsync(waiting);
        Assert.Equal(Scenario.Monday.AddDays(3), (await given.MessageAsync(waiting.Identity)).DueAt);

        given.Clock.Now = Scenario.Monday.AddDays(3);
        await given.AskAsync(given.Mail(ada, priority: 80));
        // The place went to the better one, and there is none before the other's end any more.
        var replanned = await given.MessageAsync(waiting.Identity);
        Assert.Equal((MessageState.Expired, "min-gap", SlotState.None), (replanned.State, replanned.Rule, replanned.Slot));
        Assert.Equal(Scenario.Monday.AddDays(6), DecisionReason.FromJson(replanned.Decision).Next);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_place_that_is_given_back_goes_to_whoever_waits(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, OneAMonth);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var run = Guid.NewGuid();
        await given.QueuedAsync(given.Mail(ada, instance: run));
        var waiting = given.Mail(ada, validFor: TimeSpan.FromDays(60));
        await given.AskAsync(waiting);
        await using (var db = given.Open())
        {
            await using var transaction = await db.BeginWriteAsync(default);
            await Outbox.CancelOfInstancesAsync(db, [run], "goal", given.Clock.Now, default);
            await transaction.CommitAsync(default);
        }
        await given.WorkAsync();
        Assert.Equal(MessageState.Sent, (await given.MessageAsync(waiting.Identity)).State);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_paused_mail_lends_its_place_and_only_its_release_has_it_decided_anew(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, OneAMonth);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var run = Guid.NewGuid();
        var paused = await given.QueuedAsync(given.Mail(ada, instance: run, priority: 90, validFor: TimeSpan.FromDays(60)));
        var waiting = given.Mail(ada, validFor: TimeSpan.FromDays(60));
        await given.AskAsync(waiting);
        await using var db = given.Open();
        await Outbox.HoldOfRunAsync(db, ada.Id, run, given.Clock.Now, default);
        await given.WorkAsync();
        Assert.Equal(MessageState.Sent, (await given.MessageAsync(waiting.Identity)).State);
        await PolicyVersions.PublishAsync(db, Scenario.NoLimits, basedOn: 1, "ada", "", given.Clock.Now, default);
        await given.WorkAsync();
        Assert.Equal((MessageState.Deferred, Rules.FlowPaused), Standing(await given.MessageAsync(paused.Id)));
        await Outbox.ReleaseOfRunAsync(db, ada.Id, run, given.Clock.Now, default);
        await given.WorkAsync();
        Assert.Equal(MessageState.Sent, (await given.MessageAsync(paused.Id)).State);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_mail_that_another_worker_has_sent_at_a_later_instant_than_this_ones_counts(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, OneAMonth);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.SentAsync(given.Mail(ada));
        // A decider reads its clock before it waits for the person; its clock may be behind another machine's besides.
        given.Clock.Now = Scenario.Monday.AddSeconds(-3);
        var second = given.Mail(ada, validFor: TimeSpan.FromDays(60));
        Assert.Equal([MessageState.Deferred], (await given.AskAsync(second)).Select(outcome => outcome.State));
        given.Clock.Now = Scenario.Monday.AddDays(30);
        await given.WorkAsync();
        Assert.Equal(Scenario.Monday.AddDays(30), (await given.MessageAsync(second.Identity)).SentAt);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_mail_that_the_provider_dropped_gives_its_place_back(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, OneAMonth);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var sent = await given.SentAsync(given.Mail(ada));
        var waiting = given.Mail(ada, validFor: TimeSpan.FromDays(60));
        await given.AskAsync(waiting);
        await given.ReportedAsync(given.Event("dropped", sent, ("reason", "Recipient List over Package Quota")));
        await given.WorkAsync();
        Assert.Equal(MessageState.Sent, (await given.MessageAsync(waiting.Identity)).State);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Of_two_mails_with_one_key_asked_for_together_the_later_stands(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var (first, second) = (given.Mail(ada, collapseKey: "crab"), given.Mail(ada, collapseKey: "crab"));
        await given.AskAsync(first, second);
        Assert.Equal((MessageState.Cancelled, "collapsed"), Standing(await given.MessageAsync(first.Identity)));
        Assert.Equal(MessageState.Queued, (await given.MessageAsync(second.Identity)).State);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_mail_that_may_wait_never_waits_for_ever(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, OneAMonth);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.SentAsync(given.Mail(ada));
        var endless = given.Mail(ada) with { ValidUntil = null };
        await given.AskAsync(endless);
        var message = await given.MessageAsync(endless.Identity);
        Assert.Equal((MessageState.Expired, Scenario.Monday.AddDays(7)), (message.State, message.ValidUntil));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Topics_are_what_they_were_when_the_mail_was_asked_for(DatabaseProvider provider)
    {
        var policy = new SendingPolicy(1, [new CapRule("season-once", 1, CapPeriod.Rolling, TimeSpan.FromDays(30)) { Topics = ["season"] }], MinGap: null, Quiet: null);
        await using var given = await Scenario.OnAsync(provider, policy);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.SentAsync(given.Mail(ada) with { Topics = "gift,season" });
        var outcomes = await given.AskAsync(given.Mail(ada) with { Topics = "season" }, given.Mail(ada) with { Topics = "seasoning" }, given.Mail(ada));
        Assert.Equal(["season-once", "", ""], outcomes.Select(outcome => outcome.Rule));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_rule_for_a_segment_holds_for_its_people_only(DatabaseProvider provider)
    {
        var policy = new SendingPolicy(1, [new CapRule("vip-none", 0, CapPeriod.Day) { Segment = "お得意様" }], MinGap: null, Quiet: null);
        await using var given = await Scenario.OnAsync(provider, policy);
        var vip = await given.Contact("vip@example.com").WhoConsented().Tagged("お得意様", "かに");
        var ada = await given.Contact("ada@example.com").WhoConsented().Tagged("かに");
        var outcomes = await given.AskAsync(given.Mail(vip, overCap: OverCap.Skip), given.Mail(ada, overCap: OverCap.Skip));
        Assert.Equal(["vip-none", ""], outcomes.Select(outcome => outcome.Rule));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_company_rule_counts_all_its_people_also_from_many_workers_at_once(DatabaseProvider provider)
    {
        var policy = new SendingPolicy(1, [new CapRule("company-2", 2, CapPeriod.Rolling, TimeSpan.FromDays(7)) { PerCompany = true }], MinGap: null, Quiet: null);
        await using var given = await Scenario.OnAsync(provider, policy);
        var colleagues = new List<Contact>();
        for (var number = 0; number < 24; number++) colleagues.Add(await given.Contact($"staff{number}@example.com").WhoConsented().At("株式会社はま"));
        var other = await given.Contact("other@example.com").WhoConsented();
        await Parallel.ForEachAsync(colleagues.Chunk(3), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (some, _) =>
            await given.AskAsync([.. some.Select(one => given.Mail(one, overCap: OverCap.Skip))]));
        await given.QueuedAsync(given.Mail(other));
        await using var db = given.Open();
        Assert.Equal(3, await db.OutboxMessages.CountAsync(message => message.State == MessageState.Queued));
        Assert.Equal(22, await db.OutboxMessages.CountAsync(message => message.Rule == "company-2"));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_wish_can_only_tighten_what_the_policy_allows(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, OneADay);
        var weekly = await given.Contact("weekly@example.com").WhoConsented().WhoWants(MailFrequency.Weekly);
        var seasonal = await given.Contact("seasonal@example.com").WhoConsented().WhoWants(MailFrequency.SeasonalOnly);
        var paused = await given.Contact("paused@example.com").WhoConsented().WhoWants(MailFrequency.AsDesired, new DateOnly(2026, 11, 20));
        await given.SentAsync(given.Mail(weekly));
        var outcomes = await given.AskAsync(
            given.Mail(weekly), given.Mail(seasonal), given.Mail(seasonal) with { Topics = "season" }, given.Mail(paused), given.OrderMail(paused));
        Assert.Equal(
            [(MessageState.Deferred, Rules.Weekly), (MessageState.Skipped, Rules.SeasonalOnly), (MessageState.Queued, ""), (MessageState.Deferred, Rules.Paused), (MessageState.Queued, "")],
            outcomes.Select(outcome => (outcome.State, outcome.Rule)));
        var waits = (await given.MessagesAsync(paused)).Single(message => message.State is MessageState.Deferred);
        Assert.Equal(new DateTimeOffset(2026, 11, 20, 0, 0, 0, TimeSpan.FromHours(9)), waits.DueAt);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Selling_mail_goes_by_the_persons_own_cycle_or_the_categorys_median(DatabaseProvider provider)
    {
        var policy = new SendingPolicy(1, [], MinGap: null, Quiet: null) { Cycle = CycleRule.Default with { Limit = 1 } };
        await using var given = await Scenario.OnAsync(provider, policy);
        var own = await given.Contact("own@example.com").WhoConsented();
        var median = await given.Contact("median@example.com").WhoConsented();
        await using (var db = given.Open())
        {
            db.PurchaseCycles.Add(new PurchaseCycle { ContactId = own.Id, Category = "かに", Days = 40 });
            db.CategoryCycles.Add(new CategoryCycle { Category = "かに", Days = 60 });
            await db.SaveChangesAsync();
        }
        foreach (var person in new[] { own, median })
        {
            await given.SentAsync(given.Mail(person) with { Topics = "かに" });
            await given.AskAsync(given.Mail(person, validFor: TimeSpan.FromDays(90)) with { Topics = "かに" });
        }
        Assert.Equal(Scenario.Monday.AddDays(40), (await given.MessagesAsync(own)).Single(message => message.State is MessageState.Deferred).DueAt);
        Assert.Equal(Scenario.Monday.AddDays(60), (await given.MessagesAsync(median)).Single(message => message.State is MessageState.Deferred).DueAt);
        // About another thing nothing is known, care is no selling, and a topic that the person asked for is outside the rule.
        await given.SaidAsync(own, ConsentState.Granted, topic: "newsletter");
        var outcomes = await given.AskAsync(
            given.Mail(own) with { Topics = "gift" }, given.Mail(own, Approach.A3) with { Topics = "かに" }, given.Mail(own) with { Topics = "かに,newsletter" });
        Assert.All(outcomes, outcome => Assert.Equal(MessageState.Queued, outcome.State));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_held_slot_puts_lesser_mail_behind_it(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, OneAMonth with { LookAhead = TimeSpan.FromDays(3) });
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var bob = await given.Contact("bob@example.com").WhoConsented();
        await given.HoldAsync(ada, Scenario.Monday.AddDays(2), priority: 60);
        await given.HoldAsync(bob, Scenario.Monday.AddDays(4), priority: 60);
        var outcomes = await given.AskAsync(given.Mail(ada, priority: 50, validFor: TimeSpan.FromDays(40)), given.Mail(bob, priority: 50));
        Assert.Equal([(MessageState.Deferred, Rules.LookAhead), (MessageState.Queued, "")], outcomes.Select(outcome => (outcome.State, outcome.Rule)));
        Assert.Equal(Scenario.Monday.AddDays(32), (await given.MessagesAsync(ada)).Single().DueAt);
        Assert.Equal(MessageState.Queued, (await given.AskAsync(given.Mail(ada, priority: 70))).Single().State);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_approved_exemption_passes_over_limits_counts_and_is_in_the_audit(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, OneAMonth);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var gone = await given.Contact("gone@example.com").WhoUnsubscribed();
        await given.SentAsync(given.Mail(ada));
        await using var db = given.Open();
        await Assert.ThrowsAsync<RuleBrokenException>(() => CapExemptions.GrantAsync(db, "urgent", "kanri", "kanri", mayApproveOwn: false, "回収のお知らせのため", given.Clock.Now, default));
        await Assert.ThrowsAsync<RuleBrokenException>(() => CapExemptions.GrantAsync(db, "urgent", "kanri", "shonin", mayApproveOwn: false, "急ぎ", given.Clock.Now, default));
        await CapExemptions.GrantAsync(db, "urgent", "kanri", "shonin", mayApproveOwn: false, "回収のお知らせのため全員へ送る", given.Clock.Now, default);
        var urgent = (Contact to) => given.Mail(to, overCap: OverCap.Skip) is var mail ? mail with { Identity = mail.Identity with { OriginId = "urgent" } } : null!;
        var outcomes = await given.AskAsync(urgent(ada), urgent(gone));
        Assert.Equal([(MessageState.Queued, ""), (MessageState.Suppressed, Rules.ConsentWithdrawn)], outcomes.Select(outcome => (outcome.State, outcome.Rule)));
        Assert.Equal(SlotState.Reserved, (await given.MessagesAsync(ada)).Single(message => message.OriginId == "urgent").Slot);
        Assert.Equal("limits.exempted", (await db.AuditEntries.SingleAsync()).Action);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Complaints_companies_and_fixed_partners_stop_what_they_should(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, Scenario.NoLimits with { ComplaintHoldsCompany = true });
        var angry = await given.Contact("angry@example.com").WhoConsented().At("株式会社いそ").With(contact => contact.ComplaintOpenedAt = given.Clock.Now.AddDays(-1));
        var colleague = await given.Contact("colleague@example.com").WhoConsented().At("株式会社いそ");
        var soothed = await given.Contact("soothed@example.com").WhoConsented().With(contact => contact.ComplaintClosedAt = given.Clock.Now.AddDays(-10));
        var partner = await given.Contact("partner@example.com").WhoConsented().At("固定商会");
        var barred = await given.Contact("barred@example.com").WhoConsented().At("不通商店");
        await given.MarkAsync("固定商会", fixedPartner: true);
        await given.MarkAsync("不通商店", suppressed: true);
        var outcomes = await given.AskAsync(
            given.Mail(angry), given.Mail(angry, Approach.A3), given.Mail(colleague), given.Mail(soothed), given.Mail(partner), given.Mail(barred), given.OrderMail(barred));
        Assert.Equal(
            [
                (MessageState.Skipped, Rules.ComplaintOpen), (MessageState.Queued, ""), (MessageState.Skipped, Rules.ComplaintOpen), (MessageState.Deferred, Rules.ComplaintCooling),
                (MessageState.Skipped, Rules.FixedPartner), (MessageState.Suppressed, Rules.CompanySuppressed), (MessageState.Queued, ""),
            ],
            outcomes.Select(outcome => (outcome.State, outcome.Rule)));
        Assert.Equal(given.Clock.Now.AddDays(4).ToUniversalTime(), (await given.MessagesAsync(soothed)).Single().DueAt);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_ground_that_the_persons_country_does_not_accept_is_none(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var (here, abroad) = (await given.Contact("here@example.com"), await given.Contact("abroad@example.com").With(contact => contact.Country = "DE"));
        foreach (var person in new[] { here, abroad }) await given.SaidAsync(person, ConsentState.Granted, ConsentBasis.BusinessCard);
        Assert.Equal(["", Rules.BasisNotAccepted], (await given.AskAsync(given.Mail(here), given.Mail(abroad))).Select(outcome => outcome.Rule));
        await given.SaidAsync(abroad, ConsentState.Granted, ConsentBasis.DoubleOptIn, at: given.Clock.Now.AddSeconds(1));
        Assert.Equal("", (await given.AskAsync(given.Mail(abroad))).Single().Rule);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Dispatch_asks_again_about_everything_but_the_limits(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, OneAMonth with { Quiet = QuietHours.Default });
        var names = new[] { "ada", "bob", "eve", "kim" };
        var people = new List<Contact>();
        foreach (var name in names) people.Add(await given.Contact($"{name}@example.com").WhoConsented().At($"{name} Ltd"));
        foreach (var person in people) await given.QueuedAsync(given.Mail(person) with { Topics = "gift" });
        await given.MarkAsync("bob Ltd", suppressed: true);
        await using (var db = given.Open())
        {
            db.MailPreferences.Add(new MailPreference { ContactId = people[2].Id, PausedUntil = new DateOnly(2026, 11, 19) });
            await db.SaveChangesAsync();
        }
        await given.SendAllAsync();
        Assert.Equal([MessageState.Sent, MessageState.Suppressed, MessageState.Deferred, MessageState.Sent], await StatesAsync());

        var late = await given.Contact("late@example.com").WhoConsented();
        await given.QueuedAsync(given.Mail(late));
        given.Clock.Now = new DateTimeOffset(2026, 11, 16, 21, 0, 0, TimeSpan.FromHours(9));
        await given.SendAllAsync();
        Assert.Equal((MessageState.Deferred, Rules.Quiet, SlotState.None), ((await given.MessagesAsync(late)).Single() is var held ? (held.State, held.Rule, held.Slot) : default));

        async Task<MessageState[]> StatesAsync()
        {
            var states = new List<MessageState>();
            foreach (var person in people) states.Add((await given.MessagesAsync(person)).Single().State);
            return [.. states];
        }
    }

    private static (MessageState State, string Rule) Standing(OutboxMessage message) => (message.State, message.Rule);
}
