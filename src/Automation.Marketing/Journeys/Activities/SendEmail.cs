using Automation.Marketing.Mail;
using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys.Activities;

/// <summary>Asks for one email to the flow's contact and waits for what becomes of it. Nothing leaves the building here.</summary>
/// <remarks>Outcomes: <c>Sent</c>, <c>Expired</c>, <c>Skipped</c>, <c>Suppressed</c>, <c>Failed</c>.</remarks>
[Activity("Automation", "Mail", "Sends one template to the person in the flow.")]
[FlowNode("Sent", "Expired", "Skipped", "Suppressed", "Failed")]
public sealed class SendEmail : Activity
{
    private const int DefaultPriority = 50;
    private const string DefaultValidFor = "P7D";

    /// <summary>Path under <c>templates/</c>, e.g. <c>welcome/day-0</c>.</summary>
    [Input(UIHint = InputUIHints.DropDown)]
    public Input<string> Template { get; set; } = default!;

    /// <summary><c>Defer</c> (default), <c>Skip</c> or <c>Exit</c>.</summary>
    [Input(UIHint = InputUIHints.DropDown, Options = ["Defer", "Skip", "Exit"])]
    public Input<string>? OverCap { get; set; }

    /// <summary>How long it may wait: ISO 8601, default <c>P7D</c>.</summary>
    [Input(DefaultValue = DefaultValidFor)]
    public Input<string>? ValidFor { get; set; }

    /// <summary>0–100; default the flow's, else 50.</summary>
    [Input]
    public Input<int?>? Priority { get; set; }

    /// <summary>A newer mail with the same key replaces one that still waits.</summary>
    [Input]
    public Input<string>? CollapseKey { get; set; }

    /// <summary><c>Shop</c> (default), <c>Owner</c> of the person's deal, or <c>BestKnown</c>: the colleague who knows them best. Where there is nobody, the shop.</summary>
    [Input(UIHint = InputUIHints.DropDown, Options = ["Shop", "Owner", "BestKnown"])]
    public Input<string>? InNameOf { get; set; }

    protected override async ValueTask ExecuteAsync(ActivityExecutionContext context)
    {
        var scope = context.GetRequiredService<FlowScope>();
        if (scope.Late.Contains(context.Activity.Id))
        {
            await LateSteps.PassAsync(context, "Skipped", "Expired", "Sent");
            return;
        }
        // What happened a moment ago may not have been worked off yet.
        if (await scope.EndsAlreadyAsync(context.CancellationToken) is { } reason)
        {
            await End(context, reason);
            return;
        }
        var id = Template.Get(context);
        var template = scope.Templates.Find(id) ?? throw new InvalidOperationException($"Template '{id}' does not exist.");
        var identity = new MessageIdentity(
            scope.Instance.ContactId, MessageOrigin.Flow, scope.Instance.DefinitionId, NodeOf(context), scope.Instance.Entry, context.VisitNumber);
        await scope.RequestMailAsync(
            new MailRequest(
                identity, id, template.Class, template.Approach, OverCapOf(context),
                context.Get(Priority) ?? scope.Settings.Priority ?? DefaultPriority,
                scope.Now + ValidForOf(context),
                context.Get(CollapseKey) is { Length: > 0 } key ? key : null, string.Join(',', template.Topics), InNameOfContext.With(scope.MailContext, InNameOfOf(context)), scope.Instance.Id),
            context.CancellationToken);
        context.CreateBookmark(new MailStimulus(identity.ToString()), OnSettledAsync);
    }

    // A step that was called otherwise in the version the run came from is the same step: what it sent is not sent again.
    private static string NodeOf(ActivityExecutionContext context) =>
        context.WorkflowExecutionContext.Properties.GetValueOrDefault(WorkflowMigration.FormerNodes) is IDictionary<string, object?> former
            && former.TryGetValue(context.NodeId, out var node) && node?.ToString() is { Length: > 0 } before
            ? before : context.NodeId;

    private ValueTask OnSettledAsync(ActivityExecutionContext context)
    {
        var outcome = context.GetWorkflowInput<string>("outcome");
        // A withdrawn mail was not sent, and nobody was asked: that is a skip.
        if (outcome == nameof(MessageState.Cancelled)) outcome = nameof(MessageState.Skipped);
        if (OverCapOf(context) is Mail.OverCap.Exit && (outcome is nameof(MessageState.Skipped) or nameof(MessageState.Expired)))
            return End(context, outcome is nameof(MessageState.Expired) ? ExitReasons.Expired : ExitReasons.OverCap);
        return context.CompleteActivityWithOutcomesAsync(outcome);
    }

    // The run is cancelled where it stands: a step that has not ended leads nowhere.
    private static ValueTask End(ActivityExecutionContext context, string reason)
    {
        context.GetRequiredService<FlowScope>().EndReason = reason;
        context.CreateBookmark(new { Ended = reason });
        return default;
    }

    private TimeSpan ValidForOf(ActivityExecutionContext context) =>
        Durations.Parse(context.Get(ValidFor) is { Length: > 0 } given ? given : DefaultValidFor);

    private InNameOf InNameOfOf(ActivityExecutionContext context) =>
        Enum.TryParse<InNameOf>(context.Get(InNameOf), ignoreCase: true, out var wish) ? wish : Mail.InNameOf.Shop;

    private OverCap OverCapOf(ActivityExecutionContext context) =>
        Enum.TryParse<OverCap>(context.Get(OverCap), ignoreCase: true, out var overCap) ? overCap : Mail.OverCap.Defer;
}

/// <summary>What a mail's end is matched by.</summary>
internal sealed record MailStimulus(string Identity);
