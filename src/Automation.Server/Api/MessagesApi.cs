using Automation.Marketing.Mail;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Api;

/// <summary>One message: what was decided, what became of it, what was reported.</summary>
internal static class MessagesApi
{
    private const int MostListed = 200;

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/messages/{id:guid}", GetAsync);
        api.MapGet("/messages", ListAsync);
    }

    internal static async Task<Results<Ok<MessageView>, NotFound>> GetAsync(Guid id, AutomationDb db, Show show, Reasons reasons, CancellationToken cancellation)
    {
        show.For(await db.ShopAsync(cancellation));
        if (await db.OutboxMessages.AsNoTracking().SingleOrDefaultAsync(message => message.Id == id, cancellation) is not { } message) return TypedResults.NotFound();
        var history = await db.MessageChanges.AsNoTracking().Where(change => change.MessageId == id).OrderBy(change => change.Id).ToListAsync(cancellation);
        var events = await db.DeliveryEvents.AsNoTracking().Where(reported => reported.MessageId == id).OrderBy(reported => reported.At).ThenBy(reported => reported.Id)
            .ToListAsync(cancellation);
        return TypedResults.Ok(MessageView.Of(message, history, events, reasons));
    }

    /// <summary>The newest messages of a person, a broadcast or all.</summary>
    internal static async Task<Ok<IReadOnlyList<MessageView>>> ListAsync(
        AutomationDb db, Show show, Reasons reasons, CancellationToken cancellation, Guid? contactId = null, Guid? broadcastId = null, int take = 50)
    {
        show.For(await db.ShopAsync(cancellation));
        var messages = db.OutboxMessages.AsNoTracking();
        if (contactId is { } contact) messages = messages.Where(message => message.ContactId == contact);
        if (broadcastId is { } broadcast)
        {
            var origin = broadcast.ToString("N");
            messages = messages.Where(message => message.OriginId == origin);
        }
        var page = await messages.OrderByDescending(message => message.RequestedAt).ThenByDescending(message => message.Id)
            .Take(Math.Clamp(take, 1, MostListed)).ToListAsync(cancellation);
        return TypedResults.Ok<IReadOnlyList<MessageView>>([.. page.Select(message => MessageView.Of(message, [], [], reasons))]);
    }
}

/// <summary>A message as other programs see it.</summary>
internal sealed record MessageView(
    Guid Id, Guid ContactId, string Origin, string OriginId, string NodeId, string Template, string Class, string Approach, string State, DecisionView Decision,
    DateTimeOffset RequestedAt, DateTimeOffset DueAt, DateTimeOffset? ValidUntil, DateTimeOffset? SentAt, int Attempt, string? ProviderMessageId, string Slot,
    int DeliveredCount, int BouncedCount, int OpensTotal, int OpensUnique, int ClicksTotal, int ClicksUnique, IReadOnlyList<HistoryView> History)
{
    public static MessageView Of(
        OutboxMessage message, IReadOnlyList<MessageChange> history, IReadOnlyList<Marketing.Mail.Events.DeliveryEvent> events, Reasons reasons) => new(
        message.Id, message.ContactId, message.Origin.ToString(), message.OriginId, message.NodeId, message.Template, message.Class.ToString(),
        message.Approach.ToString(), message.State.ToString(), DecisionView.Of(message, reasons), message.RequestedAt, message.DueAt, message.ValidUntil, message.SentAt,
        message.Attempt, message.ProviderMessageId, message.Slot.ToString(), message.DeliveredCount, message.BouncedCount, message.OpensTotal, message.OpensUnique,
        message.ClicksTotal, message.ClicksUnique,
        [
            .. history.Select(change => new HistoryView(change.At, change.State.ToString(), change.Detail))
                .Concat(events.Select(reported => new HistoryView(reported.At, reported.Kind, reported.Url ?? "")))
                .OrderBy(line => line.At),
        ]);
}

/// <summary>Why, in numbers and in words; empty rule: nothing objected.</summary>
/// <param name="Counts">What the rule counts, when not every mail.</param>
/// <param name="Explanation">In the language that the caller accepts.</param>
internal sealed record DecisionView(
    string Rule, int? Count, int? Limit, string? Window, DateTimeOffset? NextEligible, int? PolicyVersion, string? Counts, string Explanation)
{
    public static DecisionView Of(OutboxMessage message, Reasons reasons)
    {
        var reason = Marketing.Mail.Decision.DecisionReason.FromJson(message.Decision);
        return new DecisionView(message.Rule, reason.Count, reason.Limit, reason.Window, reason.Next, reason.PolicyVersion, reason.Counts, reasons.Why(message));
    }
}

internal sealed record HistoryView(DateTimeOffset At, string What, string Detail);
