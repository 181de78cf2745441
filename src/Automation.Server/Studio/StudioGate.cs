using Microsoft.AspNetCore.Authentication.Cookies;

namespace Automation.Server.Studio;

/// <summary>
/// Stands before everything the designer asks for. The designer sends the cookie and nothing else, so that a write is
/// taken only from a page of ours; the browser says where it comes from, and no page can make it lie.
/// </summary>
internal sealed class StudioGate(Settings settings) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (IsRead(http.Request) || http.User.Identity?.AuthenticationType != CookieAuthenticationDefaults.AuthenticationScheme) return await next(context);
        if (!IsFromOurPage(http.Request))
            return TypedResults.Problem("This request does not come from a page of this service.", statusCode: StatusCodes.Status403Forbidden, title: "Foreign request");
        return await next(context);
    }

    private bool IsFromOurPage(HttpRequest request)
    {
        // Browsers leave Sec-Fetch-Site out over plain http to another machine; Origin they send with every write.
        if (request.Headers["Sec-Fetch-Site"] is [{ } site]) return site == "same-origin";
        return request.Headers.Origin is [{ } origin] && (origin == $"{request.Scheme}://{request.Host}" || origin == settings.PublicUrl?.GetLeftPart(UriPartial.Authority));
    }

    // Two of its questions are asked by POST; they are checked too, which costs nothing.
    private static bool IsRead(HttpRequest request) => HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
}
