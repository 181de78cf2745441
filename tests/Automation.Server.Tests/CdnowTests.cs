using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Imports;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Microsoft.EntityFrameworkCore;
using Xunit.Abstractions;

namespace Automation.Server.Tests;

/// <summary>Real purchases, and generated ones of the same form: imported, mailed once, capped the second time, killed in between.</summary>
public sealed class CdnowTests(ITestOutputHelper output)
{
    // In the shop's zone.
    private const string Now = "1998-07-01 10:00";
    private static readonly object BoughtInTheLast90Days = new { bought = new { lastDays = 90 } };

    [Fact]
    public async Task Everyone_who_bought_in_the_last_90_days_is_mailed_once_and_a_second_time_that_day_nobody()
    {
        if (SharedFile() is not { } file)
        {
            output.WriteLine("CDNOW is not beside this checkout; the generated purchases stand in for it.");
            return;
        }
        await using var content = File.OpenRead(file);
        await MailTwiceAsync(content, rows: 69_659, people: 23_570);
    }

    [Fact]
    public async Task The_same_holds_for_generated_purchases()
    {
        using var content = Generated(people: 600);
        await MailTwiceAsync(content, rows: 1800, people: 600);
    }

    [Fact]
    public async Task The_broadcast_killed_on_its_way_mails_each_buyer_at_most_once()
    {
        await using var database = await TestDatabases.SqliteAsync();
        await using (var db = database.CreateDbContext()) await db.SaveShopAsync(RunningApp.Shop, RunningApp.Tokyo("1998-06-30 10:00"), default);
        var file = SharedFile();
        output.WriteLine(file is null ? "generated purchases" : "CDNOW");
        using (Stream content = file is null ? Generated(people: 2000) : File.OpenRead(file)) await ImportAsync(database, content);
        var buyers = await BuyersAsync(database);
        await using var run = new KilledBroadcast(database, RunningApp.Tokyo("1998-07-01 10:00"), output);
        await run.RunAsync(BoughtInTheLast90Days, buyers, kills: 3);
        await run.CheckAsync(buyers);
    }

    private async Task MailTwiceAsync(Stream content, int rows, int people)
    {
        await using var app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, Now);
        await ImportAsync(app.Database, content);
        int buyers;
        await using (var db = app.Db())
        {
            Assert.Equal(rows, await db.Purchases.CountAsync());
            Assert.Equal(people, await db.Contacts.CountAsync());
            buyers = await BuyersAsync(app.Database);
        }
        var first = await ChainTests.BroadcastAsync(app, "夏のお知らせ", BoughtInTheLast90Days);
        output.WriteLine($"{rows} purchases, {people} people, {buyers} bought in the last 90 days; first broadcast: {first["account"]!.ToJsonString()}");
        Assert.Equal(buyers, ChainTests.Count(first, "Sent", ""));
        var counts = await app.StandIn.GetFromJsonAsync<JsonObject>("/stand-in/counts?by=automation_message_id&least=2");
        Assert.Equal((buyers, 1), (counts!["mails"]!.GetValue<int>(), counts["most"]!.GetValue<int>()));

        var second = await ChainTests.BroadcastAsync(app, "もう一度", BoughtInTheLast90Days);
        output.WriteLine($"second broadcast: {second["account"]!.ToJsonString()}");
        Assert.Equal(buyers, second["account"]!.AsArray().Sum(line => line!["count"]!.GetValue<int>()));
        Assert.All(second["account"]!.AsArray(), line => Assert.Equal("Skipped", line!["state"]!.GetValue<string>()));
        Assert.All(second["account"]!.AsArray(), line => Assert.NotEqual("", line!["rule"]!.GetValue<string>()));
        Assert.Equal(buyers, (await app.StandIn.GetFromJsonAsync<JsonObject>("/stand-in/counts?by=automation_message_id&least=2"))!["mails"]!.GetValue<int>());
    }

    private static async Task ImportAsync(TestDatabase database, Stream content)
    {
        var report = await Importer.ImportAsync(
            database,
            new ImportRequest
            {
                Kind = ImportKind.Cdnow,
                Content = content,
                FileName = "CDNOW_master.txt",
                Actor = "test",
                Basis = ConsentBasis.ExistingRelationship,
                Evidence = "customers of the shop",
            },
            new Progress<ImportProgress>(), new Clock.MovableClock(RunningApp.Tokyo("1998-06-30 10:00")), default);
        Assert.Equal(0, report.Refused);
    }

    private static async Task<int> BuyersAsync(TestDatabase database)
    {
        await using var db = database.CreateDbContext();
        var (from, to) = (new DateOnly(1998, 4, 2), new DateOnly(1998, 7, 1));
        return await db.Purchases.Where(purchase => purchase.Date >= from && purchase.Date <= to && purchase.Net > 0)
            .Select(purchase => purchase.ContactId).Distinct().CountAsync();
    }

    // Three purchases each, over the first half of 1998; the last of every third person lies in the window.
    private static MemoryStream Generated(int people)
    {
        var text = new System.Text.StringBuilder(" customer_id  date number_of_cds  dollar_value\n");
        for (var person = 1; person <= people; person++)
        {
            for (var purchase = 0; purchase < 3; purchase++)
            {
                var date = new DateOnly(1998, 1, 1).AddDays((person * 7 % 30) + (purchase * (person % 3 == 0 ? 60 : 20)));
                text.Append(System.Globalization.CultureInfo.InvariantCulture, $" {person:D5} {date:yyyyMMdd}  1   {10 + purchase}.77\n");
            }
        }
        return new MemoryStream(System.Text.Encoding.ASCII.GetBytes(text.ToString()));
    }

    private static string? SharedFile()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Automation.sln"))) folder = folder.Parent;
        var file = folder is null ? null : Path.Combine(folder.FullName, "..", "shared", "data", "cdnow", "CDNOW_master.txt");
        return file is not null && File.Exists(file) ? file : null;
    }
}
