using System.Globalization;
using System.Text.Json;
using Automation.Marketing.Mail.Content.Authoring;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Campaigns.Calendar.OurYears;

/// <summary>What a shop says of its year.</summary>
/// <param name="Product">As customers call it, 1 to 30 characters.</param>
/// <param name="About">What is special about it, at most 200 characters.</param>
/// <param name="Goods">The product or category, as purchases name it: whom the last call is for; null: everyone who bought anything.</param>
/// <param name="EachYear">The same days every year; otherwise each year's are entered.</param>
public sealed record OurYearAnswers(string Product, string? About, string? Goods, DateOnly Opens, DateOnly Peak, DateOnly Ends, bool EachYear);

/// <summary>What was made of the answers, so that it can be taken back whole.</summary>
/// <param name="Number">Grows; the calendar and its templates carry it.</param>
public sealed record OurYearMade(
    int Number, string Product, string Calendar, IReadOnlyList<string> Anchors, IReadOnlyList<string> Occurrences, IReadOnlyList<string> Templates, string By, DateTimeOffset At);

/// <summary>Makes a filled year of four answers: days, mailings and drafts of their texts, all of it held until somebody approves.</summary>
public sealed class OurYears(IDbContextFactory<AutomationDb> dbs, TemplateDesk desk, TimeProvider clock)
{
    public const int MaxProduct = 30, MaxAbout = 200;

    private const string Prefix = "our-year:";
    private const int MostYears = 366;

    private static readonly string[] Kinds = ["announce", "peak", "last-call"];

    public static async Task<IReadOnlyList<OurYearMade>> MadeAsync(AutomationDb db, CancellationToken cancellation) =>
        [.. (await db.Settings.AsNoTracking().Where(setting => setting.Key.StartsWith(Prefix)).ToListAsync(cancellation))
            .Select(setting => JsonSerializer.Deserialize<OurYearMade>(setting.Value, JsonSerializerOptions.Web)!).OrderBy(made => made.Number)];

    /// <returns>What was made; the first of its mailings goes out in the year of <see cref="OurYearAnswers.Opens"/> or the one before.</returns>
    /// <exception cref="BadInputException">An answer does not fit; nothing is made.</exception>
    public async Task<OurYearMade> MakeAsync(OurYearAnswers answers, string by, CancellationToken cancellation)
    {
        Check(answers);
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var now = clock.GetUtcNow();
        var number = (await MadeAsync(db, cancellation)).Select(made => made.Number).DefaultIfEmpty(0).Max() + 1;
        while (await desk.OpenAsync(TemplateOf(number, Kinds[0]), cancellation) is not null) number++;
        var name = await FreeNameAsync(db, answers.Product, cancellation);
        var calendar = CalendarOf(number, name, answers, await GoodsAsync(db, answers.Goods, cancellation));
        foreach (var kind in Kinds)
        {
            var content = TemplateContent.Of(OurYearTexts.Of(TemplateOf(number, kind), kind, answers.Product.Trim(), string.IsNullOrWhiteSpace(answers.About) ? null : answers.About.Trim()));
            await TemplateDesk.AddDraftAsync(db, content, by, now, cancellation);
        }
        await SeasonCalendar.TakeInAsync(db, CalendarFile.Parse(calendar.ToJson(), calendar.Key), now, cancellation);
        var made = new OurYearMade(
            number, answers.Product.Trim(), calendar.Key, [.. calendar.Anchors.Select(anchor => anchor.Key)], [.. calendar.Occurrences.Select(row => row.Key)],
            [.. Kinds.Select(kind => TemplateOf(number, kind))], by, now);
        await db.WriteSettingAsync(Prefix + number.ToString(CultureInfo.InvariantCulture), made, now, cancellation);
        await Audit.WriteAsync(db, by, "our-year.made", calendar.Key, before: null, made, now, cancellation);
        await transaction.CommitAsync(cancellation);
        return made;
    }

    /// <summary>Takes everything back: days, mailings and drafts; a text that was published meanwhile is taken out of use.</summary>
    /// <exception cref="RuleBrokenException">There is none of this number, or one of its mailings has gone out.</exception>
    public async Task UndoAsync(int number, string by, CancellationToken cancellation)
    {
        OurYearMade made;
        await using (var db = await dbs.CreateDbContextAsync(cancellation))
        {
            await using var transaction = await db.BeginWriteAsync(cancellation);
            var now = clock.GetUtcNow();
            made = (await MadeAsync(db, cancellation)).FirstOrDefault(one => one.Number == number) ?? throw new RuleBrokenException("This year has been taken back already.");
            if (await db.Occurrences.AnyAsync(one => made.Occurrences.Contains(one.Key) && one.State == OccurrenceState.Launched, cancellation))
                throw new RuleBrokenException("One of its mailings has gone out. Leave out the others in the calendar instead.");
            await db.Occurrences.Where(one => made.Occurrences.Contains(one.Key)).ExecuteDeleteAsync(cancellation);
            await db.OccurrenceDrafts.Where(one => made.Occurrences.Contains(one.Key)).ExecuteDeleteAsync(cancellation);
            await db.AnchorDates.Where(date => made.Anchors.Contains(date.AnchorKey)).ExecuteDeleteAsync(cancellation);
            await db.Anchors.Where(anchor => made.Anchors.Contains(anchor.Key)).ExecuteDeleteAsync(cancellation);
            await db.TemplateDrafts.Where(draft => made.Templates.Contains(draft.TemplateId)).ExecuteDeleteAsync(cancellation);
            var keys = new[] { SeasonCalendar.SettingPrefix + made.Calendar, Prefix + number.ToString(CultureInfo.InvariantCulture) };
            await db.Settings.Where(setting => keys.Contains(setting.Key)).ExecuteDeleteAsync(cancellation);
            await SeasonCalendar.PlanAsync(db, now, cancellation);
            await Audit.WriteAsync(db, by, "our-year.undone", made.Calendar, made, after: null, now, cancellation);
            await transaction.CommitAsync(cancellation);
        }
        foreach (var template in made.Templates)
        {
            if (await desk.OpenAsync(template, cancellation) is { IsRetired: false }) await desk.RetireAsync(template, "", by, cancellation);
        }
    }

    private static string TemplateOf(int number, string kind) => $"our-year/{number.ToString(CultureInfo.InvariantCulture)}/{kind}";

    private static void Check(OurYearAnswers answers)
    {
        // It stands in texts of the template language and in rules.
        if (string.IsNullOrWhiteSpace(answers.Product) || answers.Product.Length > MaxProduct || answers.Product.Any(letter => char.IsControl(letter) || "{}<>\"\\".Contains(letter)))
            throw new BadInputException("product", $"must have 1 to {MaxProduct} characters, without brackets, quotes and backslashes.");
        if (answers.About is { } about && (about.Length > MaxAbout || about.Any(letter => char.IsControl(letter) || "{}".Contains(letter))))
            throw new BadInputException("about", $"has at most {MaxAbout} characters, in one line and without braces.");
        if (answers.Peak < answers.Opens) throw new BadInputException("peak", "lies before the opening.");
        if (answers.Ends < answers.Peak) throw new BadInputException("ends", "lies before the peak.");
        if (answers.Ends.DayNumber - answers.Opens.DayNumber >= MostYears) throw new BadInputException("ends", "lies more than a year after the opening.");
    }

    // Rules like "解禁日 -14d" name anchors: no spaces, plus and minus in them.
    private static async Task<string> FreeNameAsync(AutomationDb db, string product, CancellationToken cancellation)
    {
        var name = string.Concat(product.Where(letter => !char.IsWhiteSpace(letter) && letter is not ('+' or '-' or '*')));
        if (name.Length == 0) throw new BadInputException("product", "must have a letter.");
        var taken = (await db.Anchors.Select(anchor => anchor.Key).ToListAsync(cancellation)).ToHashSet(StringComparer.Ordinal);
        var (free, again) = (name, 1);
        while (taken.Contains(free + "の始まり") || taken.Contains(free + "の盛り") || taken.Contains(free + "の終わり")) free = $"{name}{++again}";
        return free;
    }

    private static async Task<PurchaseSpan> GoodsAsync(AutomationDb db, string? goods, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(goods)) return new PurchaseSpan(LastDays: 730);
        return await db.Purchases.AnyAsync(purchase => purchase.Category == goods, cancellation) ? new PurchaseSpan(LastDays: 730, Category: goods)
            : await db.Purchases.AnyAsync(purchase => purchase.Product == goods, cancellation) ? new PurchaseSpan(LastDays: 730, Product: goods)
            : throw new BadInputException("goods", "nobody has bought a product or category of this name.");
    }

    private static CalendarFile CalendarOf(int number, string name, OurYearAnswers answers, PurchaseSpan bought)
    {
        var key = $"our-year-{number.ToString(CultureInfo.InvariantCulture)}";
        var product = answers.Product.Trim();
        var lately = new PurchaseSpan(LastDays: 21, Product: bought.Product, Category: bought.Category);
        return new CalendarFile(
            key,
            [Day(name + "の始まり", $"{product}: begins", answers.Opens), Day(name + "の盛り", $"{product}: peak", answers.Peak), Day(name + "の終わり", $"{product}: ends", answers.Ends)],
            [
                Row("announce", name + "の始まり -14d", new Audience(), "A1", "P10D", $"{product}：季節のお知らせ", $"{product}: announcement"),
                Row("peak", name + "の盛り", new Audience(Bought: bought with { Product = null, Category = null }), "A2", "P7D", $"{product}：盛りのお知らせ", $"{product}: at its best"),
                Row("last-call", name + "の終わり -21d", new Audience(Bought: bought, NotBought: lately), "A2", "P10D", $"{product}：季節の終わりのお知らせ", $"{product}: last call"),
            ],
            product, product, new CalendarFile.SeasonRow(key, name + "の始まり", name + "の終わり"));

        CalendarFile.AnchorRow Day(string anchor, string english, DateOnly day) => answers.EachYear
            ? new CalendarFile.AnchorRow(anchor, AnchorRule.Fixed, null, english, day.ToString("MM-dd", CultureInfo.InvariantCulture))
            : new CalendarFile.AnchorRow(anchor, AnchorRule.Explicit, new Dictionary<string, string> { [day.Year.ToString(CultureInfo.InvariantCulture)] = LocalTime.Iso(day) }, english);

        CalendarFile.OccurrenceRow Row(string kind, string when, Audience audience, string approach, string closes, string title, string titleEn) => new(
            $"{key}-{kind}", when, JsonSerializer.Deserialize<JsonElement>(audience.ToJson()), TemplateOf(number, kind), new CalendarFile.WindowRow(null, closes), Approach: approach, Title: title, TitleEn: titleEn,
            CollapseKey: $"{key}-{kind}", Approval: CalendarFile.Each);
    }
}
