using System.Text.Json.Nodes;
using Automation.Marketing.Contacts;
using Automation.Marketing.Journeys;
using Automation.Marketing.Journeys.Activities;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Automation.Workflows.Runtime;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Journeys;

public sealed class ActivitiesTests
{
    private const string Thanks = "care/thanks-after-purchase";
    private const string Selling = "welcome/day-3";

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Coming_into_and_dropping_out_of_a_segment_start_the_flows_that_look_out_for_it(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await new Drawing("in").Step("start", "SegmentEntered", ("segment", "gourmets")).Step("tag", "AddTag", ("tag", "in")).Path("start", "tag").PublishedAsync(given);
        await new Drawing("out").Step("start", "SegmentLeft", ("segment", "gourmets")).Step("tag", "AddTag", ("tag", "out")).Path("start", "tag").PublishedAsync(given);
        await using var db = given.Open();
        await Stimuli.SegmentEnteredAsync(db, "others", [ada.Id], given.Clock.Now, default);
        await given.WorkAsync();
        Assert.Empty(await TagsAsync(db));
        await Stimuli.SegmentEnteredAsync(db, "gourmets", [ada.Id], given.Clock.Now, default);
        await given.WorkAsync();
        Assert.Equal(["in"], await TagsAsync(db));
        await Stimuli.SegmentLeftAsync(db, "gourmets", [ada.Id], given.Clock.Now, default);
        await given.WorkAsync();
        Assert.Equal(["in", "out"], await TagsAsync(db));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_score_starts_a_flow_when_it_rises_to_the_threshold_and_only_then(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await new Drawing("hot").Step("start", "ScoreCrossed", ("threshold", 60.0)).Step("wait", "Elsa.Delay", ("timeSpan", "00:00:01")).Path("start", "wait").PublishedAsync(given);
        await using var db = given.Open();
        async Task<int> RunsAfterAsync(double before, double after)
        {
            await Stimuli.ScoreChangedAsync(db, ada.Id, before, after, given.Clock.Now, default);
            await given.ForAsync(TimeSpan.FromSeconds(2));
            return await db.FlowInstances.CountAsync();
        }
        Assert.Equal(0, await RunsAfterAsync(10, 59.9));
        Assert.Equal(1, await RunsAfterAsync(59.9, 60));
        Assert.Equal(1, await RunsAfterAsync(60, 90));
        Assert.Equal(1, await RunsAfterAsync(90, 20));
        Assert.Equal(2, await RunsAfterAsync(20, 75));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_declared_field_is_written_as_what_it_is_and_what_comes_next_sees_it(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await using var db = given.Open();
        await ContactFields.DeclareAsync(db, [new ContactField("custom.plan", ContactFieldType.Text), new ContactField("custom.visits", ContactFieldType.Number)], given.Clock.Now, default);
        var ada = await given.Contact("ada@example.com").WhoConsented().From("東京都");
        await new Drawing("write").Event("moved")
            .Step("p", "UpdateContact", ("field", "prefecture"), ("value", "福井県")).Step("b", "UpdateContact", ("field", "birth_date"), ("value", "1980-11-20"))
            .Step("c", "UpdateContact", ("field", "custom.plan"), ("value", "gold")).Step("n", "UpdateContact", ("field", "custom.visits"), ("value", "3"))
            .Step("d", "Elsa.FlowDecision", ("condition", Scriban("Boolean", "contact.prefecture == \"福井県\" && contact.custom.visits == 3")))
            .Step("t", "AddTag", ("tag", "seen")).Path("start", "p", "b", "c", "n", "d").Line("d", "t", "True").PublishedAsync(given);
        await given.HappensAsync(ada, "moved");
        await given.WorkAsync();
        var now = await db.Contacts.AsNoTracking().SingleAsync();
        Assert.Equal(("福井県", new DateOnly(1980, 11, 20), """{"plan":"gold","visits":3}"""), (now.Prefecture, now.BirthDate, now.Custom));
        Assert.Equal(["seen"], await TagsAsync(db));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Conditions_and_values_see_the_variables_of_the_flow_also_after_a_wait(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await new Drawing("ranks").Event("moved")
            .Step("set", "Elsa.RunJavaScript", ("script", """setVariable("rank", { name: "gold", visits: [1, 2] });"""))
            .Step("wait", "Elsa.Delay", ("timeSpan", "1.00:00:00"))
            .Step("often", "Elsa.FlowDecision", ("condition", Scriban("Boolean", "variables.rank.visits.size == 2")))
            .Step("yes", "AddTag", ("tag", Scriban("String", "variables.rank.name"))).Step("no", "AddTag", ("tag", "seldom"))
            .Path("start", "set", "wait", "often").Line("often", "yes", "True").Line("often", "no", "False").PublishedAsync(given);
        await given.HappensAsync(ada, "moved");
        await given.WorkAsync();
        await given.Restarted().Engine.WorkAsync(default);
        await given.ForAsync(TimeSpan.FromDays(1));
        await using var db = given.Open();
        Assert.Equal(["gold"], await TagsAsync(db));
    }

    private static JsonObject Scriban(string type, string expression) =>
        new() { ["typeName"] = type, ["expression"] = new JsonObject { ["type"] = "Scriban", ["value"] = expression } };

    [Theory]
    [InlineData("email", "x@example.com")]
    [InlineData("custom.unknown", "x")]
    [InlineData("birth_date", "yesterday")]
    [InlineData("language", "tlh")]
    [InlineData("time_zone", "Mars/Olympus")]
    public async Task What_is_not_declared_or_no_value_of_the_field_stops_the_run_and_changes_nothing(string field, string value)
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        // Chosen only at run time: publishing cannot know it.
        var late = Scriban("String", $"\"{field}\"");
        await new Drawing("write").Event("moved").Step("p", "UpdateContact", ("field", late), ("value", value)).Path("start", "p").PublishedAsync(given);
        await given.HappensAsync(ada, "moved");
        await given.WorkAsync();
        await using var db = given.Open();
        Assert.Equal(FlowInstanceStatus.Faulted, (await db.FlowInstances.SingleAsync()).Status);
        Assert.Contains(field, (await db.FlowSteps.SingleAsync(step => step.Happened == "Faulted")).Detail, StringComparison.Ordinal);
        var now = await db.Contacts.SingleAsync();
        Assert.Equal(("ada@example.com", null, null, null, "{}"), (now.Email, now.BirthDate, now.Language, now.TimeZone, now.Custom));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_task_goes_to_the_owner_of_the_deal_and_is_due_on_a_working_day(DatabaseProvider provider)
    {
        // Thursday; two days later is a Saturday, and the Monday is a holiday.
        await using var given = await Scenario.OnAsync(provider, now: new DateTimeOffset(2026, 11, 19, 10, 0, 0, TimeSpan.FromHours(9)));
        var ada = await given.Contact("ada@example.com").WhoConsented().WhomSalesOwns();
        await new Drawing("task").Event("quote.requested").Step("do", "CreateTask", ("title", "電話する"), ("dueIn", "P2D")).Path("start", "do").PublishedAsync(given);
        await given.HappensAsync(ada, "quote.requested");
        await given.WorkAsync();
        await using var db = given.Open();
        var task = await db.Tasks.SingleAsync();
        Assert.Equal(("電話する", "小島 里奈", new DateOnly(2026, 11, 24), "task"), (task.Title, task.Owner, task.DueOn, task.DefinitionId));
        task.Done("rina", given.Clock.Now);
        Assert.Throws<RuleBrokenException>(() => task.Done("rina", given.Clock.Now));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Handing_off_opens_a_deal_tells_sales_and_ends_what_sells_but_not_what_cares(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var goal = new { approach = "A2", goal = new { @event = "order.placed" } };
        await new Drawing("sells").Settings(goal).Event("lead.created").Step("w", "Elsa.Delay", ("timeSpan", "5.00:00:00")).Mail("m", Selling).Path("start", "w", "m").PublishedAsync(given);
        await new Drawing("cares").Event("lead.created").Step("w", "Elsa.Delay", ("timeSpan", "5.00:00:00")).Mail("m").Path("start", "w", "m").PublishedAsync(given);
        await new Drawing("off").Settings(goal).Event("quote.requested").Step("hand", "HandOff", ("note", "見積の依頼")).Step("w", "Elsa.Delay", ("timeSpan", "1.00:00:00")).Path("start", "hand", "w").PublishedAsync(given);
        await given.HappensAsync(ada, "lead.created");
        await given.HappensAsync(ada, "quote.requested");
        await given.WorkAsync();
        await using var db = given.Open();
        var deal = await db.Deals.SingleAsync();
        Assert.Equal((ada.Id, Marketing.Deals.DealStatus.Open, true), (deal.ContactId, deal.Status, (await db.Contacts.SingleAsync()).SalesOwned));
        Assert.Contains("見積の依頼", (await db.Notices.SingleAsync()).Message, StringComparison.Ordinal);
        Assert.Equal(new DateOnly(2026, 11, 17), (await db.Tasks.SingleAsync()).DueOn);
        var runs = await db.FlowInstances.AsNoTracking().ToDictionaryAsync(run => run.DefinitionId, run => (run.Status, run.EndReason));
        Assert.Equal((FlowInstanceStatus.Cancelled, ExitReasons.SalesOwned), runs["sells"]);
        Assert.Equal((FlowInstanceStatus.Running, ""), runs["cares"]);
        Assert.Equal((FlowInstanceStatus.Running, ""), runs["off"]);
        // Again: the deal is there already. Nobody has answered meanwhile: the manager was told, and everyone.
        await given.ForAsync(TimeSpan.FromDays(40));
        await given.HappensAsync(ada, "quote.requested");
        await given.WorkAsync();
        Assert.Equal((1, 4), (await db.Deals.CountAsync(), await db.Notices.CountAsync()));
    }

    [Fact]
    public void A_split_sends_as_many_as_it_says_and_a_person_always_the_same_way()
    {
        var places = Enumerable.Range(0, 20_000).Select(_ => RandomSplit.PlaceOf(Guid.NewGuid().ToString(), "salt")).ToList();
        Assert.All(places, place => Assert.InRange(place, 0, 99));
        Assert.InRange(places.Count(place => place < 30) / 20_000.0, 0.285, 0.315);
        var person = Guid.NewGuid().ToString();
        Assert.Equal(RandomSplit.PlaceOf(person, "a"), RandomSplit.PlaceOf(person, "a"));
        Assert.Contains(Enumerable.Range(0, 50), salt => RandomSplit.PlaceOf(person, "s" + salt) != RandomSplit.PlaceOf(person, "a"));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Each_person_leaves_a_split_by_one_way_the_same_at_every_entry(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await new Drawing("split").Event("x").Step("split", "RandomSplit", ("a", 20), ("b", 30), ("c", 50), ("salt", "test-1"))
            .Step("ta", "AddTag", ("tag", "a")).Step("tb", "AddTag", ("tag", "b")).Step("tc", "AddTag", ("tag", "c"))
            .Path("start", "split").Line("split", "ta", "A").Line("split", "tb", "B").Line("split", "tc", "C").PublishedAsync(given);
        var people = await given.ConsentingContactsAsync(40);
        await using var db = given.Open();
        for (var time = 0; time < 2; time++)
        {
            await Stimuli.WriteAsync(db, [.. people.Select(id => new NewStimulus(Stimuli.EventReceived, "x", id, Stimuli.EventOf("x", given.Clock.Now, new { })))], given.Clock.Now, default);
            await given.WorkAsync();
        }
        Assert.Equal(80, await db.FlowInstances.CountAsync());
        var tags = await db.ContactTags.GroupBy(tag => tag.ContactId).Select(group => group.Count()).ToListAsync();
        Assert.Equal((40, true), (tags.Count, tags.All(count => count == 1)));
        Assert.Equal(3, await db.ContactTags.Select(tag => tag.Tag).Distinct().CountAsync());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_goal_that_came_in_but_is_not_worked_off_yet_keeps_the_next_mail_back(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await new Drawing("sells").Settings(new { approach = "A2", goal = new { @event = "order.placed", where = "event.data.net > 1000" } }).Event("lead.created")
            .Step("w", "Elsa.Delay", ("timeSpan", "5.00:00:00")).Mail("m", Selling).Path("start", "w", "m").PublishedAsync(given);
        var (ada, bob) = (await given.Contact("ada@example.com").WhoConsented(), await given.Contact("bob@example.com").WhoConsented());
        foreach (var person in new[] { ada, bob }) await given.HappensAsync(person, "lead.created");
        await given.ForAsync(TimeSpan.FromDays(4));
        await given.HappensAsync(ada, "order.placed", new { net = 5000 });
        await given.HappensAsync(bob, "order.placed", new { net = 10 });
        // The queue is behind: the wait is over first.
        await using var db = given.Open();
        await db.ExecuteAsync("DELETE FROM stimuli", default);
        await given.ForAsync(TimeSpan.FromDays(2));
        Assert.Empty(given.MailSentTo(ada));
        Assert.Equal([Selling], given.MailSentTo(bob));
        var run = await db.FlowInstances.SingleAsync(one => one.ContactId == ada.Id);
        Assert.Equal((FlowInstanceStatus.Cancelled, ExitReasons.Goal), (run.Status, run.EndReason));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Deferred_mail_is_not_decided_before_what_happened_to_the_person_is_worked_off(DatabaseProvider provider)
    {
        var night = new DateTimeOffset(2026, 11, 16, 23, 0, 0, TimeSpan.FromHours(9));
        await using var given = await Scenario.OnAsync(provider, SendingPolicy.Shop, night);
        await new Drawing("sells").Settings(new { approach = "A2", goal = new { @event = "order.placed" } }).Event("lead.created").Mail("m", Selling).Path("start", "m").PublishedAsync(given);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.HappensAsync(ada, "lead.created");
        await given.WorkAsync();
        await given.HappensAsync(ada, "order.placed");
        given.Clock.Now = given.Clock.Now.AddHours(11);
        Assert.Equal(0, await given.Workers.Decisions.WorkAsync(default));
        await given.WorkAsync();
        Assert.Equal((MessageState.Cancelled, ExitReasons.Goal), (await given.MessagesAsync(ada)).Select(mail => (mail.State, mail.Rule)).Single());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Whoever_is_merged_or_erased_is_out_of_every_flow(DatabaseProvider provider)
    {
        foreach (var reason in new[] { ExitReasons.Merged, ExitReasons.Erased })
        {
            await using var given = await Scenario.OnAsync(provider);
            await new Drawing("order").Settings(new { approach = "transactional" }).Event("order.placed").Step("w", "Elsa.Delay", ("timeSpan", "5.00:00:00")).Path("start", "w").PublishedAsync(given);
            var ada = await given.Contact("ada@example.com").WhoConsented();
            await given.HappensAsync(ada, "order.placed");
            await given.WorkAsync();
            await using var db = given.Open();
            await Stimuli.WriteAsync(db, [new NewStimulus(Stimuli.MustEnd, reason, ada.Id)], given.Clock.Now, default);
            await given.WorkAsync();
            Assert.Equal(reason, (await db.FlowInstances.AsNoTracking().SingleAsync()).EndReason);
        }
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_mail_that_expires_ends_the_run_where_the_step_says_exit(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, new SendingPolicy(1, [], null, QuietHours.Default), new DateTimeOffset(2026, 11, 16, 23, 0, 0, TimeSpan.FromHours(9)));
        await new Drawing("now").Event("x").Step("m", "SendEmail", ("template", Thanks), ("overCap", "Exit"), ("validFor", "PT1H")).Step("t", "AddTag", ("tag", "t")).Path("start", "m").Line("m", "t", "Sent").PublishedAsync(given);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.HappensAsync(ada, "x");
        await given.WorkAsync();
        await using var db = given.Open();
        Assert.Equal(MessageState.Expired, (await given.MessagesAsync(ada)).Single().State);
        Assert.Equal("", (await db.FlowInstances.SingleAsync()).EndReason == ExitReasons.Expired ? "" : (await db.FlowInstances.SingleAsync()).EndReason);
    }

    [Fact]
    public void Every_activity_says_what_it_is_for_and_how_it_goes_on()
    {
        var registry = new ActivityRegistry().AddFrom(typeof(FlowDefinitions).Assembly);
        string[] types =
        [
            "AddTag", "CalendarOccurrence", "CreateTask", "DateReached", "EventReceived", "HandOff", "HandedBack", "NotifyOwner", "RandomSplit", "RemoveTag", "ScoreCrossed",
            "SegmentEntered", "SegmentLeft", "SendEmail", "UpdateContact", "WaitForAnchor", "WaitForEvent", "WaitUntil",
        ];
        Assert.Equal(types, registry.Descriptors.Select(one => one.Name).Order(StringComparer.Ordinal));
        Assert.All(registry.Descriptors, one =>
        {
            Assert.Equal("Automation", one.Namespace);
            Assert.EndsWith(".", one.Description, StringComparison.Ordinal);
            Assert.Contains(one.Category, new[] { "Triggers", "Wait", "Branch", "Mail", "Customer", "Sales" });
            Assert.Equal(one.Category == "Triggers", one.Kind is ActivityKind.Trigger);
        });
        Assert.Equal(["A", "B", "C", "D"], registry.Describe("Automation.RandomSplit")!.Ports.Select(port => port.Name));
        Assert.Equal("P7D", registry.Describe("Automation.SendEmail")!.Inputs.Single(input => input.Name == "ValidFor").DefaultValue);
    }

    private static Task<List<string>> TagsAsync(AutomationDb db) => db.ContactTags.OrderBy(tag => tag.Tag).Select(tag => tag.Tag).ToListAsync();
}
