using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Automation.Marketing.Mail;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;

namespace Automation.Server.Tests.Browser;

/// <summary>A shop owner, a marketer, a salesperson and an IT person, each from nothing to a first useful result, on an empty database.</summary>
[Collection(nameof(BrowserApp))]
public sealed class FirstHoursTests(BrowserApp browser) : IAsyncLifetime
{
    private const string NewPassword = "five crabs in a wooden box";

    private RunningApp app = null!;

    public async Task InitializeAsync()
    {
        app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-10-20 10:00", "--Setup:Calendars=");
        await using var db = app.Db();
        await db.SaveShopAsync(ShopIdentity.Unnamed, app.Clock.GetUtcNow(), default);
    }

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Theory]
    [InlineData("ja", 1366)]
    [InlineData("en", 390)]
    public async Task Each_comes_from_nothing_to_a_first_result(string language, int width)
    {
        await using var owner = await OpenAsync(language, width);
        await owner.SignInAsync();
        await SetUpAsync(owner);
        await BringAsync(owner, "Customers", "external_id,email,name,prefecture\nC-1,hanako@example.com,山田 花子,福井県\nC-2,taro@example.com,佐藤 太郎,東京都\nC-3,not an address,,\n", withConsent: true);
        await BringAsync(owner, "Deals", "deal_id,external_id,stage,owner,amount\nD-1,C-2,見積,kojima,480000\n", withConsent: false);
        await owner.GoAsync("/");
        await Assertions.Expect(owner.Page.Locator("#lacking")).ToBeVisibleAsync();

        await using var marketer = await InvitedAsync(owner, "marketer@example.com", "designer", language, width);
        await MarketAsync(marketer);
        await using var seller = await InvitedAsync(owner, "kojima@example.com", "sales", language, width);
        await SellAsync(seller);
        await using var admin = await InvitedAsync(owner, "it@example.com", "admin", language, width);
        await ConnectAsync(admin);

        foreach (var visit in new[] { owner, marketer, seller, admin }) Assert.True(visit.Complaints.Count == 0, string.Join(Environment.NewLine, visit.Complaints));
    }

    // The owner says what they sell, who they are and how their mail looks, in one go.
    private async Task SetUpAsync(WatchedPage visit)
    {
        var page = visit.Page;
        Assert.EndsWith("/start", page.Url, StringComparison.Ordinal);
        await visit.KeepPictureAsync("first-hours-trade");
        await page.Locator("label.choice:has(input[name=Preset][value=shop])").ClickAsync();
        await page.Locator("label.choice:has(input[name=Calendars][value=crab-shop])").ClickAsync();
        await page.ClickAsync("main .btn-primary");
        await page.FillAsync("#Form_Name", "みなと蟹店");
        await page.FillAsync("#Form_LegalName", "株式会社みなと蟹店");
        await page.FillAsync("#Form_Address", "福井県坂井市三国町1-2-3");
        await page.FillAsync("#Form_Phone", "0776-00-0000");
        await page.FillAsync("#Form_Url", "https://shop.example.com/");
        await page.ClickAsync("main .btn-primary");
        await page.FillAsync("[name='Form.FromEmail']", "info@shop.example.com");
        await page.FillAsync("[name='Form.FromName']", "みなと蟹店");
        await page.ClickAsync("main .btn-primary");
        await Assertions.Expect(page.Locator("a.btn[href='/people/import']")).ToBeVisibleAsync();
        await using var db = app.Db();
        Assert.Equal(("みなと蟹店", "info@shop.example.com"), ((await db.ShopAsync(default)).Name, (await db.ShopAsync(default)).FromEmail));
        Assert.True(await db.Occurrences.AnyAsync(one => one.Key == "解禁案内" || one.Template == "season/crab-opening"));
    }

    // Looked at first: nothing is there yet; taken, it is.
    private async Task BringAsync(WatchedPage visit, string kind, string csv, bool withConsent)
    {
        var page = visit.Page;
        var before = await CountAsync();
        await visit.GoAsync("/people/import");
        await page.Locator($"label.choice:has(input[value={kind}])").ClickAsync();
        await page.SetInputFilesAsync("#file", new FilePayload { Name = "file.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes(csv) });
        if (withConsent)
        {
            await page.SelectOptionAsync("#Basis", "OptIn");
            await page.FillAsync("#Evidence", "form v3");
        }
        await page.ClickAsync("main .btn-primary");
        var take = page.Locator("#brought form button");
        await Assertions.Expect(take).ToBeVisibleAsync();
        Assert.Equal(before, await CountAsync());
        await visit.KeepPictureAsync($"first-hours-import-{kind}");
        await take.ClickAsync();
        await Assertions.Expect(page.Locator("#brought .text-green")).ToBeVisibleAsync();
        Assert.NotEqual(before, await CountAsync());
    }

    // A welcome of three mails, published from one form; whoever signs up then gets the first.
    private async Task MarketAsync(WatchedPage visit)
    {
        var page = visit.Page;
        await visit.GoAsync("/flows/new/welcome");
        await page.SelectOptionAsync("[name='Form.Event']", "lead.created");
        await page.ClickAsync("#ready .btn-primary");
        await page.WaitForURLAsync("**/flows/*/design");
        var person = await app.PostEventAsync("first-hours", "lead.created", RunningApp.Person("jiro@example.com"));
        await app.AdvanceAsync(TimeSpan.FromHours(24));
        await app.SettleAsync();
        await using var db = app.Db();
        Assert.True(await db.OutboxMessages.AnyAsync(mail => mail.ContactId == person && mail.State == MessageState.Sent));
        await visit.GoAsync($"/people/{person}");
        await visit.KeepPictureAsync("first-hours-first-mail");
    }

    // The deal that the owner brought goes back to nurturing, and the person's page shows it.
    private async Task SellAsync(WatchedPage visit)
    {
        Guid deal;
        await using (var db = app.Db()) deal = await db.Deals.Where(one => one.DealKey == "D-1").Select(one => one.Id).SingleAsync();
        var page = visit.Page;
        await visit.GoAsync("/deals");
        await page.Locator($"a[href^='/deals/{deal}']").First.ClickAsync();
        await page.Locator("#hand-back label.choice:has(input[value=TooEarly])").ClickAsync();
        await page.ClickAsync("#hand-back .btn-primary");
        await RunningApp.EventuallyAsync(async () =>
        {
            await using var db = app.Db();
            return await db.HandBacks.AnyAsync(one => one.DealId == deal) && await db.FlowInstances.AnyAsync(run => run.ContactId == db.Deals.Single(one => one.Id == deal).ContactId);
        });
        await visit.KeepPictureAsync("first-hours-hand-back");
    }

    // A key, an event posted with it, and what real sending still lacks.
    private async Task ConnectAsync(WatchedPage visit)
    {
        var page = visit.Page;
        await visit.GoAsync("/keys");
        await page.FillAsync("[name=Name]", "shop");
        await page.SelectOptionAsync("[name=Role]", "steward");
        await page.ClickAsync("main .btn-primary");
        var key = await page.InputValueAsync("#secret");
        using var http = new HttpClient { BaseAddress = app.Server.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var taken = await http.PostAsJsonAsync("/api/events", new { source = "shop", id = "1", type = "lead.created", contact = RunningApp.Person("saburo@example.com") });
        Assert.Equal(HttpStatusCode.Accepted, taken.StatusCode);
        Assert.Contains("automation_", await http.GetStringAsync("/metrics"), StringComparison.Ordinal);
        await visit.GoAsync("/live");
        await visit.KeepPictureAsync("first-hours-live");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("PublicUrl");
    }

    private async Task<WatchedPage> InvitedAsync(WatchedPage owner, string email, string role, string language, int width)
    {
        await owner.GoAsync("/team");
        await owner.Page.FillAsync("#invite [name=Name]", email.Split('@')[0]);
        await owner.Page.FillAsync("#invite [name=Email]", email);
        await owner.Page.SelectOptionAsync("#invite [name=Role]", role);
        await owner.Page.ClickAsync("#invite .btn-primary");
        var link = await owner.Page.InputValueAsync("#link-address");
        var visit = await OpenAsync(language, width);
        await visit.Page.GotoAsync(link);
        await visit.Page.FillAsync("#Password", NewPassword);
        await visit.Page.FillAsync("#Again", NewPassword);
        await visit.Page.ClickAsync("button.btn-primary");
        await visit.Page.WaitForSelectorAsync("#main");
        return visit;
    }

    private Task<WatchedPage> OpenAsync(string language, int width) => WatchedPage.OpenAsync(browser.Browser, app.Server.Address, language, width);

    private async Task<(int, int)> CountAsync()
    {
        await using var db = app.Db();
        return (await db.Contacts.CountAsync(), await db.Deals.CountAsync());
    }
}
