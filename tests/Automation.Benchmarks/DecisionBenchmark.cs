using System.Diagnostics;
using System.Globalization;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Automation.Benchmarks;

/// <summary>
/// Decisions with their reservation and rows, over more and more past messages: one by one, and in batches of 500 beside raw
/// prepared inserts of the same rows, of people from anywhere and of people in the order of their ids, as broadcasts read them.
/// The same people at every size, so that every size asks the same questions: only what they got in five years grows.
/// </summary>
internal static class DecisionBenchmark
{
    private const int Singles = 2_000;
    private const int Batch = 500;
    private const int Batches = 8;
    private const int Measured = 7;
    private const int People = 100_000;
    private const int Days = 1_800;

    private static readonly DateTimeOffset Now = new(2026, 6, 1, 3, 0, 0, TimeSpan.Zero);
    private static readonly int[] Usual = [10_000, 1_000_000];

    /// <param name="args">Numbers of past messages; none: ten thousand and a million.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        var sizes = args.Length == 0 ? Usual : [.. args.Select(size => int.Parse(size, NumberStyles.AllowThousands, CultureInfo.InvariantCulture))];
        var singles = new List<(int Size, double Median)>();
        foreach (var size in sizes) singles.Add((size, await MeasureAsync(size)));
        foreach (var (size, median) in singles.Skip(1))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"decision at {size:N0} past messages takes {median / singles[0].Median:F2} times that at {singles[0].Size:N0}"));
        return 0;
    }

    private static async Task<double> MeasureAsync(int size)
    {
        var folder = Directory.CreateTempSubdirectory("automation-decision-").FullName;
        try
        {
            var file = Path.Combine(folder, "automation.db");
            await using var services = new ServiceCollection().AddLogging().AddAutomationStorage(DatabaseProvider.Sqlite, $"Data Source={file}").BuildServiceProvider();
            var dbs = services.GetRequiredService<IDbContextFactory<AutomationDb>>();
            await using (var db = await dbs.CreateDbContextAsync())
            {
                await db.Database.MigrateAsync();
                await db.SaveSendingPolicyAsync(SendingPolicy.Shop, Now, default);
            }
            SqliteConnection.ClearAllPools();
            using var raw = new RawRows(file, Path.Combine(folder, "floor.db"));
            var people = Fill(file, size);
            var dice = new Random(1);
            var median = await SinglesAsync(dbs, people, dice, size);
            await BatchesAsync($"batches of {Batch} as flows wake them, {size:N0} past messages", dbs, raw, () => Requests(people, dice, Batch));
            var next = 0;
            await BatchesAsync($"batches of {Batch} as a broadcast streams them, {size:N0} past messages", dbs, raw, () => Broadcast(people, ref next));
            return median;
        }
        finally
        {
            SqliteConnection.ClearAllPools();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Task BatchesAsync(string name, IDbContextFactory<AutomationDb> dbs, RawRows raw, Func<IReadOnlyList<MailRequest>> requests) =>
        Rounds.CompareAsync(
            name, Batches * Batch, Measured,
            async _ =>
            {
                for (var batch = 0; batch < Batches; batch++) await DecideAsync(dbs, requests());
            },
            _ =>
            {
                for (var batch = 0; batch < Batches; batch++) InsertRows(raw);
                return Task.CompletedTask;
            });

    /// <returns>The median decision in milliseconds, without the commit: what the disk takes for that is the same at every size.</returns>
    private static async Task<double> SinglesAsync(IDbContextFactory<AutomationDb> dbs, Guid[] people, Random dice, int size)
    {
        for (var warm = 0; warm < 200; warm++) await DecideAsync(dbs, Requests(people, dice, 1));
        var (decided, whole) = (new double[Singles], new double[Singles]);
        for (var number = 0; number < Singles; number++) (decided[number], whole[number]) = await DecideAsync(dbs, Requests(people, dice, 1));
        Array.Sort(decided);
        Array.Sort(whole);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"one by one, {size:N0} past messages: {1000 / decided.Average():F0} decisions/s, median {decided[Singles / 2]:F2} ms, p99 {decided[Singles * 99 / 100]:F2} ms; with its commit median {whole[Singles / 2]:F2} ms, p99 {whole[Singles * 99 / 100]:F2} ms"));
        return decided[Singles / 2];
    }

    private static async Task<(double Decided, double Whole)> DecideAsync(IDbContextFactory<AutomationDb> dbs, IReadOnlyList<MailRequest> requests)
    {
        await using var db = await dbs.CreateDbContextAsync();
        var watch = Stopwatch.StartNew();
        await using var transaction = await db.BeginWriteAsync(default);
        await Outbox.RequestAsync(db, requests, await db.SendingPolicyAsync(default), "Asia/Tokyo", Now, default);
        var decided = watch.Elapsed.TotalMilliseconds;
        await transaction.CommitAsync(default);
        return (decided, watch.Elapsed.TotalMilliseconds);
    }

    private static List<MailRequest> Requests(Guid[] people, Random dice, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => Request(new MessageIdentity(people[dice.Next(people.Length)], MessageOrigin.Flow, "benchmark", Guid.NewGuid().ToString("N"), 1, 1)))];

    // From the first person again when all have had theirs: then it is another broadcast.
    private static List<MailRequest> Broadcast(Guid[] people, ref int next)
    {
        var requests = new List<MailRequest>(Batch);
        for (; requests.Count < Batch; next++)
            requests.Add(Request(MessageIdentity.OfBroadcast(new Guid(next / people.Length, 0, 0, new byte[8]), people[next % people.Length])));
        return requests;
    }

    private static MailRequest Request(MessageIdentity identity) =>
        new(identity, "newsletter/monthly", MessageClass.Marketing, Approach.A2, OverCap.Skip, 50, Now.AddDays(7), Topics: "newsletter");

    // Without indexes and flushes first: this is not what is measured.
    private static Guid[] Fill(string file, int messages)
    {
        var people = Enumerable.Range(0, People).Select(_ => RowId.New(Now)).ToArray();
        // Spread over the five years; of fewer messages than people, every so-manieth gets one.
        var each = Math.Max(1, messages / People);
        var oneIn = Math.Max(1, People / messages);
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        Execute(connection, "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA cache_size=-400000;");
        var indexes = Indexes(connection);
        foreach (var (name, _) in indexes) Execute(connection, $"DROP INDEX \"{name}\"");
        using (var transaction = connection.BeginTransaction())
        {
            using var contact = Command(connection, transaction, "INSERT INTO contacts (id, email, email_key, name, custom, sales_owned, created_at, updated_at) VALUES (@p0, @p1, @p1, '山田', '{}', 0, 0, 0)", 2);
            using var consent = Command(
                connection, transaction,
                "INSERT INTO consent_entries (id, contact_id, channel, topic, state, basis, source, actor, at) VALUES (@p0, @p1, 'email', '', 'Granted', 'OptIn', 'benchmark', 'person', 0)", 2);
            using var message = Command(connection, transaction, MessageSql, 6);
            var number = 0;
            foreach (var person in people)
            {
                var id = Text(person);
                Run(contact, id, $"p{number}@example.com");
                Run(consent, Text(RowId.New(Now)), id);
                for (var past = 0; number % oneIn == 0 && past < each; past++)
                {
                    var at = Now.AddDays(-40 - past * (double)Days / each - number % 100).ToUnixTimeMilliseconds();
                    Run(message, Text(RowId.New(Now)), $"f/old/{number}/{past}", id, past % 3 == 0 ? "A3" : "A2", at, at);
                }
                number++;
            }
            transaction.Commit();
        }
        foreach (var (_, sql) in indexes) Execute(connection, sql);
        Execute(connection, "PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE);");
        return people;
    }

    private const string MessageSql =
        "INSERT INTO outbox_messages (id, identity, contact_id, approach, requested_at, slot_at, origin, origin_id, node_id, recipient, template, class, topics, over_cap, priority, context, "
        + "state, due_at, rule, decision, slot, attempt, delivered_count, bounced_count, opens_total, opens_unique, clicks_total, clicks_unique) VALUES (@p0, @p1, @p2, @p3, @p4, @p5, 'Flow', "
        + "'old', 'n', 'p@example.com', 'newsletter/monthly', 'Marketing', 'newsletter', 'Skip', 50, '{}', 'Sent', @p4, '', '{}', 'Spent', 1, 1, 0, 0, 0, 0, 0)";

    // The rows that a decision writes.
    private static void InsertRows(RawRows raw)
    {
        var now = Now.ToUnixTimeMilliseconds();
        using var transaction = raw.Begin();
        for (var number = 0; number < Batch; number++)
        {
            var id = Text(RowId.New(Now));
            raw.Insert(
                transaction, "outbox_messages",
                "id, identity, contact_id, origin, origin_id, node_id, instance_id, recipient, template, class, approach, topics, over_cap, priority, collapse_key, context, state, requested_at, "
                + "due_at, valid_until, rule, decision, slot, slot_at, attempt, delivered_count, bounced_count, opens_total, opens_unique, clicks_total, clicks_unique",
                id, $"f/benchmark/{id}/1/1", Text(Guid.NewGuid()), "Flow", "benchmark", id, null, "p1@example.com", "newsletter/monthly", "Marketing", "A2", "newsletter", "Skip", 50L, null, "{}",
                "Queued", now, now, now, "", "{}", "Reserved", now, 0L, 0L, 0L, 0L, 0L, 0L, 0L);
            raw.Insert(transaction, "message_changes", "message_id, at, state, detail", id, now, "Queued", "");
        }
        transaction.Commit();
    }

    private static List<(string Name, string Sql)> Indexes(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ('outbox_messages', 'contacts', 'consent_entries')";
        using var rows = command.ExecuteReader();
        var indexes = new List<(string, string)>();
        while (rows.Read()) indexes.Add((rows.GetString(0), rows.GetString(1)));
        return indexes;
    }

    private static SqliteCommand Command(SqliteConnection connection, SqliteTransaction transaction, string sql, int values)
    {
        var command = connection.CreateCommand();
        (command.CommandText, command.Transaction) = (sql, transaction);
        for (var place = 0; place < values; place++) command.Parameters.Add(new SqliteParameter($"@p{place}", null));
        return command;
    }

    private static void Run(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (var place = 0; place < values.Length; place++) command.Parameters[place].Value = values[place];
        command.ExecuteNonQuery();
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static string Text(Guid id) => id.ToString("D", CultureInfo.InvariantCulture).ToUpperInvariant();
}
