using System.Text.Json.Nodes;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Storage;
using Automation.Templates;
using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys;

/// <summary>
/// What the activities of one burst work with: everything they do is written in the burst's transaction, and so commits
/// together with the run's new state or not at all.
/// </summary>
internal sealed class FlowScope(FlowRound round, FlowRun run, FlowSettings settings) : IServiceProvider, IWorkflowRequests
{
    public AutomationDb Db => round.Db;
    public FlowInstance Instance => run.Instance;
    public FlowSettings Settings => settings;
    public TemplateCatalogue Templates => round.Templates;
    public DateTimeOffset Now => round.Now;
    public TimeZoneInfo Zone => round.Zone;

    /// <summary>Set by a step that ends the whole run, e.g. a mail over its cap whose rule says exit.</summary>
    public string? EndReason { get; set; }

    /// <summary>Ids of steps that hang on a date which had passed when the person got there; see <see cref="Activities.LateSteps"/>.</summary>
    public HashSet<string> Late { get; } = new(StringComparer.Ordinal);

    public object? GetService(Type serviceType) => serviceType.IsInstanceOfType(this) && serviceType != typeof(object) ? this : null;

    /// <summary>A flow of a person gives signals and calls out; it starts no flow of nobody.</summary>
    public bool Takes(WorkflowRequest request) => request is WorkflowRequest.Publish or WorkflowRequest.Call;

    /// <summary>Asks for a mail; what becomes of it is told later, by its identity.</summary>
    public Task RequestMailAsync(MailRequest request, CancellationToken cancellation) => round.AskAsync(request, cancellation);

    /// <summary>To be called by a step that wrote something conditions can read of the person.</summary>
    public void PersonChanged() => round.PersonChanged(Instance.ContactId);

    public async Task<object?> EvaluateAsync(string expression, CancellationToken cancellation) =>
        round.Renderer.Evaluate(expression, await ModelAsync(cancellation));

    /// <param name="happened">The event that the condition is about, as JSON.</param>
    public async Task<bool> HoldsAsync(string? condition, string happened, CancellationToken cancellation) =>
        string.IsNullOrWhiteSpace(condition) || round.Renderer.IsTrue(condition, await ModelAsync(happened, cancellation));

    /// <summary>The person's own time zone, else the shop's.</summary>
    public async Task<TimeZoneInfo> PersonZoneAsync(CancellationToken cancellation) =>
        LocalTime.ZoneOr((await round.ModelsAsync(Instance.ContactId, cancellation)).Find(Instance.ContactId)?.TimeZone, Zone);

    /// <summary>Whether the run's goal or an exit has been met by something that came in since it began, worked off or not (brief §4.4).</summary>
    /// <returns>The reason to end; null: it goes on.</returns>
    public Task<string?> EndsAlreadyAsync(CancellationToken cancellation) => HappenedSince.ReasonToEndAsync(this, cancellation);

    /// <summary>Whether this event meets the run's goal, or else one of its exits.</summary>
    /// <param name="happened">The event as JSON.</param>
    /// <returns>The reason to end; null: it goes on.</returns>
    public async Task<string?> EndsByAsync(string type, string happened, CancellationToken cancellation)
    {
        if (settings.Goal?.Event == type && await HoldsAsync(settings.Goal.Where, happened, cancellation)) return ExitReasons.Goal;
        foreach (var exit in settings.Exits.Where(exit => exit.Event == type))
        {
            if (await HoldsAsync(exit.Where, happened, cancellation)) return ExitReasons.ExitRule;
        }
        return null;
    }

    /// <summary>What the run's mails see beside the person.</summary>
    public string MailContext => ContextOf(Instance.Event);

    /// <summary>What expressions see: the person, and the event that the run began with.</summary>
    public Task<TemplateObject> ModelAsync(CancellationToken cancellation) => ModelAsync(Instance.Event, cancellation);

    private async Task<TemplateObject> ModelAsync(string happened, CancellationToken cancellation) =>
        (await round.ModelsAsync(Instance.ContactId, cancellation)).For(Instance.ContactId, ContextOf(happened), links: null, defaults: null);

    private static string ContextOf(string happened) => new JsonObject { ["event"] = JsonNode.Parse(happened) }.ToJsonString();
}
