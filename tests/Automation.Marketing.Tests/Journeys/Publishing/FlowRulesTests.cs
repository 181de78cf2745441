using Automation.Marketing.Campaigns;
using Automation.Marketing.Contacts;
using Automation.Marketing.Journeys;
using Automation.Marketing.Journeys.Publishing;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Scenarios;
using Automation.Workflows.Definitions;

namespace Automation.Marketing.Tests.Journeys.Publishing;

public sealed class FlowRulesTests
{
    private const string Selling = "welcome/day-3";

    [Fact]
    public async Task A_sound_flow_has_nothing_said_of_it()
    {
        Assert.Empty(await FindingsAsync(new Drawing("ok").Event("order.placed").Mail("mail").Path("start", "mail")));
    }

    [Fact]
    public async Task A_flow_that_sells_needs_a_goal()
    {
        var drawing = new Drawing("sells").Event("lead.created").Mail("mail", Selling).Path("start", "mail");
        Assert.Equal(("mail", Severity.Error), await OneAsync(drawing, "no-goal"));
        await NoneAsync(drawing.Settings(new { goal = new { @event = "order.placed" } }), "no-goal");
        await NoneAsync(new Drawing("cares").Event("lead.created").Mail("mail").Path("start", "mail"), "no-goal");
    }

    [Theory]
    [InlineData("""{"goal": {"event": "order.placed", "where": "event.data."}}""", "bad-condition")]
    [InlineData("""{"exits": [{"event": "order.placed", "where": "(1"}]}""", "bad-condition")]
    [InlineData("""{"reentry": {"mode": "per-key", "key": "event.("}}""", "bad-condition")]
    [InlineData("""{"reentry": {"mode": "per-key"}}""", "no-entry-key")]
    [InlineData("""{"reentry": {"mode": "twice"}}""", "bad-settings")]
    [InlineData("""{"reentry": {"mode": "once", "coolDown": "-P3D"}}""", "bad-settings")]
    [InlineData("""{"reentry": {"mode": "once", "coolDown": "3 days"}}""", "bad-settings")]
    [InlineData("""{"goal": {"where": "true"}}""", "bad-settings")]
    public async Task Settings_that_cannot_be_read_are_named(string settings, string code)
    {
        var drawing = new Drawing("flow").Settings(System.Text.Json.JsonDocument.Parse(settings).RootElement).Event("order.placed").Mail("mail").Path("start", "mail");
        Assert.Equal((null, Severity.Error), await OneAsync(drawing, code));
    }

    [Theory]
    [InlineData("EventReceived", "where", "contact.(", "bad-condition")]
    [InlineData("WaitForEvent", "where", "((", "bad-condition")]
    [InlineData("WaitForEvent", "timeout", "3 days", "bad-duration")]
    [InlineData("SendEmail", "validFor", "a week", "bad-duration")]
    [InlineData("SendEmail", "template", "no/such", "unknown-template")]
    [InlineData("WaitUntil", "until", "next someday", "bad-moment")]
    [InlineData("WaitUntil", "until", "at 25:00", "bad-moment")]
    [InlineData("WaitForAnchor", "anchor", "解禁日", "unknown-anchor")]
    [InlineData("WaitForAnchor", "lead", "two weeks", "bad-lead")]
    [InlineData("CalendarOccurrence", "anchor", "元日", "unknown-anchor")]
    [InlineData("CalendarOccurrence", "audience", "{\"nobody\": 1}", "bad-audience")]
    [InlineData("DateReached", "field", "custom.renewal_on", "unknown-field")]
    [InlineData("DateReached", "field", "name", "no-date-field")]
    [InlineData("DateReached", "offset", "soon", "bad-lead")]
    [InlineData("UpdateContact", "field", "email", "unknown-field")]
    [InlineData("HandedBack", "reasons", "too-early,tired", "unknown-reason")]
    [InlineData("CreateTask", "dueIn", "P", "bad-duration")]
    public async Task An_input_at_fault_is_named_with_its_step(string type, string input, string value, string code)
    {
        var drawing = new Drawing("flow").Event("order.placed").Step("it", type, (input, value)).Path("start", "it");
        Assert.Equal(("it", Severity.Error), await OneAsync(drawing, code));
    }

    [Fact]
    public async Task A_mail_whose_template_has_errors_is_named_with_what_is_wrong_with_it()
    {
        using var files = new TemplateFiles();
        files.Add("bare", "お知らせ", "こんにちは {{ contact.nmae }}");
        File.WriteAllText(Path.Combine(files.Folder, "bare", "html.ja.sbn"), "<p>{{ contact.naem }}</p>");
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        var flows = given.Restarted(TemplateCatalogue.Load(files.Folder)).Flows;
        var drawing = new Drawing("flow").Settings(new { goal = new { @event = "order.placed" } }).Event("x").Mail("mail", "bare").Path("start", "mail");
        var faults = (await FindingsAsync(drawing, given, flows)).Where(finding => finding.Code == TemplateSoundness.Code).ToList();
        Assert.All(faults, fault => Assert.Equal(("mail", Severity.Error), (fault.ActivityId, fault.Severity)));
        Assert.Contains(faults, fault => fault.Text.StartsWith("The template 'bare' cannot go out as it is: html.ja", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.Text.Contains("nmae", StringComparison.Ordinal));
        await using var db = given.Open();
        Assert.False((await flows.PublishAsync(db, "flow", "ada", given.Clock.Now, default)).Published);
    }

    [Fact]
    public async Task A_template_that_only_could_be_better_does_not_stop_its_flow()
    {
        await NoneAsync(new Drawing("flow").Event("order.placed").Mail("mail").Path("start", "mail"), TemplateSoundness.Code);
    }

    [Fact]
    public async Task Shares_must_add_up()
    {
        Assert.Equal(("it", Severity.Error), await OneAsync(new Drawing("flow").Event("x").Step("it", "RandomSplit", ("a", 50), ("b", 40)).Path("start", "it"), "bad-split"));
        await NoneAsync(new Drawing("flow").Event("x").Step("it", "RandomSplit", ("a", 50), ("b", 40), ("c", 10)).Path("start", "it"), "bad-split");
    }

    [Fact]
    public async Task A_declared_date_field_can_be_looked_out_for()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        await using (var db = given.Open()) await ContactFields.DeclareAsync(db, [new ContactField("custom.renewal_on", ContactFieldType.Date)], given.Clock.Now, default);
        await NoneAsync(new Drawing("flow").Step("it", "DateReached", ("field", "custom.renewal_on"), ("offset", "-14d 09:00")), "unknown-field", given);
    }

    [Fact]
    public async Task A_segment_is_checked_once_somebody_knows_which_there_are()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        var drawing = new Drawing("flow").Step("it", "SegmentEntered", ("segment", "gourmets"));
        await NoneAsync(drawing, "unknown-segment", given);
        var knowing = new Workers(given.Database, given.Clock, given.Provider, segments: [new Segments("regulars")]);
        Assert.Contains(await FindingsAsync(drawing, given, knowing.Flows), finding => finding is { Code: "unknown-segment", ActivityId: "it" });
        Assert.DoesNotContain(await FindingsAsync(drawing, given, new Workers(given.Database, given.Clock, given.Provider, segments: [new Segments("gourmets")]).Flows), finding => finding.Code == "unknown-segment");
    }

    [Fact]
    public async Task A_loop_must_count_and_wait_an_hour_on_every_way_round()
    {
        Drawing Loop(string wait, string? port = null) => new Drawing("loop").Event("x").Step("wait", "Elsa.Delay", ("timeSpan", wait))
            .Step("count", "Elsa.SetVariable", ("value", 1)).Step("again", "Elsa.FlowDecision", ("condition", true)).Step("end", "AddTag", ("tag", "t"))
            .Path("start", "wait", "count", "again").Line("again", "wait", "True").Line("again", port ?? "end", "False");
        await NoneAsync(Loop("01:00:00"), "loop-too-fast");
        await NoneAsync(Loop("01:00:00"), "loop-unbounded");
        Assert.Equal(Severity.Error, (await OneAsync(Loop("00:59:00"), "loop-too-fast")).Severity);
        // No way out.
        Assert.Equal(Severity.Error, (await OneAsync(Loop("01:00:00", port: "count"), "loop-unbounded")).Severity);
        // A second way round that neither counts nor waits.
        var quick = Loop("01:00:00").Line("count", "wait", "Done");
        await NoneAsync(quick, "loop-too-fast");
        var round = new Drawing("loop").Event("x").Step("ask", "WaitForEvent", ("eventType", "y"), ("timeout", "P1D")).Step("tag", "AddTag", ("tag", "t"))
            .Path("start", "ask").Line("ask", "ask", "Received").Line("ask", "tag", "TimedOut");
        Assert.Equal(("ask", Severity.Error), await OneAsync(round, "loop-too-fast"));
        Assert.Equal(("ask", Severity.Error), await OneAsync(round, "loop-unbounded"));
    }

    [Fact]
    public async Task A_mail_that_the_limits_never_let_out_in_time_is_warned_of()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite, SendingPolicy.Shop);
        var goal = new { goal = new { @event = "order.placed" }, approach = "A2" };
        Drawing Three(string wait) => new Drawing("three").Settings(goal).Event("x").Mail("one", Selling).Step("w1", "Elsa.Delay", ("timeSpan", wait)).Mail("two", Selling)
            .Step("w2", "Elsa.Delay", ("timeSpan", wait)).Mail("three", Selling).Path("start", "one", "w1", "two", "w2", "three");
        var finding = Assert.Single(await FindingsAsync(Three("3.00:00:00"), given), finding => finding.Code == "over-caps");
        Assert.Equal(("three", Severity.Warning), (finding.ActivityId, finding.Severity));
        Assert.Contains("selling-30d", finding.Text, StringComparison.Ordinal);
        await NoneAsync(Three("16.00:00:00"), "over-caps", given);
        // Where one way leaves room, it is not always held.
        var fork = new Drawing("fork").Settings(goal).Event("x").Mail("one", Selling).Step("ask", "WaitForEvent", ("eventType", "y"), ("timeout", "P3D")).Mail("two", Selling)
            .Path("start", "one", "ask").Line("ask", "two", "Received").Line("ask", "two", "TimedOut");
        await NoneAsync(fork, "over-caps", given);
        Assert.Single(
            await FindingsAsync(new Drawing("twice").Settings(goal).Event("x").Mail("one", Selling).Mail("two", Selling).Path("start", "one", "two"), given),
            found => found is { Code: "over-caps", ActivityId: "two" });
    }

    [Fact]
    public async Task A_template_that_was_not_welcome_is_warned_of_and_does_not_stand_in_the_way()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        var mails = new List<OutboxMessage>();
        foreach (var one in await given.ConsentingContactsAsync(WelcomeScore.LeastMails)) mails.Add(await given.SentAsync(given.Mail(one, template: "newsletter/monthly")));
        var drawing = new Drawing("flow").Event("x").Mail("one", "newsletter/monthly").Mail("two").Path("start", "one", "two");
        await NoneAsync(drawing, "unwelcome-template", given);
        await given.ReportedAsync(given.Event("spamreport", mails[0]));
        var finding = Assert.Single(await FindingsAsync(drawing, given), finding => finding.Code == "unwelcome-template");
        Assert.Equal(("one", Severity.Warning), (finding.ActivityId, finding.Severity));
        Assert.Contains("-500 points", finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Marketing_mail_is_published_only_when_it_is_known_who_sends()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        await using (var db = given.Open()) await db.SaveShopAsync(await db.ShopAsync(default) with { Address = "" }, given.Clock.Now, default);
        var drawing = new Drawing("flow").Event("x").Mail("one").Mail("two").Path("start", "one", "two");
        var finding = Assert.Single(await FindingsAsync(drawing, given), finding => finding.Code == "sender-incomplete");
        Assert.Equal(("one", Severity.Error), (finding.ActivityId, finding.Severity));
        await NoneAsync(new Drawing("order").Event("x").Mail("mail", "transactional/order-received").Path("start", "mail"), "sender-incomplete", given);
    }

    [Fact]
    public async Task A_template_that_does_not_say_who_sends_it_is_not_published_with_a_flow()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        using var files = new TemplateFiles();
        files.Add("signed", "Hello", "text");
        files.Add("unsigned", "Hello", "text");
        await File.WriteAllTextAsync(Path.Combine(files.Folder, "unsigned", "html.ja.sbn"), "<p>html</p>");
        given.Restarted(TemplateCatalogue.Load(files.Folder));
        var finding = Assert.Single(
            await FindingsAsync(new Drawing("flow").Event("x").Mail("one", "signed").Mail("two", "unsigned").Path("start", "one", "two"), given), finding => finding.Code == "unlawful-template");
        Assert.Equal(("two", Severity.Error), (finding.ActivityId, finding.Severity));
    }

    [Theory]
    [InlineData("welcome")]
    [InlineData("revisit")]
    [InlineData("re-nurture")]
    [InlineData("thanks-after-purchase")]
    [InlineData("order-received")]
    public async Task The_shipped_flows_have_nothing_said_of_them(string id)
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite, SendingPolicy.Shop);
        await using var db = given.Open();
        var text = await File.ReadAllTextAsync(Path.Combine(Content.Shipped.Workflows, id + ".json"));
        var flow = await given.Workers.Flows.ImportAsync(db, text, "ada", given.Clock.Now, default);
        Assert.Empty((await given.Workers.Flows.CheckAsync(db, flow, default)).Select(finding => finding.ToString()));
    }

    [Fact]
    public async Task A_mail_that_waits_should_say_how_long()
    {
        var drawing = new Drawing("flow").Event("x").Step("mail", "SendEmail", ("template", "care/thanks-after-purchase")).Path("start", "mail");
        Assert.Equal(("mail", Severity.Warning), await OneAsync(drawing, "no-valid-for"));
    }

    private static async Task<(string? Step, Severity Severity)> OneAsync(Drawing drawing, string code)
    {
        var findings = await FindingsAsync(drawing);
        var one = findings.FirstOrDefault(finding => finding.Code == code);
        Assert.True(one is not null, $"No '{code}' among: {string.Join(" | ", findings)}");
        return (one.ActivityId, one.Severity);
    }

    private static async Task NoneAsync(Drawing drawing, string code, Scenario? given = null) =>
        Assert.DoesNotContain(await FindingsAsync(drawing, given), finding => finding.Code == code);

    private static async Task<IReadOnlyList<WorkflowFinding>> FindingsAsync(Drawing drawing, Scenario? scenario = null, FlowDefinitions? flows = null)
    {
        var given = scenario ?? await Scenario.OnAsync(DatabaseProvider.Sqlite);
        try
        {
            await using var db = given.Open();
            flows ??= given.Workers.Flows;
            return await flows.CheckAsync(db, await flows.ImportAsync(db, drawing.ToJson(), "ada", given.Clock.Now, default), default);
        }
        finally
        {
            if (scenario is null) await given.DisposeAsync();
        }
    }

    private sealed class Segments(params string[] names) : ISegmentNames
    {
        public Task<IReadOnlyCollection<string>> AllAsync(AutomationDb db, CancellationToken cancellation) => Task.FromResult<IReadOnlyCollection<string>>(names);
    }
}
