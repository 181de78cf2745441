using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Mail.Suppression;
using Automation.Marketing.Storage;
using Automation.Server.Work;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Automation.Server.Webhooks;

/// <summary>One-click unsubscribe by RFC 8058: a POST to the mailed link, without cookie, sign-in or redirect. The effect is committed before the answer.</summary>
internal static class OneClickUnsubscribe
{
    private const string Done = """
        <!doctype html><html lang="ja"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <title>配信を停止しました / Unsubscribed</title><p>配信を停止しました。今後、ご案内のメールはお送りしません。</p>
        <p lang="en">You are unsubscribed. We will not send you marketing mail again.</p></html>
        """;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/u/{token}", PostAsync).AllowAnonymous().DisableAntiforgery();

    private static async Task<Results<ContentHttpResult, NotFound>> PostAsync(
        string token, HttpContext context, AutomationDb db, LinkFactory links, WorkLoops work, TimeProvider clock, CancellationToken cancellation)
    {
        if ((await links.ForAsync(db, cancellation)).Read(token) is not { } link) return TypedResults.NotFound();
        // From a preview or a test mail.
        if (link.ContactId == MailLinks.Nobody) return TypedResults.Content(Done, "text/html; charset=utf-8");
        var now = clock.GetUtcNow();
        await using (var transaction = await db.BeginWriteAsync(cancellation))
        {
            var said = new Said("one-click", link.MessageId.ToString(), context.Connection.RemoteIpAddress?.ToString(), context.Request.Headers.UserAgent);
            await Refusals.WithdrawAsync(db, link.ContactId, "", said, now, now, cancellation);
            await transaction.CommitAsync(cancellation);
        }
        work.Wake();
        return TypedResults.Content(Done, "text/html; charset=utf-8");
    }
}
