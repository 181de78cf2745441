using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;

namespace Automation.SendGrid.StandIn.Tests;

/// <summary>A running stand-in and the ways to talk to it.</summary>
internal sealed class StandInHost : IAsyncDisposable
{
    public static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);
    private readonly WebApplication _app;

    private StandInHost(WebApplication app, TimeProvider clock, TimeSpan timeout)
    {
        _app = app;
        Address = StandInServer.Address(app);
        Http = new HttpClient { BaseAddress = Address };
        Http.DefaultRequestHeaders.Authorization = new("Bearer", "SG.test");
        Client = SendGridClient.Create(
            new SendGridOptions { ApiKey = "SG.test", BaseAddress = Address, Timeout = timeout }, clock);
    }

    public Uri Address { get; }

    public HttpClient Http { get; }

    public SendGridClient Client { get; }

    public WebhookKey Key => WebhookKey.Parse(StandInServer.PublicKey(_app));

    /// <param name="options">Default: no faults, nothing kept on disk.</param>
    /// <param name="timeout">Of the client; long, unless running out of it is what is tested.</param>
    public static async Task<StandInHost> StartAsync(StandInOptions? options = null, TimeSpan? timeout = null)
    {
        options ??= new StandInOptions();
        var app = StandInServer.Build(options);
        await app.StartAsync();
        return new StandInHost(app, options.Clock, timeout ?? TimeSpan.FromSeconds(60));
    }

    public static Task<StandInHost> FailingAsync(string fault) => StartAsync(new StandInOptions { Faults = StandInFaults.Always(fault) });

    public Task<SendResult> SendAsync(MailSendRequest request) => Client.SendAsync(request, CancellationToken.None);

    public Task<SendResult> SendAsync(string address) => SendAsync(Mail.To(address));

    public async Task<JsonElement> GetAsync(string path) => await Http.GetFromJsonAsync<JsonElement>(path);

    /// <summary>How many mails were recorded for each message id: the measure of at most once.</summary>
    public async Task<Dictionary<string, int>> CountsAsync() =>
        (await GetAsync("/stand-in/counts")).GetProperty("counts").Deserialize<Dictionary<string, int>>()!;

    public async Task<string> OnlyMailIdAsync()
    {
        var page = await GetAsync("/stand-in/mails");
        return Assert.Single(page.GetProperty("mails").EnumerateArray()).GetProperty("id").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}

internal static class Mail
{
    public static MailSendRequest To(params string[] addresses) => new()
    {
        Personalizations = [.. addresses.Select(address => new Personalization
        {
            To = [new(address)],
            CustomArgs = new Dictionary<string, string> { ["automation_message_id"] = $"m-{address}" },
        })],
        From = new("news@example.org", "News"),
        Subject = "Hello",
        Content = [new("text/plain", "Hello"), new("text/html", "<p>Hello</p>")],
    };
}
