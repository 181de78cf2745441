using System.Diagnostics;
using System.Globalization;
using System.Text;
using Automation.Marketing.Imports;
using Automation.Marketing.Reports;
using Automation.Marketing.Reports.Journey;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Automation.Benchmarks;

/// <summary><c>sales</c>: how long a file of deals, the funnel and the journey map take, on both databases; the median of the rounds.</summary>
internal static class SalesBenchmark
{
    private const int Rounds = 3;
    private const int People = 20_000;
    private const int Deals = 5_000;
    private const int StepsEach = 10;
    private const int EventsEach = 10;
    private const int OrdersEach = 3;

    private static readonly DateTimeOffset Now = new(2026, 11, 22, 3, 0, 0, TimeSpan.Zero);
    private static readonly TimeZoneInfo Tokyo = TimeZoneInfo.FindSystemTimeZoneById("Asia/Tokyo");

    public static async Task<int> RunAsync()
    {
        await Console.Out.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"{People:N0} people, {People * StepsEach:N0} steps of their life cycle, {People * EventsEach:N0} events, {People * OrdersEach:N0} orders; {Deals:N0} deals a file"));
        await Console.Out.WriteLineAsync("| database | what | seconds |");
        await Console.Out.WriteLineAsync("| --- | --- | --- |");
        var file = Path.Combine(Path.GetTempPath(), $"sales-{Guid.NewGuid():N}.db");
        await MeasureAsync("SQLite", DatabaseProvider.Sqlite, $"Data Source={file}");
        foreach (var left in Directory.GetFiles(Path.GetTempPath(), Path.GetFileName(file) + "*")) File.Delete(left);
        var cluster = await PostgresCluster.StartAsync();
        await cluster.ExecuteAsync("CREATE DATABASE sales");
        await MeasureAsync("PostgreSQL", DatabaseProvider.PostgreSql, cluster.ConnectionStringFor("sales"));
        return 0;
    }

    private static async Task MeasureAsync(string name, DatabaseProvider provider, string connection)
    {
        await using var services = new ServiceCollection().AddLogging().AddAutomationStorage(provider, connection).BuildServiceProvider();
        var databases = services.GetRequiredService<IDbContextFactory<AutomationDb>>();
        await MakeAsync(databases);
        var before = Now.AddDays(-180);
        await SayAsync(name, "funnel, 180 days", await MedianAsync(databases, db => Funnel.OfAsync(db, new Period(before, Now), source: null, default)));
        await SayAsync(name, "funnel, 180 days, one source", await MedianAsync(databases, db => Funnel.OfAsync(db, new Period(before, Now), "import:a", default)));
        await SayAsync(name, "people behind a figure of the funnel", await MedianAsync(databases, db => Funnel.ReachedAsync(db, new Period(before, Now), null, Marketing.Contacts.Lifecycle.LifecycleStage.Deal, true, 0, 50, default)));
        await SayAsync(name, "journey map, 180 days", await MedianAsync(databases, db => JourneyMap.OfAsync(db, new Period(before, Now), Tokyo, Now, default)));
        await SayAsync(name, "hand-back report, a year", await MedianAsync(databases, db => HandBackReport.OfAsync(db, new Period(Now.AddDays(-365), Now), default)));
        await SayAsync(name, "file of new deals", await ImportAsync(databases, "見積"));
        await SayAsync(name, "file that moves them on", await ImportAsync(databases, "商談"));
        await SayAsync(name, "file that wins them", await ImportAsync(databases, "受注"));
    }

    private static Task SayAsync(string database, string what, double seconds) =>
        Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"| {database} | {what} | {seconds:0.00} |"));

    private static async Task<double> MedianAsync(IDbContextFactory<AutomationDb> databases, Func<AutomationDb, Task> what)
    {
        var times = new List<double>();
        // The first one warms up.
        for (var round = 0; round <= Rounds; round++)
        {
            await using var db = await databases.CreateDbContextAsync();
            var watch = Stopwatch.StartNew();
            await what(db);
            if (round > 0) times.Add(watch.Elapsed.TotalSeconds);
        }
        times.Sort();
        return times[times.Count / 2];
    }

    private static async Task<double> ImportAsync(IDbContextFactory<AutomationDb> databases, string stage)
    {
        var csv = new StringBuilder("deal_id,external_id,stage,owner,amount\n");
        for (var deal = 0; deal < Deals; deal++) csv.AppendLine(CultureInfo.InvariantCulture, $"N-{deal},C-{deal},{stage},小島 里奈,{1000 + deal}");
        var request = new ImportRequest { Kind = ImportKind.Deals, Content = new MemoryStream(Encoding.UTF8.GetBytes(csv.ToString())), FileName = "deals.csv", Actor = "benchmark" };
        var watch = Stopwatch.StartNew();
        var report = await Importer.ImportAsync(databases, request, null, TimeProvider.System, CancellationToken.None);
        if (report.Taken + report.Changed != Deals) throw new InvalidOperationException($"{report.Taken} taken, {report.Changed} changed.");
        return watch.Elapsed.TotalSeconds;
    }

    private static async Task MakeAsync(IDbContextFactory<AutomationDb> databases)
    {
        await using var db = await databases.CreateDbContextAsync();
        await db.Database.MigrateAsync();
        var csv = new StringBuilder("external_id,email,company\n");
        for (var person = 0; person < People; person++) csv.AppendLine(CultureInfo.InvariantCulture, $"C-{person},c{person}@example.com,会社 {person / 4}");
        await Importer.ImportAsync(
            databases, new ImportRequest { Kind = ImportKind.Customers, Content = new MemoryStream(Encoding.UTF8.GetBytes(csv.ToString())), FileName = "a", Actor = "benchmark" }, null, TimeProvider.System, default);
        await using var transaction = await db.BeginWriteAsync(default);
        await WriteAsync(db, [.. await db.Contacts.OrderBy(person => person.ExternalId).Select(person => person.Id).ToListAsync()]);
        await transaction.CommitAsync(default);
        if (db.Database.IsNpgsql()) await db.Database.ExecuteSqlRawAsync("ANALYZE");
    }

    private static async Task WriteAsync(AutomationDb db, Guid[] people)
    {
        var dice = new Random(20261122);
        string[] way = ["Subscriber", "Lead", "Qualified", "Accepted", "Deal", "Recycled", "Qualified", "Accepted", "Deal", "Won", "Qualified"];
        string[] types = ["lead.created", "page.viewed", "quote.requested", "seminar.attended", "form.submitted"];
        var (steps, events, orders, deals, backs) = (new List<object?[]>(), new List<object?[]>(), new List<object?[]>(), new List<object?[]>(), new List<object?[]>());
        for (var person = 0; person < people.Length; person++)
        {
            var at = Now.AddDays(-dice.Next(200, 700));
            for (var step = 0; step < StepsEach; step++)
            {
                at = at.AddDays(dice.Next(1, 20));
                steps.Add([Guid.CreateVersion7(at), people[person], way[step], way[step + 1], at, "automation", "benchmark"]);
            }
            for (var one = 0; one < EventsEach; one++)
            {
                var then = Now.AddDays(-dice.Next(400));
                events.Add([Guid.CreateVersion7(then), "t", $"{person}-{one}", types[dice.Next(types.Length)], people[person], then, then, "{}"]);
            }
            for (var order = 0; order < OrdersEach; order++)
                orders.Add([Guid.CreateVersion7(), "shop", $"{person}-{order}", 1, people[person], DateOnly.FromDateTime(Now.AddDays(-dice.Next(500)).DateTime), 1m, (decimal)dice.Next(1000, 30_000), "JPY"]);
            var closed = Now.AddDays(-dice.Next(300));
            var deal = Guid.CreateVersion7(closed);
            deals.Add([deal, $"D-{person}", people[person], "受注", person % 2 == 0 ? "Won" : "Recycled", (decimal)dice.Next(1000, 30_000), closed.AddDays(-30), closed]);
            if (person % 2 == 1) backs.Add([Guid.CreateVersion7(closed), deal, people[person], "Budget", "sales", closed]);
        }
        await db.InsertManyAsync("lifecycle_changes", ["id", "contact_id", "from_stage", "to_stage", "at", "actor", "reason"], steps, "", default);
        await db.InsertManyAsync("lead_events", ["id", "source", "source_id", "type", "contact_id", "occurred_at", "received_at", "data"], events, "", default);
        await db.InsertManyAsync("purchases", ["id", "source", "order_id", "line", "contact_id", "date", "quantity", "net", "currency"], orders, "", default);
        await db.InsertManyAsync("deals", ["id", "deal_key", "contact_id", "stage", "status", "amount", "created_at", "updated_at"], deals, "", default);
        await db.InsertManyAsync("hand_backs", ["id", "deal_id", "contact_id", "reason", "actor", "at"], backs, "", default);
    }
}
