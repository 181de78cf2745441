using System.Text.RegularExpressions;
using Automation.Marketing.Campaigns;
using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Deals;
using Automation.Marketing.DemoData;
using Automation.Marketing.Mail;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.DemoData;

public sealed partial class DemoCompanyTests(DemoCompanyFixture company) : IClassFixture<DemoCompanyFixture>
{
    private static readonly DateOnly Today = new(2026, 11, 20);

    [Fact]
    public async Task The_company_has_its_customers_and_its_business_contacts()
    {
        await using var db = company.Open();
        Assert.Equal(DemoCompany.Customers, await db.Contacts.CountAsync(contact => contact.Company == null));
        Assert.Equal(40, await db.Contacts.CountAsync(contact => contact.Company != null));
        Assert.Equal(24, await db.Contacts.CountAsync(contact => contact.Language == "en"));
        Assert.Empty((await db.ShopAsync(default)).Missing);
        Assert.InRange(await db.Purchases.Select(purchase => purchase.OrderId).Distinct().CountAsync(), 4_000, 9_000);
    }

    [Fact]
    public async Task The_same_day_gives_the_same_company()
    {
        using var second = new DemoDatabase();
        await DemoCompany.CreateAsync(second, DemoCompanyFixture.Now, progress: null, default);
        await using var db = company.Open();
        await using var other = second.CreateDbContext();
        Assert.Equal(await FingerprintAsync(db), await FingerprintAsync(other));
    }

    [Theory]
    [InlineData("2026-06-15T03:00:00Z")]
    [InlineData("2027-01-01T00:00:00Z")]
    [InlineData("2028-02-29T14:59:59Z")]
    public async Task The_company_can_be_made_on_any_day(string now)
    {
        using var other = new DemoDatabase();
        await DemoCompany.CreateAsync(other, DateTimeOffset.Parse(now, null), progress: null, default);
        await using var db = other.CreateDbContext();
        Assert.All(await CrabDaysAsync(db), day => Assert.True(IsCrabSeason(day), $"{day} is outside the season."));
    }

    [Fact]
    public async Task A_database_that_holds_people_is_left_alone()
    {
        var refused = await Assert.ThrowsAsync<RuleBrokenException>(() => DemoCompany.CreateAsync(company.Database, DemoCompanyFixture.Now, progress: null, default));
        Assert.Contains("empty", refused.Message, StringComparison.Ordinal);
        await using var db = company.Open();
        Assert.Equal(DemoCompany.Customers + 40, await db.Contacts.CountAsync());
    }

    [Fact]
    public async Task No_address_can_belong_to_anybody()
    {
        await using var db = company.Open();
        var addresses = await db.Contacts.Where(contact => contact.Email != null).Select(contact => contact.Email!).ToListAsync();
        Assert.All(addresses, address => Assert.Matches(ReservedDomain(), address));
        Assert.Equal(addresses.Count, addresses.Distinct(StringComparer.Ordinal).Count());
        Assert.All(new[] { DemoCompany.Shop.FromEmail, DemoCompany.Shop.ReplyTo! }, address => Assert.Matches(ReservedDomain(), address));
        var phones = await db.Contacts.Where(contact => contact.Phone != null).Select(contact => contact.Phone!).ToListAsync();
        Assert.All(phones, phone => Assert.Matches(UnassignedNumber(), phone));
    }

    [Fact]
    public async Task A_reading_is_written_in_katakana()
    {
        await using var db = company.Open();
        var readings = await db.Contacts.Where(contact => contact.Kana != null).Select(contact => contact.Kana!).ToListAsync();
        Assert.True(readings.Count > 1_800);
        Assert.All(readings, kana => Assert.Matches(Katakana(), kana));
    }

    [Fact]
    public async Task Every_order_consent_and_event_has_its_person()
    {
        await using var db = company.Open();
        var people = (await db.Contacts.Select(contact => contact.Id).ToListAsync()).ToHashSet();
        Assert.All(await db.Purchases.Select(row => row.ContactId).ToListAsync(), id => Assert.Contains(id, people));
        Assert.All(await db.ConsentEntries.Select(row => row.ContactId).ToListAsync(), id => Assert.Contains(id, people));
        Assert.All(await db.LeadEvents.Select(row => row.ContactId).ToListAsync(), id => Assert.Contains(id, people));
        Assert.All(await db.Deals.Select(row => row.ContactId).ToListAsync(), id => Assert.Contains(id, people));
    }

    [Fact]
    public async Task Crab_is_bought_in_its_season_and_most_in_december()
    {
        await using var db = company.Open();
        var days = await CrabDaysAsync(db);
        Assert.All(days, day => Assert.True(IsCrabSeason(day), $"{day} is outside the season."));
        Assert.Equal(12, days.GroupBy(day => day.Month).MaxBy(month => month.Count())!.Key);
        var female = await db.Purchases.Where(row => row.Product == "せいこがに 三杯" && row.Net > 0).Select(row => row.Date).ToListAsync();
        Assert.NotEmpty(female);
        Assert.All(female, day => Assert.True(day.Month >= 11, $"{day}: the female season has ended."));
        Assert.Equal(12, await db.Purchases.Where(row => row.Category == "干物").Select(row => row.Date.Month).Distinct().CountAsync());
    }

    [Fact]
    public async Task Few_customers_bring_most_of_the_sales()
    {
        await using var db = company.Open();
        var sales = (await db.Purchases.Select(row => new { row.ContactId, row.Net }).ToListAsync())
            .GroupBy(row => row.ContactId).Select(buyer => buyer.Sum(row => row.Net)).OrderDescending().ToList();
        var topFifth = sales.Take(sales.Count / 5).Sum() / sales.Sum();
        Assert.InRange(topFifth, 0.5m, 0.85m);
    }

    [Fact]
    public async Task Goods_cost_less_than_they_bring()
    {
        await using var db = company.Open();
        Assert.All(await db.Purchases.Where(row => row.Net > 0).ToListAsync(), row => Assert.InRange(row.Cost!.Value, 0.3m * row.Net, 0.7m * row.Net));
    }

    [Fact]
    public async Task Most_people_agreed_to_be_mailed_some_never_did_and_some_took_it_back()
    {
        await using var db = company.Open();
        var newest = (await db.ConsentEntries.ToListAsync()).GroupBy(line => line.ContactId).Select(person => person.MaxBy(line => line.At)!).ToList();
        Assert.InRange(newest.Count(line => line.State is ConsentState.Granted), 1_750, 1_980);
        Assert.InRange(newest.Count(line => line.State is ConsentState.Withdrawn), 40, 130);
        Assert.InRange(await db.Contacts.CountAsync() - newest.Count, 60, 180);
        Assert.InRange(await db.SuppressedAddresses.CountAsync(), 5, 30);
        Assert.All(newest.Where(line => line.State is ConsentState.Granted), line => Assert.False(string.IsNullOrEmpty(line.Evidence)));
    }

    [Fact]
    public async Task Sales_owns_the_people_of_open_deals_and_nobody_else()
    {
        await using var db = company.Open();
        var open = await db.Deals.Where(deal => deal.Status == DealStatus.Open).Select(deal => deal.ContactId).ToListAsync();
        var owned = await db.Contacts.Where(contact => contact.SalesOwned).Select(contact => contact.Id).ToListAsync();
        Assert.Equal(open.Order(), owned.Order());
        Assert.Equal(24, open.Count);
        Assert.Equal(6, await db.Deals.CountAsync(deal => deal.Status == DealStatus.Won));
        Assert.Equal(6, await db.Deals.CountAsync(deal => deal.Status == DealStatus.Lost));
        Assert.Equal(await db.Deals.CountAsync(deal => deal.Status == DealStatus.Recycled), await db.HandBacks.CountAsync());
    }

    [Fact]
    public async Task Nothing_lies_in_the_future()
    {
        await using var db = company.Open();
        Assert.Equal(Today, await db.Purchases.MaxAsync(row => row.Date));
        Assert.True(await db.LeadEvents.MaxAsync(row => row.OccurredAt) <= DemoCompanyFixture.Now);
        Assert.True(await db.ConsentEntries.MaxAsync(row => row.At) <= DemoCompanyFixture.Now);
        Assert.True(await db.Contacts.MaxAsync(row => row.CreatedAt) <= DemoCompanyFixture.Now);
    }

    [Fact]
    public async Task Last_years_mailings_are_those_of_the_ready_made_calendars_and_keep_the_shops_limits()
    {
        await using var db = company.Open();
        var past = await db.Occurrences.AsNoTracking().OrderBy(one => one.OpensAt).ToListAsync();
        Assert.True(past.Count >= 7, $"{past.Count} mailings");
        var rows = Content.CalendarTests.All.SelectMany(calendar => calendar.Occurrences).ToDictionary(row => row.Key);
        foreach (var one in past)
        {
            var row = rows[one.Key];
            Assert.Equal((row.Title, row.TitleEn, row.When, row.Template, row.Approach, row.CollapseKey), (one.Title, one.TitleEn, one.When, one.Template, one.Approach.ToString(), one.CollapseKey));
            Assert.Equal(System.Xml.XmlConvert.ToTimeSpan(row.Window!.Closes!), one.ClosesAt - one.OpensAt);
            Assert.Equal(Audiences.Parse(row.Audience.GetRawText(), row.Key).ToJson(), one.Audience);
            Assert.Equal((OccurrenceState.Launched, BroadcastState.Done), (one.State, (await db.Broadcasts.SingleAsync(broadcast => broadcast.Id == one.BroadcastId)).State));
        }
        var mails = await db.OutboxMessages.AsNoTracking().ToListAsync();
        Assert.Equal(await db.BroadcastRecipients.CountAsync(), mails.Count);
        Assert.Contains(mails, mail => mail.State is MessageState.Suppressed);
        foreach (var person in mails.Where(mail => mail.State is MessageState.Sent).GroupBy(mail => mail.ContactId))
        {
            Assert.All(person, mail => Assert.True(person.Count(other => other.SentAt > mail.SentAt!.Value.AddDays(-30) && other.SentAt <= mail.SentAt) <= 3));
            Assert.All(person.Where(mail => mail.Approach is not Approach.A3), mail =>
                Assert.True(person.Count(other => other.Approach is not Approach.A3 && other.SentAt > mail.SentAt!.Value.AddDays(-30) && other.SentAt <= mail.SentAt) <= 2));
        }
    }

    private static Task<List<DateOnly>> CrabDaysAsync(AutomationDb db) =>
        db.Purchases.Where(row => row.Category == "かに" && row.Net > 0).Select(row => row.Date).ToListAsync();

    private static bool IsCrabSeason(DateOnly day) => (day.Month, day.Day) is (11, >= 6) or (12, _) or (1, _) or (2, _) or (3, <= 20);

    private static async Task<List<string>> FingerprintAsync(AutomationDb db)
    {
        var people = await db.Contacts.OrderBy(contact => contact.ExternalId).Select(contact => $"{contact.Id} {contact.Name} {contact.Email}").ToListAsync();
        var lines = await db.Purchases.OrderBy(row => row.OrderId).ThenBy(row => row.Line).Select(row => $"{row.OrderId} {row.Line} {row.Product} {row.Net}").ToListAsync();
        var consents = await db.ConsentEntries.OrderBy(line => line.Id).Select(line => $"{line.Id} {line.State}").ToListAsync();
        return [.. people, .. lines, .. consents];
    }

    [GeneratedRegex(@"^[a-z0-9.]+@([a-z0-9]+\.)?example\.(com|net|jp)$")]
    private static partial Regex ReservedDomain();

    [GeneratedRegex("^(090-0000|0776-00)-[0-9]{4}$")]
    private static partial Regex UnassignedNumber();

    [GeneratedRegex("^[ァ-ヴー]+ [ァ-ヴー]+$")]
    private static partial Regex Katakana();
}
