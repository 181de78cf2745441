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
internal sealed class ApiKeyHandler(IOptionsMonitor<ApiKeyOptions> options, ILoggerFactory logs, UrlEncoder encoder, IDbContextFactory<AutomationDb> databases, TimeProvider clock)
    : AuthenticationHandler<ApiKeyOptions>(options, logs, encoder)
{
    public new const string Scheme = "ApiKey";

    private const string Prefix = "Bearer ";

    private static readonly TimeSpan UsedEvery = TimeSpan.FromMinutes(1);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)) return AuthenticateResult.NoResult();
        var hash = FirstStart.HashKey(header[Prefix.Length..].Trim());
        await using var db = await databases.CreateDbContextAsync(Context.RequestAborted);
        var key = await db.ApiKeys.AsNoTracking().SingleOrDefaultAsync(k => k.KeyHash == hash && k.RevokedAt == null, Context.RequestAborted);
        if (key is null) return AuthenticateResult.Fail("Unknown key.");
        await RememberAsync(db, key);
        var program = new ClaimsIdentity([new Claim(ClaimTypes.Name, $"api:{key.Name}"), new Claim(ClaimTypes.Role, key.Role)], Scheme);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(program), Scheme));
    }

    // To the minute: a busy program must not write a row with each request.
    private async Task RememberAsync(AutomationDb db, ApiKey key)
    {
        var now = clock.GetUtcNow();
        if (key.LastUsedAt is { } used && now - used < UsedEvery && now >= used) return;
        await db.ApiKeys.Where(k => k.Id == key.Id).ExecuteUpdateAsync(set => set.SetProperty(k => k.LastUsedAt, now), CancellationToken.None);
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        await TypedResults.Problem(
            "Send a known key in the header 'Authorization: Bearer <key>'.", statusCode: StatusCodes.Status401Unauthorized, title: "No valid API key")
            .ExecuteAsync(Context);
    }
}
