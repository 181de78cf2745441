using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Server.Clock;
using Automation.Server.Work;
using Microsoft.Extensions.DependencyInjection;

namespace Automation.Server.Tests;

/// <summary>The whole program on a real database, with Quartz, the stand-in over HTTP and, unless it says otherwise, a clock that the test moves.</summary>
internal sealed class RunningApp : IAsyncDisposable
{
    public const string ApiKey = ServiceProcess.ApiKey;
    public const string Password = "test-password";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    private readonly string folder = Directory.CreateTempSubdirectory("automation-app-").FullName;

    private RunningApp(TestDatabase database) => Database = database;

    public TestDatabase Database { get; }

    public AutomationServer Server { get; private set; } = null!;

    /// <summary>Null on a real clock.</summary>
    public MovableClock Clock { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;
    public HttpClient StandIn { get; private set; } = null!;

    /// <param name="now">Local time in Tokyo, e.g. <c>2026-10-20 09:00</c>.</param>
    public static async Task<RunningApp> StartAsync(DatabaseProvider provider, string now, params string[] settings)
    {
        var app = new RunningApp(await TestDatabases.CreateAsync(provider)) { Clock = new MovableClock(Tokyo(now)) };
        await using (var db = app.Db()) await db.SaveShopAsync(Shop, Tokyo(now), default);
        await app.LaunchAsync(settings);
        return app;
    }

    /// <summary>As a shop runs it: by the machine's clock, which nobody moves.</summary>
    /// <param name="prepare">What lies there before it starts, e.g. the shop's calendar.</param>
    public static async Task<RunningApp> StartOnRealClockAsync(DatabaseProvider provider, Func<AutomationDb, DateTimeOffset, Task> prepare, params string[] settings)
    {
        var app = new RunningApp(await TestDatabases.CreateAsync(provider));
        await using (var db = app.Db())
        {
            await db.SaveShopAsync(Shop, TimeProvider.System.GetUtcNow(), default);
            await prepare(db, TimeProvider.System.GetUtcNow());
        }
        await app.LaunchAsync(settings);
        return app;
    }

    public static DateTimeOffset Tokyo(string local) =>
        new(DateTime.ParseExact(local, "yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture), TimeSpan.FromHours(9));

    public AutomationDb Db() => Database.CreateDbContext();

    /// <summary>Ends the process's services and starts new ones on the same data.</summary>
    public async Task RestartAsync(params string[] settings)
    {
        await Server.DisposeAsync();
        await LaunchAsync(settings);
    }

    /// <summary>Does something to the data while the service does not run.</summary>
    public async Task WhileStoppedAsync(Func<Task> act)
    {
        await Server.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Npgsql.NpgsqlConnection.ClearAllPools();
        await act();
        await LaunchAsync([]);
    }

    /// <summary>Moves the clock, step by step from one due instant to the next.</summary>
    public async Task AdvanceToAsync(string local) => await MoveAsync(new { to = Tokyo(local) });

    public async Task AdvanceAsync(TimeSpan by) => await MoveAsync(new { advance = System.Xml.XmlConvert.ToString(by) });

    /// <summary>Works until nothing is due, reports of the stand-in included.</summary>
    public async Task SettleAsync()
    {
        var work = Server.App.Services.GetRequiredService<WorkLoops>();
        await work.DrainAsync(CancellationToken.None);
        await EventuallyAsync(async () => (await StandIn.GetFromJsonAsync<JsonObject>("/stand-in/status"))!["webhook"]!["pending"]!.GetValue<int>() == 0);
        await work.DrainAsync(CancellationToken.None);
    }

    public async Task<Guid> PostEventAsync(string id, string type, object contact, object? data = null)
    {
        var answer = await Http.PostAsJsonAsync("/api/events", new { source = "test", id, type, contact, data = data ?? new { } });
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonObject>())!["contactId"]!.GetValue<Guid>();
    }

    /// <summary>A person who agreed to be mailed, as the API takes them.</summary>
    public static object Person(string email, string name = "山田 花子", string language = "ja") =>
        new { email, name, language, consent = new { basis = "opt-in", evidence = "form v1" } };

    /// <summary>A person's messages, oldest first.</summary>
    public async Task<IReadOnlyList<JsonObject>> MessagesAsync(Guid contact)
    {
        var messages = (await Http.GetFromJsonAsync<List<JsonObject>>($"/api/messages?contactId={contact}&take=200"))!;
        messages.Reverse();
        return messages;
    }

    /// <summary>Each of a person's messages as <c>template state</c>, oldest first.</summary>
    public async Task<string[]> StoryAsync(Guid contact) =>
        [.. (await MessagesAsync(contact)).Select(message => $"{message["template"]} {message["state"]}")];

    /// <summary>The mail of a template that the stand-in holds for an address.</summary>
    public async Task<JsonObject> MailAsync(string to, string messageId)
    {
        var page = await StandIn.GetFromJsonAsync<JsonObject>($"/stand-in/mails?to={Uri.EscapeDataString(to)}");
        var row = page!["mails"]!.AsArray().Single(mail => mail!["customArgs"]!["automation_message_id"]!.GetValue<string>() == messageId)!;
        return (await StandIn.GetFromJsonAsync<JsonObject>($"/stand-in/mails/{row["id"]}"))!;
    }

    /// <summary>Has the stand-in report something about a mail, signed, as SendGrid would.</summary>
    public async Task ReportAsync(JsonObject mail, string type, string? url = null)
    {
        (await StandIn.PostAsJsonAsync($"/stand-in/mails/{mail["id"]}/events", new { type, url })).EnsureSuccessStatusCode();
        await SettleAsync();
    }

    public static async Task EventuallyAsync(Func<Task<bool>> holds)
    {
        var until = TimeProvider.System.GetUtcNow() + Patience;
        while (!await holds())
        {
            if (TimeProvider.System.GetUtcNow() > until) Assert.Fail($"Did not come true within {Patience.TotalSeconds} s.");
            await Task.Delay(50);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        StandIn.Dispose();
        await Server.DisposeAsync();
        await Database.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    public static readonly ShopIdentity Shop = new(
        "越前みなと水産", "株式会社越前みなと水産", "福井県坂井市みなと町1-2-3", "0776-00-0000", "https://shop.example.com",
        "info@shop.example.com", "越前みなと水産", "help@shop.example.com");

    private async Task LaunchAsync(string[] settings)
    {
        Server = AutomationServer.Build(
            [
                "--urls", "http://127.0.0.1:0", $"--Database:Provider={Database.Provider}", $"--ConnectionStrings:Automation={Database.ConnectionString}",
                $"--DataFolder={folder}", $"--Setup:ApiKey={ApiKey}", $"--Setup:AdminPassword={Password}", "--Setup:Calendars=crab-shop",
                // All tests sign in from one address.
                "--Limits:SignInsPerAddress=100000", .. settings,
            ],
            Clock);
        await Server.StartAsync();
        Http = new HttpClient { BaseAddress = Server.Address, Timeout = TimeSpan.FromMinutes(5) };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ApiKey);
        StandIn = new HttpClient { BaseAddress = Server.StandInAddress };
    }

    private async Task MoveAsync(object how)
    {
        var answer = await Http.PostAsJsonAsync("/api/clock", how);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        await SettleAsync();
    }
}
