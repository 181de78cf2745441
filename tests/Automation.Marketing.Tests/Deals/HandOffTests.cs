using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Complaints;
using Automation.Marketing.Contacts.Lifecycle;
using Automation.Marketing.Deals;
using Automation.Marketing.Mail;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Contacts.Outgoing;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Leads;
using Automation.Marketing.Tests.Scenarios;
using Automation.SendGrid;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Deals;

public sealed class HandOffTests
{
    private static readonly TimeZoneInfo Tokyo = TimeZoneInfo.FindSystemTimeZoneById("Asia/Tokyo");

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [InlineData("2026-11-16 10:00", 1, "2026-11-17 10:00")]   // Monday
    [InlineData("2026-11-20 17:30", 1, "2026-11-24 17:30")]   // Friday; Monday the 23rd is a holiday
    [InlineData("2026-11-21 11:00", 1, "2026-11-25 09:00")]   // Saturday: counts from Tuesday morning
    [InlineData("2026-11-16 10:00", 3, "2026-11-19 10:00")]
    [InlineData("2026-12-31 10:00", 1, "2027-01-04 10:00")]   // New Year's Day is a holiday
    public void Sales_has_a_working_day(string from, int days, string due) =>
        Assert.Equal(At(due), Sla.After(At(from), days, Tokyo));

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Nobody_answers_the_manager_is_told_and_then_everyone_each_once_over_a_holiday(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, now: At("2026-11-20 17:30"));
        await given.SomebodyListensAsync();
        await LeadRoundTests.TeamAsync(given, "小島 里奈");
        await SaveAsync(given, LeadSettings.Usual with { Manager = "小島 里奈" });
        var ada = await HotAsync(given, "ada@example.com");
        await using var db = given.Open();
        await given.UntilAsync(At("2026-11-24 17:29"));
        Assert.Equal(1, await db.Notices.CountAsync());
        await given.UntilAsync(At("2026-11-24 17:30"));
        Assert.Equal(2, await db.Notices.CountAsync());
        // The process starts anew, and another one looks beside it.
        given.Restarted();
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => given.Another().Promises.WorkAsync(default))));
        Assert.Equal(2, await db.Notices.CountAsync());
        Assert.Equal("小島 里奈", (await db.Deals.AsNoTracking().SingleAsync()).Owner);
        await given.UntilAsync(At("2026-11-25 17:29"));
        Assert.Equal(2, await db.Notices.CountAsync());
        given.Clock.Now = At("2026-11-25 17:30");
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => given.Another().Promises.WorkAsync(default))));
        await given.ForAsync(TimeSpan.FromDays(30));
        Assert.Equal(3, await db.Notices.CountAsync());
        Assert.Null((await db.Deals.AsNoTracking().SingleAsync()).Owner);
        // Whoever comes first has it; whoever comes second is told so.
        await HandOffAnswers.AcceptAsync(db, ada.Id, "森 健", "mori", given.Clock.Now, default);
        await Assert.ThrowsAsync<RuleBrokenException>(() => HandOffAnswers.AcceptAsync(db, ada.Id, "小島 里奈", "kojima", given.Clock.Now, default));
        var handOff = await db.HandOffs.AsNoTracking().SingleAsync();
        Assert.Equal((HandOffState.Accepted, "森 健", "mori"), (handOff.State, handOff.Owner, handOff.AnsweredBy));
        Assert.Equal(LifecycleStage.Accepted, (await db.Contacts.AsNoTracking().SingleAsync()).Stage);
        Assert.Equal("mori", (await db.Tasks.AsNoTracking().SingleAsync()).DoneBy);
        Assert.Equal(1, await db.OutgoingEvents.CountAsync(one => one.Type == "lead.accepted"));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Of_several_who_answer_at_once_one_answers(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.SomebodyListensAsync();
        await LeadRoundTests.TeamAsync(given, "小島 里奈");
        var ada = await HotAsync(given, "ada@example.com");
        var refused = 0;
        await Task.WhenAll(Enumerable.Range(0, 6).Select(number => Task.Run(async () =>
        {
            await using var db = given.Open();
            try
            {
                if (number % 2 == 0) await HandOffAnswers.AcceptAsync(db, ada.Id, "小島 里奈", $"user-{number}", given.Clock.Now, default);
                else await HandOffAnswers.RejectAsync(db, ada.Id, new HandBackRequest(HandBackReason.NoFit, null, null), $"user-{number}", given.Clock.Now, default);
            }
            catch (RuleBrokenException)
            {
                Interlocked.Increment(ref refused);
            }
        })));
        await using var after = given.Open();
        var handOff = await after.HandOffs.SingleAsync();
        // A deal that was accepted may still be handed back; its answer stays.
        Assert.InRange(refused, 4, 5);
        Assert.NotEqual(HandOffState.Waiting, handOff.State);
        Assert.Equal(1, await after.OutgoingEvents.CountAsync(one => one.Type == "lead.accepted" || one.Type == "lead.rejected"));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_rejection_that_is_undone_leaves_the_person_where_they_waited(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await LeadRoundTests.TeamAsync(given, "A");
        foreach (var (name, reason, accepts) in new[] { ("early", HandBackReason.TooEarly, false), ("unfit", HandBackReason.NoFit, false), ("taken", HandBackReason.Budget, true) })
        {
            var ada = await HotAsync(given, $"{name}@example.com");
            var before = accepts ? LifecycleStage.Accepted : LifecycleStage.Qualified;
            await using var db = given.Open();
            if (accepts) await HandOffAnswers.AcceptAsync(db, ada.Id, "A", "A", given.Clock.Now, default);
            Assert.Equal(before, await given.StageAsync(ada));
            await given.ForAsync(TimeSpan.FromMinutes(1));
            var deal = await db.Deals.Where(one => one.ContactId == ada.Id).Select(one => one.Id).SingleAsync();
            var returned = await HandingBack.HandBackAsync(db, deal, new HandBackRequest(reason, null, null), "A", given.Clock.Now, default);
            Assert.Equal(reason is HandBackReason.NoFit ? LifecycleStage.Disqualified : LifecycleStage.Recycled, await given.StageAsync(ada));
            await given.ForAsync(TimeSpan.FromMinutes(1));
            await HandingBack.UndoAsync(db, returned.Id, "A", given.Clock.Now, default);
            Assert.Equal(before, await given.StageAsync(ada));
            Assert.Equal(accepts ? HandOffState.Accepted : HandOffState.Waiting, await db.HandOffs.Where(one => one.ContactId == ada.Id).Select(one => one.State).SingleAsync());
        }
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Whoever_takes_a_lead_over_is_told_of_its_complaints_and_what_to_mind(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.SomebodyListensAsync();
        await LeadRoundTests.TeamAsync(given, "A");
        var ada = await given.Contact("ada@example.com").At("港食堂");
        var colleague = await given.Contact("ben@example.com").At("港食堂");
        await using var db = given.Open();
        await OpenAsync(ada, "古い苦情", closedWith: "済んだ");
        given.Clock.Now += ComplaintDesk.RecalledFor;
        await OpenAsync(ada, "解凍されて届いた", closedWith: "冷凍便で送る");
        await OpenAsync(colleague, "請求書の誤り", closedWith: null, wholeCompany: true);
        await given.HappensAsync(ada, "quote.requested");
        await given.WorkAsync();
        var details = HandOffDetails.FromJson((await db.HandOffs.AsNoTracking().SingleAsync()).Details);
        Assert.Equal([("請求書の誤り", null), ("解凍されて届いた", "冷凍便で送る")], details.Complaints!.Select(one => (one.Text, one.Handling)));
        var notice = await db.Notices.AsNoTracking().SingleAsync();
        var told = (await db.OutgoingEvents.AsNoTracking().SingleAsync(one => one.Type == "lead.handed_off")).Data;
        foreach (var place in new[] { notice.Message, notice.MailText, System.Text.RegularExpressions.Regex.Unescape(told) })
        {
            Assert.Contains("請求書の誤り", place, StringComparison.Ordinal);
            Assert.Contains("冷凍便で送る", place, StringComparison.Ordinal);
            Assert.DoesNotContain("古い苦情", place, StringComparison.Ordinal);
        }

        async Task OpenAsync(Contact who, string text, string? closedWith, bool wholeCompany = false)
        {
            var complaint = await ComplaintDesk.OpenAsync(db, who.Id, text, wholeCompany, "sales", given.Clock.Now, default);
            if (closedWith is not null) await ComplaintDesk.CloseAsync(db, complaint.Id, closedWith, "sales", given.Clock.Now, default);
            given.Clock.Now = given.Clock.Now.AddMinutes(1);
        }
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Leads_go_round_in_turn(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await LeadRoundTests.TeamAsync(given, "A", "B", "C");
        for (var number = 0; number < 6; number++) await HotAsync(given, $"person-{number}@example.com");
        await using var db = given.Open();
        Assert.Equal([2, 2, 2], await db.HandOffs.GroupBy(one => one.Owner).Select(group => group.Count()).ToListAsync());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task The_next_lead_goes_to_whoever_has_the_fewest_or_to_the_prefectures_own(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await LeadRoundTests.TeamAsync(given, "A", "B");
        await given.Contact("old@example.com").WhomSalesOwns("D-1", "A");
        await SaveAsync(given, LeadSettings.Usual with { Method = OwnerMethod.Load });
        Assert.Equal("B", await OwnerAsync(given, await HotAsync(given, "one@example.com")));
        await SaveAsync(given, LeadSettings.Usual with { Method = OwnerMethod.Territory, Territories = new Dictionary<string, string> { ["福井県"] = "A" }, Default = "B" });
        Assert.Equal("A", await OwnerAsync(given, await HotAsync(given, "fukui@example.com", "福井県")));
        Assert.Equal("A", await OwnerAsync(given, await HotAsync(given, "fukui-2@example.com", "福井県")));
        Assert.Equal("B", await OwnerAsync(given, await HotAsync(given, "tokyo@example.com", "東京都")));
        await SaveAsync(given, LeadSettings.Usual with { Method = OwnerMethod.Queue });
        Assert.Null(await OwnerAsync(given, await HotAsync(given, "queue@example.com")));
        await Assert.ThrowsAsync<RuleBrokenException>(() => SaveAsync(given, LeadSettings.Usual with { Default = "nobody" }));
        await Assert.ThrowsAsync<RuleBrokenException>(() => SaveAsync(given, LeadSettings.Usual with { AnswerDays = 0 }));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task While_sales_owns_a_person_nothing_sells_but_care_orders_and_what_the_owner_allows(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await LeadRoundTests.TeamAsync(given, "A");
        var ada = await HotAsync(given, "ada@example.com");
        await given.SaidAsync(ada, Marketing.Contacts.Consent.ConsentState.Granted);
        Assert.Equal([MessageState.Skipped, MessageState.Skipped, MessageState.Queued, MessageState.Queued], await StatesAsync(given, ada, ""));
        Assert.Equal(MessageState.Skipped, (await StatesAsync(given, ada, "season"))[0]);
        await using (var db = given.Open())
        {
            var person = await db.Contacts.SingleAsync();
            person.AllowSeasonal("A", given.Clock.Now);
            await db.SaveChangesAsync();
        }
        Assert.Equal([MessageState.Queued, MessageState.Queued, MessageState.Queued, MessageState.Queued], await StatesAsync(given, ada, "season"));
        Assert.Equal(MessageState.Skipped, (await StatesAsync(given, ada, "gift"))[1]);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_lead_without_a_next_action_is_listed_and_an_overdue_task_told_once(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.Contact("ada@example.com").WhomSalesOwns("D-1");
        var bob = await given.Contact("bob@example.com").WhomSalesOwns("D-2");
        await using var db = given.Open();
        Assert.Equal(["D-1", "D-2"], (await Promises.WithoutNextActionAsync(db, 10, default)).Select(line => line.DealKey).Order());
        db.Tasks.Add(new SalesTask { Id = Guid.CreateVersion7(), ContactId = bob.Id, Title = "電話する", DueOn = new DateOnly(2026, 11, 20), CreatedAt = given.Clock.Now });
        await db.SaveChangesAsync();
        Assert.Equal(["D-1"], (await Promises.WithoutNextActionAsync(db, 10, default)).Select(line => line.DealKey));
        (await db.Deals.SingleAsync(deal => deal.DealKey == "D-1")).NextActionOn = new DateOnly(2026, 12, 1);
        await db.SaveChangesAsync();
        Assert.Empty(await Promises.WithoutNextActionAsync(db, 10, default));
        await SaveAsync(given, LeadSettings.Usual with { Manager = "森 健" });
        given.Clock.Now = At("2026-11-20 23:59");
        await given.WorkAsync();
        Assert.Equal(0, await db.Notices.CountAsync());
        given.Clock.Now = At("2026-11-21 00:01");
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => given.Another().Promises.WorkAsync(default))));
        await given.ForAsync(TimeSpan.FromDays(3));
        Assert.Equal("森 健", (await db.Notices.SingleAsync()).Owner);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_colleagues_mail_of_unknown_outcome_is_tried_once_more_and_then_never(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await LeadRoundTests.TeamAsync(given, "A");
        given.Provider.Answers(new SendResult.Unknown("timeout"));
        await HotAsync(given, "ada@example.com");
        Assert.Single(given.Provider.Attempts);
        await given.ForAsync(TimeSpan.FromMinutes(5));
        Assert.Equal(2, given.Provider.Attempts.Count);
        await given.ForAsync(TimeSpan.FromHours(2));
        Assert.Equal(2, given.Provider.Attempts.Count);
        given.Provider.Answers(new SendResult.TryLater(TimeSpan.FromMinutes(1), "busy", WholeKey: false));
        await HotAsync(given, "bob@example.com");
        await given.ForAsync(TimeSpan.FromMinutes(3));
        given.Provider.Accepts();
        await given.ForAsync(TimeSpan.FromMinutes(2));
        await using var db = given.Open();
        Assert.Equal(1, await db.Notices.CountAsync(notice => notice.MailedAt != null));
    }

    private static async Task<List<MessageState>> StatesAsync(Scenario given, Contact person, string topics)
    {
        MailRequest[] requests =
        [
            given.Mail(person, Approach.A1, template: "newsletter/monthly") with { Topics = topics }, given.Mail(person, Approach.A2) with { Topics = topics },
            given.Mail(person, Approach.A3) with { Topics = topics }, given.OrderMail(person),
        ];
        await given.AskAsync(requests);
        var states = new List<MessageState>();
        foreach (var request in requests) states.Add((await given.MessageAsync(request.Identity)).State);
        return states;
    }

    internal static async Task<Contact> HotAsync(Scenario given, string email, string? prefecture = null)
    {
        var person = await given.Contact(email).At("港食堂").With(contact => contact.Prefecture = prefecture);
        await given.HappensAsync(person, "quote.requested");
        await given.WorkAsync();
        return person;
    }

    private static async Task<string?> OwnerAsync(Scenario given, Contact person)
    {
        await using var db = given.Open();
        return await db.HandOffs.Where(one => one.ContactId == person.Id).Select(one => one.Owner).SingleAsync();
    }

    private static async Task SaveAsync(Scenario given, LeadSettings settings)
    {
        await using var db = given.Open();
        await LeadSettings.SaveAsync(db, settings, "admin", given.Clock.Now, default);
    }

    private static DateTimeOffset At(string local) => new(DateTime.ParseExact(local, "yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture), TimeSpan.FromHours(9));
}
