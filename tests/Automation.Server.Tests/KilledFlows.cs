using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Tests;

/// <summary>What is found when a killed service has come to rest.</summary>
/// <param name="KillsAtWork">Kills that left something half done: events not worked off yet.</param>
/// <param name="Finished">People whose one run is finished.</param>
/// <param name="Once">Effects of steps that are there exactly once; two a person.</param>
/// <param name="Twice">Effects that are there more than once.</param>
/// <param name="Left">Runs, waits and events that are left over.</param>
internal sealed record KilledFlowsFound(int People, int Kills, int KillsAtWork, int Finished, int Once, int Twice, int Journal, int Left)
{
    /// <summary>Lines of journal that one run writes: begun, told, waits, woken, told.</summary>
    private const int LinesARun = 5;

    public bool IsSound => Finished == People && Once == 2 * People && Twice == 0 && Journal == LinesARun * People && Left == 0;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{People} people, {Kills} kills ({KillsAtWork} of them with events not worked off): {Finished} finished once, {Once} effects once, {Twice} twice, {Journal} lines of journal, {Left} left over");
}

/// <summary>
/// A flow of three steps that many people enter while its service is killed again and again, at any moment: an effect, a
/// wait for an event or two seconds, an effect. What is sent in while the service dies is sent again.
/// </summary>
internal sealed class KilledFlows(DatabaseProvider provider, string connectionString, Func<AutomationDb> open, int seed) : IAsyncDisposable
{
    private const int PeopleABatch = 20;
    private const int LongestPauseMs = 40;

    // A service just started works off what it finds within about this time: most kills come in the midst of work.
    private const int LongestLifeMs = 350;

    // Every so many a service dies before anything was sent to it.
    private const int EarlyKills = 5;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    private readonly string folder = Directory.CreateTempSubdirectory("automation-kill-").FullName;
    private readonly int port = ServiceProcess.FreePort();
    private readonly Random lives = new(seed);
    private readonly Random pauses = new(seed + 1);
    private ServiceProcess? service;

    public async Task<KilledFlowsFound> RunAsync(int people, int kills)
    {
        await PublishAsync();
        var batches = Batches(people);
        using var http = ServiceProcess.Client($"http://127.0.0.1:{port}");
        var (sent, atWork) = (0, 0);
        for (var kill = 1; kill <= kills; kill++)
        {
            service = await StartAsync();
            using var dead = new CancellationTokenSource();
            var taken = new TaskCompletionSource();
            var sending = SendAsync(http, batches, sent, batches.Count * kill / (kills + 1), taken, dead.Token);
            if (kill % EarlyKills > 0) await taken.Task;
            await Task.Delay(lives.Next(LongestLifeMs));
            await service.KillAsync();
            await dead.CancelAsync();
            sent = await sending;
            await service.DisposeAsync();
            if (await CountAsync("SELECT COUNT(*) FROM stimuli") > 0) atWork++;
        }
        service = await StartAsync();
        await SendAsync(http, batches, sent, batches.Count, new TaskCompletionSource(), CancellationToken.None);
        var until = TimeProvider.System.GetUtcNow() + Patience;
        while (await LeftAsync() > 0 && TimeProvider.System.GetUtcNow() < until) await Task.Delay(100);
        return await FoundAsync(people, kills, atWork);
    }

    public async ValueTask DisposeAsync()
    {
        if (service is not null) await service.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private async Task PublishAsync()
    {
        var flow = new FlowSketch("killed").Step("go", "Automation.EventReceived", ("eventType", "kill.start"))
            .Step("first", "Automation.NotifyOwner", ("message", "first")).Step("wait", "Automation.WaitForEvent", ("eventType", "kill.go"), ("timeout", "PT2S"))
            .Step("second", "Automation.NotifyOwner", ("message", "second"))
            .Line("go", "Done", "first").Line("first", "Done", "wait").Line("wait", "Received", "second").Line("wait", "TimedOut", "second");
        var flows = Directory.CreateDirectory(Path.Combine(folder, "flows")).FullName;
        await File.WriteAllTextAsync(Path.Combine(flows, "killed.json"), flow.ToJson());
        await using var db = open();
        // Before the service runs: it must find the flow there.
        var parts = FlowParts.Of(new Databases(open), TemplateCatalogue.Empty, new TemplateRenderer(TimeProvider.System), TimeProvider.System);
        await parts.Definitions.PublishFolderAsync(db, flows, TimeProvider.System.GetUtcNow(), default);
    }

    private Task<ServiceProcess> StartAsync() => ServiceProcess.StartAsync(
        "listens", "serve", "--urls", $"http://127.0.0.1:{port}", $"--Database:Provider={provider}", $"--ConnectionStrings:Automation={connectionString}",
        $"--DataFolder={folder}", "--SendGrid:BaseAddress=http://127.0.0.1:9/", $"--Setup:ApiKey={ServiceProcess.ApiKey}", "--Setup:AdminPassword=test-password");

    // Some begin; the event comes for every second one of those before, the others wait their time out.
    private static List<JsonArray> Batches(int people)
    {
        var batches = new List<JsonArray>();
        for (var first = 0; first < people + PeopleABatch; first += PeopleABatch)
        {
            var begin = Enumerable.Range(first, PeopleABatch).Where(number => number < people).Select(number => EventOf("kill.start", number));
            var wake = Enumerable.Range(first - PeopleABatch, PeopleABatch).Where(number => number >= 0 && number < people && number % 2 == 0).Select(number => EventOf("kill.go", number));
            batches.Add([.. begin, .. wake]);
        }
        return batches;
    }

    private static JsonObject EventOf(string type, int number) => new()
    {
        ["source"] = "kill",
        ["id"] = string.Create(CultureInfo.InvariantCulture, $"{type}-{number}"),
        ["type"] = type,
        ["contact"] = new JsonObject { ["externalId"] = string.Create(CultureInfo.InvariantCulture, $"k{number}") },
    };

    /// <param name="taken">Told when the first batch was taken, or when there is none.</param>
    /// <returns>How many batches are known to have been taken; one more may have been.</returns>
    private async Task<int> SendAsync(HttpClient http, List<JsonArray> batches, int from, int to, TaskCompletionSource taken, CancellationToken dead)
    {
        for (var next = from; next < to; next++)
        {
            try
            {
                (await http.PostAsJsonAsync("/api/events/batch", new { events = batches[next] }, dead)).EnsureSuccessStatusCode();
                taken.TrySetResult();
                await Task.Delay(pauses.Next(LongestPauseMs), dead);
            }
            catch (Exception problem) when (problem is HttpRequestException or OperationCanceledException)
            {
                taken.TrySetResult();
                return next;
            }
        }
        taken.TrySetResult();
        return Math.Max(from, to);
    }

    private async Task<KilledFlowsFound> FoundAsync(int people, int kills, int atWork) => new(
        people, kills, atWork,
        await CountAsync("SELECT COUNT(*) FROM (SELECT contact_id FROM flow_instances WHERE definition_id = 'killed' AND status = 'Finished' GROUP BY contact_id HAVING COUNT(*) = 1) AS one"),
        await CountAsync("SELECT COUNT(*) FROM (SELECT contact_id FROM notices GROUP BY contact_id, message HAVING COUNT(*) = 1) AS one"),
        await CountAsync("SELECT COUNT(*) FROM (SELECT contact_id FROM notices GROUP BY contact_id, message HAVING COUNT(*) > 1) AS many"),
        await CountAsync("SELECT COUNT(*) FROM flow_steps"), await LeftAsync());

    private async Task<int> LeftAsync() =>
        await CountAsync("SELECT COUNT(*) FROM stimuli") + await CountAsync("SELECT COUNT(*) FROM flow_bookmarks")
        + await CountAsync("SELECT COUNT(*) FROM flow_instances WHERE status <> 'Finished'");

    private async Task<int> CountAsync(string sql)
    {
        await using var db = open();
        return (await db.QueryAsync(sql, row => row.Int(0), default))[0];
    }

    private sealed class Databases(Func<AutomationDb> open) : IDbContextFactory<AutomationDb>
    {
        public AutomationDb CreateDbContext() => open();
    }
}
