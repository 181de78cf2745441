using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Complaints;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Contacts;

public sealed class ComplaintTests
{
    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Nobody_sells_to_a_person_from_the_complaint_until_two_weeks_after_its_end(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var complaint = await OpenAsync(given, ada);
        Assert.Equal([(MessageState.Skipped, Rules.ComplaintOpen), (MessageState.Skipped, Rules.ComplaintOpen), (MessageState.Queued, "")], await AskAsync(given, ada));
        await given.ForAsync(TimeSpan.FromDays(30));
        await CloseAsync(given, complaint, "冷凍便へ変更して再送");
        var mail = given.Mail(ada, validFor: TimeSpan.FromDays(60));
        await given.AskAsync(mail);
        var closed = given.Clock.Now;
        await given.UntilAsync(closed.AddDays(14).AddSeconds(-1));
        Assert.Equal((MessageState.Deferred, Rules.ComplaintCooling), (await given.MessageAsync(mail.Identity) is var waits ? (waits.State, waits.Rule) : default));
        await given.UntilAsync(closed.AddDays(14));
        Assert.Equal(MessageState.Sent, (await given.MessageAsync(mail.Identity)).State);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task The_last_of_several_complaints_to_end_counts(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var first = await OpenAsync(given, ada);
        given.Clock.Now = given.Clock.Now.AddDays(2);
        var second = await OpenAsync(given, ada);
        await CloseAsync(given, first, "お詫びの電話");
        await using (var db = given.Open()) Assert.Equal(second.OpenedAt, (await db.Contacts.SingleAsync()).ComplaintOpenedAt);
        await CloseAsync(given, second, "返金");
        await using var after = given.Open();
        var person = await after.Contacts.SingleAsync();
        Assert.Equal((null, given.Clock.Now), (person.ComplaintOpenedAt, person.ComplaintClosedAt));
        Assert.Equal(["返金", "お詫びの電話"], (await ComplaintDesk.ConcerningAsync(after, ada.Id, null, default)).Select(one => one.Handling));
        Assert.Equal(
            ["complaint.opened", "complaint.opened", "complaint.closed", "complaint.closed"],
            (await after.Stimuli.OrderBy(one => one.Id).ToListAsync()).Where(one => one.Name == Stimuli.EventReceived).Select(one => one.Key));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_complaint_may_hold_the_whole_company(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented().At("株式会社いそ");
        var ben = await given.Contact("ben@example.com").WhoConsented().At("株式会社いそ");
        var eve = await given.Contact("eve@example.com").WhoConsented().At("別会社");
        var own = await OpenAsync(given, ada);
        Assert.Equal((MessageState.Queued, ""), (await AskAsync(given, ben))[0]);
        await CloseAsync(given, own, "説明した");
        var all = await OpenAsync(given, ada, wholeCompany: true);
        Assert.Equal((MessageState.Skipped, Rules.ComplaintOpen), (await AskAsync(given, ben))[0]);
        Assert.Equal((MessageState.Queued, ""), (await AskAsync(given, eve))[0]);
        await CloseAsync(given, all, "説明した");
        Assert.Equal((MessageState.Deferred, Rules.ComplaintCooling), (await AskAsync(given, ben))[0]);
    }

    [Fact]
    public async Task A_complaint_says_what_went_wrong_and_its_end_how_it_was_dealt_with()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        var ada = await given.Contact("ada@example.com");
        await using var db = given.Open();
        foreach (var (who, text, all) in new[] { (ada.Id, " ", false), (ada.Id, new string('x', 2001), false), (Guid.NewGuid(), "x", false), (ada.Id, "x", true) })
            await Assert.ThrowsAsync<RuleBrokenException>(() => ComplaintDesk.OpenAsync(db, who, text, all, "sales", given.Clock.Now, default));
        var complaint = await OpenAsync(given, ada);
        await Assert.ThrowsAsync<RuleBrokenException>(() => CloseAsync(given, complaint, " "));
        await CloseAsync(given, complaint, "再送");
        await Assert.ThrowsAsync<RuleBrokenException>(() => CloseAsync(given, complaint, "再送"));
    }

    [Fact]
    public async Task A_complaint_ends_the_flows_that_name_it_as_an_exit()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        await given.PublishShippedFlowsAsync();
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.HappensAsync(ada, "lead.created");
        await given.ForAsync(TimeSpan.FromDays(1));
        await OpenAsync(given, ada);
        await given.ForAsync(TimeSpan.FromDays(60));
        Assert.Equal(["welcome/day-0"], given.MailSentTo(ada));
    }

    private static async Task<(MessageState, string)[]> AskAsync(Scenario given, Contact who) =>
        [.. (await given.AskAsync(given.Mail(who, validFor: TimeSpan.FromDays(60)), given.Mail(who, Approach.A1), given.Mail(who, Approach.A3))).Select(outcome => (outcome.State, outcome.Rule))];

    private static async Task<Complaint> OpenAsync(Scenario given, Contact who, bool wholeCompany = false)
    {
        await using var db = given.Open();
        return await ComplaintDesk.OpenAsync(db, who.Id, "解凍された状態で届いた", wholeCompany, "sales", given.Clock.Now, default);
    }

    private static async Task CloseAsync(Scenario given, Complaint complaint, string handling)
    {
        await using var db = given.Open();
        await ComplaintDesk.CloseAsync(db, complaint.Id, handling, "sales", given.Clock.Now, default);
    }
}
