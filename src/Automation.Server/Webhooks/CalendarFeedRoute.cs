using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Automation.Server.Webhooks;

/// <summary>The approved mailings for calendar programs, which cannot sign in: whoever has the address may read.</summary>
internal static class CalendarFeedRoute
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/calendar/feed/{token}.ics", GetAsync).AllowAnonymous();

    private static async Task<Results<ContentHttpResult, NotFound>> GetAsync(string token, AutomationDb db, TimeProvider clock, CancellationToken cancellation) =>
        await CalendarFeed.ReadAsync(db, token, clock.GetUtcNow(), cancellation) is { } feed
            ? TypedResults.Content(feed, "text/calendar; charset=utf-8")
            : TypedResults.NotFound();
}
