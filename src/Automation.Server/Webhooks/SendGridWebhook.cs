using Automation.Marketing.Mail.Events;
using Automation.Marketing.Mail.GoingLive;
using Automation.Marketing.Storage;
using Automation.SendGrid;
using Automation.Server.Work;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Automation.Server.Webhooks;

/// <summary>The keys that the provider's events must be signed with; several for rotation.</summary>
internal sealed class WebhookKeys
{
    public IReadOnlyList<WebhookKey> Keys { get; set; } = [];
}

/// <summary>Takes the Event Webhook: verify, store, answer; the work comes later.</summary>
internal static class SendGridWebhook
{
    /// <summary>SendGrid posts at most 768 kB.</summary>
    private const long MaxBytes = 8 * 1024 * 1024;

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/webhooks/sendgrid", PostAsync).AllowAnonymous().DisableAntiforgery();

    private static async Task<Results<NoContent, ProblemHttpResult>> PostAsync(
        HttpContext context, WebhookKeys keys, LiveGate gate, AutomationDb db, WorkLoops work, TimeProvider clock, CancellationToken cancellation)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = MaxBytes;
        using var body = new MemoryStream();
        try
        {
            await context.Request.Body.CopyToAsync(body, cancellation);
        }
        catch (BadHttpRequestException tooLarge)
        {
            return TypedResults.Problem($"The body is larger than {MaxBytes} bytes.", statusCode: tooLarge.StatusCode);
        }
        var bytes = body.ToArray();
        var check = WebhookSignature.Verify(
            keys.Keys, context.Request.Headers[WebhookSignature.TimestampHeader], context.Request.Headers[WebhookSignature.SignatureHeader], bytes);
        if (check is not SignatureCheck.Valid)
            return TypedResults.Problem("The signature does not verify.", statusCode: StatusCodes.Status401Unauthorized, title: $"Signature {check.ToString().ToLowerInvariant()}");
        await ReportedEvents.StoreAsync(db, bytes, clock.GetUtcNow(), cancellation);
        if (gate.HoldsBack) await LiveSending.NoteWebhookAsync(db, clock.GetUtcNow(), cancellation);
        work.Wake();
        return TypedResults.NoContent();
    }
}
