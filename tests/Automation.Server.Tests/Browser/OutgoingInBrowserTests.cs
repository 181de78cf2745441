using Automation.Marketing.Contacts.Outgoing;
using Automation.Server.Tests.Outgoing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;

namespace Automation.Server.Tests.Browser;

[Collection(nameof(BrowserApp))]
public sealed class OutgoingInBrowserTests(BrowserApp app)
{
    [Fact]
    public async Task A_system_is_added_tried_paused_and_sent_to_again_on_one_page()
    {
        await using var hooks = await HookReceiver.StartAsync();
        await using var visit = await WatchedPage.OpenAsync(app, "ja", 390);
        visit.Page.Dialog += async (_, dialog) => await dialog.AcceptAsync();
        await visit.SignInAsync();
        await visit.GoAsync("/outgoing");
        await visit.Page.FillAsync("#name-new", "受付システム");
        await visit.Page.FillAsync("#url-new", "https://10.0.0.1/hooks");
        await visit.Page.CheckAsync("#new input[value='deal.won']");
        await visit.Page.ClickAsync("#new button");
        await Assertions.Expect(visit.Page.Locator("#new .field-validation-error")).ToContainTextAsync("内部ネットワーク");
        await visit.Page.FillAsync("#url-new", hooks.Url);
        await visit.Page.ClickAsync("#new button");
        hooks.Secret = await visit.Page.InputValueAsync("#secret");
        Assert.StartsWith("whsec_", hooks.Secret, StringComparison.Ordinal);
        await visit.CheckWidthAsync("/outgoing, made");
        await visit.KeepPictureAsync("ja-390-outgoing-made");

        var line = visit.Page.Locator(".list-group-item:has-text('受付システム')");
        await line.Locator("form[action*=Try] button").ClickAsync();
        await RunningApp.EventuallyAsync(() => Task.FromResult(!hooks.Posts.IsEmpty));
        Assert.Empty(hooks.Complaints);
        await RunningApp.EventuallyAsync(async () =>
        {
            await using var db = app.OpenDb();
            return await db.OutgoingDeliveries.AnyAsync(one => one.Type == OutgoingTypes.Test && one.State == DeliveryState.Delivered);
        });
        await visit.GoAsync("/outgoing?state=Delivered");
        await Assertions.Expect(visit.Page.Locator("#deliveries tbody tr")).ToHaveCountAsync(1);
        await visit.KeepPictureAsync("ja-390-outgoing-tried");
        await visit.Page.ClickAsync("#deliveries form[action*=Replay] button");
        await RunningApp.EventuallyAsync(() => Task.FromResult(hooks.Posts.Count == 2 && hooks.Known.Count == 1));

        await line.Locator("form[action*=Pause] button").ClickAsync();
        await Assertions.Expect(line).ToContainTextAsync("一時停止");
        await line.Locator("form[action*=Resume] button").ClickAsync();
        await line.Locator("summary").ClickAsync();
        await visit.CheckWidthAsync("/outgoing, open");
        await visit.KeepPictureAsync("ja-390-outgoing-open");
        await line.Locator("form[action*=Rotate] button").ClickAsync();
        Assert.NotEqual(hooks.Secret, await visit.Page.InputValueAsync("#secret"));
        await line.Locator("summary").ClickAsync();
        await line.Locator("form[action*=Remove] button").ClickAsync();
        await Assertions.Expect(line).ToHaveCountAsync(0);
        Assert.Empty(visit.Complaints);
    }
}
