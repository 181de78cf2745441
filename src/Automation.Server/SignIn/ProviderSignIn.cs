using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Automation.Marketing.Accounts;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.IdentityModel.Tokens;

namespace Automation.Server.SignIn;

/// <summary>Why somebody who came back from the provider was not let in.</summary>
internal enum ProviderRefusal
{
    /// <summary>The provider or the person said no.</summary>
    Declined,

    /// <summary>Nobody on the team has the address that the provider vouches for.</summary>
    Stranger,

    /// <summary>Too late, in another browser, or not asked for.</summary>
    Stale,

    /// <summary>The provider could not be reached, or what it said does not hold.</summary>
    Failed,
}

/// <summary>
/// Sign-in with the company's own provider: OpenID Connect Core 1.0, authorization code flow with PKCE (RFC 7636). It says
/// who somebody is; who may come in, and as what, is the team's page's to say.
/// </summary>
internal sealed class ProviderSignIn(
    OpenIdProvider provider, SignInSessions sessions, AutomationDb db, PublicAddress address, IDataProtectionProvider protection, ILogger<ProviderSignIn> logger)
{
    /// <summary>Where the provider sends people back to, below the public address.</summary>
    public const string ReturnPath = "sign-in/provider/return";

    private const string Cookie = "automation-provider";
    private static readonly TimeSpan VisitLasts = TimeSpan.FromMinutes(10);

    private readonly ITimeLimitedDataProtector visits = protection.CreateProtector("provider sign-in").ToTimeLimitedDataProtector();

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/sign-in/provider", (HttpContext context, ProviderSignIn signIn, string? returnUrl, CancellationToken cancellation) => signIn.LeaveAsync(context, returnUrl, cancellation)).AllowAnonymous();
        routes.MapGet("/" + ReturnPath, (HttpContext context, ProviderSignIn signIn, CancellationToken cancellation) => signIn.ReturnAsync(context, cancellation)).AllowAnonymous();
    }

    /// <summary>Sends the browser to the provider.</summary>
    private async Task<IResult> LeaveAsync(HttpContext context, string? returnUrl, CancellationToken cancellation)
    {
        if (!provider.IsSet) return TypedResults.NotFound();
        try
        {
            var visit = new Visit(Secret(), Secret(), Secret(), returnUrl);
            var there = (await provider.ConfigurationAsync(cancellation)).AuthorizationEndpoint;
            context.Response.Cookies.Append(Cookie, visits.Protect(JsonSerializer.Serialize(visit), VisitLasts), CookieOf(context));
            return TypedResults.Redirect(QueryHelpers.AddQueryString(there, new Dictionary<string, string?>
            {
                ["response_type"] = "code",
                ["client_id"] = provider.ClientId,
                ["redirect_uri"] = ReturnAddress,
                ["scope"] = "openid email profile",
                ["state"] = visit.State,
                ["nonce"] = visit.Nonce,
                ["code_challenge"] = Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(visit.Verifier))),
                ["code_challenge_method"] = "S256",
            }));
        }
        catch (OpenIdProviderException problem)
        {
            logger.ProviderFailed(problem);
            return Refuse(ProviderRefusal.Failed, returnUrl);
        }
    }

    /// <summary>Lets in whom the provider vouches for, if the team knows the person.</summary>
    private async Task<IResult> ReturnAsync(HttpContext context, CancellationToken cancellation)
    {
        if (!provider.IsSet) return TypedResults.NotFound();
        var visit = VisitOf(context.Request);
        // Good for one return, whatever comes of it.
        context.Response.Cookies.Delete(Cookie, CookieOf(context));
        var query = context.Request.Query;
        if (visit is null || !Same(query["state"], visit.State)) return Refuse(ProviderRefusal.Stale, returnUrl: null);
        if (query["error"].Count > 0) return Refuse(ProviderRefusal.Declined, visit.ReturnUrl);
        if (query["code"] is not [{ Length: > 0 and <= 2000 } code]) return Refuse(ProviderRefusal.Failed, visit.ReturnUrl);
        try
        {
            var who = await provider.RedeemAsync(code, visit.Verifier, visit.Nonce, ReturnAddress, cancellation);
            if (await TeamDesk.ForProviderAsync(db, who.Issuer, who.Subject, who.VerifiedEmail, TimeProvider.System.GetUtcNow(), cancellation) is not { } user)
                return Refuse(ProviderRefusal.Stranger, visit.ReturnUrl);
            await sessions.StartAsync(context, user, cancellation);
            return TypedResults.Redirect(LocalOf(context, visit.ReturnUrl));
        }
        catch (OpenIdProviderException problem)
        {
            logger.ProviderFailed(problem);
            return Refuse(ProviderRefusal.Failed, visit.ReturnUrl);
        }
    }

    private string ReturnAddress => new Uri(address.Url, ReturnPath).ToString();

    private static RefusedToSignIn Refuse(ProviderRefusal why, string? returnUrl) => new(why, returnUrl);

    private Visit? VisitOf(HttpRequest request)
    {
        if (request.Cookies[Cookie] is not { Length: > 0 and <= 4000 } text) return null;
        try
        {
            return JsonSerializer.Deserialize<Visit>(visits.Unprotect(text));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    // Lax: the way back from the provider is a link from another site.
    private static CookieOptions CookieOf(HttpContext context) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = context.Request.IsHttps,
        Path = context.Request.PathBase + "/sign-in/provider",
        MaxAge = VisitLasts,
    };

    private static bool Same(string? left, string right) =>
        left is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(left), Encoding.UTF8.GetBytes(right));

    private static string LocalOf(HttpContext context, string? returnUrl) => context.Request.PathBase + (RedirectHttpResult.IsLocalUrl(returnUrl) && returnUrl[0] == '/' ? returnUrl : "/");

    private static string Secret() => Base64UrlEncoder.Encode(RandomNumberGenerator.GetBytes(32));

    /// <summary>What the browser carries over to the provider and back, sealed.</summary>
    private sealed record Visit(string State, string Nonce, string Verifier, string? ReturnUrl);
}

/// <summary>Back to the sign-in page, which says why.</summary>
internal sealed class RefusedToSignIn(ProviderRefusal why, string? returnUrl) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Redirect(QueryHelpers.AddQueryString(httpContext.Request.PathBase + "/sign-in", new Dictionary<string, string?>
        {
            ["refused"] = why.ToString(),
            ["returnUrl"] = returnUrl,
        }));
        return Task.CompletedTask;
    }
}

internal static partial class ProviderSignInLog
{
    [LoggerMessage(3111, LogLevel.Warning, "Sign-in with the OpenID Connect provider failed")]
    public static partial void ProviderFailed(this ILogger logger, Exception problem);
}
