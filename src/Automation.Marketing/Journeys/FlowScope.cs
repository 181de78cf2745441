using System.Text.Json.Nodes;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Automation.Templates;

namespace Automation.Marketing.Journeys;

/// <summary>
/// What the activities of one burst work with: everything they do is written in the burst's transaction, and so commits
/// together with the run's new state or not at all.
/// </summary>
internal sealed class FlowScope(
    AutomationDb db, FlowInstance instance, FlowSettings settings, ShopIdentity shop, SendingPolicy policy, TemplateCatalogue templates,
    ITemplateRenderer renderer, DateTimeOffset now) : IServiceProvider
{
    private MailModels? models;

    public AutomationDb Db => db;
    public FlowInstance Instance => instance;
    public FlowSettings Settings => settings;
    public TemplateCatalogue Templates => templates;
    public DateTimeOffset Now => now;
    public TimeZoneInfo Zone { get; } = LocalTime.ZoneOr(shop.TimeZone, TimeZoneInfo.Utc);

    /// <summary>Set by a step that ends the whole run, e.g. a mail over its cap whose rule says exit.</summary>
    public string? EndReason { get; set; }

    public object? GetService(Type serviceType) => serviceType == typeof(FlowScope) ? this : null;

    /// <summary>A test run takes mails here; null: they go to the outbox.</summary>
    public Func<MailRequest, Task>? InsteadOfMail { get; init; }

    public Task RequestMailAsync(MailRequest request, CancellationToken cancellation) => InsteadOfMail is { } take
        ? take(request)
        : Outbox.RequestAsync(db, [request], policy, shop.TimeZone, now, cancellation);

    public async Task<object?> EvaluateAsync(string expression, CancellationToken cancellation) =>
        renderer.Evaluate(expression, await ModelAsync(instance.Event, cancellation));

    /// <param name="happened">The event that the condition is about, as JSON.</param>
    public async Task<bool> HoldsAsync(string? condition, string happened, CancellationToken cancellation) =>
        string.IsNullOrWhiteSpace(condition) || renderer.IsTrue(condition, await ModelAsync(happened, cancellation));

    /// <summary>What the run's mails see beside the person.</summary>
    public string MailContext => ContextOf(instance.Event);

    private async Task<TemplateObject> ModelAsync(string happened, CancellationToken cancellation)
    {
        models ??= await MailModels.LoadAsync(db, [instance.ContactId], shop, _ => true, cancellation);
        return models.For(instance.ContactId, ContextOf(happened), links: null, defaults: null);
    }

    private static string ContextOf(string happened) => new JsonObject { ["event"] = JsonNode.Parse(happened) }.ToJsonString();
}
