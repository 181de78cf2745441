using System.Text.Json;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Lifecycle;
using Automation.Marketing.Contacts.Scoring;
using Automation.Marketing.Deals;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;

namespace Automation.Server.Tests.Browser;

[Collection(nameof(BrowserApp))]
public sealed class LeadsInBrowserTests(BrowserApp app)
{
    [Theory]
    [InlineData("ja", 390, "見積・連絡の依頼", "受け取り済み", "受け取りました")]
    [InlineData("en", 1366, "Asked for a quote or a call", "Accepted", "this lead is")]
    public async Task A_score_is_laid_open_and_a_lead_accepted(string language, int width, string why, string accepted, string done)
    {
        var person = await HotAsync($"lead-{language}@example.com");
        await using var visit = await WatchedPage.OpenAsync(app, language, width);
        await visit.SignInAsync();
        await visit.GoAsync("/scoring");
        await visit.Page.FillAsync("#person", $"lead-{language}@example.com");
        await visit.Page.ClickAsync("#try button");
        await Assertions.Expect(visit.Page.Locator("#try table")).ToContainTextAsync(why);
        await visit.CheckWidthAsync("/scoring");
        await visit.KeepPictureAsync($"{language}-{width}-scoring-tried");

        await visit.GoAsync("/sales?everyone=true");
        await visit.Page.ClickAsync($"a[href='/leads/{person}']");
        await visit.KeepPictureAsync($"{language}-{width}-lead-waiting");
        await visit.Page.ClickAsync("#accept button");
        await Assertions.Expect(visit.Page.Locator(".alert-success")).ToContainTextAsync(done);
        await Assertions.Expect(visit.Page.Locator("main")).ToContainTextAsync(accepted);
        await visit.KeepPictureAsync($"{language}-{width}-lead-accepted");
        await using var db = app.OpenDb();
        Assert.Equal(HandOffState.Accepted, (await db.HandOffs.SingleAsync(one => one.ContactId == person)).State);
        Assert.Equal(LifecycleStage.Accepted, (await db.Contacts.SingleAsync(one => one.Id == person)).Stage);
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_lead_is_returned_with_a_reason()
    {
        var person = await HotAsync("returned@example.com");
        await using var visit = await WatchedPage.OpenAsync(app, "ja", 1366);
        await visit.SignInAsync();
        await visit.GoAsync($"/leads/{person}");
        await visit.Page.ClickAsync("details.card summary");
        await visit.Page.ClickAsync("#reject button");
        await Assertions.Expect(visit.Page.Locator("#reject .field-validation-error")).ToContainTextAsync("差し戻す理由を選んでください。");
        await visit.Page.SelectOptionAsync("#Reason", "NoFit");
        await visit.Page.ClickAsync("#reject button");
        await Assertions.Expect(visit.Page.Locator(".alert-success")).ToContainTextAsync("差し戻しました");
        await using var db = app.OpenDb();
        Assert.Equal((HandOffState.Rejected, HandBackReason.NoFit), await db.HandOffs.Where(one => one.ContactId == person).Select(one => new ValueTuple<HandOffState, HandBackReason?>(one.State, one.Rejection)).SingleAsync());
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task New_rules_are_tried_before_they_are_put_into_force()
    {
        await HotAsync("rules@example.com");
        await using var visit = await WatchedPage.OpenAsync(app, "ja", 1366);
        await visit.SignInAsync();
        await visit.GoAsync("/scoring/edit");
        await visit.Page.FillAsync("#Form_CoolBelow", "90");
        await visit.Page.ClickAsync("#trial button");
        await Assertions.Expect(visit.Page.Locator(".field-validation-error").First).ToContainTextAsync("冷却の基準");
        await visit.Page.FillAsync("#Form_CoolBelow", "35");
        await visit.Page.FillAsync("#Person", "rules@example.com");
        await visit.Page.ClickAsync("#trial button");
        await Assertions.Expect(visit.Page.Locator("#trial [role=status]")).ToContainTextAsync("有望になります");
        await Assertions.Expect(visit.Page.Locator("#tried table")).ToContainTextAsync("見積・連絡の依頼");
        await visit.KeepPictureAsync("ja-1366-scoring-edit-tried");
        await visit.Page.FillAsync("#Comment", "早めに冷えたとみなす");
        await visit.Page.ClickAsync("button[formaction*=Publish]");
        await Assertions.Expect(visit.Page.Locator(".alert-success")).ToContainTextAsync("有効になりました");
        await using var db = app.OpenDb();
        Assert.Equal(35, (await db.ScoringRulesAsync(default)).CoolBelow);
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task Who_gets_leads_is_set_on_a_page()
    {
        await using var visit = await WatchedPage.OpenAsync(app, "en", 1366);
        await visit.SignInAsync();
        await visit.GoAsync("/leads/settings");
        await visit.Page.SelectOptionAsync("#Method", "Territory");
        await visit.Page.FillAsync("#Territories", "福井県 小島 里奈");
        await visit.Page.ClickAsync("form .btn-primary");
        await Assertions.Expect(visit.Page.Locator(".field-validation-error").First).ToContainTextAsync("colon");
        await visit.Page.FillAsync("#Territories", "福井県: 小島 里奈");
        await visit.Page.ClickAsync("form .btn-primary");
        await Assertions.Expect(visit.Page.Locator(".alert-success")).ToContainTextAsync("Saved");
        await using var db = app.OpenDb();
        var settings = await LeadSettings.ReadAsync(db, default);
        Assert.Equal((OwnerMethod.Territory, "小島 里奈"), (settings.Method, settings.Territories["福井県"]));
        Assert.Empty(visit.Complaints);
    }

    private async Task<Guid> HotAsync(string email)
    {
        await using var db = app.OpenDb();
        var json = JsonSerializer.SerializeToElement(new { source = "web", id = "quote-" + email, type = "quote.requested", contact = new { email, company = "港食堂" } });
        var taken = await EventIntake.TakeAsync(db, [LeadEventInput.Read(json, "event")], "test", app.Get<TimeProvider>().GetUtcNow(), default);
        await app.SettleAsync();
        return taken[0].ContactId;
    }
}
