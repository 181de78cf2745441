using System.Text.Json.Nodes;
using Automation.Marketing.Contacts.Lifecycle;
using Automation.Marketing.Deals;
using Automation.Marketing.Reports;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;

namespace Automation.Marketing.Tests.Reports;

public sealed class HandBackReportTests
{
    private static readonly Period Everything = new(Scenario.Monday.AddYears(-1), Scenario.Monday.AddYears(1));

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task What_becomes_of_each_deal_handed_back_is_counted_by_reason_and_flow_and_leads_to_its_rows(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.PublishShippedFlowsAsync();
        var early = new HandBackRequest(HandBackReason.TooEarly, null, null);
        var ada = await given.Contact("ada@example.com").WhoConsented().WhomSalesOwns("D-ada");
        var bob = await given.Contact("bob@example.com").WhoConsented().WhomSalesOwns("D-bob");
        var eve = await given.Contact("eve@example.com").WhoConsented().WhomSalesOwns("D-eve");
        await given.HandBackAsync("D-ada", early);
        var slip = await given.HandBackAsync("D-bob", early);
        await given.HandBackAsync("D-eve", new HandBackRequest(HandBackReason.Budget, null, null));
        // At once: the flow has not even begun.
        Assert.Equal([(HandBackReason.Budget, 1), (HandBackReason.TooEarly, 2)], (await ReportAsync(given)).Select(line => (line.Reason, line.HandedBack)));
        await given.ForAsync(TimeSpan.FromHours(1));
        await using (var db = given.Open())
        {
            await HandingBack.UndoAsync(db, slip.Id, "sales", given.Clock.Now, default);
            // What the undone one's person does counts for nothing.
            await given.HappensAsync(bob, "form.submitted");
        }
        await given.ForAsync(TimeSpan.FromDays(2));
        await given.HappensAsync(ada, "form.submitted");
        await MoveAsync(given, ada.Id, LifecycleStage.Deal);
        await MoveAsync(given, ada.Id, LifecycleStage.Won);
        await MoveAsync(given, eve.Id, LifecycleStage.Dormant);
        var report = await ReportAsync(given);
        Assert.Equal(
            [
                new HandBackLine(HandBackReason.Budget, "re-nurture", 1, 0, 0, 0, 0, 1),
                new HandBackLine(HandBackReason.TooEarly, "re-nurture", 2, 1, 1, 1, 1, 0),
            ],
            report);
        await using var rows = given.Open();
        foreach (var line in report)
        {
            foreach (var (outcome, count) in new[]
            {
                (HandBackOutcome.All, line.HandedBack), (HandBackOutcome.Undone, line.Undone), (HandBackOutcome.Engaged, line.Engaged),
                (HandBackOutcome.Requalified, line.Requalified), (HandBackOutcome.Won, line.Won), (HandBackOutcome.Dormant, line.Dormant),
            })
            {
                Assert.Equal(count, (await HandBackReport.BehindAsync(rows, Everything, line.Reason, line.Flow, outcome, 0, 100, default)).Count);
            }
        }
        var won = Assert.Single(await HandBackReport.BehindAsync(rows, Everything, null, null, HandBackOutcome.Won, 0, 100, default));
        Assert.Equal((ada.Id, "D-ada"), (won.ContactId, won.Detail));
        Assert.Empty(await HandBackReport.OfAsync(rows, new Period(given.Clock.Now, given.Clock.Now.AddDays(1)), default));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task What_follows_counts_for_the_last_hand_back_and_a_machines_click_for_none(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented().WhomSalesOwns("D-1").WhomSalesOwns("D-2");
        await given.HandBackAsync("D-1", new HandBackRequest(HandBackReason.Budget, null, null));
        given.Clock.Now += TimeSpan.FromDays(3);
        await given.HandBackAsync("D-2", new HandBackRequest(HandBackReason.Competitor, null, null));
        var mail = await given.SentAsync(given.Mail(ada));
        given.Clock.Now += TimeSpan.FromSeconds(4);
        await given.ReportedAsync(given.Event("delivered", mail));
        given.Clock.Now += TimeSpan.FromSeconds(3);
        await given.ReportedAsync(given.Event("click", mail, ("url", "https://shop.example.com/")));
        Assert.All(await ReportAsync(given), line => Assert.Equal(0, line.Engaged));
        given.Clock.Now += TimeSpan.FromHours(3);
        await given.ReportedAsync(given.Event("click", mail, ("url", (JsonNode)"https://shop.example.com/crab")));
        Assert.Equal([(HandBackReason.Budget, 0), (HandBackReason.Competitor, 1)], (await ReportAsync(given)).Select(line => (line.Reason, line.Engaged)));
    }

    private static async Task<List<HandBackLine>> ReportAsync(Scenario given)
    {
        await using var db = given.Open();
        return [.. (await HandBackReport.OfAsync(db, Everything, default)).OrderBy(line => line.Reason.ToString())];
    }

    private static async Task MoveAsync(Scenario given, Guid person, LifecycleStage to)
    {
        given.Clock.Now += TimeSpan.FromMinutes(1);
        await using var db = given.Open();
        await using var transaction = await db.BeginWriteAsync(default);
        if (to is LifecycleStage.Deal) await Stages.AdvanceAsync(db, person, to, "test", "test", given.Clock.Now, default);
        else await Stages.MoveAsync(db, person, to, "test", "test", given.Clock.Now, default);
        await transaction.CommitAsync(default);
    }
}
