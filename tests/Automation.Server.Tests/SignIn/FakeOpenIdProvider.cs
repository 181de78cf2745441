using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Automation.Server.Tests.SignIn;

/// <summary>A small OpenID Connect provider on loopback: discovery, keys, codes for whoever is <see cref="Claims"/>, and tokens as right or wrong as a test wants.</summary>
internal sealed class FakeOpenIdProvider : IAsyncDisposable
{
    public const string ClientId = "automation";
    public const string ClientSecret = "a-secret-of-the-test";

    private readonly WebApplication app;
    private readonly Dictionary<string, (string Challenge, string Nonce, string ReturnTo)> codes = new(StringComparer.Ordinal);
    private RSA key = RSA.Create(2048);
    private int keyNumber = 1;

    private FakeOpenIdProvider(WebApplication app) => this.app = app;

    public Uri Address { get; private set; } = null!;

    /// <summary>What the token says besides what the protocol asks; overrides that too.</summary>
    public Dictionary<string, object?> Claims { get; } = new(StringComparer.Ordinal);

    /// <summary>Signs with a key that is not published.</summary>
    public bool SignsWithAnotherKey { get; set; }

    public bool LeavesUnsigned { get; set; }
    public TimeSpan Lasts { get; set; } = TimeSpan.FromMinutes(5);

    public string[] Settings =>
        [$"--OpenIdConnect:Authority={Address}", $"--OpenIdConnect:ClientId={ClientId}", $"--OpenIdConnect:ClientSecret={ClientSecret}", "--OpenIdConnect:Name=Example ID"];

    public static async Task<FakeOpenIdProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var fake = new FakeOpenIdProvider(app);
        app.MapGet("/.well-known/openid-configuration", () => Results.Json(new
        {
            issuer = fake.Issuer,
            authorization_endpoint = fake.Issuer + "/authorize",
            token_endpoint = fake.Issuer + "/token",
            jwks_uri = fake.Issuer + "/keys",
            response_types_supported = new[] { "code" },
            subject_types_supported = new[] { "public" },
            id_token_signing_alg_values_supported = new[] { "RS256" },
        }));
        app.MapGet("/keys", () => Results.Json(new { keys = new[] { fake.PublicKey() } }));
        app.MapGet("/authorize", fake.Authorize);
        app.MapPost("/token", fake.TokenAsync);
        await app.StartAsync();
        fake.Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return fake;
    }

    public void ChangeKey()
    {
        key.Dispose();
        key = RSA.Create(2048);
        keyNumber++;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        key.Dispose();
    }

    private string Issuer => Address.ToString().TrimEnd('/');

    private object PublicKey()
    {
        var open = key.ExportParameters(includePrivateParameters: false);
        return new { kty = "RSA", use = "sig", alg = "RS256", kid = $"key-{keyNumber}", n = Base64UrlEncoder.Encode(open.Modulus), e = Base64UrlEncoder.Encode(open.Exponent) };
    }

    private IResult Authorize(HttpRequest request)
    {
        if (request.Query["client_id"] != ClientId || request.Query["response_type"] != "code" || request.Query["code_challenge_method"] != "S256") return Results.BadRequest();
        var code = Guid.NewGuid().ToString("N");
        codes[code] = (request.Query["code_challenge"]!, request.Query["nonce"]!, request.Query["redirect_uri"]!);
        return Results.Redirect(QueryHelpers.AddQueryString(request.Query["redirect_uri"]!, new Dictionary<string, string?> { ["code"] = code, ["state"] = request.Query["state"] }));
    }

    private async Task<IResult> TokenAsync(HttpRequest request)
    {
        var form = await request.ReadFormAsync();
        if (!codes.Remove(form["code"].ToString(), out var asked) || form["client_id"] != ClientId || form["client_secret"] != ClientSecret || form["redirect_uri"] != asked.ReturnTo
            || Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString()))) != asked.Challenge)
            return Results.Json(new { error = "invalid_grant" }, statusCode: 400);
        return Results.Json(new { access_token = "opaque", token_type = "Bearer", id_token = Token(asked.Nonce) });
    }

    private string Token(string nonce)
    {
        using var other = RSA.Create(2048);
        var now = TimeProvider.System.GetUtcNow();
        var claims = new Dictionary<string, object>(StringComparer.Ordinal) { ["iss"] = Issuer, ["aud"] = ClientId, ["nonce"] = nonce, ["sub"] = "person-1" };
        foreach (var (name, value) in Claims)
        {
            if (value is null) claims.Remove(name);
            else claims[name] = value;
        }
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Claims = claims,
            IssuedAt = now.UtcDateTime - TimeSpan.FromHours(1),
            NotBefore = now.UtcDateTime - TimeSpan.FromHours(1),
            Expires = now.UtcDateTime + Lasts,
            SigningCredentials = LeavesUnsigned ? null
                : new SigningCredentials(new RsaSecurityKey((SignsWithAnotherKey ? other : key).ExportParameters(includePrivateParameters: true)) { KeyId = $"key-{keyNumber}" }, SecurityAlgorithms.RsaSha256),
        });
    }
}
