using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;

namespace Automation.Server.Tests.Sending;

/// <summary>
/// Sending under everything that can go wrong: the provider fails in every way the stand-in knows, at random; the service is
/// killed at any moment and started again; people bounce, complain and refuse meanwhile. The stand-in, in a process of its
/// own, is the witness of what was really asked of a provider.
/// </summary>
/// <param name="processes">Of the service, on one database; more than one on PostgreSQL only.</param>
internal sealed class SendingDrill(DatabaseProvider provider, string connectionString, Func<AutomationDb> open, int processes, int seed) : IAsyncDisposable
{
    // Each strikes about this share of the requests.
    private static readonly (string Fault, double Share)[] Faults =
    [
        ("delay=150", 0.4), ("429=1", 0.02), ("status=400", 0.02), ("status=413", 0.01), ("error-before=500", 0.02), ("error-before=503", 0.02),
        ("error-after=502", 0.02), ("error-after=504", 0.02), ("reset-before-reading", 0.02), ("reset-after-reading", 0.02), ("reset-after-recording", 0.02),
        ("withhold", 0.01), ("events-before-reply", 0.1), ("events-duplicated", 0.1), ("events-reordered", 0.1), ("events-late=3000", 0.1),
        ("events-without-ids", 0.1), ("events-lost", 0.05),
    ];

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan Stalled = TimeSpan.FromSeconds(8);

    // Longer than the service holds back after a refused key.
    private static readonly TimeSpan Leap = TimeSpan.FromMinutes(6);

    private readonly string folder = Directory.CreateTempSubdirectory("automation-drill-").FullName;
    private readonly int[] ports = [.. Enumerable.Range(0, processes).Select(_ => ServiceProcess.FreePort())];
    private readonly ServiceProcess?[] services = new ServiceProcess?[processes];
    private readonly Random random = new(seed);
    private readonly long began = TimeProvider.System.GetTimestamp();
    private readonly DateTimeOffset first = TimeProvider.System.GetUtcNow();
    private TimeSpan leapt;
    private ServiceProcess? standIn;
    private string standInAddress = "";
    private string publicKey = "";
    private HttpClient witness = null!;

    /// <summary>Lets everything happen to these many people's mails until nothing is left to do.</summary>
    public async Task<SendingDrillFound> RunAsync(int people, int kills)
    {
        await new DrillAudience(open, first).FillAsync(people);
        await StartStandInAsync();
        for (var index = 0; index < processes; index++) services[index] = await StartServiceAsync(index);
        using var http = ServiceProcess.Client(Address(0));
        (await http.PostAsJsonAsync("/api/broadcasts", new { name = "drill", template = "newsletter/monthly" })).EnsureSuccessStatusCode();
        var atWork = 0;
        for (var kill = 0; kill < kills; kill++) atWork += await KillAsync(people * (kill + 1) / (kills + 1)) ? 1 : 0;
        await SetFaultsAsync([]);
        await ComeToRestAsync(http);
        return await SendingDrillFound.ReadAsync(open, witness, people, kills, atWork);
    }

    public async ValueTask DisposeAsync()
    {
        witness?.Dispose();
        foreach (var service in services)
        {
            if (service is not null) await service.DisposeAsync();
        }
        if (standIn is not null) await standIn.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private DateTimeOffset Now => first + TimeProvider.System.GetElapsedTime(began) + leapt;

    private string Address(int index) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{ports[index]}");

    private async Task StartStandInAsync()
    {
        standIn = await ServiceProcess.StartAsync("publicKey", "stand-in", "--urls", "http://127.0.0.1:0", "--webhook", $"{Address(0)}/webhooks/sendgrid");
        var start = JsonNode.Parse(standIn.Said.Split('\n').First(line => line.Contains("publicKey", StringComparison.Ordinal)))!;
        (standInAddress, publicKey) = (start["address"]!.GetValue<string>(), start["publicKey"]!.GetValue<string>());
        witness = new HttpClient { BaseAddress = new Uri(standInAddress) };
        // A refused key stops everything for five minutes: once is enough.
        await SetFaultsAsync([.. Faults.Select(fault => Rule(fault.Fault, fault.Share, null)), Rule("status=403", 0.05, 1)]);
    }

    private async Task SetFaultsAsync(JsonObject[] rules) =>
        (await witness.PutAsJsonAsync("/stand-in/faults", new { seed, faults = rules })).EnsureSuccessStatusCode();

    private static JsonObject Rule(string fault, double probability, int? times) => new() { ["fault"] = fault, ["probability"] = probability, ["times"] = times };

    private async Task<ServiceProcess> StartServiceAsync(int index) => await ServiceProcess.StartAsync(
        "listens", "serve", "--urls", Address(index), $"--Database:Provider={provider}", $"--ConnectionStrings:Automation={connectionString}",
        $"--DataFolder={Directory.CreateDirectory(Path.Combine(folder, index.ToString(CultureInfo.InvariantCulture))).FullName}", $"--Clock:Start={Now:O}",
        $"--SendGrid:BaseAddress={standInAddress}", "--SendGrid:Timeout=00:00:02", $"--SendGrid:Webhook:PublicKeys:0={publicKey}",
        $"--Setup:ApiKey={ServiceProcess.ApiKey}", "--Setup:AdminPassword=test-password", "--Mail:Lease=00:00:05", "--Mail:Batch=8", "--Mail:Claim=40", "--Mail:Connections=2");

    /// <returns>Whether the kill left attempts whose end nobody had written down.</returns>
    private async Task<bool> KillAsync(int mails)
    {
        await ProgressAsync(mails);
        await PeopleReactAsync();
        await Task.Delay(random.Next(400));
        var index = random.Next(processes);
        await services[index]!.KillAsync();
        await services[index]!.DisposeAsync();
        var atWork = await CountAsync("SELECT COUNT(*) FROM outbox_messages WHERE state = 'Sending'") > 0;
        services[index] = await StartServiceAsync(index);
        return atWork;
    }

    // Until the witness knows so many mails. What stands still waits for an instant: then the clock leaps, and all start anew.
    private async Task ProgressAsync(int mails)
    {
        var (seen, since) = (-1, TimeProvider.System.GetTimestamp());
        while (await RecordedAsync() is var recorded && recorded < mails)
        {
            if (recorded > seen) (seen, since) = (recorded, TimeProvider.System.GetTimestamp());
            else if (TimeProvider.System.GetElapsedTime(since) > Stalled)
            {
                if (await CountAsync("SELECT COUNT(*) FROM outbox_messages WHERE state = 'Queued'") == 0) return;
                await LeapAsync();
                since = TimeProvider.System.GetTimestamp();
            }
            await Task.Delay(50);
        }
    }

    private async Task LeapAsync()
    {
        leapt += Leap;
        for (var index = 0; index < processes; index++)
        {
            await services[index]!.DisposeAsync();
            services[index] = await StartServiceAsync(index);
        }
    }

    // Some of those who have mail: fewer than would stop the sending.
    private async Task PeopleReactAsync()
    {
        var mails = (await witness.GetFromJsonAsync<JsonObject>("/stand-in/mails?size=200"))!["mails"]!.AsArray();
        if (mails.Count == 0) return;
        foreach (var type in new[] { "open", "click", "click", "bounce", "unsubscribe", "blocked" })
        {
            var mail = mails[random.Next(mails.Count)]!;
            (await witness.PostAsJsonAsync($"/stand-in/mails/{mail["id"]}/events", new { type, url = "https://shop.example.com/" })).EnsureSuccessStatusCode();
        }
    }

    // What is under way ends; then the days pass in one process, as they would.
    private async Task ComeToRestAsync(HttpClient http)
    {
        for (var index = 1; index < processes; index++)
        {
            await services[index]!.KillAsync();
            await services[index]!.DisposeAsync();
            services[index] = null;
        }
        var until = TimeProvider.System.GetUtcNow() + Patience;
        while (TimeProvider.System.GetUtcNow() < until && !await IsStillAsync()) await Task.Delay(200);
        for (var day = 0; day < 10 && await CountAsync(SendingDrillFound.Open) > 0; day++)
            (await http.PostAsJsonAsync("/api/clock", new { advance = "P1DT1H" })).EnsureSuccessStatusCode();
        while (TimeProvider.System.GetUtcNow() < until && !await IsStillAsync()) await Task.Delay(200);
    }

    private async Task<bool> IsStillAsync() =>
        await CountAsync("SELECT COUNT(*) FROM outbox_messages WHERE state = 'Sending'") + await CountAsync("SELECT COUNT(*) FROM broadcasts WHERE state <> 'Done'")
        + await CountAsync("SELECT COUNT(*) FROM webhook_batches")
        + (await witness.GetFromJsonAsync<JsonObject>("/stand-in/status"))!["webhook"]!["pending"]!.GetValue<int>() == 0;

    private async Task<int> RecordedAsync() => (await witness.GetFromJsonAsync<JsonObject>("/stand-in/status"))!["mails"]!.GetValue<int>();

    private async Task<int> CountAsync(string sql)
    {
        await using var db = open();
        return (await db.QueryAsync(sql, row => row.Int(0), default))[0];
    }
}

/// <summary>People and what is asked to be sent to them: more than their limits allow.</summary>
internal sealed class DrillAudience(Func<AutomationDb> open, DateTimeOffset now)
{
    /// <summary>What holds for everyone; checked against what was really sent.</summary>
    public static readonly SendingPolicy Policy = new(
        1, [new("total-2d", 2, CapPeriod.Rolling, TimeSpan.FromDays(2)), new("selling-2d", 1, CapPeriod.Rolling, TimeSpan.FromDays(2), CapRule.Selling)],
        MinGap: null, Quiet: null);

    private const int WithoutConsent = 20;
    private const int WithOrder = 10;
    private const int OnlyBroadcast = 3;

    private static readonly ShopIdentity Shop = new(
        "越前みなと水産", "株式会社越前みなと水産", "福井県坂井市みなと町1-2-3", "0776-00-0000", "https://shop.example.com", "info@shop.example.com", "越前みなと水産", null);

    public async Task FillAsync(int people)
    {
        await using var db = open();
        await db.SaveShopAsync(Shop, now, default);
        await db.SaveSendingPolicyAsync(Policy, now, default);
        var ids = Enumerable.Range(0, people).Select(_ => Guid.CreateVersion7(now)).ToList();
        await using var transaction = await db.BeginWriteAsync(default);
        await db.InsertManyAsync(
            "contacts", ["id", "email", "email_key", "name", "language", "custom", "sales_owned", "created_at", "updated_at"],
            [.. ids.Select((id, number) => new object?[] { id, $"p{number}@example.com", $"p{number}@example.com", $"山田 {number}", "ja", "{}", false, now, now })], "", default);
        await db.InsertManyAsync(
            "consent_entries", ["id", "contact_id", "channel", "topic", "state", "basis", "source", "actor", "at"],
            [
                .. ids.Where((_, number) => number % WithoutConsent != 0).Select(id => new object?[]
                {
                    Guid.CreateVersion7(now), id, ConsentEntry.Email, "", ConsentState.Granted, ConsentBasis.OptIn, "drill", "drill", now,
                }),
            ],
            "", default);
        await Outbox.RequestAsync(db, [.. ids.SelectMany(Requests)], Policy, "Asia/Tokyo", now, default);
        await transaction.CommitAsync(default);
    }

    // Sent, sent, waits for its slot, expires before it, skipped; and an order's mail, which no limit concerns.
    private IEnumerable<MailRequest> Requests(Guid person, int number)
    {
        if (number % WithOrder == 0) yield return Request(person, "order", MessageClass.Transactional, Approach.None, OverCap.Defer, 7);
        if (number % OnlyBroadcast == 0) yield break;
        yield return Request(person, "care", MessageClass.Marketing, Approach.A3, OverCap.Defer, 7);
        yield return Request(person, "offer", MessageClass.Marketing, Approach.A1, OverCap.Defer, 7);
        yield return Request(person, "second-offer", MessageClass.Marketing, Approach.A2, OverCap.Defer, 7);
        yield return Request(person, "today-only", MessageClass.Marketing, Approach.A2, OverCap.Defer, 1);
        yield return Request(person, "by-the-way", MessageClass.Marketing, Approach.A3, OverCap.Skip, 7);
    }

    private MailRequest Request(Guid person, string step, MessageClass messageClass, Approach approach, OverCap overCap, int days) => new(
        new MessageIdentity(person, MessageOrigin.Flow, "drill", step, 1, 1), messageClass is MessageClass.Marketing ? "newsletter/monthly" : "transactional/order-received",
        messageClass, approach, overCap, 50, now.AddDays(days), Context: """{"campaign":{"name":"drill"},"season":{},"event":{"type":"order.placed","data":{}}}""");
}
