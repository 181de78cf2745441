using System.Globalization;
using System.Xml;
using Automation.Marketing.Campaigns;
using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Mail.Content;

namespace Automation.Marketing.Tests.Content;

/// <summary>The shipped season calendar.</summary>
public sealed class CalendarTests
{
    private const string CrabShopFile = "crab-shop.calendar.json";

    internal static readonly CalendarFile CrabShop = CalendarFile.Parse(File.ReadAllText(Path.Combine(Shipped.Calendars, CrabShopFile)), CrabShopFile);

    internal static IEnumerable<CalendarFile> All => Directory.GetFiles(Shipped.Calendars).Select(file => CalendarFile.Parse(File.ReadAllText(file), file));

    [Fact]
    public void Every_calendar_reads()
    {
        Assert.NotEmpty(All);
        Assert.All(Directory.GetFiles(Shipped.Calendars), file => Assert.EndsWith(".calendar.json", file, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("crab-opening", 2026, "2026-10-23")]
    [InlineData("crab-opening-everyone", 2026, "2026-10-23")]
    [InlineData("crab-new-year", 2027, "2026-12-02")]
    [InlineData("crab-last-call", 2027, "2027-02-27")]
    [InlineData("crab-opening", 2030, "2030-10-23")]
    public void The_touches_of_a_season_fall_on_the_days_the_shop_expects(string key, int year, string day) =>
        Assert.Equal(DateOnly.Parse(day, CultureInfo.InvariantCulture), DayOf(CrabShop.Occurrences.Single(row => row.Key == key), year));

    [Fact]
    public void No_mail_may_go_out_once_its_day_has_come()
    {
        foreach (var row in All.SelectMany(calendar => calendar.Occurrences))
        {
            var lead = -WhenRule.Parse(row.When, row.Key).Days;
            Assert.True(XmlConvert.ToTimeSpan(row.Window!.Closes!) < TimeSpan.FromDays(lead), row.Key);
        }
    }

    [Fact]
    public void Each_mailing_says_what_its_template_says_in_both_languages()
    {
        var templates = TemplateCatalogue.Load(Shipped.Templates);
        foreach (var row in All.SelectMany(calendar => calendar.Occurrences))
        {
            Assert.Equal(row.Approach, templates.Find(row.Template)?.Approach.ToString());
            Assert.False(string.IsNullOrEmpty(row.Title) || string.IsNullOrEmpty(row.TitleEn), row.Key);
            Assert.Equal(60, row.Priority);
            Assert.False(string.IsNullOrEmpty(row.CollapseKey), row.Key);
            foreach (var part in new[] { "subject", "html", "text" })
            {
                foreach (var language in new[] { "ja", "en" }) Assert.True(File.Exists(Path.Combine(Shipped.Templates, row.Template, $"{part}.{language}.sbn")), $"{row.Template}: {part}.{language}");
            }
        }
        Assert.Single(CrabShop.Occurrences.Select(row => row.CollapseKey).Distinct());
    }

    [Fact]
    public void Every_year_that_a_shop_is_promised_has_a_calendar() =>
        Assert.Equal(["business-year", "crab-shop", "gift-seasons", "maintenance", "ushi-day", "year-end-thanks"], All.Select(calendar => calendar.Key).Order(StringComparer.Ordinal));

    [Fact]
    public void The_two_opening_mails_reach_everybody_once()
    {
        var (buyers, others) = (AudienceOf("crab-opening"), AudienceOf("crab-opening-everyone"));
        Assert.Equal(new Audience(Bought: new PurchaseSpan(Category: "かに")), buyers);
        Assert.Equal(new Audience(NotBought: buyers.Bought), others);
    }

    [Fact]
    public void The_last_call_spares_those_who_ordered_lately()
    {
        Assert.Equal(new Audience(Bought: new PurchaseSpan(Category: "かに"), NotBought: new PurchaseSpan(LastDays: 21)), AudienceOf("crab-last-call"));
    }

    private static Audience AudienceOf(string key) => Audiences.Parse(CrabShop.Occurrences.Single(row => row.Key == key).Audience.GetRawText(), key);

    private static DateOnly DayOf(CalendarFile.OccurrenceRow row, int year)
    {
        var when = WhenRule.Parse(row.When, row.Key);
        var anchor = CrabShop.Anchors.Single(each => each.Key == when.Anchor);
        return DateOnly.Parse(anchor.Dates![year.ToString(CultureInfo.InvariantCulture)], CultureInfo.InvariantCulture).AddDays(when.Days);
    }
}
