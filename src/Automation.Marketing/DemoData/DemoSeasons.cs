using Automation.Marketing.Campaigns;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Days;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;

namespace Automation.Marketing.DemoData;

/// <summary>A mailing of the past year, as the ready-made calendars have them.</summary>
/// <param name="Season">The anchor's year.</param>
internal sealed record DemoMailing(
    string Key, int Season, string Title, string TitleEn, string When, string Template, Approach Approach, DateTimeOffset At, TimeSpan Window, Audience Audience, string CollapseKey);

/// <summary>One mail of such a mailing.</summary>
/// <param name="Rule">Why it was not sent; empty: it was.</param>
internal sealed record DemoMail(Guid Id, DemoPerson Person, DateTimeOffset At, string Rule, bool Opened, bool Clicked);

/// <summary>Invents the shop's mailings of the past thirteen months, so that the year's board has something to stand beside.</summary>
internal sealed class DemoSeasons(DemoDice dice, DemoTime time)
{
    private const int Days = 400;
    private const int MailsAMinute = 120;

    private static readonly TimeSpan Japan = TimeSpan.FromHours(9);

    /// <summary>Those that went out before today, the oldest first.</summary>
    public IEnumerable<DemoMailing> Mailings() =>
        Enumerable.Range(time.Today.Year - 2, 4).SelectMany(Of)
            .Where(mailing => time.DayOf(mailing.At) is var day && day < time.Today && day > time.Today.AddDays(-Days)).OrderBy(mailing => mailing.At).ThenBy(mailing => mailing.Key, StringComparer.Ordinal);

    /// <summary>Everyone of its audience with an address, and what became of their mail.</summary>
    public IEnumerable<DemoMail> MailsOf(DemoMailing mailing, IReadOnlyList<DemoPerson> people, ILookup<DemoPerson, DemoOrder> orders, ILookup<DemoPerson, DemoConsent> consents, IReadOnlyDictionary<string, DemoSuppression> suppressed)
    {
        var (day, number) = (time.DayOf(mailing.At), 0);
        foreach (var person in people.Where(one => one is { Email: not null, Company: null } && one.CreatedAt < mailing.At && IsMeant(mailing.Audience, orders[one], day)))
        {
            var rule = RuleFor(consents[person], person, mailing.At, suppressed);
            var opened = rule.Length == 0 && dice.Chance(46);
            yield return new DemoMail(
                dice.NewId(), person, mailing.At.AddSeconds(60.0 * number++ / MailsAMinute), rule, opened, opened && dice.Chance(mailing.Approach is Approach.A3 ? 9 : 24));
        }
    }

    // Dates and words are those of workflows/calendars; a test sees that they stay so.
    private static IEnumerable<DemoMailing> Of(int year)
    {
        var crab = new PurchaseSpan(Category: DemoCatalogue.Crab);
        var opening = new DateOnly(year, 11, 6).AddDays(-14);
        yield return Mailing("crab-opening", year, "解禁のご案内（以前お求めの方）", "The opening, to past buyers", "解禁日 -14d", "season/crab-opening", Approach.A2, opening, 10, 12, new Audience(Bought: crab), "crab-season");
        yield return Mailing("crab-opening-everyone", year, "解禁のお知らせ（はじめての方）", "The opening, to everyone else", "解禁日 -14d", "season/crab-opening-everyone", Approach.A1, opening, 11, 12, new Audience(NotBought: crab), "crab-season");
        yield return Mailing("crab-new-year", year, "お正月と贈り物のかに", "Crab for the New Year", "元日 -30d", "season/crab-new-year", Approach.A2, new DateOnly(year, 1, 1).AddDays(-30), 10, 14, new Audience(Bought: crab), "crab-season");
        yield return Mailing("crab-last-call", year, "食べ納めのご案内", "The last call", "漁期終了 -21d", "season/crab-last-call", Approach.A2, new DateOnly(year, 3, 20).AddDays(-21), 10, 14, new Audience(Bought: crab, NotBought: new PurchaseSpan(LastDays: 21)), "crab-season");
        yield return Mailing("gift-midsummer", year, "お中元のご案内", "Midsummer gifts", "中元 -30d", "season/gift-midsummer", Approach.A2, new DateOnly(year, 7, 15).AddDays(-30), 10, 10, new Audience(Bought: new PurchaseSpan(LastDays: 730)), "gift-midsummer");
        yield return Mailing("gift-year-end", year, "お歳暮のご案内", "Year-end gifts", "歳暮 -35d", "season/gift-year-end", Approach.A2, new DateOnly(year, 12, 20).AddDays(-35), 10, 10, new Audience(Bought: new PurchaseSpan(LastDays: 730)), "gift-year-end");
        yield return Mailing("year-end-thanks", year, "年末のお礼", "Thanks for this year", "仕事納め -8d", "care/year-end-thanks", Approach.A3, WorkingDays.OnOrBefore(new DateOnly(year, 12, 28).AddDays(-8)), 10, 6, new Audience(Bought: new PurchaseSpan(LastDays: 365)), "year-end-thanks");
    }

    private static DemoMailing Mailing(
        string key, int season, string title, string titleEn, string when, string template, Approach approach, DateOnly day, int hour, int windowDays, Audience audience, string collapseKey) =>
        new(key, season, title, titleEn, when, template, approach, new DateTimeOffset(day.ToDateTime(new TimeOnly(hour, 0)), Japan).ToUniversalTime(), TimeSpan.FromDays(windowDays), audience, collapseKey);

    private static bool IsMeant(Audience audience, IEnumerable<DemoOrder> orders, DateOnly day) =>
        (audience.Bought is not { } bought || Has(orders, bought, day)) && (audience.NotBought is not { } not || !Has(orders, not, day));

    private static bool Has(IEnumerable<DemoOrder> orders, PurchaseSpan span, DateOnly day)
    {
        var from = span.LastDays is { } days ? day.AddDays(-days) : DateOnly.MinValue;
        return orders.Any(order => order.Lines.Any(line => line.Net > 0 && line.Date >= from && line.Date <= day && (span.Category is null || line.Product.Category == span.Category)));
    }

    private static string RuleFor(IEnumerable<DemoConsent> consents, DemoPerson person, DateTimeOffset at, IReadOnlyDictionary<string, DemoSuppression> suppressed) =>
        consents.Where(line => line.At <= at).MaxBy(line => line.At) switch
        {
            null => Rules.ConsentNone,
            { State: ConsentState.Withdrawn } => Rules.ConsentWithdrawn,
            _ => suppressed.GetValueOrDefault(person.Email!) is { } suppression && suppression.At <= at ? Rules.Suppressed + suppression.Reason.ToString().ToLowerInvariant() : "",
        };
}
