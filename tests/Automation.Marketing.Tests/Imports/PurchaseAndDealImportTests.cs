using System.Globalization;
using System.Text;
using Automation.Marketing.Deals;
using Automation.Marketing.Imports;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Contacts.Outgoing;
using Automation.Marketing.Tests.Databases;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Imports;

public sealed class PurchaseAndDealImportTests
{
    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    private const string People = "external_id,email\nK-1,a@example.com\nK-2,b@example.com\n";

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Order_lines_are_taken_once_and_unknown_customers_refused_by_name(DatabaseProvider provider)
    {
        await using var scene = await ImportScene.OnAsync(provider);
        await scene.ImportAsync(ImportKind.Customers, People);
        const string File = """
            注文番号,明細,会員番号,注文日,商品名,カテゴリ,数量,金額,原価,通貨
            A-1,1,K-1,2026/11/01,毛がに,蟹,2,"￥12,000",7000,円
            A-1,2,K-1,2026/11/01,いくら,魚卵,1,△500,,JPY
            A-2,1,K-9,2026-11-02,鮭,魚,1,3000,,
            """;
        var report = await scene.ImportAsync(ImportKind.Purchases, File);
        Assert.Equal((2, 1), (report.Taken, report.Refused));
        Assert.Equal("file.csv(4,3)/external_id: no person has the customer number 'K-9'.", report.Refusals[0].ToString());
        await using (var db = scene.Open())
        {
            var lines = await db.Purchases.OrderBy(line => line.Line).ToListAsync();
            Assert.Equal([(2m, 12000m, (decimal?)7000m), (1m, -500m, null)], lines.Select(line => (line.Quantity, line.Net, line.Cost)));
            Assert.Equal(new DateOnly(2026, 11, 1), lines[0].Date);
        }
        var before = await scene.DumpAsync();
        report = await scene.ImportAsync(ImportKind.Purchases, File);
        Assert.Equal((0, 0, 2, 1), (report.Taken, report.Changed, report.Unchanged, report.Refused));
        Assert.Equal(before, await scene.DumpAsync());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_corrected_line_changes_the_known_one(DatabaseProvider provider)
    {
        await using var scene = await ImportScene.OnAsync(provider);
        await scene.ImportAsync(ImportKind.Customers, People);
        await scene.ImportAsync(ImportKind.Purchases, "order_id,line,external_id,date,net,product\nA-1,1,K-1,2026-11-01,100,\n");
        var report = await scene.ImportAsync(ImportKind.Purchases, "order_id,line,external_id,date,net,product\nA-1,1,K-1,2026-11-01,150,\n");
        Assert.Equal((0, 1), (report.Taken, report.Changed));
        await using var db = scene.Open();
        Assert.Equal(150m, (await db.Purchases.SingleAsync()).Net);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Without_order_numbers_exact_repetitions_are_told_apart_by_ordinal(DatabaseProvider provider)
    {
        await using var scene = await ImportScene.OnAsync(provider);
        await scene.ImportAsync(ImportKind.Customers, People);
        // More rows than a batch between the repetitions.
        var file = new StringBuilder("external_id,date,net\nK-1,2026-11-01,100\n");
        for (var row = 0; row < 4_500; row++) file.AppendLine(CultureInfo.InvariantCulture, $"K-2,2026-10-01,{row}");
        file.Append("K-1,2026-11-01,100\n");
        var report = await scene.ImportAsync(ImportKind.Purchases, file.ToString());
        Assert.Equal((4_502, 0), (report.Taken, report.Refused));
        report = await scene.ImportAsync(ImportKind.Purchases, file.ToString());
        Assert.Equal((0, 0, 4_502), (report.Taken, report.Changed, report.Unchanged));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_order_line_given_twice_with_other_values_is_refused_even_batches_apart(DatabaseProvider provider)
    {
        await using var scene = await ImportScene.OnAsync(provider);
        await scene.ImportAsync(ImportKind.Customers, People);
        var file = new StringBuilder("order_id,line,external_id,date,net\nA,1,K-1,2026-11-01,100\n");
        for (var row = 0; row < 4_500; row++) file.AppendLine(CultureInfo.InvariantCulture, $"B-{row},1,K-2,2026-10-01,{row}");
        file.Append("A,1,K-1,2026-11-01,200\n");
        foreach (var taken in new[] { 4_501, 0 })
        {
            var report = await scene.ImportAsync(ImportKind.Purchases, file.ToString());
            Assert.Equal((taken, 0, 1), (report.Taken, report.Changed, report.Refused));
            Assert.Equal(4_503, report.Refusals[0].Line);
        }
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Deals_set_whether_a_person_belongs_to_sales(DatabaseProvider provider)
    {
        await using var scene = await ImportScene.OnAsync(provider);
        await scene.ImportAsync(ImportKind.Customers, People);
        const string Header = "案件番号,会員番号,ステージ,担当者,金額,次のアクション,次回予定日\n";
        var report = await scene.ImportAsync(ImportKind.Deals, Header + "D-1,K-1,見積,佐藤,500000,電話,2026-12-01\nD-2,K-2,失注,佐藤,,,\nD-3,K-7,見積,,,,\n");
        Assert.Equal((2, 1), (report.Taken, report.Refused));
        Assert.True((await scene.PersonAsync("K-1")).SalesOwned);
        Assert.False((await scene.PersonAsync("K-2")).SalesOwned);
        report = await scene.ImportAsync(ImportKind.Deals, Header + "D-1,K-1,受注,,,,\nD-2,K-2,失注,佐藤,,,\n");
        Assert.Equal((0, 1, 1), (report.Taken, report.Changed, report.Unchanged));
        Assert.False((await scene.PersonAsync("K-1")).SalesOwned);
        await using var db = scene.Open();
        var won = await db.Deals.SingleAsync(deal => deal.DealKey == "D-1");
        Assert.Equal((DealStatus.Won, "佐藤", 500000m, new DateOnly(2026, 12, 1)), (won.Status, won.Owner, won.Amount, won.NextActionOn));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_file_of_deals_tells_flows_and_others_of_what_really_changed_and_nothing_twice(DatabaseProvider provider)
    {
        await using var scene = await ImportScene.OnAsync(provider);
        await scene.ImportAsync(ImportKind.Customers, People);
        await using var db = scene.Open();
        await db.SomebodyListensAsync(ImportScene.Now);
        const string Opened = "deal_id,external_id,stage,amount\nD-1,K-1,見積,1000\nD-2,K-2,受注,\n";
        await scene.ImportAsync(ImportKind.Deals, Opened);
        // D-2 was over when we first heard of it: the person is won, and no flow takes it for news.
        Assert.Equal("deal.opened", await TakeToldAsync(db));
        Assert.Equal("EventReceived deal.opened, MustEnd sales-owned", await TakeStimuliAsync(db));
        Assert.Equal("K-1 Deal, K-2 Won", await StagesAsync(db));
        var before = await scene.DumpAsync();
        Assert.Equal(2, (await scene.ImportAsync(ImportKind.Deals, Opened)).Unchanged);
        Assert.Equal(before, await scene.DumpAsync());
        await scene.ImportAsync(ImportKind.Deals, "deal_id,external_id,stage,amount\nD-1,K-1,交渉,\nD-2,K-2,商談,\n");
        Assert.Equal("deal.changed deal.opened", await TakeToldAsync(db));
        await scene.ImportAsync(ImportKind.Deals, "deal_id,external_id,stage,amount\nD-1,K-1,受注,2000\nD-2,K-2,失注,\n");
        Assert.Equal("deal.lost deal.won", await TakeToldAsync(db));
        Assert.Equal("EventReceived deal.opened, MustEnd sales-owned, EventReceived deal.won, EventReceived deal.lost", await TakeStimuliAsync(db));
        Assert.Equal("K-1 Won, K-2 Lost", await StagesAsync(db));
        Assert.All(await db.Deals.AsNoTracking().ToListAsync(), deal => Assert.Equal(ImportScene.Now, deal.ClosedAt));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_deal_handed_back_here_stays_handed_back_until_sales_moves_its_stage(DatabaseProvider provider)
    {
        await using var scene = await ImportScene.OnAsync(provider);
        await scene.ImportAsync(ImportKind.Customers, People);
        await scene.ImportAsync(ImportKind.Deals, "deal_id,external_id,stage\nD-1,K-1,見積\n");
        await using (var db = scene.Open()) await db.Database.ExecuteSqlRawAsync("UPDATE deals SET status = 'Recycled'");
        Assert.Equal(1, (await scene.ImportAsync(ImportKind.Deals, "deal_id,external_id,stage\nD-1,K-1,見積\n")).Unchanged);
        Assert.Equal(1, (await scene.ImportAsync(ImportKind.Deals, "deal_id,external_id,stage\nD-1,K-1,商談\n")).Changed);
        Assert.True((await scene.PersonAsync("K-1")).SalesOwned);
    }

    private static async Task<string> TakeToldAsync(AutomationDb db)
    {
        var told = await db.OutgoingEvents.AsNoTracking().Select(one => one.Type).ToListAsync();
        await db.OutgoingDeliveries.ExecuteDeleteAsync();
        await db.OutgoingEvents.ExecuteDeleteAsync();
        return string.Join(' ', told.Order(StringComparer.Ordinal));
    }

    private static async Task<string> TakeStimuliAsync(AutomationDb db)
    {
        var left = await db.Stimuli.AsNoTracking().OrderBy(one => one.Id).ToListAsync();
        await db.Stimuli.ExecuteDeleteAsync();
        return string.Join(", ", left.Where(one => one.Name != Marketing.Contacts.Stimuli.DatesChanged).Select(one => $"{one.Name.Split('.')[1]} {one.Key}"));
    }

    private static async Task<string> StagesAsync(AutomationDb db) =>
        string.Join(", ", (await db.Contacts.AsNoTracking().OrderBy(person => person.ExternalId).ToListAsync()).Select(person => $"{person.ExternalId} {person.Stage}"));
}
