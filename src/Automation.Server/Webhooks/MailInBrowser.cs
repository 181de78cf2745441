using System.Text;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Automation.Server.Webhooks;

/// <summary>A mail in the browser, for whoever holds its link. It may run nothing; opening it changes and counts nothing, as scanners open every link.</summary>
internal static class MailInBrowser
{
    private const string Policy = "sandbox allow-popups allow-top-navigation-by-user-activation; default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; frame-ancestors 'none'";

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/view/{token}", GetAsync).AllowAnonymous();

    private static async Task<Results<ContentHttpResult, NotFound>> GetAsync(
        string token, HttpContext context, AutomationDb db, LinkFactory links, MailComposer composer, CancellationToken cancellation)
    {
        var own = await links.ForAsync(db, cancellation);
        if (own.Read(token) is not { } link) return TypedResults.NotFound();
        if (await composer.InBrowserAsync(db, link.ContactId, link.MessageId, own, cancellation) is not { } html) return TypedResults.NotFound();
        context.Response.Headers.ContentSecurityPolicy = Policy;
        context.Response.Headers["X-Robots-Tag"] = "noindex";
        return TypedResults.Content(html, "text/html; charset=utf-8", Encoding.UTF8);
    }
}
