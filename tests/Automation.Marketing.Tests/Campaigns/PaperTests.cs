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
        var lines = await LinesAsync(db, id);
        Assert.Equal(
            [(post.Id, PaperWay.Post, PaperState.Listed, ""), (phone.Id, PaperWay.Phone, PaperState.Listed, ""), (refused.Id, PaperWay.Post, PaperState.LeftOut, "consent-withdrawn")],
            lines.Select(line => (line.ContactId, line.Way, line.State, line.Rule)));
        Assert.Equal((BroadcastState.Done, (4, 4)), ((await db.Broadcasts.SingleAsync()).State, await Broadcasts.ProgressAsync(db, await db.Broadcasts.SingleAsync(), default)));
        Assert.Equal(new PaperTotals(1, 1, 0, 1), (await BroadcastReport.OfAsync(db, await db.Broadcasts.SingleAsync(), default))!.Paper);
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
        Assert.Equal("week", Assert.Single(await LinesAsync(db, second)).Rule);

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
        var line = Assert.Single(await LinesAsync(db, id));
        Assert.Equal((PaperState.Listed, null), (line.State, line.DoneBy));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task However_many_they_are_nobody_is_dropped_and_the_file_is_written_as_it_is_read(DatabaseProvider provider)
    {
        const int People = 20_500;
        await using var given = await Scenario.OnAsync(provider);
        await using var db = given.Open();
        var id = await LongListAsync(given, db, People);
        Assert.Equal(new PaperTotals(People - 200, 100, 0, 100), await PaperLists.TotalsAsync(db, id, default));

        var file = new CountedStream();
        await PaperCsv.WriteAsync(PaperLists.ReadAsync(db, id, PaperPart.OnTheList, default), file, default);
        Assert.Equal(1 + People - 100, file.Lines);
        Assert.InRange(file.LongestWrite, 1, 64 * 1024);
        Assert.Equal(People - 200, await PaperLists.ReadAsync(db, id, PaperPart.ToPost, default).Select(line => line.ContactId).Distinct().CountAsync());
        Assert.Equal(100, await PaperLists.ReadAsync(db, id, PaperPart.LeftOut, default).CountAsync());

        var first = await PaperLists.FirstAsync(db, id, PaperPart.ToPost, 100, default);
        Assert.Equal(await PaperLists.ReadAsync(db, id, PaperPart.ToPost, default).Take(100).Select(line => line.Id).ToListAsync(), first.Select(line => line.Id));
        Assert.Equal([("fixed-partner", 100)], await PaperLists.LeftOutAsync(db, id, default));

        Assert.Equal(1, await PaperLists.DoneAsync(db, id, PaperWay.Post, first[0].Id, "ada", given.Clock.Now, default));
        Assert.Equal(100, await PaperLists.DoneAsync(db, id, PaperWay.Phone, one: null, "bob", given.Clock.Now.AddHours(1), default));
        Assert.Equal([("bob", 100), ("ada", 1)], (await PaperLists.MarksAsync(db, id, 20, default)).Select(mark => (mark.By, mark.Lines)));
    }

    [Fact]
    public async Task The_file_opens_in_a_spreadsheet_and_no_cell_runs()
    {
        var evil = new PaperLine(
            Guid.NewGuid(), Guid.NewGuid(), PaperWay.Post, PaperState.Listed, "", "=1+1", "+81 太郎\"", "@ヤマダ", "-会社", "910-0001", "福井県", "一丁目,二番\r\n三号", "\t=HYPERLINK()", null, null);
        using var file = new MemoryStream();
        await PaperCsv.WriteAsync(
            new[] { evil, evil with { ExternalId = "C1", Way = PaperWay.Phone, State = PaperState.Done, Name = " =2", Kana = "＝３" }, evil with { ExternalId = "C2", State = PaperState.LeftOut, Name = "花子", Address = null } }.ToAsyncEnumerable(),
            file, default);
        var bytes = file.ToArray();
        Assert.Equal([0xEF, 0xBB, 0xBF], bytes[..3]);
        Assert.Equal(
            "顧客番号,氏名,フリガナ,会社名,郵便番号,都道府県,住所,電話番号,方法,状態\r\n"
            + "'=1+1,\"'+81 太郎\"\"\",'@ヤマダ,'-会社,910-0001,福井県,\"一丁目,二番\r\n三号\",'\t=HYPERLINK(),はがき,未\r\n"
            + "C1,' =2,'＝３,'-会社,910-0001,福井県,\"一丁目,二番\r\n三号\",'\t=HYPERLINK(),電話,済\r\n"
            + "C2,花子,'@ヤマダ,'-会社,910-0001,福井県,,'\t=HYPERLINK(),はがき,対象外\r\n",
            Encoding.UTF8.GetString(bytes[3..]));
    }

    private static async Task<List<PaperLine>> LinesAsync(AutomationDb db, Guid id) => await PaperLists.ReadAsync(db, id, PaperPart.Everyone, default).ToListAsync();

    // A hundred without an address of paper, a hundred left out.
    private static async Task<Guid> LongListAsync(Scenario given, AutomationDb db, int people)
    {
        var id = await TurnsTests.CreateAsync(given, new BroadcastOptions(OnPaper: true));
        var (now, ids) = (given.Clock.Now, Enumerable.Range(0, people).Select(_ => Guid.CreateVersion7(given.Clock.Now)).ToList());
        await db.InsertManyAsync(
            "contacts", ["id", "name", "postal_code", "address", "phone", "language", "custom", "sales_owned", "created_at", "updated_at"],
            [.. ids.Select((one, at) => new object?[] { one, "山田 花子", $"{9_100_000 + at % 997}", at % 5 == 0 ? null : "福井市1-1", "0776-00-0001", "ja", "{}", false, now, now })], "", default);
        await db.InsertManyAsync(
            "paper_sends", ["id", "broadcast_id", "contact_id", "way", "state", "rule", "approach", "topics", "listed_at", "slot_at"],
            [.. ids.Select((one, at) => new object?[]
            {
                Guid.CreateVersion7(now), id, one, at < 100 ? PaperWay.Phone : PaperWay.Post, at >= people - 100 ? PaperState.LeftOut : PaperState.Listed, at >= people - 100 ? "fixed-partner" : "", Approach.A1, "", now, now,
            })], "", default);
        return id;
    }

    /// <summary>Keeps nothing: counts lines, and how much came at once.</summary>
    private sealed class CountedStream : Stream
    {
        public int Lines { get; private set; }
        public int LongestWrite { get; private set; }
        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Lines += buffer.Count((byte)'\n');
            LongestWrite = Math.Max(LongestWrite, buffer.Length);
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));
        public override void Flush() { }
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
