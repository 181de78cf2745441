using System.Security.Claims;
using System.Text.Encodings.Web;
using Automation.Marketing.Accounts;
using Automation.Marketing.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Automation.Server.SignIn;

internal sealed class ApiKeyOptions : AuthenticationSchemeOptions;

/// <summary>Lets a program in that shows a known key as <c>Authorization: Bearer</c>; answers problems, never redirects.</summary>
internal sealed class ApiKeyHandler(IOptionsMonitor<ApiKeyOptions> options, ILoggerFactory logs, UrlEncoder encoder, IDbContextFactory<AutomationDb> databases)
    : AuthenticationHandler<ApiKeyOptions>(options, logs, encoder)
{
    public new const string Scheme = "ApiKey";

    private const string Prefix = "Bearer ";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)) return AuthenticateResult.NoResult();
        var hash = FirstStart.HashKey(header[Prefix.Length..].Trim());
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        var name = await db.ApiKeys.AsNoTracking().Where(k => k.KeyHash == hash).Select(k => k.Name).SingleOrDefaultAsync(Context.RequestAborted);
        if (name is null) return AuthenticateResult.Fail("Unknown key.");
        var program = new ClaimsIdentity([new Claim(ClaimTypes.Name, $"api:{name}"), new Claim(ClaimTypes.Role, Roles.Admin.NameOf())], Scheme);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(program), Scheme));
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        await TypedResults.Problem(
            "Send a known key in the header 'Authorization: Bearer <key>'.", statusCode: StatusCodes.Status401Unauthorized, title: "No valid API key")
            .ExecuteAsync(Context);
    }
}
