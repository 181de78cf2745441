using System.Text.Json;
using Automation.Marketing;
using Automation.Marketing.Journeys;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Api;

/// <summary>What happened with one person, newest first, page by page.</summary>
internal static class TimelineApi
{
    private const int PageSize = 50;

    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/contacts/{id:guid}/timeline", GetAsync).ProducesProblem(StatusCodes.Status400BadRequest);

    /// <param name="after">The <c>next</c> of the page before.</param>
    internal static async Task<Results<Ok<TimelineView>, NotFound>> GetAsync(
        Guid id, AutomationDb db, Show show, Reasons reasons, CancellationToken cancellation, string? after = null)
    {
        if (!await db.Contacts.AnyAsync(contact => contact.Id == id, cancellation)) return TypedResults.NotFound();
        var cursor = TimelineCursor.Parse(after);
        if (after is not null && cursor is null) throw new BadInputException("after", "is not the 'next' of a page.");
        show.For(await db.ShopAsync(cancellation));
        var page = await Timeline.PageAsync(db, id, cursor, PageSize, show.Zone, cancellation);
        return TypedResults.Ok(new TimelineView([.. page.Entries.Select(entry => TimelineEntryView.Of(entry, reasons))], page.Next?.ToString()));
    }
}

/// <param name="Next">Given as <c>after</c> for the page that follows; null: that was all.</param>
internal sealed record TimelineView(IReadOnlyList<TimelineEntryView> Entries, string? Next);

/// <param name="Kind"><c>event, purchase, step, mail, report, consent, hand-back, paper</c>.</param>
/// <param name="Decision">Of a mail: why not, and when next.</param>
internal sealed record TimelineEntryView(
    DateTimeOffset At, string Kind, string What, string Detail = "", Guid? MessageId = null, DecisionView? Decision = null, JsonElement? Data = null)
{
    public static TimelineEntryView Of(TimelineEntry entry, Reasons reasons) => entry switch
    {
        TimelineEntry.Reported(var lead) => new(entry.At, "event", lead.Type, lead.Source, Data: JsonSerializer.Deserialize<JsonElement>(lead.Data)),
        TimelineEntry.Bought bought => new(
            entry.At, "purchase", bought.OrderId, string.Join(", ", bought.Lines.Select(line => line.Product ?? line.Category ?? "")),
            Data: JsonSerializer.SerializeToElement(new { net = bought.Lines.Sum(line => line.Net), currency = bought.Lines[0].Currency })),
        TimelineEntry.Stepped stepped => new(entry.At, "step", $"{stepped.Step.ActivityType} {stepped.Step.Happened}", $"{stepped.DefinitionId} {stepped.Step.Detail}".Trim()),
        TimelineEntry.Mailed mailed => new(
            entry.At, "mail", mailed.Message.State.ToString(), mailed.Message.Template, mailed.Message.Id, DecisionView.Of(mailed.Message, reasons)),
        TimelineEntry.Responded responded => new(entry.At, "report", responded.Event.Kind, responded.Event.Url ?? "", responded.Event.MessageId),
        TimelineEntry.Consented(var consent) => new(entry.At, "consent", consent.State.ToString(), consent.Source),
        TimelineEntry.HandedBack handed => new(entry.At, "hand-back", Marketing.Deals.HandBackReasons.Word(handed.HandBack.Reason), handed.DealKey),
        TimelineEntry.OnPaper { Send: var send, Broadcast: var broadcast } => new(entry.At, "paper", $"{send.Way} {send.State}", broadcast),
        _ => throw new InvalidOperationException($"No view of {entry.GetType().Name}."),
    };
}
