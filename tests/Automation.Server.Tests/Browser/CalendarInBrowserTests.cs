using System.Globalization;
using Automation.Marketing;
using Automation.Marketing.Campaigns.Calendar;
using Automation.Server.Clock;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;

namespace Automation.Server.Tests.Browser;

/// <summary>The season calendar as people use it: chosen, looked over, approved, gone out.</summary>
[Collection(nameof(BrowserApp))]
public sealed class CalendarInBrowserTests(BrowserApp app)
{
    [Theory]
    [InlineData("ja", 390, "お歳暮のご案内", "使用中")]
    [InlineData("en", 1366, "Year-end gifts", "in use")]
    public async Task A_ready_made_calendar_is_chosen_fills_the_year_and_is_put_away_again(string language, int width, string mailing, string inUse)
    {
        await using var visit = await WatchedPage.OpenAsync(app, language, width);
        await visit.SignInAsync();
        await visit.GoAsync("/calendar");
        await visit.Page.ClickAsync("a[href='/calendar/ready']");
        await visit.CheckWidthAsync("/calendar/ready");
        await visit.KeepPictureAsync($"{language}-{width}-calendar-ready");
        var card = visit.Page.Locator("section.card", new PageLocatorOptions { HasText = mailing });
        await card.Locator("form[action*=Follow] button").ClickAsync();
        await Assertions.Expect(card).ToContainTextAsync(inUse);
        var year = app.Get<IDemoClock>().Now.Year;
        await visit.GoAsync($"/calendar/board?year={year.ToString(CultureInfo.InvariantCulture)}");
        await Assertions.Expect(visit.Page.GetByText(mailing).First).ToBeVisibleAsync();
        await visit.GoAsync("/calendar/ready");
        await card.Locator("form[action*=Leave] button").ClickAsync();
        await Assertions.Expect(card).Not.ToContainTextAsync(inUse);
        Assert.Empty(visit.Complaints);
    }

    [Theory]
    [InlineData("ja", 390)]
    [InlineData("en", 1366)]
    public async Task What_waits_for_approval_goes_out_once_it_is_approved(string language, int width)
    {
        var key = $"market{language}";
        var mailing = await OpenMailingAsync(key);
        await using var visit = await WatchedPage.OpenAsync(app, language, width);
        await visit.SignInAsync();
        await visit.GoAsync($"/calendar/board?year={mailing.Year.ToString(CultureInfo.InvariantCulture)}");
        await Assertions.Expect(visit.Page.Locator($"a[href='/calendar/{mailing.Id}']").First).ToBeVisibleAsync();
        await app.SettleAsync();
        await using (var db = app.OpenDb()) Assert.Null((await db.Occurrences.AsNoTracking().SingleAsync(one => one.Id == mailing.Id)).BroadcastId);
        await visit.GoAsync($"/calendar/{mailing.Id}");
        await visit.Page.ClickAsync("form[action*=Approve] button");
        await app.SettleAsync();
        await visit.GoAsync($"/calendar/{mailing.Id}");
        await visit.Page.ClickAsync("a[href^='/broadcasts/']");
        await Assertions.Expect(visit.Page.Locator("h1")).ToContainTextAsync("港の市");
        await visit.CheckWidthAsync("/broadcasts/{id}");
        await visit.KeepPictureAsync($"{language}-{width}-broadcast-approved");
        await using var after = app.OpenDb();
        var broadcast = (await after.Occurrences.AsNoTracking().SingleAsync(one => one.Id == mailing.Id)).BroadcastId!.Value;
        // Everyone in Kyoto has a line in its account.
        Assert.Equal(60, await after.OutboxMessages.CountAsync(mail => mail.OriginId == broadcast.ToString("N")));
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_mailing_is_dragged_to_another_month_of_the_board_and_back()
    {
        Guid id;
        await using (var db = app.OpenDb())
        {
            const string Text = """
                {"key":"dragged","anchors":[{"key":"引く日","kind":"explicit","dates":{"2027":"2027-03-10"}}],
                 "occurrences":[{"key":"dragged","title":"引く便り","when":"引く日","audience":{"prefectures":["沖縄県"]},"template":"care/year-end-thanks","approach":"A3"}]}
                """;
            await SeasonCalendar.LoadAsync(db, CalendarFile.Parse(Text, "dragged"), app.Get<IDemoClock>().Now, default);
            id = (await db.Occurrences.AsNoTracking().SingleAsync(one => one.Key == "dragged" && one.Year == 2027)).Id;
        }
        await using var visit = await WatchedPage.OpenAsync(app, "ja", 1366);
        await visit.SignInAsync();
        await visit.GoAsync("/calendar/board?year=2027");
        foreach (var (month, day) in new[] { (4, new DateOnly(2027, 4, 10)), (3, new DateOnly(2027, 3, 10)) })
        {
            await visit.Page.Locator($".chip[data-id='{id}']").DragToAsync(visit.Page.Locator($".year-month[data-month='{month}'] h2"));
            await Assertions.Expect(visit.Page.Locator($".year-month[data-month='{month}'] .chip[data-id='{id}']")).ToBeVisibleAsync();
            await using var db = app.OpenDb();
            var opens = (await db.Occurrences.AsNoTracking().SingleAsync(one => one.Id == id)).OpensAt;
            Assert.Equal(day, LocalTime.DayOf(opens, TimeZoneInfo.FindSystemTimeZoneById("Asia/Tokyo")));
        }
        // Pressed instead of dragged, it opens.
        await visit.Page.Locator($".chip[data-id='{id}']").ClickAsync();
        await Assertions.Expect(visit.Page.Locator("h1")).ToContainTextAsync("引く便り");
        Assert.Empty(visit.Complaints);
    }

    // Its day is tomorrow, so that its window has been open since this morning.
    private async Task<Occurrence> OpenMailingAsync(string key)
    {
        var now = app.Get<IDemoClock>().Now;
        var tomorrow = LocalTime.DayOf(now, TimeZoneInfo.FindSystemTimeZoneById("Asia/Tokyo")).AddDays(1);
        await using var db = app.OpenDb();
        var text = $$"""
            {"key":"{{key}}","anchors":[{"key":"港の市{{key}}","kind":"explicit","dates":{"{{tomorrow:yyyy}}":"{{tomorrow:yyyy-MM-dd}}"} }],
             "occurrences":[{"key":"{{key}}","title":"港の市","titleEn":"The harbour market","when":"港の市{{key}} -1d","window":{"opens":"00:01","closes":"P2D"},
                             "audience":{"prefectures":["京都府"]},"template":"care/year-end-thanks","approach":"A3","collapseKey":"{{key}}"}]}
            """;
        await SeasonCalendar.LoadAsync(db, CalendarFile.Parse(text, key), now, default);
        return await db.Occurrences.AsNoTracking().SingleAsync(one => one.Key == key);
    }
}
