using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Automation.Marketing;
using Automation.Marketing.Campaigns;
using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Automation.Server.Clock;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace Automation.Server.Tests.Browser;

/// <summary>The season calendar as a shop runs it, on the machine's clock: the board, an approval, and a mailing that goes out by itself.</summary>
[Collection(nameof(BrowserApp))]
public sealed class RealClockTests(BrowserApp browser)
{
    private const int Agreed = 25;

    // Long enough to start, look and approve; then nothing is left to do but wait.
    private static readonly TimeSpan Ahead = TimeSpan.FromSeconds(110);

    private static readonly TimeZoneInfo Zone = TimeZoneInfo.FindSystemTimeZoneById("Asia/Tokyo");

    [Fact]
    public async Task A_mailing_that_somebody_approves_goes_out_at_its_own_time_and_accounts_for_everyone()
    {
        await using var app = await RunningApp.StartOnRealClockAsync(DatabaseProvider.Sqlite, PrepareAsync, "--Setup:Calendars=");
        Assert.Same(TimeProvider.System, app.Server.App.Services.GetRequiredService<TimeProvider>());
        Assert.False(app.Server.App.Services.GetRequiredService<IDemoClock>().CanMove);
        var mailing = await MailingAsync(app);
        await using var visit = await WatchedPage.OpenAsync(browser.Browser, app.Server.Address, "ja", 1366);
        await visit.SignInAsync();

        await visit.GoAsync($"/calendar/board?year={LocalTime.DayOf(mailing.OpensAt, Zone).Year.ToString(CultureInfo.InvariantCulture)}");
        await visit.KeepPictureAsync("real-clock-board");
        await visit.Page.Locator($"a[href='/calendar/{mailing.Id}']").First.ClickAsync();
        await ApproveAsync(visit);
        await visit.KeepPictureAsync("real-clock-approved");

        await ReportAsync(visit, mailing.Id);
        await Assertions.Expect(visit.Page.Locator("#account .card-header .badge")).ToHaveTextAsync("完了");
        await Assertions.Expect(visit.Page.Locator("#account")).Not.ToHaveAttributeAsync("hx-get", new System.Text.RegularExpressions.Regex("."));
        await visit.KeepPictureAsync("real-clock-broadcast");
        var lines = await visit.Page.Locator("#account .list-group-item").AllInnerTextsAsync();
        Assert.Equal(2, lines.Count);
        Assert.Contains(lines, line => line.Contains("送信済み", StringComparison.Ordinal) && line.TrimEnd().EndsWith("25", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.TrimEnd().EndsWith('1'));
        await CheckSentAsync(app, mailing);
        Assert.True(visit.Complaints.Count == 0, string.Join(Environment.NewLine, visit.Complaints));
    }

    // Reviewed first: whom it is for, how many, and with which template.
    private static async Task ApproveAsync(WatchedPage visit)
    {
        await Assertions.Expect(visit.Page.Locator("h1")).ToContainTextAsync("港の市");
        await Assertions.Expect(visit.Page.Locator("dl.facts").First).ToContainTextAsync("care/year-end-thanks");
        await Assertions.Expect(visit.Page.Locator("[aria-live=polite] .fs-2").First).ToHaveTextAsync("25");
        await visit.Page.ClickAsync("form[action*=Approve] button");
        await Assertions.Expect(visit.Page.Locator("form[action*=Withdraw] button, a[href^='/broadcasts/'].btn-primary").First).ToBeVisibleAsync();
    }

    // Nobody does anything: the page is only looked at again.
    private static async Task ReportAsync(WatchedPage visit, Guid mailing)
    {
        var report = visit.Page.Locator("a.btn-primary[href^='/broadcasts/']");
        await RunningApp.EventuallyAsync(async () =>
        {
            await visit.GoAsync($"/calendar/{mailing}");
            return await report.CountAsync() > 0;
        });
        await report.ClickAsync();
        await Assertions.Expect(visit.Page.Locator("h1")).ToContainTextAsync("港の市");
    }

    private static async Task CheckSentAsync(RunningApp app, Occurrence mailing)
    {
        await using var db = app.Db();
        var launched = await db.Occurrences.AsNoTracking().SingleAsync(one => one.Id == mailing.Id);
        Assert.Equal((OccurrenceState.Launched, "admin"), (launched.State, launched.ApprovedBy));
        var broadcast = await db.Broadcasts.AsNoTracking().SingleAsync(one => one.Id == launched.BroadcastId);
        Assert.Equal((BroadcastState.Done, "calendar"), (broadcast.State, broadcast.CreatedBy));
        Assert.True(broadcast.StartedAt >= mailing.OpensAt, $"It began {broadcast.StartedAt:O}, and opens {mailing.OpensAt:O}.");
        Assert.Equal(Agreed + 1, await db.BroadcastRecipients.CountAsync(one => one.BroadcastId == broadcast.Id));
        for (var number = 0; number < Agreed; number++)
            Assert.Single((await app.StandIn.GetFromJsonAsync<JsonObject>($"/stand-in/mails?to=member{number}@example.com"))!["mails"]!.AsArray());
    }

    private static async Task<Occurrence> MailingAsync(RunningApp app)
    {
        await using var db = app.Db();
        return await db.Occurrences.AsNoTracking().SingleAsync();
    }

    // Open all day and every day, as a shop may set it: the hour at which tests run must not matter.
    private static async Task PrepareAsync(AutomationDb db, DateTimeOffset now)
    {
        await db.SaveSendingPolicyAsync(new SendingPolicy(1, [], MinGap: null, Quiet: null), now, default);
        for (var number = 0; number < Agreed; number++) Add(db, $"member{number}@example.com", ConsentState.Granted, now);
        Add(db, "refused@example.com", ConsentState.Withdrawn, now);
        await db.SaveChangesAsync();
        await SeasonCalendar.LoadAsync(db, CalendarFile.Parse(CalendarOf(now + Ahead), "harbour"), now, default);
    }

    // It opens on the minute, a day before the day that it is about.
    private static string CalendarOf(DateTimeOffset opens)
    {
        var local = TimeZoneInfo.ConvertTime(opens, Zone);
        var (time, day) = (local.ToString("HH:mm", CultureInfo.InvariantCulture), DateOnly.FromDateTime(local.DateTime).AddDays(1));
        return $$"""
            {"key":"harbour","title":"港の一年","anchors":[{"key":"港の市","kind":"explicit","dates":{"{{day:yyyy}}":"{{day:yyyy-MM-dd}}"} }],
             "occurrences":[{"key":"harbour-market","title":"港の市","titleEn":"The harbour market","when":"港の市 -1d","window":{"opens":"{{time}}","closes":"P2D"},
                             "audience":{},"template":"care/year-end-thanks","approach":"A3","approval":"each"}]}
            """;
    }

    private static void Add(AutomationDb db, string email, ConsentState consent, DateTimeOffset now)
    {
        var contact = Contact.Create(Guid.CreateVersion7(now), now);
        contact.SetEmail(EmailAddress.Parse(email));
        contact.Name = "会員";
        db.Contacts.Add(contact);
        db.ConsentEntries.Add(new ConsentEntry
        {
            Id = Guid.CreateVersion7(now),
            ContactId = contact.Id,
            State = consent,
            Basis = consent is ConsentState.Withdrawn ? ConsentBasis.OwnWithdrawal : ConsentBasis.OptIn,
            Source = "form",
            Actor = "person",
            At = now.AddMonths(-1),
        });
    }
}
