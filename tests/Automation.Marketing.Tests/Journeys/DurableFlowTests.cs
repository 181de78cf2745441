using System.Globalization;
using System.Text.Json.Nodes;
using Automation.Marketing.Contacts;
using Automation.Marketing.Journeys;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Journeys;

/// <summary>What a run may rely on however many workers there are, whatever goes wrong beside it, and whoever else is waiting.</summary>
public sealed class DurableFlowTests
{
    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Many_workers_at_once_do_every_step_of_everyone_once(DatabaseProvider provider)
    {
        const int people = 150;
        await using var given = await GivenAsync(provider, TwoNotices());
        var ids = await given.ConsentingContactsAsync(people);
        await HappenAsync(given, "go", ids);
        // While some of it is still to begin, the half of them is woken already.
        await HappenAsync(given, "wake", ids.Take(people / 2));
        await ManyWorkersAsync(given);
        given.Clock.Now += TimeSpan.FromDays(8);
        await ManyWorkersAsync(given);
        await using var db = given.Open();
        Assert.Equal(people, await db.FlowInstances.CountAsync(run => run.Status == FlowInstanceStatus.Finished));
        Assert.Equal(people, await db.FlowInstances.CountAsync());
        var told = await db.Notices.GroupBy(notice => new { notice.ContactId, notice.Message }).Select(group => group.Count()).ToListAsync();
        Assert.Equal((2 * people, 1), (told.Count, told.Max()));
        Assert.Empty(await db.FlowBookmarks.ToListAsync());
        Assert.Empty(await db.Stimuli.ToListAsync());
    }

    [Fact]
    public async Task What_another_worker_saved_meanwhile_is_not_written_over()
    {
        await using var given = await GivenAsync(DatabaseProvider.PostgreSql, TwoNotices());
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.HappensAsync(ada, "go");
        await given.WorkAsync();
        await given.HappensAsync(ada, "wake");
        Task working;
        await using (var db = given.Open())
        {
            await using var transaction = await db.BeginWriteAsync(default);
            await db.ExecuteAsync("UPDATE flow_instances SET revision = revision + 1, entry_key = 'changed'", default);
            working = given.Another().DrainAsync();
            await given.SomebodyWaitsAsync();
            await transaction.CommitAsync(default);
        }
        await working;
        await using (var db = given.Open())
        {
            var run = await db.FlowInstances.SingleAsync();
            Assert.Equal((FlowInstanceStatus.Finished, "changed", 3), (run.Status, run.EntryKey, run.Revision));
            Assert.Equal(["before", "after"], await NoticesInTurnAsync(db));
        }
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_run_that_is_set_apart_says_why(DatabaseProvider provider)
    {
        await using var given = await GivenAsync(provider, TwoNotices());
        var (ada, bob) = (await given.Contact("ada@example.com").WhoConsented(), await given.Contact("bob@example.com").WhoConsented());
        await HappenAsync(given, "go", [ada.Id, bob.Id]);
        await given.WorkAsync();
        await using (var db = given.Open())
            await db.ExecuteAsync("UPDATE flow_instances SET state = replace(state, ':wait', ':gone') WHERE contact_id = @p0", default, ada.Id);
        await HappenAsync(given, "wake", [ada.Id, bob.Id]);
        await given.WorkAsync();
        await using (var db = given.Open())
        {
            Assert.Equal(FlowInstanceStatus.Faulted, (await db.FlowInstances.SingleAsync(run => run.ContactId == ada.Id)).Status);
            Assert.Equal(FlowInstanceStatus.Finished, (await db.FlowInstances.SingleAsync(run => run.ContactId == bob.Id)).Status);
            Assert.Contains("Workflow1:flow:gone", (await db.FlowSteps.SingleAsync(step => step.Happened == "Faulted")).Detail, StringComparison.Ordinal);
            Assert.Empty(await db.FlowBookmarks.ToListAsync());
            Assert.Empty(await db.Stimuli.ToListAsync());
        }
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_flow_whose_condition_fails_is_recorded_and_the_other_flows_start(DatabaseProvider provider)
    {
        await using var given = await GivenAsync(
            provider,
            new FlowSketch("a-broken").Step("go", "Automation.EventReceived", ("eventType", "go"), ("where", "no_such_function 1")),
            new FlowSketch("b-sound").Step("go", "Automation.EventReceived", ("eventType", "go")));
        var (ada, bob) = (await given.Contact("ada@example.com").WhoConsented(), await given.Contact("bob@example.com").WhoConsented());
        await HappenAsync(given, "go", [ada.Id, bob.Id]);
        await given.WorkAsync();
        await using var db = given.Open();
        foreach (var person in new[] { ada.Id, bob.Id })
        {
            var runs = await db.FlowInstances.Where(run => run.ContactId == person).OrderBy(run => run.DefinitionId).ToListAsync();
            Assert.Equal([("a-broken", FlowInstanceStatus.Faulted), ("b-sound", FlowInstanceStatus.Finished)], runs.Select(run => (run.DefinitionId, run.Status)));
            Assert.Single(await db.FlowSteps.Where(step => step.ContactId == person && step.Happened == "Faulted").ToListAsync());
        }
        Assert.Empty(await db.Stimuli.ToListAsync());
    }

    [Fact]
    public async Task A_step_that_breaks_the_transaction_is_named_and_nothing_of_its_burst_is_kept()
    {
        // PostgreSQL takes no zero character in a text.
        await using var given = await GivenAsync(
            DatabaseProvider.PostgreSql,
            new FlowSketch("broken").Step("go", "Automation.EventReceived", ("eventType", "go"))
                .Step("first", "Automation.NotifyOwner", ("message", "first")).Step("second", "Automation.NotifyOwner", ("message", "a\0b"))
                .Line("go", "Done", "first").Line("first", "Done", "second"));
        var (ada, bob) = (await given.Contact("ada@example.com").WhoConsented(), await given.Contact("bob@example.com").WhoConsented());
        await HappenAsync(given, "go", [ada.Id, bob.Id]);
        await given.WorkAsync();
        await using var db = given.Open();
        Assert.Equal(2, await db.FlowInstances.CountAsync(run => run.Status == FlowInstanceStatus.Faulted));
        Assert.All(await db.FlowSteps.ToListAsync(), step => Assert.Equal(("second", "Faulted"), (step.ActivityId, step.Happened)));
        Assert.Empty(await db.Notices.ToListAsync());
        Assert.Empty(await db.Stimuli.ToListAsync());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_run_that_can_never_go_on_says_so_in_its_journal(DatabaseProvider provider)
    {
        await using var given = await GivenAsync(
            provider, new FlowSketch("broken").Step("go", "Automation.EventReceived", ("eventType", "go")).Step("fail", "Automation.WaitForEvent", ("eventType", "x"), ("timeout", "=\"soon\"")).Line("go", "Done", "fail"));
        await HappenAsync(given, "go", [(await given.Contact("ada@example.com").WhoConsented()).Id]);
        await given.WorkAsync();
        await using var db = given.Open();
        Assert.Equal(FlowInstanceStatus.Faulted, (await db.FlowInstances.SingleAsync()).Status);
        var step = await db.FlowSteps.SingleAsync(one => one.Happened == "Faulted");
        Assert.Equal(("fail", "Automation.WaitForEvent"), (step.ActivityId, step.ActivityType));
        Assert.NotEmpty(step.Detail);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task After_a_downtime_waits_end_in_the_order_in_which_they_were_due_and_no_event_waits_behind_them(DatabaseProvider provider)
    {
        const int people = FlowEngine.AtATime * 2 + 50;
        await using var given = await GivenAsync(provider, TwoNotices("=event.data.wait"));
        var ids = await given.ConsentingContactsAsync(people);
        var random = new Random(4);
        await using (var db = given.Open())
        {
            await Stimuli.WriteAsync(
                db,
                [.. ids.Select(id => new NewStimulus(
                    Stimuli.EventReceived, "go", id,
                    new JsonObject { ["type"] = "go", ["data"] = new JsonObject { ["wait"] = string.Create(CultureInfo.InvariantCulture, $"PT{random.Next(1, 100_000)}S") } }.ToJsonString()))],
                given.Clock.Now, default);
        }
        await given.WorkAsync();
        Dictionary<Guid, DateTimeOffset> due;
        await using (var db = given.Open()) due = await db.FlowBookmarks.ToDictionaryAsync(wait => wait.ContactId, wait => wait.DueAt!.Value);
        given.Clock.Now += TimeSpan.FromDays(3);
        var last = due.MaxBy(wait => wait.Value).Key;
        await HappenAsync(given, "wake", [last]);
        await given.Workers.Engine.WorkAsync(default);
        await using (var db = given.Open())
        {
            var first = await DoneAsync(db);
            Assert.Equal(FlowEngine.AtATime + 1, first.Count);
            Assert.Equal(last, first[0]);
        }
        await given.WorkAsync();
        await using (var db = given.Open())
        {
            var inTurn = (await DoneAsync(db))[1..];
            Assert.Equal(people - 1, inTurn.Count);
            Assert.Equal(due.Where(wait => wait.Key != last).Select(wait => wait.Value).Order(), inTurn.Select(person => due[person]));
        }

        static async Task<List<Guid>> DoneAsync(AutomationDb db) =>
            await db.FlowSteps.Where(step => step.ActivityId == "after").OrderBy(step => step.Id).Select(step => step.ContactId).ToListAsync();
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task What_happens_to_a_person_in_one_round_is_worked_off_in_its_order(DatabaseProvider provider)
    {
        await using var given = await GivenAsync(provider, TwoNotices());
        var ada = await given.Contact("ada@example.com").WhoConsented();
        foreach (var type in new[] { "wake", "go", "go", "wake", "go", "wake", "wake" }) await HappenAsync(given, type, [ada.Id]);
        await given.Workers.Engine.WorkAsync(default);
        await using var db = given.Open();
        Assert.Equal([(1, FlowInstanceStatus.Finished), (2, FlowInstanceStatus.Finished)], (await db.FlowInstances.OrderBy(run => run.Entry).ToListAsync()).Select(run => (run.Entry, run.Status)));
        Assert.Equal(["before", "after", "before", "after"], await NoticesInTurnAsync(db));
        Assert.Equal(4, await db.Notices.CountAsync());
        Assert.Empty(await db.FlowBookmarks.ToListAsync());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_condition_sees_what_a_step_of_the_same_burst_has_done(DatabaseProvider provider)
    {
        await using var given = await GivenAsync(
            provider,
            new FlowSketch("tags").Step("go", "Automation.EventReceived", ("eventType", "go"), ("where", "!(contact.tags | array.contains 'vip')"))
                .Step("tag", "Automation.AddTag", ("tag", "vip")).Step("decide", "Elsa.FlowDecision", ("condition", "=contact.tags | array.contains 'vip'"))
                .Step("yes", "Automation.NotifyOwner", ("message", "yes")).Step("no", "Automation.NotifyOwner", ("message", "no"))
                .Line("go", "Done", "tag").Line("tag", "Done", "decide").Line("decide", "True", "yes").Line("decide", "False", "no"));
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await HappenAsync(given, "go", [ada.Id, ada.Id]);
        await given.WorkAsync();
        await using var db = given.Open();
        Assert.Equal("yes", (await db.Notices.SingleAsync()).Message);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_newer_mail_of_the_same_round_replaces_the_one_that_waits(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, now: new DateTimeOffset(2026, 11, 16, 23, 0, 0, TimeSpan.FromHours(9)), policy: SendingPolicy.Shop);
        await PublishAsync(given, [.. new[] { "a", "b" }.Select(id => new FlowSketch(id).Step("go", "Automation.EventReceived", ("eventType", "go"))
            .Step("mail", "Automation.SendEmail", ("template", "welcome/day-0"), ("collapseKey", "news")).Line("go", "Done", "mail"))]);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await HappenAsync(given, "go", [ada.Id]);
        await given.Workers.Engine.WorkAsync(default);
        Assert.Equal([("a", MessageState.Cancelled, "collapsed"), ("b", MessageState.Deferred, "quiet-hours")], (await given.MessagesAsync(ada)).Select(mail => (mail.OriginId, mail.State, mail.Rule)).Order());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_event_published_by_a_flow_wakes_everyone_who_waits_for_it_and_starts_flows_for_its_person_alone(DatabaseProvider provider)
    {
        await using var given = await GivenAsync(
            provider,
            new FlowSketch("waits").Step("go", "Automation.EventReceived", ("eventType", "go")).Step("wait", "Elsa.Event", ("eventName", "opened"))
                .Step("told", "Automation.NotifyOwner", ("message", "opened")).Line("go", "Done", "wait").Line("wait", "Done", "told"),
            new FlowSketch("publishes").Step("go", "Automation.EventReceived", ("eventType", "publish")).Step("publish", "Elsa.PublishEvent", ("eventName", "opened")).Line("go", "Done", "publish"),
            new FlowSketch("begins").Step("go", "Elsa.Event", ("eventName", "opened")).Step("told", "Automation.NotifyOwner", ("message", "began")).Line("go", "Done", "told"));
        var (ada, bob, eve) = (await given.Contact("ada@example.com").WhoConsented(), await given.Contact("bob@example.com").WhoConsented(), await given.Contact("eve@example.com").WhoConsented());
        await HappenAsync(given, "go", [ada.Id, bob.Id]);
        await given.WorkAsync();
        // In the round in which eve begins to wait and bob publishes.
        await HappenAsync(given, "go", [eve.Id]);
        await HappenAsync(given, "publish", [bob.Id]);
        await given.WorkAsync();
        await using var db = given.Open();
        Assert.Equal(
            [("ada", "opened"), ("bob", "began"), ("bob", "opened"), ("eve", "opened")],
            (await db.Notices.ToListAsync()).Select(notice => (notice.ContactId == ada.Id ? "ada" : notice.ContactId == bob.Id ? "bob" : "eve", notice.Message)).Order());
        Assert.Empty(await db.FlowBookmarks.ToListAsync());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_local_event_reaches_its_own_run_alone(DatabaseProvider provider)
    {
        await using var given = await GivenAsync(
            provider,
            new FlowSketch("waits").Step("go", "Automation.EventReceived", ("eventType", "go")).Step("wait", "Elsa.Event", ("eventName", "opened")).Line("go", "Done", "wait"),
            new FlowSketch("both").Step("go", "Automation.EventReceived", ("eventType", "go")).Step("wait", "Elsa.Event", ("eventName", "opened"))
                .Step("publish", "Elsa.PublishEvent", ("eventName", "opened"), ("isLocalEvent", "true")).Line("go", "Done", "wait").Line("go", "Done", "publish"));
        await HappenAsync(given, "go", [(await given.Contact("ada@example.com").WhoConsented()).Id]);
        await given.WorkAsync();
        await using var db = given.Open();
        Assert.Equal(
            [("both", FlowInstanceStatus.Finished), ("waits", FlowInstanceStatus.Running)],
            (await db.FlowInstances.OrderBy(run => run.DefinitionId).ToListAsync()).Select(run => (run.DefinitionId, run.Status)));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_flow_that_asks_for_what_a_persons_flow_cannot_have_is_refused_with_the_step(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var refused = await Assert.ThrowsAsync<BadInputException>(() => PublishAsync(
            given, [new FlowSketch("asks").Step("go", "Automation.EventReceived", ("eventType", "go")).Step("task", "Elsa.RunTask", ("taskName", "x")).Line("go", "Done", "task")]));
        Assert.Contains("'task'", refused.Message, StringComparison.Ordinal);
    }

    // An event, a notice, a wait for an event or a time, a notice.
    private static FlowSketch TwoNotices(string timeout = "P7D") => new FlowSketch("two-notices").Step("go", "Automation.EventReceived", ("eventType", "go"))
        .Step("before", "Automation.NotifyOwner", ("message", "before")).Step("wait", "Automation.WaitForEvent", ("eventType", "wake"), ("timeout", timeout))
        .Step("after", "Automation.NotifyOwner", ("message", "after"))
        .Line("go", "Done", "before").Line("before", "Done", "wait").Line("wait", "Received", "after").Line("wait", "TimedOut", "after");

    private static async Task<Scenario> GivenAsync(DatabaseProvider provider, params FlowSketch[] flows)
    {
        var given = await Scenario.OnAsync(provider);
        await PublishAsync(given, flows);
        return given;
    }

    private static async Task PublishAsync(Scenario given, FlowSketch[] flows)
    {
        using var files = new FlowFiles();
        for (var number = 0; number < flows.Length; number++) files.Add(string.Create(CultureInfo.InvariantCulture, $"{number}.json"), flows[number].ToJson());
        await using var db = given.Open();
        await given.Workers.Flows.PublishFolderAsync(db, files.Folder, given.Clock.Now, default);
    }

    private static async Task HappenAsync(Scenario given, string type, IEnumerable<Guid> to)
    {
        await using var db = given.Open();
        await Stimuli.WriteAsync(
            db, [.. to.Select(id => new NewStimulus(Stimuli.EventReceived, type, id, new JsonObject { ["type"] = type, ["data"] = new JsonObject() }.ToJsonString()))],
            given.Clock.Now, default);
    }

    private static async Task<List<string>> NoticesInTurnAsync(AutomationDb db) =>
        await db.FlowSteps.Where(step => step.ActivityType == "Automation.NotifyOwner").OrderBy(step => step.Id).Select(step => step.ActivityId).ToListAsync();

    private static Task ManyWorkersAsync(Scenario given) =>
        Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Task.Run(() => given.Another().DrainAsync())));
}
