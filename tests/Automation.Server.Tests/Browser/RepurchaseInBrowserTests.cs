using System.Globalization;
using Automation.Marketing;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Repurchase;
using Automation.Marketing.Storage;
using Automation.Server.Clock;
using Microsoft.Playwright;

namespace Automation.Server.Tests.Browser;

/// <summary>What is bought together and who is due again, from the figure to the people one writes to.</summary>
[Collection(nameof(BrowserApp))]
public sealed class RepurchaseInBrowserTests(BrowserApp app)
{
    [Theory]
    [InlineData("ja", 390)]
    [InlineData("en", 1366)]
    public async Task From_a_pair_it_is_one_press_to_those_who_have_only_the_first(string language, int width)
    {
        // Quotation marks and an ampersand: the name goes through two addresses.
        var (first, then) = ($"鍋 \"大\" & 具 {language}", $"だし {language}");
        await using (var db = app.OpenDb())
        {
            for (var person = 0; person < 90; person++)
            {
                var who = await AddAsync(db, person is >= 25 and < 30 ? $"only-{language}-{person}@example.com" : null);
                if (person < 30) Buy(db, who, first, 40);
                if (person < 25) Buy(db, who, then, 20);
                if (person >= 30) Buy(db, who, $"ほか {language}", 30);
            }
            await db.SaveChangesAsync();
        }
        await using var visit = await WatchedPage.OpenAsync(app, language, width);
        await visit.SignInAsync();
        await visit.GoAsync("/reports/related");
        await visit.CheckWidthAsync("/reports/related");
        await visit.CheckAccessibilityAsync("/reports/related");
        await visit.KeepPictureAsync($"{language}-{width}-related-pairs");
        // Both ways lie within 90 days only in their order: first the pot, then the stock.
        var row = visit.Page.Locator("#related tbody tr", new PageLocatorOptions { HasText = first });
        await Assertions.Expect(row).ToHaveCountAsync(1);
        await row.Locator("a[href*=rows]").ClickAsync();
        await Assertions.Expect(visit.Page.Locator("#rows tbody tr")).ToHaveCountAsync(25);
        await visit.CheckWidthAsync("/reports/related/rows");
        await visit.KeepPictureAsync($"{language}-{width}-related-rows");
        await visit.GoAsync("/reports/related");
        await row.Locator("a.btn").ClickAsync();
        await Assertions.Expect(visit.Page.Locator("select[name='Form.BoughtOf']")).ToHaveValueAsync("product:" + first);
        await Assertions.Expect(visit.Page.Locator("select[name='Form.NotBoughtOf']")).ToHaveValueAsync("product:" + then);
        await Assertions.Expect(visit.Page.Locator("#count .value")).ToContainTextAsync("5");
        await visit.CheckWidthAsync("/broadcasts/new");
        await visit.CheckAccessibilityAsync("/broadcasts/new");
        await visit.KeepPictureAsync($"{language}-{width}-broadcast-new-from-pair");
        await visit.Page.FillAsync("[name='Form.Name']", "だしのご案内");
        await visit.Page.SelectOptionAsync("[name='Form.Template']", "newsletter/monthly");
        await visit.Page.ClickAsync("#new .card-footer .btn-primary");
        await Assertions.Expect(visit.Page.Locator("dl.facts").First).ToContainTextAsync(then);
        Assert.Empty(visit.Complaints);
    }

    [Theory]
    [InlineData("ja", 390)]
    [InlineData("en", 1366)]
    public async Task Who_buys_regularly_is_shown_with_the_next_day_and_can_be_written_to_before_it(string language, int width)
    {
        Guid regular;
        await using (var db = app.OpenDb())
        {
            regular = await AddAsync(db, $"regular-{language}@example.com");
            var late = await AddAsync(db, $"late-{language}@example.com");
            foreach (var ago in new[] { 115, 85, 55, 25 }) Buy(db, regular, "米 5kg", ago, $"米 {language}");
            foreach (var ago in new[] { 170, 140, 110, 80 }) Buy(db, late, "米 5kg", ago, $"米 {language}");
            await db.SaveChangesAsync();
        }
        await app.Get<PurchaseCycleRound>().RunAsync(default);
        await using var visit = await WatchedPage.OpenAsync(app, language, width);
        await visit.SignInAsync();
        await visit.GoAsync($"/people/{regular}");
        await Assertions.Expect(visit.Page.Locator("#rhythms")).ToContainTextAsync("30");
        await visit.CheckWidthAsync("/people/{id}");
        await visit.CheckAccessibilityAsync("/people/{id}");
        await visit.KeepPictureAsync($"{language}-{width}-person-rhythm");
        await visit.GoAsync("/broadcasts/new");
        await Assertions.Expect(visit.Page.Locator("[name='Form.DueDays']")).ToBeHiddenAsync();
        await visit.Page.SelectOptionAsync("[name='Form.DueOf']", $"category:米 {language}");
        await visit.Page.FillAsync("[name='Form.DueDays']", "5");
        await Assertions.Expect(visit.Page.Locator("#count .value")).ToContainTextAsync("1");
        await visit.Page.FillAsync("[name='Form.DueDays']", "4");
        await Assertions.Expect(visit.Page.Locator("#count .value")).ToContainTextAsync("0");
        await visit.CheckWidthAsync("/broadcasts/new");
        await visit.KeepPictureAsync($"{language}-{width}-broadcast-new-due");
        Assert.Empty(visit.Complaints);
    }

    private async Task<Guid> AddAsync(AutomationDb db, string? email)
    {
        var now = app.Get<IDemoClock>().Now;
        var contact = Contact.Create(Guid.CreateVersion7(now), now);
        if (email is not null) contact.SetEmail(EmailAddress.Parse(email));
        await db.Contacts.AddAsync(contact);
        return contact.Id;
    }

    private void Buy(AutomationDb db, Guid who, string product, int daysAgo, string? category = null) => db.Purchases.Add(new Purchase
    {
        Id = Guid.NewGuid(),
        Source = "shop",
        OrderId = Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture),
        Line = 1,
        ContactId = who,
        Date = LocalTime.DayOf(app.Get<IDemoClock>().Now, TimeZoneInfo.FindSystemTimeZoneById("Asia/Tokyo")).AddDays(-daysAgo),
        Product = product,
        Category = category,
        Quantity = 1,
        Net = 1_000,
    });
}
