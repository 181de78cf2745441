using System.Net.Http.Json;
using Automation.Marketing.Contacts.Outgoing;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Microsoft.EntityFrameworkCore;
using Xunit.Abstractions;

namespace Automation.Server.Tests.Outgoing;

public sealed class OutgoingKillTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Deals = 40;

    private readonly string folder = Directory.CreateTempSubdirectory("automation-hooks-").FullName;
    private readonly int port = ServiceProcess.FreePort();
    private TestDatabase? database;
    private ServiceProcess? service;
    private TimeSpan ahead;

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task A_service_killed_before_during_and_after_deliveries_tells_every_change_once_to_who_knows_repetitions(DatabaseProvider provider)
    {
        database = await TestDatabases.CreateAsync(provider);
        await using (var db = database.CreateDbContext()) await db.SaveShopAsync(RunningApp.Shop, TimeProvider.System.GetUtcNow(), default);
        await using var hooks = await HookReceiver.StartAsync();
        await using (var db = database.CreateDbContext()) await hooks.IsToldOfAsync(db, TimeProvider.System.GetUtcNow(), "deal.opened");
        var kills = 0;
        hooks.Answer = async (told, posts) =>
        {
            if (posts == 6) await KillAsync();                                              // it never learns that this one was taken
            if (posts == 18) _ = KillSoonAsync();                                          // it may just have learned so
            return 204;
        };
        using var http = ServiceProcess.Client($"http://127.0.0.1:{port}");
        await RestartAsync();
        (await http.PostAsJsonAsync("/api/events", new { source = "t", id = "1", type = "lead.created", contact = new { email = "ada@example.com", externalId = "C-1" } })).EnsureSuccessStatusCode();
        for (var number = 0; number < Deals; number++)
        {
            await UntilTakenAsync(http, number);
            if (number == 30) await KillAsync();                                            // before anybody was told
        }
        for (var minute = 0; minute < 60 && await WaitingAsync() > 0; minute++)
        {
            // Leases of the dead run out on a clock that is ahead.
            ahead += TimeSpan.FromMinutes(1);
            await KillAsync();
            await RestartAsync();
            for (var look = 0; look < 50 && await WaitingAsync() > 0; look++) await Task.Delay(100);
        }
        output.WriteLine($"{kills} kills, {hooks.Posts.Count} posts of {hooks.Known.Count} events");
        Assert.Empty(hooks.Complaints);
        Assert.Equal(Enumerable.Range(0, Deals).Select(number => $"D-{number}").Order(), hooks.Known.Values.Select(told => told["data"]!["key"]!.GetValue<string>()).Order());
        Assert.True(kills >= 3, "It was not killed, so nothing was tested.");

        async Task KillSoonAsync()
        {
            await Task.Delay(20);
            await KillAsync();
        }

        async Task KillAsync()
        {
            kills++;
            await service!.KillAsync();
        }
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (service is not null) await service.DisposeAsync();
        if (database is not null) await database.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    // As any client does: what was not answered is asked for again.
    private async Task UntilTakenAsync(HttpClient http, int number)
    {
        while (true)
        {
            try
            {
                (await http.PutAsJsonAsync($"/api/deals/D-{number}", new { contact = new { externalId = "C-1" }, stage = "見積" })).EnsureSuccessStatusCode();
                return;
            }
            catch (HttpRequestException)
            {
                await RestartAsync();
            }
        }
    }

    private async Task RestartAsync()
    {
        if (service is not null) await service.DisposeAsync();
        service = await ServiceProcess.StartAsync(
            "listens", "serve", "--urls", $"http://127.0.0.1:{port}", $"--Database:Provider={database!.Provider}", $"--ConnectionStrings:Automation={database.ConnectionString}",
            $"--DataFolder={folder}", $"--Clock:Start={TimeProvider.System.GetUtcNow() + ahead:O}", $"--Setup:ApiKey={RunningApp.ApiKey}", $"--Setup:AdminPassword={RunningApp.Password}");
    }

    private async Task<int> WaitingAsync()
    {
        await using var db = database!.CreateDbContext();
        return await db.OutgoingDeliveries.CountAsync(one => one.State == DeliveryState.Waiting);
    }
}
