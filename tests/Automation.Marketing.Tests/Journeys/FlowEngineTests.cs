using System.Text.Json.Nodes;
using Automation.Marketing.Contacts;
using Automation.Marketing.Journeys;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Journeys;

public sealed class FlowEngineTests
{
    private const string Thanks = "care/thanks-after-purchase";

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task After_exit_means_not_while_it_runs_and_not_before_the_cool_down(DatabaseProvider provider)
    {
        await using var given = await GivenAsync(provider, new JsonObject { ["mode"] = "after-exit", ["coolDown"] = "P60D" });
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.HappensAsync(ada, "order.placed");
        await given.HappensAsync(ada, "order.placed");
        await given.ForAsync(TimeSpan.FromDays(5));
        await given.HappensAsync(ada, "order.placed");
        await given.ForAsync(TimeSpan.FromDays(60));
        await given.HappensAsync(ada, "order.placed");
        await given.ForAsync(TimeSpan.FromDays(5));
        Assert.Equal([Thanks], given.MailSentTo(ada));
        await given.HappensAsync(ada, "order.placed");
        await given.ForAsync(TimeSpan.FromDays(10));
        Assert.Equal([Thanks, Thanks], given.MailSentTo(ada));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Per_key_means_one_live_run_for_each_order(DatabaseProvider provider)
    {
        await using var given = await GivenAsync(provider, new JsonObject { ["mode"] = "per-key", ["key"] = "event.data.order_id" });
        var ada = await given.Contact("ada@example.com").WhoConsented();
        foreach (var order in new[] { "W1", "W2", "W1" }) await given.HappensAsync(ada, "order.placed", new { order_id = order });
        await given.WorkAsync();
        Assert.Equal([("W1", 1), ("W2", 2)], await RunsAsync(given));
        await given.ForAsync(TimeSpan.FromDays(11));
        Assert.Equal([Thanks, Thanks], given.MailSentTo(ada));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Restart_means_that_the_live_run_gives_way(DatabaseProvider provider)
    {
        await using var given = await GivenAsync(provider, new JsonObject { ["mode"] = "restart" });
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.HappensAsync(ada, "order.placed");
        await given.ForAsync(TimeSpan.FromDays(5));
        await given.HappensAsync(ada, "order.placed");
        await given.ForAsync(TimeSpan.FromDays(9));
        Assert.Empty(given.MailSentTo(ada));
        await given.ForAsync(TimeSpan.FromDays(1));
        Assert.Equal([Thanks], given.MailSentTo(ada));
        await using var db = given.Open();
        Assert.Equal([FlowInstanceStatus.Cancelled, FlowInstanceStatus.Finished], await db.FlowInstances.OrderBy(run => run.Entry).Select(run => run.Status).ToListAsync());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Many_events_of_one_second_start_one_run_even_from_many_workers(DatabaseProvider provider)
    {
        await using var given = await GivenAsync(provider, new JsonObject { ["mode"] = "after-exit" });
        var ada = await given.Contact("ada@example.com").WhoConsented();
        for (var time = 0; time < 20; time++) await given.HappensAsync(ada, "order.placed");
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => given.Another().DrainAsync())));
        await given.WorkAsync();
        Assert.Single(await RunsAsync(given));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_wait_outlives_the_process_and_fires_once(DatabaseProvider provider)
    {
        await using var given = await GivenAsync(provider, new JsonObject { ["mode"] = "once" });
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.HappensAsync(ada, "order.placed");
        await given.WorkAsync();
        given.Restarted();
        // The process is down when the wait is over, and comes back later.
        given.Clock.Now = given.Clock.Now.AddDays(12);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => given.Another().DrainAsync())));
        await given.WorkAsync();
        Assert.Equal([Thanks], given.MailSentTo(ada));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_poisoned_run_is_set_apart_and_the_others_go_on(DatabaseProvider provider)
    {
        await using var given = await GivenAsync(provider, new JsonObject { ["mode"] = "once" });
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var bob = await given.Contact("bob@example.com").WhoConsented();
        await given.HappensAsync(ada, "order.placed");
        await given.HappensAsync(bob, "order.placed");
        await given.WorkAsync();
        await using (var db = given.Open()) await db.ExecuteAsync("UPDATE flow_instances SET state = '{' WHERE contact_id = @p0", default, ada.Id);
        await given.ForAsync(TimeSpan.FromDays(11));
        Assert.Empty(given.MailSentTo(ada));
        Assert.Equal([Thanks], given.MailSentTo(bob));
        await using (var db = given.Open())
        {
            var run = await db.FlowInstances.SingleAsync(instance => instance.ContactId == ada.Id);
            Assert.Equal((FlowInstanceStatus.Faulted, "fault"), (run.Status, run.EndReason));
        }
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_poisoned_run_does_not_keep_its_persons_events_from_other_flows(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.PublishShippedFlowsAsync();
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.HappensAsync(ada, "lead.created");
        await given.ForAsync(TimeSpan.FromDays(3));
        await using (var db = given.Open()) await db.ExecuteAsync("UPDATE flow_instances SET state = '{' WHERE contact_id = @p0", default, ada.Id);
        await given.ReportedAsync(given.Event("click", (await given.MessagesAsync(ada))[1], ("url", "https://shop.example.com")));
        await given.HappensAsync(ada, "order.placed", new { order_id = "W1" });
        await given.WorkAsync();
        Assert.Equal(["welcome/day-0", "welcome/day-3", "transactional/order-received"], given.MailSentTo(ada));
        await using (var db = given.Open())
        {
            Assert.Empty(await db.Stimuli.ToListAsync());
            Assert.Equal(FlowInstanceStatus.Faulted, (await db.FlowInstances.SingleAsync(run => run.DefinitionId == "welcome")).Status);
        }
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_stimulus_that_cannot_be_worked_off_is_set_apart_and_the_others_go_on(DatabaseProvider provider)
    {
        await using var given = await GivenAsync(provider, new JsonObject { ["mode"] = "once" });
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await using (var db = given.Open()) await Stimuli.WriteAsync(db, [new NewStimulus("Automation.Unheard", "x", ada.Id)], given.Clock.Now, default);
        await given.HappensAsync(ada, "order.placed");
        await given.WorkAsync();
        Assert.Single(await RunsAsync(given));
        await using (var db = given.Open()) Assert.Equal("Automation.Unheard", (await db.Stimuli.SingleAsync()).Name);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_trigger_with_a_condition_starts_only_when_it_holds(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        using var files = new FlowFiles();
        files.AddShipped("welcome", text =>
        {
            var flow = JsonNode.Parse(text)!.AsObject();
            flow["root"]!["activities"]![0]!["where"] = new JsonObject
            {
                ["typeName"] = "String",
                ["expression"] = new JsonObject { ["type"] = "Literal", ["value"] = "event.data.page == \"/ryokan\" && contact.language == \"ja\"" },
            };
            return flow.ToJsonString();
        });
        await PublishAsync(given, files);
        var (ada, bob) = (await given.Contact("ada@example.com").WhoConsented().Speaking("ja"), await given.Contact("bob@example.com").WhoConsented().Speaking("en"));
        await given.HappensAsync(ada, "lead.created", new { page = "/home" });
        await given.HappensAsync(bob, "lead.created", new { page = "/ryokan" });
        await given.WorkAsync();
        Assert.Empty(await RunsAsync(given));
        await given.HappensAsync(ada, "lead.created", new { page = "/ryokan" });
        await given.WorkAsync();
        Assert.Equal(["welcome/day-0"], given.MailSentTo(ada));
        Assert.Empty(given.MailSentTo(bob));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_run_stays_on_the_version_it_began_with(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.PublishShippedFlowsAsync();
        var (ada, bob) = (await given.Contact("ada@example.com").WhoConsented(), await given.Contact("bob@example.com").WhoConsented());
        await given.HappensAsync(ada, "lead.created");
        await given.ForAsync(TimeSpan.FromDays(1));
        using var files = new FlowFiles();
        files.AddShipped("welcome", text => text.Replace("welcome/day-3", "welcome/day-7", StringComparison.Ordinal));
        await PublishAsync(given, files);
        given.Restarted();
        await given.HappensAsync(bob, "lead.created");
        await given.ForAsync(TimeSpan.FromDays(3));
        Assert.Equal(["welcome/day-0", "welcome/day-3"], given.MailSentTo(ada));
        Assert.Equal(["welcome/day-0", "welcome/day-7"], given.MailSentTo(bob));
        await using var db = given.Open();
        Assert.Equal(["welcome:1", "welcome:2"], await db.FlowInstances.OrderBy(run => run.StartedAt).Select(run => run.DefinitionVersionId).ToListAsync());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_step_that_exits_over_the_cap_ends_the_run(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, new SendingPolicy(1, [new CapRule("none", 0, CapPeriod.Day)], null, null));
        using var files = new FlowFiles();
        files.AddShipped("welcome", text => text.Replace("\"Defer\"", "\"Exit\"", StringComparison.Ordinal));
        await PublishAsync(given, files);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.HappensAsync(ada, "lead.created");
        await given.ForAsync(TimeSpan.FromDays(30));
        Assert.Empty(given.MailSentTo(ada));
        await using var db = given.Open();
        var run = await db.FlowInstances.SingleAsync();
        Assert.Equal((FlowInstanceStatus.Cancelled, "over-cap"), (run.Status, run.EndReason));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_run_that_ends_takes_its_waiting_mail_with_it(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, SendingPolicy.Shop, new DateTimeOffset(2026, 11, 16, 23, 0, 0, TimeSpan.FromHours(9)));
        await given.PublishShippedFlowsAsync();
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.HappensAsync(ada, "lead.created");
        await given.WorkAsync();
        await given.HappensAsync(ada, "complaint.opened");
        await given.ForAsync(TimeSpan.FromDays(3));
        Assert.Equal((Marketing.Mail.MessageState.Cancelled, "exit-rule"), (await given.MessagesAsync(ada)).Select(mail => (mail.State, mail.Rule)).Single());
        Assert.Empty(given.MailSentTo(ada));
    }

    private static async Task<Scenario> GivenAsync(DatabaseProvider provider, JsonObject reentry)
    {
        var given = await Scenario.OnAsync(provider);
        using var files = new FlowFiles();
        files.AddThanks(reentry);
        await PublishAsync(given, files);
        return given;
    }

    private static async Task PublishAsync(Scenario given, FlowFiles files)
    {
        await using var db = given.Open();
        await given.Workers.Flows.PublishFolderAsync(db, files.Folder, given.Clock.Now, default);
    }

    private static async Task<IReadOnlyList<(string Key, int Entry)>> RunsAsync(Scenario given)
    {
        await using var db = given.Open();
        return [.. (await db.FlowInstances.OrderBy(run => run.Entry).ToListAsync()).Select(run => (run.EntryKey, run.Entry))];
    }
}
