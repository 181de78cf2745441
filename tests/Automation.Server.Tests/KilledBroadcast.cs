using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Automation.Marketing.Tests.Databases;
using Microsoft.EntityFrameworkCore;
using Xunit.Abstractions;

namespace Automation.Server.Tests;

/// <summary>A broadcast whose service is killed again and again, with the stand-in in a process of its own as the witness.</summary>
internal sealed class KilledBroadcast(TestDatabase database, DateTimeOffset clockStart, ITestOutputHelper output) : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("automation-kill-").FullName;
    private readonly int port = ServiceProcess.FreePort();
    private readonly long began = TimeProvider.System.GetTimestamp();
    private ServiceProcess? service;
    private ServiceProcess? standIn;
    private string standInAddress = "";
    private string publicKey = "";

    public HttpClient StandIn { get; private set; } = null!;

    /// <summary>Sends to everyone of an audience and kills the service each time the stand-in has recorded another share.</summary>
    public async Task RunAsync(object audience, int recipients, int kills)
    {
        await StartStandInAsync();
        service = await StartServiceAsync();
        using var http = ServiceProcess.Client($"http://127.0.0.1:{port}");
        (await http.PostAsJsonAsync("/api/broadcasts", new { name = "kill", template = "newsletter/monthly", audience })).EnsureSuccessStatusCode();
        for (var kill = 1; kill <= kills; kill++)
        {
            var share = recipients * kill / (kills + 1);
            await RunningApp.EventuallyAsync(async () => (await CountsAsync()).Mails >= share);
            await service.KillAsync();
            await service.DisposeAsync();
            service = await StartServiceAsync();
        }
        await RunningApp.EventuallyAsync(async () => await PendingAsync() == 0);
        // Reports of the dead times are retried; what no report proves is given up after a day.
        await RunningApp.EventuallyAsync(async () =>
            (await StandIn.GetFromJsonAsync<JsonObject>("/stand-in/status"))!["webhook"]!["pending"]!.GetValue<int>() == 0);
        (await http.PostAsJsonAsync("/api/clock", new { advance = "P1DT1H" })).EnsureSuccessStatusCode();
        await service.DisposeAsync();
        service = null;
    }

    /// <summary>Nobody twice, nobody forgotten, and the books agree with the witness.</summary>
    public async Task CheckAsync(int recipients)
    {
        var (mails, most) = await CountsAsync();
        await using var db = database.CreateDbContext();
        var account = await db.OutboxMessages.AsNoTracking().GroupBy(message => new { message.State, message.Rule })
            .Select(group => new { group.Key.State, group.Key.Rule, Count = group.Count() }).ToListAsync();
        var lines = account.Select(line => $"{line.State} {line.Rule}: {line.Count}").ToList();
        output.WriteLine($"recorded {mails}, at most {most} per identity; {string.Join("; ", lines)}");
        Assert.Equal(1, most);
        var carriedOn = await Marketing.Campaigns.CarryingOn.OfAsync(db, await db.Broadcasts.Select(one => one.Id).SingleAsync(), default);
        output.WriteLine($"found under way by {carriedOn.Count} starts, at {string.Join(", ", carriedOn.Select(one => one.Sent))} sent");
        Assert.NotEmpty(carriedOn);
        Assert.Equal(recipients, account.Sum(line => line.Count));
        Assert.Equal(mails, account.Where(line => line.State == Marketing.Mail.MessageState.Sent).Sum(line => line.Count));
        Assert.All(account, line => Assert.True(
            line.State is Marketing.Mail.MessageState.Sent || (line.State is Marketing.Mail.MessageState.Failed && line.Rule == "outcome-unknown"), $"{line.State} {line.Rule}"));
    }

    public async ValueTask DisposeAsync()
    {
        StandIn?.Dispose();
        if (service is not null) await service.DisposeAsync();
        if (standIn is not null) await standIn.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private async Task StartStandInAsync()
    {
        standIn = await ServiceProcess.StartAsync("publicKey", "stand-in", "--urls", "http://127.0.0.1:0", "--webhook", $"http://127.0.0.1:{port}/webhooks/sendgrid");
        var start = JsonNode.Parse(standIn.Said.Split('\n').First(line => line.Contains("publicKey", StringComparison.Ordinal)))!;
        (standInAddress, publicKey) = (start["address"]!.GetValue<string>(), start["publicKey"]!.GetValue<string>());
        StandIn = new HttpClient { BaseAddress = new Uri(standInAddress) };
    }

    // A lease shorter than a start takes: whoever is started finds what the one before it left.
    private Task<ServiceProcess> StartServiceAsync() => ServiceProcess.StartAsync(
        "listens", "serve", "--urls", $"http://127.0.0.1:{port}", $"--Database:Provider={database.Provider}", $"--ConnectionStrings:Automation={database.ConnectionString}",
        $"--DataFolder={folder}", $"--Clock:Start={Now:O}", $"--SendGrid:BaseAddress={standInAddress}", $"--SendGrid:Webhook:PublicKeys:0={publicKey}",
        $"--Setup:ApiKey={RunningApp.ApiKey}", $"--Setup:AdminPassword={RunningApp.Password}", "--Mail:Lease=00:00:01");

    // A service that starts again finds the clock where a clock would be.
    private DateTimeOffset Now => clockStart + TimeProvider.System.GetElapsedTime(began);

    private async Task<(int Mails, int Most)> CountsAsync()
    {
        var counts = await StandIn.GetFromJsonAsync<JsonObject>("/stand-in/counts?by=automation_message_id&least=2");
        return (counts!["mails"]!.GetValue<int>(), counts["most"]!.GetValue<int>());
    }

    private async Task<int> PendingAsync()
    {
        await using var db = database.CreateDbContext();
        var open = await db.Broadcasts.CountAsync(broadcast => broadcast.State != Marketing.Campaigns.BroadcastState.Done);
        return open + await db.OutboxMessages.CountAsync(message =>
            message.State == Marketing.Mail.MessageState.Queued || message.State == Marketing.Mail.MessageState.Sending || message.State == Marketing.Mail.MessageState.Deferred);
    }
}
