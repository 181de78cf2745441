using System.Text;
using Automation.Marketing.Deals;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Leads;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Deals;

public sealed class ProposalAndFileTests
{
    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_deal_without_activity_for_30_days_is_proposed_and_rests_while_snoozed(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var quiet = await given.OpensAsync(await given.Contact("ada@example.com"), "D-1");
        given.Clock.Now = given.Clock.Now.AddDays(1);
        await given.OpensAsync(await given.Contact("ben@example.com"), "D-2");
        await given.WinsAsync(await given.OpensAsync(await given.Contact("eve@example.com"), "D-3"));
        given.Clock.Now = given.Clock.Now.AddDays(29).AddSeconds(-1);
        Assert.Empty(await ListAsync(given));
        given.Clock.Now = given.Clock.Now.AddSeconds(1);
        Assert.Equal([("D-1", ProposalReason.NoActivity)], await ListAsync(given));
        await using var db = given.Open();
        await HandBackProposals.SnoozeAsync(db, quiet.Id, new DateOnly(2026, 12, 23), default);
        Assert.Empty(await ListAsync(given));
        given.Clock.Now = new DateTimeOffset(2026, 12, 23, 0, 0, 0, TimeSpan.FromHours(9));
        Assert.Equal(["D-1", "D-2"], (await ListAsync(given)).Select(one => one.Key));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_person_who_was_handed_over_and_whom_nobody_took_up_is_proposed_after_three_working_days(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await LeadRoundTests.TeamAsync(given, "小島 里奈");
        await HandOffTests.HotAsync(given, "ada@example.com");          // a Monday; the Monday after is a holiday
        await using var db = given.Open();
        var key = (await db.Deals.SingleAsync()).DealKey;
        given.Clock.Now = new DateTimeOffset(2026, 11, 19, 23, 59, 0, TimeSpan.FromHours(9));
        Assert.Empty(await ListAsync(given));
        given.Clock.Now = given.Clock.Now.AddMinutes(1);
        Assert.Equal([(key, ProposalReason.NotTakenUp)], await ListAsync(given));
        // Told on to the manager and then to everyone, which touches the deal, it waits as before.
        await given.ForAsync(TimeSpan.FromDays(7));
        Assert.Equal(2, (await db.HandOffs.AsNoTracking().SingleAsync()).Escalations);
        Assert.Equal([(key, ProposalReason.NotTakenUp)], await ListAsync(given));
        await HandOffAnswers.AcceptAsync(db, (await db.Deals.AsNoTracking().SingleAsync()).ContactId, "小島 里奈", "kojima", given.Clock.Now, default);
        Assert.Empty(await ListAsync(given));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Nothing_is_handed_back_unasked_unless_that_is_switched_on_and_then_once(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.OpensAsync(await given.Contact("ada@example.com"), "D-1");
        given.Clock.Now = given.Clock.Now.AddDays(31);
        await using var db = given.Open();
        Assert.Equal(0, await HandBackProposals.WorkAsync(db, given.Clock.Now, default));
        await HandBackProposals.SetAutomaticAsync(db, true, given.Clock.Now, default);
        var done = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            await using var own = given.Open();
            return await HandBackProposals.WorkAsync(own, given.Clock.Now, default);
        })));
        Assert.Equal(1, done.Sum());
        var handBack = await db.HandBacks.SingleAsync();
        Assert.Equal((HandBackReason.NoContact, HandBackProposals.Automatic), (handBack.Reason, handBack.Actor));
    }

    [Theory]
    [InlineData("%PDF-1.7 …", "application/pdf")]
    [InlineData("<html><script>alert(1)</script>", "text/plain; charset=utf-8")]
    [InlineData("PK\u0003\u0004", "application/zip")]
    [InlineData("\u0000\u0001", "application/octet-stream")]
    public void What_a_file_is_says_its_content(string content, string type) => Assert.Equal(type, DealFiles.TypeOf(Encoding.UTF8.GetBytes(content)));

    [Theory]
    [InlineData("見積書.pdf", "見積書.pdf")]
    [InlineData("../../etc/passwd", "passwd.pdf")]
    [InlineData("C:\\temp\\quote.pdf", "quote.pdf")]
    [InlineData("evil\u202Efdp.exe", "evilfdp.exe")]
    [InlineData("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie_ x=1.pdf")]
    [InlineData("\"><script>.pdf", "___script_.pdf")]
    [InlineData("", "file.pdf")]
    [InlineData("...", "file.pdf")]
    [InlineData("no ending", "no ending.pdf")]
    public void A_name_leads_nowhere_and_hides_nothing(string name, string kept) => Assert.Equal(kept, DealFiles.SafeName(name, "%PDF-"u8));

    [Fact]
    public void A_name_of_any_length_fits() => Assert.Equal(DealFile.MaxName, DealFiles.SafeName(new string('蟹', 5000) + ".pdf", "%PDF-"u8).Length);

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Files_are_bounded_in_size_and_number(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var deal = await given.OpensAsync(await given.Contact("ada@example.com"), "D-1");
        await using var db = given.Open();
        Task<DealFile> Add(byte[] content) => DealFiles.AddAsync(db, deal.Id, "quote.pdf", "定期便", content, "sales", given.Clock.Now.AddSeconds(content[^1]), default);
        await Assert.ThrowsAsync<RuleBrokenException>(() => DealFiles.AddAsync(db, deal.Id, "empty", null, [], "sales", given.Clock.Now, default));
        await Assert.ThrowsAsync<RuleBrokenException>(() => Add(new byte[DealFile.MaxBytes + 1]));
        for (var number = 0; number < DealFile.MostOfADeal; number++) await Add(Pdf(number));
        await Assert.ThrowsAsync<RuleBrokenException>(() => Add([1]));
        db.ChangeTracker.Clear();
        Assert.Equal(Pdf(3), (await db.DealFiles.OrderBy(file => file.Id).Skip(3).FirstAsync()).Content);
    }

    private static byte[] Pdf(int number) => [.. "%PDF-"u8, (byte)number];

    private static async Task<List<(string Key, ProposalReason Reason)>> ListAsync(Scenario given)
    {
        await using var db = given.Open();
        return [.. (await HandBackProposals.ListAsync(db, 100, given.Clock.Now, default)).Select(one => (one.Deal.DealKey, one.Reason))];
    }
}
