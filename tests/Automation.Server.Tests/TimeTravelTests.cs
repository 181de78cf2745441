using System.Globalization;
using Automation.Marketing.Accounts;
using Automation.Marketing.Campaigns.Weekly;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Repurchase;
using Automation.Marketing.Deals;
using Automation.Marketing.Storage;
using Automation.Server.Tests.SignIn;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Tests;

/// <summary>A clock that is moved leaps from one due instant to the next and passes over none.</summary>
public sealed class TimeTravelTests
{
    [Fact]
    public async Task A_leap_of_a_month_sends_the_monday_mail_of_each_week_at_eight()
    {
        await using var app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-06-02 10:00");
        await using var db = app.Db();
        var owner = await Visitor.MakeAsync(db, Roles.Approver);
        owner.Email = "owner@example.com";
        await db.SaveChangesAsync();
        await WeeklyMails.SaveAsync(db, new WeeklyMailSetting(On: true, [owner.Id]), "admin", app.Clock.GetUtcNow(), default);
        await app.AdvanceToAsync("2026-06-30 10:00");
        Assert.Equal(
            ["2026-06-08 08:00", "2026-06-15 08:00", "2026-06-22 08:00", "2026-06-29 08:00"],
            (await db.WeeklyMails.AsNoTracking().OrderBy(mail => mail.Week).ToListAsync()).Select(mail => InTokyo(mail.SentAt!.Value)));
    }

    [Fact]
    public async Task A_leap_hands_back_a_quiet_deal_on_the_day_on_which_it_has_been_quiet_for_long()
    {
        await using var app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-06-02 10:00");
        await using var db = app.Db();
        var person = await app.PostEventAsync("1", "imported.contact", RunningApp.Person("ada@example.com"));
        await HandBackProposals.SetAutomaticAsync(db, automatic: true, app.Clock.GetUtcNow(), default);
        db.Deals.Add(new Deal { Id = Guid.CreateVersion7(), DealKey = "D-1", ContactId = person, Stage = "見積", CreatedAt = app.Clock.GetUtcNow(), UpdatedAt = app.Clock.GetUtcNow() });
        await db.SaveChangesAsync();
        await app.AdvanceToAsync("2026-08-31 10:00");
        var at = (await db.HandBacks.AsNoTracking().SingleAsync()).At;
        Assert.InRange(at, RunningApp.Tokyo("2026-07-02 10:00"), RunningApp.Tokyo("2026-07-03 10:00"));
    }

    [Fact]
    public async Task A_leap_tells_on_its_day_that_somebody_is_due_to_buy_again()
    {
        await using var app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-04-02 10:00");
        await using var db = app.Db();
        var person = await app.PostEventAsync("1", "imported.contact", RunningApp.Person("ada@example.com"));
        for (var at = 0; at < 4; at++)
        {
            db.Purchases.Add(new Purchase
            {
                Id = Guid.CreateVersion7(),
                Source = "shop",
                OrderId = $"O-{at}",
                Line = 1,
                ContactId = person,
                Date = new DateOnly(2026, 1, 1).AddDays(30 * at),
                Category = "米",
                Quantity = 1,
                Net = 1_000,
            });
        }
        await db.SaveChangesAsync();
        await app.AdvanceToAsync("2026-04-24 10:00");
        Assert.Equal(RepurchaseState.Waiting, await ToldAsync());
        // Due on 1 May, and reminded of six days before.
        await app.AdvanceToAsync("2026-04-25 10:00");
        Assert.Equal(RepurchaseState.Due, await ToldAsync());

        Task<RepurchaseState> ToldAsync() => db.PurchaseCycles.AsNoTracking().Where(cycle => cycle.ContactId == person && cycle.Category == "米").Select(cycle => cycle.Told).SingleAsync();
    }

    private static string InTokyo(DateTimeOffset at) => at.ToOffset(TimeSpan.FromHours(9)).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
