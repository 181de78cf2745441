using Automation.Marketing.Contacts;
using Automation.Marketing.Journeys;
using Automation.Marketing.Journeys.Control;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Journeys.Control;

public sealed class FlowControllingTests
{
    private const string Thanks = "care/thanks-after-purchase";

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_paused_flow_lets_nobody_in_ends_no_wait_and_goes_on_where_it_was(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await WaitingAsync(given);
        var (ada, bob) = (await given.Contact("ada@example.com").WhoConsented(), await given.Contact("bob@example.com").WhoConsented());
        await given.HappensAsync(ada, "order.placed");
        await given.ForAsync(TimeSpan.FromDays(1));
        await PauseAsync(given);
        await given.HappensAsync(bob, "order.placed");
        await given.ForAsync(TimeSpan.FromDays(10));
        Assert.Empty(given.MailSentTo(ada));
        Assert.Empty(given.MailSentTo(bob));
        await using (var db = given.Open())
        {
            Assert.Equal(ada.Id, (await db.FlowInstances.SingleAsync()).ContactId);
            Assert.Equal(1, await db.FlowHeld.CountAsync());
        }
        await ResumeAsync(given, HeldEntries.Enter);
        await given.WorkAsync();
        Assert.Equal([Thanks], given.MailSentTo(ada));
        Assert.Empty(given.MailSentTo(bob));
        await given.ForAsync(TimeSpan.FromDays(3));
        Assert.Equal([Thanks], given.MailSentTo(bob));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Those_held_at_the_door_are_dropped_when_the_person_says_so(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await WaitingAsync(given);
        var bob = await given.Contact("bob@example.com").WhoConsented();
        await PauseAsync(given);
        await given.HappensAsync(bob, "order.placed");
        await given.WorkAsync();
        await ResumeAsync(given, HeldEntries.Drop);
        await given.ForAsync(TimeSpan.FromDays(10));
        Assert.Empty(given.MailSentTo(bob));
        await using var db = given.Open();
        Assert.Equal((0, 0), (await db.FlowHeld.CountAsync(), await db.FlowInstances.CountAsync()));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Waits_that_were_over_in_the_pause_end_in_the_order_in_which_they_were_due(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await WaitingAsync(given);
        await using var db = given.Open();
        for (var number = 0; number < 5; number++)
        {
            await given.HappensAsync(await given.Contact($"p{number}@example.com").WhoConsented(), "order.placed");
            await given.ForAsync(TimeSpan.FromHours(1));
        }
        Task<List<DateTimeOffset?>> DueAsync() => db.FlowBookmarks.OrderBy(wait => wait.ContactId).Select(wait => wait.DueAt).ToListAsync();
        var before = await DueAsync();
        Assert.Equal(5, before.Distinct().Count());
        await PauseAsync(given);
        await given.ForAsync(TimeSpan.FromDays(9));
        Assert.All(await DueAsync(), Assert.Null);
        await ResumeAsync(given, HeldEntries.Enter);
        // Each is due at the instant at which it was: whoever works on them takes the oldest first.
        while (await given.Workers.Jobs.WorkAsync(default) > 0) { }
        Assert.Equal(before, await DueAsync());
        await given.WorkAsync();
        Assert.Equal(5, given.Provider.Recipients);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Mail_of_a_paused_flow_stays_and_is_decided_anew_when_it_goes_on(DatabaseProvider provider)
    {
        var night = new DateTimeOffset(2026, 11, 16, 23, 0, 0, TimeSpan.FromHours(9));
        await using var given = await Scenario.OnAsync(provider, SendingPolicy.Shop, night);
        await new Drawing("now").Event("order.placed").Mail("mail").Path("start", "mail").PublishedAsync(given);
        var (ada, bob) = (await given.Contact("ada@example.com").WhoConsented(), await given.Contact("bob@example.com").WhoConsented());
        await given.HappensAsync(ada, "order.placed");
        await given.WorkAsync();
        Assert.Equal(MessageState.Deferred, (await given.MessagesAsync(ada)).Single().State);
        await PauseAsync(given, "now");
        await given.ForAsync(TimeSpan.FromDays(2));
        var held = (await given.MessagesAsync(ada)).Single();
        Assert.Equal((MessageState.Deferred, "paused"), (held.State, held.Rule));
        await ResumeAsync(given, HeldEntries.Enter, "now");
        await given.ForAsync(TimeSpan.FromDays(1));
        Assert.Equal([Thanks], given.MailSentTo(ada));
        // What became too late in the pause expires.
        await given.HappensAsync(bob, "order.placed");
        await given.WorkAsync();
        await PauseAsync(given, "now");
        await given.ForAsync(TimeSpan.FromDays(9));
        await ResumeAsync(given, HeldEntries.Enter, "now");
        await given.ForAsync(TimeSpan.FromDays(2));
        Assert.Empty(given.MailSentTo(bob));
        Assert.Equal(MessageState.Expired, (await given.MessagesAsync(bob)).Single().State);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_event_in_the_pause_wakes_the_run_when_it_goes_on_and_an_exit_ends_it_at_once(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await new Drawing("race").Settings(new { approach = "A3", exits = new[] { new { @event = "complaint.opened" } } }).Event("order.placed")
            .Step("wait", "WaitForEvent", ("eventType", "review.posted"), ("timeout", "P30D")).Mail("mail").Path("start", "wait").Line("wait", "mail", "Received").PublishedAsync(given);
        var (ada, bob) = (await given.Contact("ada@example.com").WhoConsented(), await given.Contact("bob@example.com").WhoConsented());
        foreach (var person in new[] { ada, bob }) await given.HappensAsync(person, "order.placed");
        await given.WorkAsync();
        await PauseAsync(given, "race");
        await given.HappensAsync(ada, "review.posted");
        await given.HappensAsync(bob, "complaint.opened");
        await given.WorkAsync();
        Assert.Empty(given.MailSentTo(ada));
        await using (var db = given.Open()) Assert.Equal(ExitReasons.ExitRule, (await db.FlowInstances.SingleAsync(run => run.ContactId == bob.Id)).EndReason);
        await ResumeAsync(given, HeldEntries.Drop, "race");
        await given.WorkAsync();
        Assert.Equal([Thanks], given.MailSentTo(ada));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task One_run_pauses_and_resumes_without_the_others(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await WaitingAsync(given);
        var (ada, bob) = (await given.Contact("ada@example.com").WhoConsented(), await given.Contact("bob@example.com").WhoConsented());
        foreach (var person in new[] { ada, bob }) await given.HappensAsync(person, "order.placed");
        await given.WorkAsync();
        var run = await RunOfAsync(given, ada);
        await using var db = given.Open();
        await given.Workers.Control.PauseRunAsync(db, run, "sales", given.Clock.Now, default);
        await given.ForAsync(TimeSpan.FromDays(10));
        Assert.Empty(given.MailSentTo(ada));
        Assert.Equal([Thanks], given.MailSentTo(bob));
        await Assert.ThrowsAsync<RuleBrokenException>(() => given.Workers.Control.PauseRunAsync(db, run, "sales", given.Clock.Now, default));
        await given.Workers.Control.ResumeRunAsync(db, run, "sales", given.Clock.Now, default);
        await given.WorkAsync();
        Assert.Equal([Thanks], given.MailSentTo(ada));
        await Assert.ThrowsAsync<RuleBrokenException>(() => given.Workers.Control.StopRunAsync(db, run, "sales", given.Clock.Now, default));
        Assert.Equal(
            [(FlowAction.Paused, "sales", run), (FlowAction.Resumed, "sales", run)],
            (await db.FlowActions.Where(action => action.InstanceId != null).OrderBy(action => action.Id).ToListAsync()).Select(action => (action.What, action.Who, action.InstanceId!.Value)));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_stopped_run_takes_its_waiting_mail_with_it_and_the_rest_of_the_flow_goes_on(DatabaseProvider provider)
    {
        var night = new DateTimeOffset(2026, 11, 16, 23, 0, 0, TimeSpan.FromHours(9));
        await using var given = await Scenario.OnAsync(provider, SendingPolicy.Shop, night);
        await new Drawing("now").Event("order.placed").Mail("mail").Path("start", "mail").PublishedAsync(given);
        var (ada, bob) = (await given.Contact("ada@example.com").WhoConsented(), await given.Contact("bob@example.com").WhoConsented());
        foreach (var person in new[] { ada, bob }) await given.HappensAsync(person, "order.placed");
        await given.WorkAsync();
        await using var db = given.Open();
        await given.Workers.Control.StopRunAsync(db, await RunOfAsync(given, ada), "ada", given.Clock.Now, default);
        await given.ForAsync(TimeSpan.FromDays(2));
        Assert.Equal((MessageState.Cancelled, ExitReasons.Stopped), (await given.MessagesAsync(ada)).Select(mail => (mail.State, mail.Rule)).Single());
        Assert.Empty(given.MailSentTo(ada));
        Assert.Equal([Thanks], given.MailSentTo(bob));
        Assert.Equal(ExitReasons.Stopped, (await db.FlowInstances.AsNoTracking().SingleAsync(run => run.ContactId == ada.Id)).EndReason);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Stopping_a_flow_ends_those_inside_also_after_a_process_died_in_the_middle(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await WaitingAsync(given);
        foreach (var id in await given.ConsentingContactsAsync(450)) await HappensAsync(given, id);
        await given.WorkAsync();
        await using var db = given.Open();
        await given.Workers.Control.StopAsync(db, "waiting", "ada", given.Clock.Now, default);
        Assert.Equal(1, await given.Workers.Jobs.WorkAsync(default));
        Assert.Equal(250, await db.FlowInstances.CountAsync(run => run.Status == FlowInstanceStatus.Running));
        given.Restarted();
        given.Clock.Now = given.Clock.Now.AddSeconds(1);
        var late = await given.Contact("late@example.com").WhoConsented();
        await given.HappensAsync(late, "order.placed");
        await given.WorkAsync();
        Assert.Equal(late.Id, (await db.FlowInstances.AsNoTracking().SingleAsync(run => run.Status == FlowInstanceStatus.Running)).ContactId);
        var job = await db.FlowJobs.AsNoTracking().SingleAsync();
        Assert.Equal((450, true), (job.Done, job.FinishedAt is not null));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task What_cannot_be_is_refused(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await WaitingAsync(given);
        await using var db = given.Open();
        var (control, now) = (given.Workers.Control, given.Clock.Now);
        await Assert.ThrowsAsync<RuleBrokenException>(() => control.PauseAsync(db, "none", "ada", now, default));
        await Assert.ThrowsAsync<RuleBrokenException>(() => control.ResumeAsync(db, "waiting", HeldEntries.Enter, "ada", now, default));
        await Assert.ThrowsAsync<RuleBrokenException>(() => control.ReleaseEntriesAsync(db, "waiting", HeldEntries.Enter, "ada", now, default));
        await Assert.ThrowsAsync<RuleBrokenException>(() => control.StopRunAsync(db, Guid.NewGuid(), "ada", now, default));
        await control.PauseAsync(db, "waiting", "ada", now, default);
        await Assert.ThrowsAsync<RuleBrokenException>(() => control.PauseAsync(db, "waiting", "ada", now, default));
        Assert.Equal(0, await db.FlowControls.CountAsync(one => one.DefinitionId == "none"));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task The_guard_lets_in_exactly_as_many_as_the_limit_says_and_not_one_more(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await WaitingAsync(given);
        var people = await given.ConsentingContactsAsync(502);
        foreach (var id in people.Take(500)) await HappensAsync(given, id);
        await given.WorkAsync();
        await using var db = given.Open();
        Assert.Equal((500, false), (await db.FlowInstances.CountAsync(), await IsHeldAsync(db)));
        // The last second of the hour: one more is one too many.
        given.Clock.Now = given.Clock.Now.AddHours(1).AddSeconds(-1);
        await HappensAsync(given, people[500]);
        await given.WorkAsync();
        Assert.Equal((500, true), (await db.FlowInstances.CountAsync(), await IsHeldAsync(db)));
        Assert.Equal(FlowAction.EntryHeld, (await db.FlowActions.OrderByDescending(action => action.Id).FirstAsync()).What);
        // It stays closed until a person has looked, however long ago the rush was.
        given.Clock.Now = given.Clock.Now.AddHours(2);
        await HappensAsync(given, people[501]);
        await given.WorkAsync();
        Assert.Equal((500, 2), (await db.FlowInstances.CountAsync(), await db.FlowHeld.CountAsync()));
        await given.Workers.Control.ReleaseEntriesAsync(db, "waiting", HeldEntries.Enter, "ada", given.Clock.Now, default);
        await given.WorkAsync();
        Assert.Equal((502, 0, false), (await db.FlowInstances.CountAsync(), await db.FlowHeld.CountAsync(), await IsHeldAsync(db)));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_hour_later_the_first_entries_count_no_more(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await WaitingAsync(given);
        var people = await given.ConsentingContactsAsync(1000);
        foreach (var id in people.Take(500)) await HappensAsync(given, id);
        await given.WorkAsync();
        given.Clock.Now = given.Clock.Now.AddHours(1);
        foreach (var id in people.Skip(500)) await HappensAsync(given, id);
        await given.WorkAsync();
        await using var db = given.Open();
        Assert.Equal((1000, false, 1), (await db.FlowInstances.CountAsync(), await IsHeldAsync(db), await db.Set<EntryCount>().CountAsync()));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Three_times_the_forecast_is_the_limit_where_that_is_more_and_those_held_can_be_dropped(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await new Drawing("big").Settings(new { approach = "A3", forecast = 200 }).Event("order.placed").Step("wait", "Elsa.Delay", ("timeSpan", "3.00:00:00"))
            .Path("start", "wait").PublishedAsync(given);
        foreach (var id in await given.ConsentingContactsAsync(650)) await HappensAsync(given, id);
        await given.WorkAsync();
        await using var db = given.Open();
        Assert.Equal((600, 50), (await db.FlowInstances.CountAsync(), await db.FlowHeld.CountAsync()));
        await given.Workers.Control.ReleaseEntriesAsync(db, "big", HeldEntries.Drop, "ada", given.Clock.Now, default);
        await given.WorkAsync();
        Assert.Equal((600, 0), (await db.FlowInstances.CountAsync(), await db.FlowHeld.CountAsync()));
        var next = await given.Contact("next@example.com").WhoConsented();
        await given.HappensAsync(next, "order.placed");
        await given.WorkAsync();
        Assert.Equal(601, await db.FlowInstances.CountAsync());
    }

    private static Task<FlowDefinition> WaitingAsync(Scenario given) => new Drawing("waiting").Event("order.placed").Step("wait", "Elsa.Delay", ("timeSpan", "3.00:00:00"))
        .Mail("mail").Path("start", "wait", "mail").PublishedAsync(given);

    private static async Task PauseAsync(Scenario given, string flow = "waiting")
    {
        await using var db = given.Open();
        await given.Workers.Control.PauseAsync(db, flow, "ada", given.Clock.Now, default);
    }

    private static async Task ResumeAsync(Scenario given, HeldEntries held, string flow = "waiting")
    {
        await using var db = given.Open();
        await given.Workers.Control.ResumeAsync(db, flow, held, "ada", given.Clock.Now, default);
    }

    private static async Task<Guid> RunOfAsync(Scenario given, Contact person)
    {
        await using var db = given.Open();
        return await db.FlowInstances.Where(run => run.ContactId == person.Id).Select(run => run.Id).SingleAsync();
    }

    private static async Task<bool> IsHeldAsync(AutomationDb db) => await db.FlowControls.AnyAsync(control => control.EntryHeldAt != null);

    private static async Task HappensAsync(Scenario given, Guid person)
    {
        await using var db = given.Open();
        await Stimuli.WriteAsync(db, [new NewStimulus(Stimuli.EventReceived, "order.placed", person, Stimuli.EventOf("order.placed", given.Clock.Now, new { }))], given.Clock.Now, default);
    }
}
