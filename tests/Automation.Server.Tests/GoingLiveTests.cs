using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Automation.Marketing.Mail.Law;
using Automation.Marketing.Storage;
using Automation.SendGrid.StandIn;
using Automation.Server.Tests.SignIn;
using Automation.Server.Work;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Automation.Server.Tests;

/// <summary>With a key of its own and a provider elsewhere, as in earnest: nobody gets mail before somebody says so.</summary>
public sealed partial class GoingLiveTests : IAsyncLifetime, IDisposable
{
    private WebApplication provider = null!;
    private HttpClient providersMailbox = null!;
    private RunningApp app = null!;
    private Visitor admin = null!;

    public async Task InitializeAsync()
    {
        provider = StandInServer.Build(new StandInOptions { ApiKey = "SG.in-earnest" });
        await provider.StartAsync();
        providersMailbox = new HttpClient { BaseAddress = StandInServer.Address(provider) };
        app = await RunningApp.StartAsync(
            DatabaseProvider.Sqlite, "2026-10-20 10:00",
            "--SendGrid:ApiKey=SG.in-earnest", $"--SendGrid:BaseAddress={StandInServer.Address(provider)}", "--PublicUrl=https://mail.shop.example.com",
            $"--SendGrid:Webhook:PublicKeys:0={StandInServer.PublicKey(provider)}");
        await using (var db = app.Db())
        {
            foreach (var record in DomainChecks.Records) await DomainChecks.SetAsync(db, "shop.example.com", record, LawState.Passed, "admin", app.Clock.GetUtcNow(), default);
        }
        admin = new Visitor(app.Server.Address);
        using (await admin.SignInAsync("admin", RunningApp.Password)) { }
    }

    public async Task DisposeAsync()
    {
        await app.DisposeAsync();
        await provider.DisposeAsync();
    }

    public void Dispose()
    {
        admin.Dispose();
        providersMailbox.Dispose();
    }

    [Fact]
    public async Task Before_going_live_mail_reaches_only_confirmed_addresses_and_the_rest_follows_afterwards()
    {
        var customer = await app.PostEventAsync("1", "lead.created", RunningApp.Person("customer@example.com"));
        await DrainAsync();
        Assert.Equal("Queued", await StateOfAsync(customer));
        Assert.Equal(0, await MailsAsync("customer@example.com"));
        Assert.Contains("Real sending is off.", await admin.Http.GetStringAsync("/people"), StringComparison.Ordinal);

        await ConfirmAsync("owner@shop.example.com");
        var owner = await app.PostEventAsync("2", "lead.created", RunningApp.Person("owner@shop.example.com"));
        // In one request with the owner's: it must not keep that from leaving.
        var neighbour = await app.PostEventAsync("2b", "lead.created", RunningApp.Person("neighbour@example.com"));
        await DrainAsync();
        Assert.Equal(("Sent", "Queued"), (await StateOfAsync(owner), await StateOfAsync(neighbour)));
        Assert.Equal(0, await MailsAsync("customer@example.com"));

        // Everything is there but the provider's events.
        Assert.Contains("Not yet: 1", await GoAsync(), StringComparison.Ordinal);
        StandInServer.SetWebhook(provider, new Uri(app.Server.Address, "webhooks/sendgrid"));
        await ConfirmAsync("second@shop.example.com");
        await RunningApp.EventuallyAsync(async () => (await admin.Http.GetStringAsync("/live")).Contains("A signed event arrived.", StringComparison.Ordinal));
        Assert.Contains("Real sending is on since", await GoAsync(), StringComparison.Ordinal);
        await using (var db = app.Db())
            Assert.Equal("admin", (await db.AuditEntries.AsNoTracking().SingleAsync(entry => entry.Action == "sending.live")).Actor);

        await PassAsync("PT20M");
        Assert.Equal("Sent", await StateOfAsync(customer));
        Assert.Equal(1, await MailsAsync("customer@example.com"));
        Assert.DoesNotContain("Real sending is off.", await admin.Http.GetStringAsync("/people"), StringComparison.Ordinal);

        using (await admin.PostFormAsync("/live", "/live?handler=Stop")) { }
        var late = await app.PostEventAsync("3", "lead.created", RunningApp.Person("late@example.com"));
        await DrainAsync();
        Assert.Equal(("Queued", 0), (await StateOfAsync(late), await MailsAsync("late@example.com")));
    }

    [Fact]
    public async Task A_code_confirms_one_address_once_and_is_not_guessed()
    {
        await AskAsync("owner@shop.example.com");
        var code = await CodeAsync("owner@shop.example.com");
        for (var time = 0; time < 5; time++) Assert.Contains("not the code", await SendCodeAsync("000000" == code ? "000001" : "000000"), StringComparison.Ordinal);
        Assert.Contains("No code is awaited", await SendCodeAsync(code), StringComparison.Ordinal);
        Assert.Contains("Wait a minute", await AskAsync("owner@shop.example.com"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_of_a_mail_service_as_sender_is_named_as_what_is_lacking()
    {
        using var saved = await admin.PostFormAsync(
            "/sender", "/sender", ("Form.Name", "みなと"), ("Form.LegalName", "株式会社みなと"), ("Form.Address", "福井県"), ("Form.Phone", "0776"), ("Form.Url", "https://shop.example.com"),
            ("Form.FromEmail", "shop@gmail.com"), ("Form.FromName", "みなと"), ("Form.Language", "ja"), ("Form.TimeZone", "Asia/Tokyo"));
        Assert.Equal(HttpStatusCode.Found, saved.StatusCode);
        Assert.Contains("Use one of your own domain", await admin.Http.GetStringAsync("/"), StringComparison.Ordinal);
        await using var db = app.Db();
        var entry = await db.AuditEntries.AsNoTracking().SingleAsync(one => one.Action == "sender.changed");
        Assert.Contains("info@shop.example.com", entry.Before!, StringComparison.Ordinal);
        Assert.Contains("shop@gmail.com", entry.After!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_service_guides_and_asks_nothing_twice()
    {
        await using var db = app.Db();
        await db.SaveShopAsync(ShopIdentity.Unnamed, app.Clock.GetUtcNow(), default);
        using var first = await admin.Http.GetAsync("/");
        Assert.Equal("/start", first.Headers.Location!.OriginalString);
        using var bad = await admin.PostFormAsync("/start?step=3", "/start", ("Step", "3"), ("Form.FromEmail", "not an address"), ("Form.Language", "ja"), ("Form.TimeZone", "Asia/Tokyo"));
        Assert.Contains("mail address like", await bad.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using (await admin.PostFormAsync("/start", "/start", ("Step", "2"), ("Form.Name", "みなと"), ("Form.LegalName", "株式会社みなと\r\nBcc: all"), ("Form.Address", "福井県"), ("Form.Phone", "0776"))) { }
        using (await admin.PostFormAsync("/start?step=3", "/start", ("Step", "3"), ("Form.FromEmail", "info@minato.example.com"), ("Form.Language", "en"), ("Form.TimeZone", "Asia/Tokyo"))) { }
        var shop = await db.ShopAsync(default);
        Assert.Equal(("みなと", "株式会社みなとBcc: all", "info@minato.example.com", "en"), (shop.Name, shop.LegalName, shop.FromEmail, shop.Language));
        using var home = await admin.Http.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, home.StatusCode);
        Assert.Contains("id=\"lacking\"", await home.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_guide_can_be_put_aside_for_good()
    {
        await using var db = app.Db();
        await db.SaveShopAsync(ShopIdentity.Unnamed, app.Clock.GetUtcNow(), default);
        using (await admin.PostFormAsync("/start", "/start?handler=Aside")) { }
        Assert.Equal(HttpStatusCode.OK, (await admin.Http.GetAsync("/")).StatusCode);
    }

    private async Task ConfirmAsync(string address)
    {
        await PassAsync("PT2M");
        Assert.Contains("on its way", await AskAsync(address), StringComparison.Ordinal);
        Assert.Contains("is confirmed", await SendCodeAsync(await CodeAsync(address)), StringComparison.Ordinal);
    }

    private async Task<string> AskAsync(string address) => await AfterAsync("Ask", ("Address", address));

    private async Task<string> SendCodeAsync(string code) => await AfterAsync("Confirm", ("Code", code));

    private async Task<string> GoAsync() => await AfterAsync("Go");

    private async Task<string> AfterAsync(string handler, params (string, string)[] fields)
    {
        using (await admin.PostFormAsync("/live", "/live?handler=" + handler, fields)) { }
        return await admin.Http.GetStringAsync("/live");
    }

    private async Task<string> CodeAsync(string address)
    {
        var page = await providersMailbox.GetFromJsonAsync<JsonObject>($"/stand-in/mails?to={Uri.EscapeDataString(address)}");
        var mail = await providersMailbox.GetStringAsync($"/stand-in/mails/{page!["mails"]![0]!["id"]}");
        return SixDigits().Match(mail).Groups[1].Value;
    }

    private async Task<int> MailsAsync(string address) =>
        (await providersMailbox.GetFromJsonAsync<JsonObject>($"/stand-in/mails?to={Uri.EscapeDataString(address)}"))!["mails"]!.AsArray().Count;

    private async Task<string> StateOfAsync(Guid contact) => (await app.MessagesAsync(contact)).Single()["state"]!.ToString();

    private async Task PassAsync(string duration)
    {
        (await app.Http.PostAsJsonAsync("/api/clock", new { advance = duration })).EnsureSuccessStatusCode();
        await DrainAsync();
    }

    private Task DrainAsync() => app.Server.App.Services.GetRequiredService<WorkLoops>().DrainAsync(CancellationToken.None);

    [GeneratedRegex(@"code is (\d{6})", RegexOptions.None, 10_000)]
    private static partial Regex SixDigits();
}
