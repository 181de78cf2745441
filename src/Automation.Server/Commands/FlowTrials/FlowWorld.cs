using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Marketing;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Scoring;
using Automation.Marketing.Deals;
using Automation.Marketing.Journeys;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Mail.Events;
using Automation.Marketing.Mail.Suppression;
using Automation.Marketing.Storage;
using Automation.SendGrid;
using Automation.Server.Clock;
using Automation.Workflows.Activities;
using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Commands.FlowTrials;

/// <summary>
/// A shop with one person in which flows run on a clock that stands until it is moved. It is the program itself on a throw-away SQLite file, not a
/// second engine: re-entry, goals, consent, caps and waits are those of the service. Only the carrier of mails is a stand-in that takes each at once.
/// </summary>
internal sealed class FlowWorld : IAsyncDisposable
{
    /// <summary>Monday, 10:00 in Tokyo: a working morning outside quiet hours.</summary>
    public static readonly DateTimeOffset Monday = new(2026, 11, 16, 10, 0, 0, TimeSpan.FromHours(9));

    private static readonly ShopIdentity Shop = new(
        "試し屋", "株式会社試し屋", "福井県坂井市三国町1-1", "0776-00-0000", "https://shop.example.com", "shop@example.com", "試し屋", null);

    private readonly string folder = Directory.CreateTempSubdirectory("automation-trial-").FullName;
    private readonly TrialProvider provider = new();
    private readonly TrialOutside outside;
    private readonly MovableClock clock;
    private readonly StringWriter lines = new(CultureInfo.InvariantCulture) { NewLine = "\n" };
    private readonly List<TrialRun> runs = [];
    private AutomationServer server = null!;
    private int events;

    private FlowWorld(DateTimeOffset start, TrialPerson person, TrialOutside outside) => (clock, Person, this.outside) = (new MovableClock(start, stands: true), person, outside);

    public TrialPerson Person { get; }
    public DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>In the order in which they began.</summary>
    public IReadOnlyList<TrialRun> Runs => runs;

    /// <summary>Why mails are refused from now on; null: they are taken.</summary>
    public string? Refusal { get => provider.Refusal; set => provider.Refusal = value; }

    /// <param name="flows">Published in that order.</param>
    /// <param name="policy">How often a person may be mailed.</param>
    /// <param name="outside">What lies around the shop: its calendar, and hosts that flows may call.</param>
    /// <exception cref="BadInputException">A flow cannot be published, or the person cannot be read.</exception>
    public static async Task<FlowWorld> CreateAsync(
        IReadOnlyList<WorkflowDefinition> flows, TrialPerson person, SendingPolicy policy, DateTimeOffset start, TrialOutside outside, CancellationToken cancellation)
    {
        var world = new FlowWorld(start, person, outside);
        try
        {
            foreach (var flow in flows) world.Put(flow);
            await outside.WriteCalendarAsync(Path.Combine(new Trial(world.folder, _ => { }).WorkflowsFolder, "calendars"), cancellation);
            await world.LaunchAsync(cancellation);
            await using var db = await world.OpenAsync(cancellation);
            await db.SaveShopAsync(Shop, world.Now, cancellation);
            await db.SaveSendingPolicyAsync(policy, world.Now, cancellation);
            // A trial shows what flows do, not what the team makes of people.
            await db.SaveScoringRulesAsync(ScoringRules.Default with { Touches = [], Signals = [] }, world.Now, cancellation);
            await person.SaveAsync(db, world.Now, cancellation);
            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    /// <summary>Publishes a flow, as its next version when there is one of that id.</summary>
    public async Task PublishAsync(WorkflowDefinition flow, CancellationToken cancellation)
    {
        Put(flow);
        await server.PrepareAsync(cancellation);
    }

    /// <summary>The process ends and starts anew: nothing but the database is left of it.</summary>
    public async Task RestartAsync(CancellationToken cancellation)
    {
        await server.DisposeAsync();
        await LaunchAsync(cancellation);
    }

    /// <summary>The person does something, and all that follows at once is done.</summary>
    /// <param name="request">The method and path of the request by which it comes; null: as an event.</param>
    public async Task HappensAsync(string type, JsonNode? data, string? id, CancellationToken cancellation, string? request = null)
    {
        var json = JsonSerializer.SerializeToElement(new
        {
            source = "trial",
            id = id ?? "event-" + (++events).ToString(CultureInfo.InvariantCulture),
            type,
            contact = new { email = Person.Email },
            data = data ?? new JsonObject(),
        });
        await using (var db = await OpenAsync(cancellation))
            await EventIntake.TakeAsync(db, [LeadEventInput.Read(json, "event") with { Request = request }], "trial", Now, cancellation);
        await SettleAsync(cancellation);
    }

    /// <summary>Sales gives the person's deal back.</summary>
    /// <exception cref="RuleBrokenException">The person has no open deal.</exception>
    public async Task HandBackAsync(HandBackRequest request, CancellationToken cancellation)
    {
        await using (var db = await OpenAsync(cancellation))
        {
            var deal = await db.Deals.AsNoTracking().Where(one => one.ContactId == TrialPerson.Id).Select(one => (Guid?)one.Id).FirstOrDefaultAsync(cancellation)
                ?? throw new RuleBrokenException("The person has no deal: give the contact one.");
            await HandingBack.HandBackAsync(db, deal, request, "sales", Now, cancellation);
        }
        await SettleAsync(cancellation);
    }

    /// <summary>The carrier reports something about the person's newest mail of a template, e.g. <c>click</c> or <c>bounce</c>.</summary>
    /// <exception cref="RuleBrokenException">There is no such mail.</exception>
    public async Task ReportAsync(string kind, string? template, JsonObject more, CancellationToken cancellation)
    {
        await using (var db = await OpenAsync(cancellation))
        {
            var about = (await MailsAsync(db, cancellation)).LastOrDefault(mail => mail.SentAt is not null && (template is null || mail.Template == template))
                ?? throw new RuleBrokenException($"No mail '{template}' was sent that could be reported on.");
            var report = new JsonObject
            {
                ["event"] = kind,
                ["email"] = about.Recipient,
                ["timestamp"] = Now.ToUnixTimeSeconds(),
                ["sg_event_id"] = "report-" + (++events).ToString(CultureInfo.InvariantCulture),
                ["url"] = Shop.Url,
                [WebhookEvents.MessageIdArgument] = about.Id.ToString("D"),
            };
            foreach (var (name, value) in more) report[name] = value?.DeepClone();
            await ReportedEvents.StoreAsync(db, JsonSerializer.SerializeToUtf8Bytes(new JsonArray(report)), Now, cancellation);
        }
        await SettleAsync(cancellation);
    }

    /// <summary>The person unsubscribes by the link in a mail.</summary>
    public async Task UnsubscribeAsync(CancellationToken cancellation)
    {
        await using (var db = await OpenAsync(cancellation))
        {
            await using var transaction = await db.BeginWriteAsync(cancellation);
            await Refusals.WithdrawAsync(db, TrialPerson.Id, "one-click", evidence: null, ipAddress: null, Now, Now, cancellation);
            await transaction.CommitAsync(cancellation);
        }
        await SettleAsync(cancellation);
    }

    /// <summary>The person comes into a segment, or drops out of it.</summary>
    public async Task MoveAsync(string segment, bool into, CancellationToken cancellation)
    {
        await using (var db = await OpenAsync(cancellation))
        {
            if (into) await Stimuli.SegmentEnteredAsync(db, segment, [TrialPerson.Id], Now, cancellation);
            else await Stimuli.SegmentLeftAsync(db, segment, [TrialPerson.Id], Now, cancellation);
        }
        await SettleAsync(cancellation);
    }

    /// <summary>The person's score changes.</summary>
    public async Task ScoreAsync(double before, double after, CancellationToken cancellation)
    {
        await using (var db = await OpenAsync(cancellation)) await Stimuli.ScoreChangedAsync(db, TrialPerson.Id, before, after, Now, cancellation);
        await SettleAsync(cancellation);
    }

    /// <summary>Every live marketing run of the person ends.</summary>
    public async Task EndRunsAsync(string reason, CancellationToken cancellation)
    {
        await using (var db = await OpenAsync(cancellation)) await Stimuli.WriteAsync(db, [new NewStimulus(Stimuli.MustEnd, reason, TrialPerson.Id)], Now, cancellation);
        await SettleAsync(cancellation);
    }

    /// <summary>Does all that is due now.</summary>
    public Task SettleAsync(CancellationToken cancellation) => PassAsync(TimeSpan.Zero, cancellation);

    /// <summary>Time passes; whatever becomes due on the way is done at its own instant.</summary>
    public Task PassAsync(TimeSpan span, CancellationToken cancellation) =>
        server.App.Services.GetRequiredService<TimeTravel>().MoveToAsync(Now + span, cancellation);

    public async Task SavePolicyAsync(SendingPolicy policy, CancellationToken cancellation)
    {
        await using var db = await OpenAsync(cancellation);
        await db.SaveSendingPolicyAsync(policy, Now, cancellation);
    }

    /// <summary>Lines written by steps since the last call.</summary>
    public string[] TakeLines()
    {
        var text = lines.ToString();
        lines.GetStringBuilder().Clear();
        return text.Length == 0 ? [] : text[..^1].Split('\n');
    }

    public async Task<IReadOnlyList<OutboxMessage>> MailsAsync(CancellationToken cancellation)
    {
        await using var db = await OpenAsync(cancellation);
        return await MailsAsync(db, cancellation);
    }

    public async Task<Dictionary<string, FlowInstance>> StoredRunsAsync(CancellationToken cancellation)
    {
        await using var db = await OpenAsync(cancellation);
        return (await db.FlowInstances.AsNoTracking().ToListAsync(cancellation)).ToDictionary(run => run.Id.ToString("N"));
    }

    public async Task<PersonAfter> PersonAsync(CancellationToken cancellation)
    {
        await using var db = await OpenAsync(cancellation);
        var contact = await db.Contacts.AsNoTracking().SingleAsync(one => one.Id == TrialPerson.Id, cancellation);
        var tasks = await db.Tasks.AsNoTracking().OrderBy(task => task.Id).ToListAsync(cancellation);
        return new PersonAfter(
            [.. await db.ContactTags.AsNoTracking().Select(tag => tag.Tag).ToListAsync(cancellation)], [.. await db.Notices.AsNoTracking().Select(notice => notice.Message).ToListAsync(cancellation)],
            [.. tasks.Select(task => string.Create(CultureInfo.InvariantCulture, $"{task.Title} {task.DueOn:yyyy-MM-dd} {task.Owner}").TrimEnd())], contact.Prefecture, contact.SalesOwned);
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null) await server.DisposeAsync();
        lines.Dispose();
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    private void Put(WorkflowDefinition flow)
    {
        var trial = new Trial(folder, _ => { });
        Directory.CreateDirectory(trial.WorkflowsFolder);
        // A file's name for the flow's id, whatever it holds.
        var name = Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(flow.DefinitionId));
        File.WriteAllText(Path.Combine(trial.WorkflowsFolder, (name.Length > 100 ? name[..100] : name) + ".json"), WorkflowJson.Write(flow));
    }

    private async Task LaunchAsync(CancellationToken cancellation)
    {
        server = AutomationServer.Build(["--urls", "http://127.0.0.1:0"], clock, new Trial(folder, Replace));
        await server.PrepareAsync(cancellation);
    }

    private void Replace(IServiceCollection services)
    {
        services.AddSingleton<IMailProvider>(provider);
        services.AddSingleton<IHttpCaller>(outside);
        services.AddSingleton(outside.Access);
        services.AddSingleton(each => new WorkflowRunner(each.GetRequiredService<ActivityRegistry>(), each.GetServices<IExpressionHandler>(), clock)
        {
            Told = Remember,
            Output = lines,
        });
    }

    private void Remember(WorkflowResult result)
    {
        var run = runs.Find(known => known.Id == result.State.InstanceId);
        if (run is null) runs.Add(run = new TrialRun(result.State.InstanceId));
        run.Add(result);
    }

    private Task<AutomationDb> OpenAsync(CancellationToken cancellation) =>
        server.App.Services.GetRequiredService<IDbContextFactory<AutomationDb>>().CreateDbContextAsync(cancellation);

    private static Task<List<OutboxMessage>> MailsAsync(AutomationDb db, CancellationToken cancellation) =>
        db.OutboxMessages.AsNoTracking().OrderBy(mail => mail.RequestedAt).ThenBy(mail => mail.Template).ToListAsync(cancellation);
}

/// <summary>What became of the person.</summary>
/// <param name="Tasks">What somebody is to do, by when, and who.</param>
internal sealed record PersonAfter(string[] Tags, string[] Notices, string[] Tasks, string? Prefecture, bool SalesOwned);

/// <summary>What one run has done so far.</summary>
internal sealed class TrialRun(string id)
{
    // By number: a burst that had to be done again writes the same lines.
    private readonly SortedDictionary<long, JournalEntry> journal = [];

    public string Id { get; } = id;
    public WorkflowState State { get; private set; } = null!;
    public IEnumerable<JournalEntry> Journal => journal.Values;

    public void Add(WorkflowResult result)
    {
        State = result.State;
        foreach (var entry in result.Journal) journal[entry.Sequence] = entry;
    }
}
