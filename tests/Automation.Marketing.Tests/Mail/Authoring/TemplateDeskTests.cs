using Automation.Marketing.Campaigns;
using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content.Authoring;
using Automation.Marketing.Mail.Content.Lint;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Content;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Mail.Authoring;

public sealed class TemplateDeskTests
{
    private const string Welcome = "welcome/day-3";
    private const string Sender = "_partials/sender.text.ja";

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task What_is_published_is_what_the_next_mail_says(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.QueuedAsync(given.Mail(ada, template: Welcome));
        Assert.Equal(1, await PublishAsync(given.Workers, Welcome, subject: "新しい題名"));
        await given.SendAllAsync();
        Assert.Equal("新しい題名", given.Provider.Attempts[^1].Personalizations[0].Subject);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_draft_reaches_nobody(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await DraftAsync(given.Workers, Welcome, subject: "下書き");
        await given.SentAsync(given.Mail(ada, template: Welcome));
        Assert.DoesNotContain("下書き", given.Provider.Attempts[^1].Personalizations[0].Subject!, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Another_process_takes_it_in_at_its_next_look_and_so_does_a_new_one(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var other = given.Another();
        await PublishAsync(given.Workers, Welcome, subject: "新しい題名");
        Assert.Equal(0, other.Templates.Find(Welcome)!.Version);
        await other.Desk.TakeInAsync(default);
        Assert.Equal((1, "新しい題名"), (other.Templates.Find(Welcome)!.Version, other.Templates.Find(Welcome)!.Source.Parts["ja"].Subject));
        var started = given.Another();
        await started.Desk.TakeInAsync(default);
        Assert.Equal(1, started.Templates.Find(Welcome)!.Version);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_look_without_news_changes_nothing_and_a_publish_parses_only_what_is_new(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await PublishAsync(given.Workers, Welcome, subject: "一");
        var before = given.Workers.Templates.Current;
        await given.Workers.Desk.TakeInAsync(default);
        Assert.Same(before, given.Workers.Templates.Current);
        await PublishAsync(given.Workers, "welcome/day-7", subject: "二");
        var after = given.Workers.Templates.Current;
        Assert.Same(before.Find(Welcome)!.Parts["ja"], after.Find(Welcome)!.Parts["ja"]);
        Assert.Same(before.Find("welcome/day-0")!.Parts["ja"], after.Find("welcome/day-0")!.Parts["ja"]);
        Assert.NotSame(before.Find("welcome/day-7")!.Parts["ja"], after.Find("welcome/day-7")!.Parts["ja"]);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_published_partial_is_in_the_next_mail_of_every_template_that_includes_it(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var open = (await given.Workers.Desk.OpenAsync(Sender, default))!;
        await PublishAsync(given.Workers, TemplateContent.OfPartial(Sender, open.Content.Partial + "\n新しい署名"));
        await given.SentAsync(given.Mail(ada, template: Welcome));
        await given.SentAsync(given.Mail(ada, template: "welcome/day-7"));
        Assert.All(given.Provider.Attempts, mail => Assert.Contains("新しい署名", mail.Content![0].Value, StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Whoever_saves_second_is_told_who_saved_first_and_overwrites_nothing(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var desk = given.Workers.Desk;
        var open = (await desk.OpenAsync(Welcome, default))!;
        var first = Assert.IsType<SaveResult.Saved>(await desk.SaveAsync(Subject(open.Content, "先"), open.Draft?.Stamp, open.Number, "hanako", default));
        var second = Assert.IsType<SaveResult.Overtaken>(await desk.SaveAsync(Subject(open.Content, "後"), open.Draft?.Stamp, open.Number, "jiro", default));
        Assert.Equal(("hanako", false), (second.Actor, second.IsPublished));

        await desk.SaveAsync(Subject(open.Content, "先の続き"), first.Stamp, open.Number, "hanako", default);
        Assert.IsType<SaveResult.Overtaken>(await desk.SaveAsync(Subject(open.Content, "後"), first.Stamp, open.Number, "jiro", default));
        Assert.Equal("先の続き", (await desk.OpenAsync(Welcome, default))!.Content.Template!.Parts["ja"].Subject);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_draft_begun_before_somebody_published_is_not_saved_over_it(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var open = (await given.Workers.Desk.OpenAsync(Welcome, default))!;
        await PublishAsync(given.Workers, Welcome, subject: "公開済み");
        var late = Assert.IsType<SaveResult.Overtaken>(await given.Workers.Desk.SaveAsync(Subject(open.Content, "古い"), null, open.Number, "jiro", default));
        Assert.True(late.IsPublished);
        Assert.Null((await given.Workers.Desk.OpenAsync(Welcome, default))!.Draft);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Of_many_who_save_the_same_draft_at_once_one_wins(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        for (var round = 0; round < 2; round++)
        {
            var open = (await given.Workers.Desk.OpenAsync(Welcome, default))!;
            var results = await Task.WhenAll(Enumerable.Range(0, 12).Select(number => Task.Run(() =>
                given.Workers.Desk.SaveAsync(Subject(open.Content, $"{number}"), open.Draft?.Stamp, open.Number, $"user-{number}", default))));
            var won = Assert.Single(results.Select((result, number) => (result, number)), each => each.result is SaveResult.Saved);
            var draft = (await given.Workers.Desk.OpenAsync(Welcome, default))!;
            Assert.Equal(($"{won.number}", $"user-{won.number}"), (draft.Content.Template!.Parts["ja"].Subject, draft.Draft!.Actor));
        }
    }

    [Theory, MemberData(nameof(Both))]
    public async Task However_many_processes_write_and_publish_versions_have_no_gaps_and_none_is_lost(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var published = await Task.WhenAll(Enumerable.Range(0, 6).Select(number => Task.Run(() => WriteAndPublishAsync(given.Another(), number))));
        await using var db = given.Open();
        var versions = await db.TemplateVersions.AsNoTracking().Where(version => version.TemplateId == Welcome).OrderBy(version => version.Number).ToListAsync();
        Assert.Equal(Enumerable.Range(1, versions.Count), versions.Select(version => version.Number));
        Assert.Equal(published.SelectMany(each => each).Order(), versions.Select(version => version.Note).Order());
        Assert.NotEmpty(versions);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_publish_that_ends_half_way_has_changed_nothing(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var stamp = await DraftAsync(given.Workers, Welcome, subject: "途中");
        for (var steps = 0; ; steps++)
        {
            // Ends at every instant at which it asks for the time or the database: before, between and after its statements.
            var process = given.Another();
            using var ends = new CancellationTokenSource();
            var published = false;
            try
            {
                var clock = new EndingClock(given.Clock, ends, steps);
                await new TemplateDesk(given.Database, process.Templates, clock).PublishAsync(Welcome, stamp, "", asTransactional: false, "hanako", ends.Token);
                published = true;
            }
            catch (OperationCanceledException)
            {
            }
            await using var db = given.Open();
            var (versions, drafts) = (await db.TemplateVersions.CountAsync(), await db.TemplateDrafts.CountAsync());
            Assert.Equal(published ? (1, 0) : (0, 1), (versions, drafts));
            if (published) return;
        }
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_faulty_draft_is_refused_with_its_findings_and_the_mails_stay_as_they_were(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var stamp = await DraftAsync(given.Workers, Welcome, subject: "{{ if contact.name }}");
        var refused = Assert.IsType<PublishResult.Faulty>(await given.Workers.Desk.PublishAsync(Welcome, stamp, "", asTransactional: false, "hanako", default));
        Assert.Contains(refused.Errors, finding => finding is { Part: "subject", Language: "ja", Line: 1, Code: LintCodes.Syntax });
        Assert.Equal(0, given.Workers.Templates.Find(Welcome)!.Version);
        Assert.NotNull((await given.Workers.Desk.OpenAsync(Welcome, default))!.Draft);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_partial_that_would_break_a_template_in_use_is_refused_by_its_name(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var saved = Assert.IsType<SaveResult.Saved>(
            await given.Workers.Desk.SaveAsync(TemplateContent.OfPartial("_partials/sender.html.ja", "<p>署名だけ</p>"), null, 0, "hanako", default));
        var refused = Assert.IsType<PublishResult.Faulty>(
            await given.Workers.Desk.PublishAsync("_partials/sender.html.ja", saved.Stamp, "", asTransactional: false, "hanako", default));
        Assert.Contains(refused.Errors, finding => finding.Part == "templates/" + Welcome);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Marketing_becomes_transactional_only_when_that_is_said(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var stamp = await DraftAsync(given.Workers, Welcome, change: source => source with { Class = MessageClass.Transactional });
        await Assert.ThrowsAsync<RuleBrokenException>(() => given.Workers.Desk.PublishAsync(Welcome, stamp, "", asTransactional: false, "hanako", default));
        Assert.Equal(MessageClass.Marketing, given.Workers.Templates.Find(Welcome)!.Class);
        Assert.IsType<PublishResult.Published>(await given.Workers.Desk.PublishAsync(Welcome, stamp, "", asTransactional: true, "hanako", default));
        Assert.Equal((MessageClass.Transactional, Approach.None), (given.Workers.Templates.Find(Welcome)!.Class, given.Workers.Templates.Find(Welcome)!.Approach));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_template_that_something_sends_cannot_be_retired_and_is_told_by_what(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.PublishShippedFlowsAsync();
        await using var db = given.Open();
        await SeasonCalendar.LoadAsync(db, CalendarTests.CrabShop, given.Clock.Now, default);
        var byFlow = await Assert.ThrowsAsync<RuleBrokenException>(() => given.Workers.Uses.RetireAsync(db, Welcome, "", "hanako", default));
        Assert.Contains("Welcome", byFlow.Message, StringComparison.Ordinal);
        var byCalendar = await Assert.ThrowsAsync<RuleBrokenException>(() => given.Workers.Uses.RetireAsync(db, "season/crab-last-call", "", "hanako", default));
        Assert.Contains(await db.Occurrences.Where(one => one.Template == "season/crab-last-call").Select(one => one.Title).FirstAsync(), byCalendar.Message, StringComparison.Ordinal);
        Assert.Contains("ようこそ", byFlow.Message, StringComparison.Ordinal);
        await db.Occurrences.ExecuteUpdateAsync(set => set.SetProperty(one => one.State, OccurrenceState.Launched));
        await db.FlowDefinitions.ExecuteUpdateAsync(set => set.SetProperty(one => one.IsPublished, false));
        await Assert.ThrowsAsync<RuleBrokenException>(() => given.Workers.Uses.RetireAsync(db, "season/crab-last-call", "", "hanako", default));
        await Assert.ThrowsAsync<RuleBrokenException>(() => given.Workers.Uses.RetireAsync(db, Welcome, "", "hanako", default));
        given.Workers.Broadcasts.Create(db, new NewBroadcast("十月のお便り", "newsletter/monthly", new Audience()), "admin", given.Clock.Now);
        await db.SaveChangesAsync();
        var byBroadcast = await Assert.ThrowsAsync<RuleBrokenException>(() => given.Workers.Uses.RetireAsync(db, "newsletter/monthly", "", "hanako", default));
        Assert.Contains("十月のお便り", byBroadcast.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<RuleBrokenException>(() => given.Workers.Uses.RetireAsync(db, Sender, "", "hanako", default));
        Assert.NotNull(given.Workers.Templates.Find(Welcome));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_retired_template_is_offered_no_more_and_comes_back_as_it_was(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await using var db = given.Open();
        await given.Workers.Uses.RetireAsync(db, Welcome, "季節が終わった", "hanako", default);
        Assert.Null(given.Workers.Templates.Find(Welcome));
        Assert.True((await given.Workers.Desk.ListAsync(default)).Single(line => line.Id == Welcome).IsRetired);
        await Assert.ThrowsAsync<RuleBrokenException>(() => given.Workers.Desk.RetireAsync(Welcome, "", "hanako", default));
        await given.Workers.Desk.ReturnAsync(Welcome, "jiro", default);
        Assert.Equal(TemplateContent.Of(given.Workers.Templates.Shipped.Find(Welcome)!.Source).Write(), TemplateContent.Of(given.Workers.Templates.Find(Welcome)!.Source).Write());
        Assert.Equal(
            [(2, TemplateVersionState.Published), (1, TemplateVersionState.Retired), (0, TemplateVersionState.Published)],
            (await given.Workers.Desk.HistoryAsync(Welcome, default)).Select(line => (line.Number, line.State)));
        await Assert.ThrowsAsync<RuleBrokenException>(() => given.Workers.Desk.ReturnAsync(Welcome, "jiro", default));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task An_earlier_version_comes_back_as_a_draft_and_overwrites_none(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await PublishAsync(given.Workers, Welcome, subject: "一");
        await PublishAsync(given.Workers, Welcome, subject: "二");
        await given.Workers.Desk.DraftOfAsync(Welcome, 1, "jiro", default);
        var draft = (await given.Workers.Desk.OpenAsync(Welcome, default))!;
        Assert.Equal(("一", 2, "jiro"), (draft.Content.Template!.Parts["ja"].Subject, draft.Number, draft.Draft!.Actor));
        Assert.Equal("二", given.Workers.Templates.Find(Welcome)!.Source.Parts["ja"].Subject);
        await Assert.ThrowsAsync<RuleBrokenException>(() => given.Workers.Desk.DraftOfAsync(Welcome, 0, "jiro", default));
        await given.Workers.Desk.DiscardAsync(Welcome, draft.Draft.Stamp, default);
        await given.Workers.Desk.DraftOfAsync(Welcome, 0, "jiro", default);
        Assert.Equal(given.Workers.Templates.Shipped.Find(Welcome)!.Source.Parts["ja"], (await given.Workers.Desk.OpenAsync(Welcome, default))!.Content.Template!.Parts["ja"]);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_new_template_is_a_draft_under_an_id_that_was_free(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var shipped = given.Workers.Templates.Find(Welcome)!.Source;
        await given.Workers.Desk.CreateAsync(TemplateContent.Of(shipped with { Id = "welcome/copy" }), "hanako", default);
        Assert.Null(given.Workers.Templates.Find("welcome/copy"));
        await Assert.ThrowsAsync<RuleBrokenException>(() => given.Workers.Desk.CreateAsync(TemplateContent.Of(shipped with { Id = "welcome/copy" }), "jiro", default));
        await Assert.ThrowsAsync<RuleBrokenException>(() => given.Workers.Desk.CreateAsync(TemplateContent.Of(shipped), "jiro", default));
        var line = (await given.Workers.Desk.ListAsync(default)).Single(each => each.Id == "welcome/copy");
        Assert.Equal((TemplateDesk.NoVersion, "hanako"), (line.Number, line.Draft!.Actor));
        var draft = (await given.Workers.Desk.OpenAsync("welcome/copy", default))!;
        Assert.Equal(new PublishResult.Published(1), await given.Workers.Desk.PublishAsync("welcome/copy", draft.Draft!.Stamp, "", asTransactional: false, "hanako", default));
        Assert.NotNull(given.Workers.Templates.Find("welcome/copy"));
    }

    private static async Task<List<string>> WriteAndPublishAsync(Workers process, int writer)
    {
        var notes = new List<string>();
        for (var turn = 0; turn < 8; turn++)
        {
            var open = (await process.Desk.OpenAsync(Welcome, default))!;
            if (await process.Desk.SaveAsync(Subject(open.Content, $"{writer}-{turn}"), open.Draft?.Stamp, open.Number, $"{writer}", default) is not SaveResult.Saved saved) continue;
            try
            {
                var note = $"{writer}-{turn}";
                if (await process.Desk.PublishAsync(Welcome, saved.Stamp, note, asTransactional: false, $"{writer}", default) is PublishResult.Published) notes.Add(note);
            }
            catch (RuleBrokenException)
            {
                // Somebody else saved between.
            }
        }
        return notes;
    }

    private static async Task<int> PublishAsync(Workers process, string id, string subject)
    {
        var stamp = await DraftAsync(process, id, subject);
        return Assert.IsType<PublishResult.Published>(await process.Desk.PublishAsync(id, stamp, "", asTransactional: false, "hanako", default)).Number;
    }

    private static async Task PublishAsync(Workers process, TemplateContent content)
    {
        var open = (await process.Desk.OpenAsync(content.Id, default))!;
        var saved = Assert.IsType<SaveResult.Saved>(await process.Desk.SaveAsync(content, open.Draft?.Stamp, open.Number, "hanako", default));
        Assert.IsType<PublishResult.Published>(await process.Desk.PublishAsync(content.Id, saved.Stamp, "", asTransactional: false, "hanako", default));
    }

    private static async Task<Guid> DraftAsync(Workers process, string id, string? subject = null, Func<TemplateSource, TemplateSource>? change = null)
    {
        var open = (await process.Desk.OpenAsync(id, default))!;
        var content = subject is null ? open.Content : Subject(open.Content, subject);
        if (change is not null) content = TemplateContent.Of(change(content.Template!));
        return Assert.IsType<SaveResult.Saved>(await process.Desk.SaveAsync(content, open.Draft?.Stamp, open.Number, "hanako", default)).Stamp;
    }

    private static TemplateContent Subject(TemplateContent content, string subject) => TemplateContent.Of(content.Template! with
    {
        Parts = content.Template.Parts.ToDictionary(pair => pair.Key, pair => pair.Key == "ja" ? pair.Value with { Subject = subject } : pair.Value),
    });

    /// <summary>Ends the work when it has asked for the time so many times.</summary>
    private sealed class EndingClock(TimeProvider clock, CancellationTokenSource ends, int steps) : TimeProvider
    {
        private int asked;

        public override DateTimeOffset GetUtcNow()
        {
            if (asked++ >= steps) ends.Cancel();
            return clock.GetUtcNow();
        }
    }
}
