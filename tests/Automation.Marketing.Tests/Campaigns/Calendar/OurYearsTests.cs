using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Campaigns.Calendar.OurYears;
using Automation.Marketing.Mail.Content.Authoring;
using Automation.Marketing.Mail.Content.Lint;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Campaigns.Calendar;

public sealed class OurYearsTests
{
    private static readonly OurYearAnswers Strawberries = new("いちご", "朝摘みをその日のうちにお送りします。", null, new DateOnly(2027, 1, 20), new DateOnly(2027, 3, 1), new DateOnly(2027, 5, 10), EachYear: false);

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Four_answers_make_a_year_that_is_held_and_is_taken_back_whole(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var years = new OurYears(given.Databases, given.Workers.Desk, given.Clock);
        await using var db = given.Open();
        await SeasonCalendar.AddAnchorAsync(db, "元日", AnchorRule.Fixed, "01-01", given.Clock.Now, default);
        var made = await years.MakeAsync(Strawberries, "ada", default);
        Assert.Equal(
            [("our-year-1-announce", At(1, 6)), ("our-year-1-peak", At(3, 1)), ("our-year-1-last-call", At(4, 19))],
            (await db.Occurrences.AsNoTracking().OrderBy(one => one.OpensAt).ToListAsync()).Select(one => (one.Key, one.OpensAt.ToUniversalTime())));
        Assert.All(await db.Occurrences.ToListAsync(), one => Assert.False(one.IsApproved));
        foreach (var template in made.Templates)
        {
            var draft = (await given.Workers.Desk.OpenAsync(template, default))!;
            Assert.Equal(["en", "ja"], draft.Content.Template!.Parts.Keys.Order());
            Assert.DoesNotContain(given.Workers.Desk.Check(draft.Content), finding => finding.Severity is LintSeverity.Error);
            Assert.All(draft.Content.Template.Parts.Values, parts => Assert.Contains("いちご", parts.Subject, StringComparison.Ordinal));
            Assert.All(draft.Content.Template.Parts.Values, parts => Assert.Contains("朝摘み", parts.Text, StringComparison.Ordinal));
        }

        Assert.Equal("いちご2の始まり", (await years.MakeAsync(Strawberries, "ada", default)).Anchors[0]);
        await years.UndoAsync(2, "ada", default);
        await years.UndoAsync(made.Number, "ada", default);
        db.ChangeTracker.Clear();
        Assert.Equal(["元日"], await db.Anchors.Select(anchor => anchor.Key).ToListAsync());
        Assert.Equal((0, 0, 0, 0), (await db.Occurrences.CountAsync(), await db.AnchorDates.CountAsync(), await db.TemplateDrafts.CountAsync(), (await OurYears.MadeAsync(db, default)).Count));
        Assert.DoesNotContain(await db.Settings.Select(setting => setting.Key).ToListAsync(), key => key.Contains("our-year", StringComparison.Ordinal));
        await Assert.ThrowsAsync<RuleBrokenException>(() => years.UndoAsync(made.Number, "ada", default));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Its_mail_goes_out_once_its_text_is_published_and_it_is_approved(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var years = new OurYears(given.Databases, given.Workers.Desk, given.Clock);
        var ada = await given.Contact("ada@example.com").Named("エイダ").WhoConsented();
        var eve = await given.Contact("eve@example.com").Speaking("en").WhoConsented();
        var made = await years.MakeAsync(Strawberries with { EachYear = true }, "ada", default);
        await using var db = given.Open();
        var announce = await db.Occurrences.AsNoTracking().SingleAsync(one => one.Key == made.Occurrences[0] && one.Year == 2027);
        await Assert.ThrowsAsync<RuleBrokenException>(() => given.Workers.Review.ApproveAsync(announce.Id, "ada", default));
        var draft = (await given.Workers.Desk.OpenAsync(announce.Template, default))!;
        Assert.IsType<PublishResult.Published>(await given.Workers.Desk.PublishAsync(announce.Template, draft.Draft!.Stamp, "", asTransactional: false, "ada", default));
        await given.Workers.Review.ApproveAsync(announce.Id, "ada", default);
        await given.UntilAsync(announce.OpensAt);
        Assert.Equal([announce.Template], given.MailSentTo(ada));
        Assert.Equal([announce.Template], given.MailSentTo(eve));
        Assert.Equal("いちごの季節が、もうすぐ始まります", given.Provider.Mails.Single(mail => mail.To == "ada@example.com").Own.Subject);
        Assert.Equal("いちご: the season is about to begin", given.Provider.Mails.Single(mail => mail.To == "eve@example.com").Own.Subject);
        Assert.Contains(given.Provider.Attempts, attempt => attempt.Content!.Any(content => content.Value.Contains("1月20日", StringComparison.Ordinal)));
        await Assert.ThrowsAsync<RuleBrokenException>(() => years.UndoAsync(made.Number, "ada", default));
    }

    [Theory]
    [InlineData("product")]
    [InlineData("about")]
    [InlineData("goods")]
    [InlineData("peak")]
    [InlineData("ends")]
    public async Task An_answer_that_does_not_fit_is_named_and_nothing_is_made(string place)
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        var answers = place switch
        {
            "product" => Strawberries with { Product = "{{ shop }}" },
            "about" => Strawberries with { About = "{{ 1 }}" },
            "goods" => Strawberries with { Goods = "nothing" },
            "peak" => Strawberries with { Peak = new DateOnly(2027, 1, 1) },
            _ => Strawberries with { Ends = new DateOnly(2028, 5, 1) },
        };
        var years = new OurYears(given.Databases, given.Workers.Desk, given.Clock);
        Assert.Equal(place, (await Assert.ThrowsAsync<BadInputException>(() => years.MakeAsync(answers, "ada", default))).Place);
        await using var db = given.Open();
        Assert.Equal((0, 0), (await db.Anchors.CountAsync(), await db.TemplateDrafts.CountAsync()));
    }

    private static DateTimeOffset At(int month, int day) => new DateTimeOffset(2027, month, day, 10, 0, 0, TimeSpan.FromHours(9)).ToUniversalTime();
}
