using Automation.Marketing.Journeys;
using Automation.Marketing.Journeys.Reports;
using Automation.Marketing.Mail;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Journeys.Reports;

public sealed class FlowReportTests
{
    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Each_step_accounts_for_everyone_who_came_there_and_for_every_mail_with_the_rule(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.PublishShippedFlowsAsync();
        var (ada, bob, eve) = (await given.Contact("ada@example.com").WhoConsented(), await given.Contact("bob@example.com"), await given.Contact("eve@example.com").WhoConsented());
        foreach (var one in new[] { ada, bob, eve }) await given.HappensAsync(one, "lead.created");
        await given.ForAsync(TimeSpan.FromDays(4));
        await given.HappensAsync(eve, "order.placed", new { order_id = "1", lines = Array.Empty<object>() });
        await given.ForAsync(TimeSpan.FromHours(1));
        await using var db = given.Open();
        var report = await FlowReport.OfAsync(db, "welcome", DateTimeOffset.UnixEpoch, default);
        Assert.Equal((3, 1, 1, 1, 0), (report.Runs.Entered, report.Runs.Running, report.Runs.Finished, report.Runs.Goal, report.Runs.Faulted));
        Assert.Empty(report.Runs.EndedEarly);
        var thanks = report.Steps["thanks"];
        Assert.Equal((3, 2), (thanks.Mail!.Asked, thanks.Mail.Sent));
        var not = Assert.Single(thanks.Mail.NotSent);
        Assert.Equal((MessageState.Suppressed, "consent-none", 1), (not.State, not.Rule, not.Mails));
        Assert.Equal((2, 1), (thanks.Ways["Sent"], thanks.Ways["Suppressed"]));
        Assert.Equal((1, 1), (report.Steps["clicked"].Waiting, (await FlowReport.WaitingAsync(db, "welcome", default))["clicked"]));
        Assert.NotNull(report.Steps["clicked"].NextDue);
        Assert.Equal(0, (await FlowReport.OfAsync(db, "welcome", given.Clock.Now.AddHours(-1), default)).Runs.Entered);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task The_board_tells_how_each_flow_stands_and_what_came_of_it(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.PublishShippedFlowsAsync();
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.HappensAsync(ada, "lead.created");
        await given.ForAsync(TimeSpan.FromHours(1));
        await given.HappensAsync(ada, "order.placed", new { order_id = "1", lines = Array.Empty<object>() });
        await given.ForAsync(TimeSpan.FromHours(1));
        await using var db = given.Open();
        await given.Workers.Flows.SaveDraftAsync(db, new FlowDraft(new FlowSketch("drawn").Step("start", "Automation.EventReceived").ToJson()), "ada", given.Clock.Now, default);
        await given.Workers.Flows.RevertAsync(db, "revisit", 1, "ada", given.Clock.Now, default);
        await given.Workers.Flows.RetractAsync(db, "re-nurture", "ada", given.Clock.Now, default);
        await given.Workers.Control.PauseAsync(db, "order-received", "ada", given.Clock.Now, default);
        var board = (await FlowBoard.LoadAsync(db, given.Clock.Now, default)).ToDictionary(flow => flow.DefinitionId);
        Assert.Equal((FlowStanding.Published, 0, 1, 1, 1), (board["welcome"].Standing, board["welcome"].Inside, board["welcome"].Entered, board["welcome"].Goal, board["welcome"].Sent));
        Assert.Equal((FlowStanding.Draft, 0), (board["drawn"].Standing, board["drawn"].Triggers.Count));
        Assert.Equal((FlowStanding.Changed, 1), (board["revisit"].Standing, board["revisit"].Version));
        Assert.Equal(FlowStanding.Retracted, board["re-nurture"].Standing);
        Assert.NotNull(board["order-received"].PausedAt);
        Assert.DoesNotContain(board.Values, flow => flow.HasAlarm);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_error_raises_an_alarm_for_a_week(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await using var db = given.Open();
        await given.Workers.Flows.SaveDraftAsync(
            db, new FlowDraft(new FlowSketch("bad").Step("start", "Automation.EventReceived", ("eventType", "form.submitted")).Step("stop", "Elsa.Fault", ("message", "no")).Line("start", "Done", "stop").ToJson()), "ada", given.Clock.Now, default);
        Assert.True((await given.Workers.Flows.PublishAsync(db, "bad", "ada", given.Clock.Now, default)).Published);
        await given.HappensAsync(await given.Contact("ada@example.com").WhoConsented(), "form.submitted");
        await given.WorkAsync();
        Assert.True((await FlowBoard.LoadAsync(db, given.Clock.Now, default)).Single(flow => flow.DefinitionId == "bad").HasAlarm);
        Assert.False((await FlowBoard.LoadAsync(db, given.Clock.Now.AddDays(8), default)).Single(flow => flow.DefinitionId == "bad").HasAlarm);
        Assert.Equal(1, (await FlowReport.OfAsync(db, "bad", DateTimeOffset.UnixEpoch, default)).Steps["stop"].Faulted);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_run_is_told_step_by_step_with_its_mails_and_what_it_waits_for(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.PublishShippedFlowsAsync();
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.HappensAsync(ada, "lead.created");
        await given.ForAsync(TimeSpan.FromDays(4));
        await using var db = given.Open();
        var run = await db.FlowInstances.AsNoTracking().SingleAsync();
        var told = (await RunOnMap.FindAsync(db, "welcome", run.Id, default))!;
        Assert.Equal(["lead", "thanks", "wait-3-days", "introduction", "clicked"], told.Visits.Select(visit => visit.StepId));
        Assert.Equal(["welcome/day-0", "welcome/day-3"], told.Visits.Where(visit => visit.Mail is not null).Select(visit => visit.Mail!.Template));
        Assert.Equal([true, true, true, true, false], told.Visits.Select(visit => visit.Left is not null));
        Assert.Equal(Scenario.Monday.AddDays(3), told.Visits[2].Left!.Value);
        var wait = Assert.Single(told.Waits);
        Assert.Equal(("clicked", "mail.clicked", (DateTimeOffset?)Scenario.Monday.AddDays(7)), (wait.StepId, wait.Key, wait.DueAt));
        Assert.Equal(
            ["introduction→clicked", "lead→thanks", "thanks→wait-3-days", "wait-3-days→introduction"],
            told.Map!.Lines.Where(told.Took).Select(line => $"{line.From}→{line.To}").Order(StringComparer.Ordinal));
        Assert.Null(await RunOnMap.FindAsync(db, "revisit", run.Id, default));
    }
}
