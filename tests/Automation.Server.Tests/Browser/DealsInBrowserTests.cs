using Automation.Marketing.Contacts;
using Automation.Marketing.Deals;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;

namespace Automation.Server.Tests.Browser;

[Collection(nameof(BrowserApp))]
public sealed class DealsInBrowserTests(BrowserApp app)
{
    [Theory]
    [InlineData("ja", "ナーチャリングへ差し戻しました。")]
    [InlineData("en", "Handed back to nurturing.")]
    public async Task On_a_phone_three_taps_hand_a_deal_back_its_flow_starts_and_the_report_counts_it(string language, string said)
    {
        var deal = await NewDealAsync($"PHONE-{language}");
        await using var visit = await WatchedPage.OpenAsync(app, language, 390);
        await visit.SignInAsync();
        var before = await ReportedAsync(visit);
        await visit.GoAsync($"/deals?Filters.Text={deal.DealKey}");
        await visit.KeepPictureAsync($"{language}-390-deals-before-hand-back");
        await visit.Page.ClickAsync($"a[href='/deals/hand-back?id={deal.Id}']");
        await visit.Page.ClickAsync("label.choice:has(input[value=Budget])");
        await Assertions.Expect(visit.Page.Locator("#preview li")).Not.ToHaveCountAsync(0);
        await visit.KeepPictureAsync($"{language}-390-hand-back-chosen");
        await visit.Page.ClickAsync("#hand-back button.btn-primary");
        await Assertions.Expect(visit.Page.Locator(".alert-success")).ToContainTextAsync(said);
        await app.SettleAsync();
        await visit.GoAsync($"/people/{deal.ContactId}");
        var run = visit.Page.Locator(".list-group-item a[href^='/flows/re-nurture/runs/']");
        await Assertions.Expect(run).ToHaveCountAsync(1);
        Assert.Equal(before + 1, await ReportedAsync(visit));
        await visit.CheckWidthAsync("/reports/hand-backs");
        await visit.KeepPictureAsync($"{language}-390-hand-backs-after");
        await visit.GoAsync(await visit.Page.Locator(ReportedBudget).GetAttributeAsync("href") ?? "");
        await Assertions.Expect(visit.Page.Locator("main")).ToContainTextAsync(deal.DealKey);
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task Ticked_deals_go_back_together()
    {
        var (first, second) = (await NewDealAsync("TICK-1"), await NewDealAsync("TICK-2"));
        await using var visit = await WatchedPage.OpenAsync(app, "ja", 1366);
        await visit.SignInAsync();
        await visit.GoAsync("/deals?Filters.Text=TICK-");
        await visit.Page.CheckAsync("input[data-tick]");
        await visit.Page.ClickAsync("button[form=ticked]");
        await visit.Page.ClickAsync("label.choice:has(input[value=NoContact])");
        await Assertions.Expect(visit.Page.Locator("#preview")).ToContainTextAsync("2件の商談");
        await visit.KeepPictureAsync("ja-1366-hand-back-two");
        await visit.Page.ClickAsync("#hand-back button.btn-primary");
        await Assertions.Expect(visit.Page.Locator(".alert-success")).ToContainTextAsync("2件の商談");
        await using var db = app.OpenDb();
        Assert.Equal(2, await db.HandBacks.CountAsync(one => one.DealId == first.Id || one.DealId == second.Id));
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task The_board_moves_a_deal_by_keyboard_and_by_dragging()
    {
        var deal = await NewDealAsync("BOARD-1");
        await using var visit = await WatchedPage.OpenAsync(app, "en", 1366);
        await visit.SignInAsync();
        await visit.GoAsync("/deals/board");
        await visit.Page.Locator($"#stage-{deal.Id}").FocusAsync();
        await visit.Page.SelectOptionAsync($"#stage-{deal.Id}", "商談");
        await Assertions.Expect(visit.Page.Locator($".board-stage[data-stage='商談'] [data-id='{deal.Id}']")).ToHaveCountAsync(1);
        await visit.Page.Locator($"[data-id='{deal.Id}']").DragToAsync(visit.Page.Locator(".board-stage[data-stage='交渉'] h2"));
        await Assertions.Expect(visit.Page.Locator($".board-stage[data-stage='交渉'] [data-id='{deal.Id}']")).ToHaveCountAsync(1);
        await visit.KeepPictureAsync("en-1366-board-moved");
        await using var db = app.OpenDb();
        Assert.Equal("交渉", (await db.Deals.SingleAsync(one => one.Id == deal.Id)).Stage);
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_complaint_is_written_down_with_the_person_and_seen_with_the_deal()
    {
        var deal = await NewDealAsync("COMPLAINT-1");
        await using var visit = await WatchedPage.OpenAsync(app, "ja", 390);
        await visit.SignInAsync();
        await visit.GoAsync($"/people/{deal.ContactId}");
        await visit.Page.Locator("summary", new PageLocatorOptions { HasText = "苦情を登録する" }).ClickAsync();
        await visit.Page.FillAsync("#complaint", "解凍された状態で届いた");
        await visit.Page.ClickAsync("form[action*=Complaint] button");
        await Assertions.Expect(visit.Page.Locator(".alert-success")).ToContainTextAsync("販売のメールは出ません");
        await visit.GoAsync($"/deals/{deal.Id}");
        await Assertions.Expect(visit.Page.Locator(".card-danger")).ToContainTextAsync("解凍された状態で届いた");
        await visit.CheckWidthAsync("/deals/{id}");
        await visit.CheckAccessibilityAsync("/deals/{id}");
        await visit.KeepPictureAsync("ja-390-deal-complaint");
        // Where the deal is given away, and where marketing hands a lead over, it is read too.
        await visit.GoAsync($"/deals/hand-back?id={deal.Id}");
        await Assertions.Expect(visit.Page.Locator(".card-danger")).ToContainTextAsync("解凍された状態で届いた");
        await visit.CheckWidthAsync("/deals/hand-back");
        await visit.CheckAccessibilityAsync("/deals/hand-back");
        await visit.KeepPictureAsync("ja-390-hand-back-complaint");
        await visit.GoAsync($"/leads/{deal.ContactId}");
        await Assertions.Expect(visit.Page.Locator(".card-danger")).ToContainTextAsync("解凍された状態で届いた");
        Assert.Empty(visit.Complaints);
    }

    [Theory]
    [InlineData("ja")]
    [InlineData("en")]
    public async Task A_lost_deal_goes_back_to_nurturing_from_the_same_dialog(string language)
    {
        var deal = await NewDealAsync($"LOST-{language}");
        await using var visit = await WatchedPage.OpenAsync(app, language, 390);
        await visit.SignInAsync();
        await visit.GoAsync($"/deals/{deal.Id}");
        await visit.Page.Locator("details:has(#lost) > summary").ClickAsync();
        await visit.Page.SelectOptionAsync("#lost-reason", "Competitor");
        await Assertions.Expect(visit.Page.Locator("#lost input[name=handBack]")).ToBeCheckedAsync();
        await visit.Page.SelectOptionAsync("#lost-when", "Day");
        await visit.Page.FillAsync("#lost-day", "2027-02-01");
        await visit.KeepPictureAsync($"{language}-390-deal-lost");
        await visit.Page.ClickAsync("#lost button");
        await Assertions.Expect(visit.Page.Locator(".alert-success")).ToBeVisibleAsync();
        await app.SettleAsync();
        await using var db = app.OpenDb();
        var after = await db.Deals.AsNoTracking().SingleAsync(one => one.Id == deal.Id);
        Assert.Equal((DealStatus.Recycled, (HandBackReason?)HandBackReason.Competitor, (DateOnly?)new DateOnly(2027, 2, 1)), (after.Status, after.LostReason, after.RevisitOn));
        Assert.Equal("revisit", (await db.FlowInstances.SingleAsync(run => run.ContactId == deal.ContactId)).DefinitionId);
        Assert.Empty(visit.Complaints);
    }

    [Theory]
    [InlineData("ja", "親しい")]
    [InlineData("en", "is close to them")]
    public async Task Who_knows_the_person_is_written_down_with_the_deal_and_seen_everywhere(string language, string close)
    {
        var deal = await NewDealAsync($"KNOWN-{language}");
        await using var visit = await WatchedPage.OpenAsync(app, language, 390);
        await visit.SignInAsync();
        await visit.GoAsync($"/deals/{deal.Id}");
        await visit.Page.Locator("#connections summary").ClickAsync();
        await visit.Page.SelectOptionAsync("#knows-colleague", new SelectOptionValue { Label = "小島 里奈" });
        await visit.Page.SelectOptionAsync("#knows-strength", "Close");
        await visit.Page.FillAsync("#knows-note", $"同郷 {language}");
        await visit.KeepPictureAsync($"{language}-390-deal-knows");
        await visit.Page.ClickAsync("#connections form[action*=Save] button");
        await Assertions.Expect(visit.Page.Locator("#connections")).ToContainTextAsync(close);
        Assert.EndsWith($"/deals/{deal.Id}", visit.Page.Url, StringComparison.Ordinal);
        await visit.GoAsync($"/people/{deal.ContactId}");
        await Assertions.Expect(visit.Page.Locator("#connections")).ToContainTextAsync($"同郷 {language}");
        await visit.GoAsync($"/people/company?name={Uri.EscapeDataString("株式会社いそ")}");
        await Assertions.Expect(visit.Page.Locator("#connections")).ToContainTextAsync($"同郷 {language}");
        await visit.CheckWidthAsync("/people/company");
        await visit.CheckAccessibilityAsync("/people/company");
        await visit.KeepPictureAsync($"{language}-390-company-knows");
        await visit.GoAsync($"/people/connections?search={Uri.EscapeDataString($"同郷 {language}")}");
        await Assertions.Expect(visit.Page.Locator("tbody tr")).ToHaveCountAsync(1);
        await visit.KeepPictureAsync($"{language}-390-connections-found");
        await visit.GoAsync($"/deals/{deal.Id}");
        await visit.Page.ClickAsync("#connections form[action*=Forget] button");
        await Assertions.Expect(visit.Page.Locator("#connections")).Not.ToContainTextAsync("同郷");
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task Where_events_lie_on_the_map_is_tried_put_into_force_and_taken_back()
    {
        await using var visit = await WatchedPage.OpenAsync(app, "en", 1366);
        await visit.SignInAsync();
        await visit.GoAsync("/journey/rules/edit");
        await visit.Page.ClickAsync("button[formaction*='handler=Add']");
        await visit.Page.FillAsync("#Rules_0__Type", "mail.*");
        await visit.Page.FillAsync("#Rules_0__Channel", "letters");
        await visit.Page.ClickAsync("#trial button");
        // The rules below it can never be reached: it is said at each of them.
        await Assertions.Expect(visit.Page.Locator(".field-validation-error").First).ToBeVisibleAsync();
        await visit.Page.FillAsync("#Rules_0__Type", "mail.replied");
        await visit.Page.Locator("fieldset:has(input[value='mail.replied']) button[formaction*='Remove']").Last.ClickAsync();
        await visit.Page.ClickAsync("#trial button");
        await Assertions.Expect(visit.Page.Locator("#trial")).ToContainTextAsync("letters");
        await visit.KeepPictureAsync("en-1366-journey-rules-tried");
        await visit.Page.FillAsync("#Comment", "Letters are mail.");
        await visit.Page.ClickAsync("button[formaction*='handler=Publish']");
        await Assertions.Expect(visit.Page.Locator("#rules tbody tr").First).ToContainTextAsync("letters");
        await visit.Page.ClickAsync("a[href='/journey/rules/edit?version=0']");
        await visit.Page.FillAsync("#Comment", "Back.");
        await visit.Page.ClickAsync("button[formaction*='handler=Publish']");
        await Assertions.Expect(visit.Page.Locator("#rules tbody tr").First).Not.ToContainTextAsync("letters");
        await Assertions.Expect(visit.Page.Locator("main")).ToContainTextAsync("Letters are mail.");
        Assert.Empty(visit.Complaints);
    }

    // The line of this reason that the re-nurture flow took up; before the first one there is none.
    private const string ReportedBudget = "#hand-backs a[href*='reason=Budget'][href*='flow=re-nurture'][href*='outcome=All']";

    private static async Task<int> ReportedAsync(WatchedPage visit)
    {
        await visit.GoAsync("/reports/hand-backs");
        var figure = visit.Page.Locator(ReportedBudget);
        return await figure.CountAsync() == 0 ? 0 : int.Parse(await figure.InnerTextAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }

    private async Task<Deal> NewDealAsync(string key)
    {
        await using var db = app.OpenDb();
        var now = app.Get<TimeProvider>().GetUtcNow();
        var person = Contact.Create(Guid.CreateVersion7(), now);
        person.SetEmail(EmailAddress.Parse($"{key.ToLowerInvariant()}@example.com"));
        (person.Name, person.Company) = ("取引先 " + key, "株式会社いそ");
        db.Contacts.Add(person);
        await db.SaveChangesAsync();
        return await DealDesk.OpenAsync(db, new NewDeal(person.Id, key, new DealEdit("接触", "小島 里奈", 300_000, "電話", new DateOnly(2026, 10, 25))), "admin", now, default);
    }
}
