using Automation.Marketing.Contacts;
using Automation.Marketing.Journeys;
using Automation.Marketing.Journeys.Migration;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Automation.Workflows.Runtime;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Journeys.Migration;

public sealed class FlowMigrationsTests
{
    private const string Thanks = "care/thanks-after-purchase";
    private const string Other = "welcome/day-0";

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Runs_go_on_in_the_mapped_step_and_those_not_mapped_finish_on_their_version(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await Old().PublishedAsync(given);
        var (ada, bob) = (await given.Contact("ada@example.com").WhoConsented(), await given.Contact("bob@example.com").WhoConsented());
        await given.HappensAsync(ada, "order.placed");
        await given.ForAsync(TimeSpan.FromDays(4));
        await given.HappensAsync(bob, "order.placed");
        await given.ForAsync(TimeSpan.FromHours(1));
        Assert.Equal([Thanks], given.MailSentTo(ada));
        await New().PublishedAsync(given);
        var wanted = new FlowMigration(1, 2, new Dictionary<string, string> { ["second-wait"] = "later" });
        await using var db = given.Open();
        var preview = await given.Workers.Migrations.PreviewAsync(db, "flow", wanted, default);
        Assert.Equal((1, 1), (preview.Moving, preview.Staying));
        Assert.Equal(
            [("first-wait", 1, null, WorkflowStay.NotMapped), ("second-wait", 1, "later", (WorkflowStay?)null)],
            preview.Lines.Select(line => (line.Step, line.Waiting, line.Target, line.Stay)));
        var job = await given.Workers.Migrations.StartAsync(db, "flow", wanted, "ada", given.Clock.Now, default);
        await given.WorkAsync();
        Assert.Equal(["flow:1", "flow:2"], await db.FlowInstances.OrderBy(run => run.DefinitionVersionId).Select(run => run.DefinitionVersionId).ToListAsync());
        await db.Entry(job).ReloadAsync();
        Assert.Equal((1, 1, true), (job.Done, job.Stayed, job.FinishedAt is not null));
        given.Restarted();
        await given.ForAsync(TimeSpan.FromDays(10));
        Assert.Equal([Thanks, Other], given.MailSentTo(ada));      // the new version's mail behind the wait
        Assert.Equal([Thanks, Thanks], given.MailSentTo(bob));     // the old version's
        Assert.All(await db.FlowInstances.AsNoTracking().ToListAsync(), run => Assert.Equal(FlowInstanceStatus.Finished, run.Status));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_migration_that_dies_in_the_middle_is_finished_by_the_next_process_and_moves_nobody_twice(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await Old().PublishedAsync(given);
        var people = await given.ConsentingContactsAsync(450);
        await using var db = given.Open();
        await Stimuli.WriteAsync(
            db, [.. people.Select(id => new NewStimulus(Stimuli.EventReceived, "order.placed", id, Stimuli.EventOf("order.placed", given.Clock.Now, new { })))],
            given.Clock.Now, default);
        await given.WorkAsync();
        await New().PublishedAsync(given);
        await given.Workers.Migrations.StartAsync(
            db, "flow", new FlowMigration(1, 2, new Dictionary<string, string> { ["first-wait"] = "later" }), "ada", given.Clock.Now, default);
        Assert.Equal(1, await given.Workers.Jobs.WorkAsync(default));
        Assert.Equal(200, await db.FlowInstances.CountAsync(run => run.DefinitionVersionId == "flow:2"));
        // One that cannot be saved takes its batch down with it: nothing of the batch is kept, and the batch comes again.
        using (var dying = new CancellationTokenSource())
        {
            await dying.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given.Workers.Jobs.WorkAsync(dying.Token));
        }
        given.Restarted();
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => given.Another().DrainAsync())));
        Assert.Equal(450, await db.FlowInstances.CountAsync(run => run.DefinitionVersionId == "flow:2"));
        Assert.Equal(450, (await db.FlowJobs.AsNoTracking().SingleAsync()).Done);
        await given.ForAsync(TimeSpan.FromDays(10));
        Assert.Equal(450, given.Provider.Recipients);
        Assert.All(given.Provider.Attempts, attempt => Assert.Equal(Other, attempt.Categories![0]));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Whoever_is_moved_back_to_before_a_mail_does_not_get_it_again(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await Old().PublishedAsync(given);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.HappensAsync(ada, "order.placed");
        await given.ForAsync(TimeSpan.FromDays(4));
        Assert.Equal([Thanks], given.MailSentTo(ada));
        // In the new version the first mail is called otherwise, and the wait comes before it.
        await new Drawing("flow").Event("order.placed").Step("second-wait", "Elsa.Delay", ("timeSpan", "2.00:00:00")).Mail("renamed").Step("pause", "Elsa.Delay", ("timeSpan", "1.00:00:00"))
            .Mail("last", Other).Path("start", "second-wait", "renamed", "pause", "last").PublishedAsync(given);
        await using var db = given.Open();
        await given.Workers.Migrations.StartAsync(
            db, "flow", new FlowMigration(1, 2, new Dictionary<string, string> { ["second-wait"] = "second-wait", ["first-mail"] = "renamed" }), "ada", given.Clock.Now, default);
        await given.ForAsync(TimeSpan.FromDays(10));
        Assert.Equal([Thanks, Other], given.MailSentTo(ada));
        Assert.Equal(FlowInstanceStatus.Finished, (await db.FlowInstances.AsNoTracking().SingleAsync()).Status);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_map_that_moves_nobody_or_leads_to_another_kind_of_step_is_refused(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await Old().PublishedAsync(given);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.HappensAsync(ada, "order.placed");
        await given.WorkAsync();
        await New().PublishedAsync(given);
        await using var db = given.Open();
        var migrations = given.Workers.Migrations;
        foreach (var (steps, stay) in new[]
        {
            (new Dictionary<string, string>(), WorkflowStay.NotMapped),
            (new Dictionary<string, string> { ["first-wait"] = "nowhere" }, WorkflowStay.NoSuchStep),
            (new Dictionary<string, string> { ["first-wait"] = "only-mail" }, WorkflowStay.OtherType),
        })
        {
            var wanted = new FlowMigration(1, 2, steps);
            Assert.Equal(stay, (await migrations.PreviewAsync(db, "flow", wanted, default)).Lines.Single().Stay);
            await Assert.ThrowsAsync<RuleBrokenException>(() => migrations.StartAsync(db, "flow", wanted, "ada", given.Clock.Now, default));
        }
        await Assert.ThrowsAsync<RuleBrokenException>(() => migrations.PreviewAsync(db, "flow", new FlowMigration(1, 7, new Dictionary<string, string>()), default));
        Assert.Equal(0, await db.FlowJobs.CountAsync());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_join_behind_the_new_step_does_not_wait_for_ways_that_are_never_gone(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await Old().PublishedAsync(given);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.HappensAsync(ada, "order.placed");
        await given.WorkAsync();
        // The tag has two ways into it, one of which lies behind whoever is moved to "later".
        await new Drawing("flow").Event("order.placed").Step("early", "AddTag", ("tag", "early")).Step("later", "Elsa.Delay", ("timeSpan", "2.00:00:00"))
            .Step("both", "AddTag", ("tag", "both")).Mail("mail", Other).Path("start", "early", "both", "mail").Path("start", "later", "both").PublishedAsync(given);
        await using var db = given.Open();
        await given.Workers.Migrations.StartAsync(
            db, "flow", new FlowMigration(1, 2, new Dictionary<string, string> { ["first-wait"] = "later" }), "ada", given.Clock.Now, default);
        await given.ForAsync(TimeSpan.FromDays(5));
        Assert.Equal([Other], given.MailSentTo(ada));
    }

    private static Drawing Old() => new Drawing("flow").Event("order.placed").Step("first-wait", "Elsa.Delay", ("timeSpan", "3.00:00:00")).Mail("first-mail")
        .Step("second-wait", "Elsa.Delay", ("timeSpan", "3.00:00:00")).Mail("second-mail").Path("start", "first-wait", "first-mail", "second-wait", "second-mail");

    private static Drawing New() => new Drawing("flow").Event("order.placed").Step("tag", "AddTag", ("tag", "x")).Step("later", "Elsa.Delay", ("timeSpan", "5.00:00:00"))
        .Mail("only-mail", Other).Path("start", "tag", "later", "only-mail");
}
