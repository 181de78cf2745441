using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Marketing.Contacts;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Storage;
using Automation.Templates;
using Automation.Workflows.Runtime;
using Automation.Workflows.Scenarios;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Automation.Marketing.Journeys;

/// <summary>
/// Tries a flow with one person: the real activities and the real runtime in a transaction that is never committed, on a clock of its own
/// that jumps over waits. A wait for something the person does runs out of time; a mail counts as sent and is kept as it would look.
/// </summary>
public sealed class FlowTestRuns(
    IDbContextFactory<AutomationDb> dbs, FlowCatalogue flows, ActivityRegistry registry, IEnumerable<IExpressionHandler> handlers, TemplateCatalogue templates,
    ITemplateRenderer renderer, TimeProvider clock, ILogger<FlowTestRuns> logger)
{
    public const string Mark = TestMail.Mark;

    /// <summary>Older ones make room.</summary>
    public const int MostKept = 1000;

    private const int MostBursts = 500;
    private const string TestId = "test";

    // The transaction keeps other writers out while it lasts.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <exception cref="RuleBrokenException">There is no such person, or the flow has no step to begin with.</exception>
    public async Task<FlowTestRun> RunAsync(FlowDefinition flow, Guid contactId, string who, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        if (!await db.Contacts.AnyAsync(contact => contact.Id == contactId, cancellation)) throw new RuleBrokenException("There is no such person. Choose somebody else for the test.");
        var definition = flow.Definition();
        var graph = WorkflowGraph.Build(definition, registry);
        if (graph.Nodes.Count < 3) throw new RuleBrokenException("The flow has no step yet: draw one, then test it.");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Longest);
        var run = new FlowTestRun
        {
            Id = RowId.New(clock.GetUtcNow()),
            DefinitionId = flow.DefinitionId,
            DefinitionVersionId = flow.Id,
            ContactId = contactId,
            StartedBy = who,
            StartedAt = clock.GetUtcNow(),
        };
        try
        {
            await PlayAsync(db, graph, run, FlowSettings.Of(definition), limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new RuleBrokenException($"The test took more than {Longest.TotalSeconds} seconds and was stopped: is there a loop without end?");
        }
        await KeepAsync(run, cancellation);
        return run;
    }

    private async Task PlayAsync(AutomationDb db, WorkflowGraph graph, FlowTestRun run, FlowSettings settings, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);   // never committed
        var shop = await db.ShopAsync(cancellation);
        var trigger = graph.Triggers is [var first, ..] ? first : null;
        var now = new VirtualClock(run.StartedAt);
        var instance = new FlowInstance
        {
            Id = run.Id,
            DefinitionId = run.DefinitionId,
            DefinitionVersionId = run.DefinitionVersionId,
            ContactId = run.ContactId,
            Event = await EventAsync(db, run.ContactId, trigger, run.StartedAt, cancellation),
            StartedAt = run.StartedAt,
        };
        var runner = new WorkflowRunner(registry, handlers, now);
        var tried = new FlowRun(instance, isNew: true);
        var mails = new List<FlowTestMail>();
        var lines = new List<FlowTestLine>();
        var result = await runner.StartAsync(
            graph, new WorkflowStart { InstanceId = run.Id.ToString("N"), CorrelationId = run.ContactId.ToString(), TriggerActivityId = trigger?.ActivityId, Name = Mark.Trim() },
            await ScopeAsync(), cancellation);
        Take();
        for (var burst = 0; burst < MostBursts && Next(result.State) is { } bookmark; burst++)
        {
            if (bookmark.DueAt is { } due) now.MoveTo(due);
            result = await runner.ResumeAsync(graph, result.State, bookmark.Id, AnswerTo(bookmark), await ScopeAsync(), cancellation);
            Take();
        }
        (run.State, run.Lines, run.EndedAt) = (result.State.ToJson(), JsonSerializer.Serialize(lines), now.GetUtcNow());
        run.Status = result.State switch
        {
            { Incidents.Count: > 0 } => FlowInstanceStatus.Faulted,
            { Status: WorkflowStatus.Running, Bookmarks.Count: > 0 } => FlowInstanceStatus.Running,
            _ => FlowInstanceStatus.Finished,
        };

        async Task<FlowScope> ScopeAsync()
        {
            var tools = new FlowTools(flows, runner, templates, renderer, logger);
            var round = new FlowRound(tools, db, [new Occasion.WaitIsOver(run.Id, "", run.ContactId)], now.GetUtcNow())
            {
                InsteadOfMail = async request => mails.Add(await MailAsync(db, shop, request, cancellation)),
            };
            await round.LoadShopAsync(cancellation);
            return new FlowScope(round, tried, settings);
        }

        void Take()
        {
            foreach (var entry in result.Journal) lines.Add(LineOf(entry, result.State, mails));
        }
    }

    // The mail of a step belongs to the line on which the step begins to wait for it.
    private static FlowTestLine LineOf(JournalEntry entry, WorkflowState state, List<FlowTestMail> mails)
    {
        FlowTestMail? mail = null;
        if (entry is { ActivityType: Stimuli.MailSettled, EventName: "Suspended" } && mails.Count > 0)
        {
            mail = mails[0];
            mails.RemoveAt(0);
        }
        var problem = entry.EventName == "Faulted" ? state.Incidents.LastOrDefault(one => one.ActivityId == entry.ActivityId)?.Message : null;
        return new(entry.Sequence, entry.EventName, entry.ActivityId, entry.NodeId, entry.ActivityType, entry.ActivityName, entry.ActivityInstanceId, entry.Timestamp, entry.Outcomes, problem, mail);
    }

    // Mails are answered at once, then what is due first; a wait without an end is where the test ends.
    private static Bookmark? Next(WorkflowState state) =>
        state.Status is WorkflowStatus.Finished ? null
        : state.Bookmarks.Find(bookmark => bookmark.Name == Stimuli.MailSettled) ?? state.Bookmarks.Where(bookmark => bookmark.DueAt is not null).MinBy(bookmark => bookmark.DueAt);

    private static Dictionary<string, object?>? AnswerTo(Bookmark bookmark) =>
        bookmark.Name == Stimuli.MailSettled ? new(StringComparer.Ordinal) { ["outcome"] = nameof(MessageState.Sent) } : null;

    private async Task<FlowTestMail> MailAsync(AutomationDb db, ShopIdentity shop, MailRequest request, CancellationToken cancellation)
    {
        var template = templates.Find(request.Template)!;
        var models = await MailModels.LoadAsync(db, [request.Identity.ContactId], shop, _ => true, cancellation);
        // A link of a test leads nowhere: it must not unsubscribe the person it was tried with.
        var links = new TemplateObject(2) { ["unsubscribe"] = "#", ["preferences"] = "#" };
        try
        {
            var mail = renderer.Render(template, models.Find(request.Identity.ContactId)?.Language, shop.Language, models.For(request.Identity.ContactId, request.Context, links, template.Defaults));
            return new FlowTestMail(template.Id, Mark + mail.Subject, mail.Text, mail.Html, Problem: null);
        }
        catch (TemplateException broken)
        {
            return new FlowTestMail(template.Id, Mark + template.Id, "", "", broken.Messages.Count > 0 ? broken.Messages[0].ToString() : broken.Message);
        }
    }

    /// <summary>The person's last event of the kind that starts the flow; without one, an empty event of that kind.</summary>
    private static async Task<string> EventAsync(AutomationDb db, Guid contactId, WorkflowTrigger? trigger, DateTimeOffset now, CancellationToken cancellation)
    {
        var key = trigger is null ? null : BookmarkKeys.Of(trigger.Name, trigger.Payload, trigger.Hash).FirstOrDefault();
        if (trigger is { Name: Stimuli.HandedBack }) return Stimuli.EventOf("deal.handed-back", now, "sales", TestId, new JsonObject { ["reason"] = key });
        var type = trigger is { Name: Stimuli.EventReceived } && key is not null ? key : "test";
        var last = await db.LeadEvents.AsNoTracking().Where(lead => lead.ContactId == contactId && lead.Type == type)
            .OrderByDescending(lead => lead.OccurredAt).FirstOrDefaultAsync(cancellation);
        return Stimuli.EventOf(type, last?.OccurredAt ?? now, last?.Source ?? "test", TestId, JsonNode.Parse(last?.Data ?? "{}"));
    }

    private async Task KeepAsync(FlowTestRun run, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        db.FlowTestRuns.Add(run);
        await db.SaveChangesAsync(cancellation);
        var cut = await db.FlowTestRuns.OrderByDescending(one => one.StartedAt).Skip(MostKept).Select(one => (DateTimeOffset?)one.StartedAt).FirstOrDefaultAsync(cancellation);
        if (cut is not null) await db.FlowTestRuns.Where(one => one.StartedAt <= cut).ExecuteDeleteAsync(cancellation);
    }
}
