using System.Text;
using Automation.Marketing.Campaigns;
using Automation.Marketing.Campaigns.Paper;
using Automation.Marketing.Campaigns.Turns;
using Automation.Marketing.Contacts;
using Automation.Marketing.Journeys;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Campaigns.Turns;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Campaigns;

public sealed class PaperTests
{
    private static readonly SendingPolicy OncePerWeek = new(1, [new CapRule("week", 1, CapPeriod.Rolling, TimeSpan.FromDays(7))], null, QuietHours.Default);

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Whom_no_mail_reaches_stands_on_the_list_unless_a_rule_forbids_it(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, OncePerWeek);
        await given.Contact("mail@example.com").WhoConsented();
        var post = await given.Contact(null).Named("山田 太郎").With(one => (one.Address, one.PostalCode) = ("福井市1-1", "910-0001"));
        var phone = await given.Contact(null).With(one => one.Phone = "0776-00-0001");
        var refused = await given.Contact(null).With(one => one.Address = "福井市1-2").WhoUnsubscribed();
        await given.Contact(null);
        var id = await TurnsTests.CreateAsync(given, new BroadcastOptions(OnPaper: true));
        await given.WorkAsync();
        Assert.Single(given.Provider.Mails);
        await using var db = given.Open();
        var lines = await PaperLists.ReadAsync(db, id, default);
        Assert.Equal(
            [(post.Id, PaperWay.Post, PaperState.Listed, ""), (phone.Id, PaperWay.Phone, PaperState.Listed, ""), (refused.Id, PaperWay.Post, PaperState.LeftOut, "consent-withdrawn")],
            lines.Select(line => (line.ContactId, line.Way, line.State, line.Rule)));
        Assert.Equal((BroadcastState.Done, (4, 4)), ((await db.Broadcasts.SingleAsync()).State, await Broadcasts.ProgressAsync(db, await db.Broadcasts.SingleAsync(), default)));
        Assert.Equal(new PaperTotals(2, 0, 1), (await BroadcastReport.OfAsync(db, await db.Broadcasts.SingleAsync(), default))!.Paper);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_postcard_counts_for_the_persons_limits_and_stands_in_the_timeline(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, OncePerWeek);
        var ada = await given.Contact(null).With(one => one.Address = "福井市1-1");
        var id = await TurnsTests.CreateAsync(given, new BroadcastOptions(OnPaper: true));
        await given.WorkAsync();
        // The next list comes two days later: the slot is taken.
        await given.ForAsync(TimeSpan.FromDays(2));
        var second = await TurnsTests.CreateAsync(given, new BroadcastOptions(OnPaper: true));
        await given.WorkAsync();
        await using var db = given.Open();
        Assert.Equal("week", Assert.Single(await PaperLists.ReadAsync(db, second, default)).Rule);

        Assert.Equal(1, await PaperLists.DoneAsync(db, id, PaperWay.Post, one: null, "ada", given.Clock.Now, default));
        Assert.Equal(0, await PaperLists.DoneAsync(db, id, PaperWay.Post, one: null, "ada", given.Clock.Now, default));
        var done = Assert.IsType<TimelineEntry.OnPaper>((await Timeline.PageAsync(db, ada.Id, null, 10, TimeZoneInfo.Utc, default)).Entries.Single(entry => entry.At == given.Clock.Now && entry is TimelineEntry.OnPaper { Send.State: PaperState.Done }));
        Assert.Equal(("ada", "News"), (done.Send.DoneBy, done.Broadcast));

        // The person gets an address: what was posted counts for mail, too, from the day on which it was.
        ada = await db.Contacts.SingleAsync(one => one.Id == ada.Id);
        ada.SetEmail(EmailAddress.Parse("ada@example.com"));
        await db.SaveChangesAsync();
        await given.SaidAsync(ada, Automation.Marketing.Contacts.Consent.ConsentState.Granted);
        var outcome = (await given.AskAsync(given.Mail(ada, overCap: OverCap.Skip)))[0];
        Assert.Equal((MessageState.Skipped, "week"), (outcome.State, outcome.Rule));

        Assert.Equal(1, await PaperLists.UndoAsync(db, id, given.Clock.Now, default));
        var line = Assert.Single(await PaperLists.ReadAsync(db, id, default));
        Assert.Equal((PaperState.Listed, null), (line.State, line.DoneBy));
    }

    [Fact]
    public void The_file_opens_in_a_spreadsheet_and_no_cell_runs()
    {
        var evil = new PaperLine(
            Guid.NewGuid(), Guid.NewGuid(), PaperWay.Post, PaperState.Listed, "", "=1+1", "+81 太郎\"", "@ヤマダ", "-会社", "910-0001", "福井県", "一丁目,二番\r\n三号", "\t=HYPERLINK()", null, null);
        var bytes = PaperCsv.Of([evil, evil with { State = PaperState.LeftOut }, evil with { ExternalId = "C1", Way = PaperWay.Phone, State = PaperState.Done, Name = " =2", Kana = "＝３" }]);
        Assert.Equal([0xEF, 0xBB, 0xBF], bytes[..3]);
        var text = Encoding.UTF8.GetString(bytes[3..]);
        Assert.Equal(
            "顧客番号,氏名,フリガナ,会社名,郵便番号,都道府県,住所,電話番号,方法,状態\r\n"
            + "'=1+1,\"'+81 太郎\"\"\",'@ヤマダ,'-会社,910-0001,福井県,\"一丁目,二番\r\n三号\",'\t=HYPERLINK(),はがき,未\r\n"
            + "C1,' =2,'＝３,'-会社,910-0001,福井県,\"一丁目,二番\r\n三号\",'\t=HYPERLINK(),電話,済\r\n",
            text);
    }
}
