using System.Text.Json;
using Automation.Marketing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Automation.Server.SignIn;

/// <summary>Settings <c>OpenIdConnect:…</c>: with whom people may sign in besides their passwords. Without <c>Authority</c> nothing is offered.</summary>
internal sealed record OpenIdSettings
{
    /// <summary>The issuer's address, https except on this machine; its discovery document is below it.</summary>
    public required Uri Authority { get; init; }

    public required string ClientId { get; init; }
    public required string ClientSecret { get; init; }

    /// <summary>What the button calls it, e.g. <c>Google Workspace</c>. Default: the authority's host.</summary>
    public required string Name { get; init; }

    /// <exception cref="BadInputException">A setting is missing or at fault.</exception>
    public static OpenIdSettings? Read(IConfiguration configuration)
    {
        var section = configuration.GetSection("OpenIdConnect");
        if (section["Authority"] is not { Length: > 0 } text) return null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var authority) || !(authority.Scheme == Uri.UriSchemeHttps || (authority.Scheme == Uri.UriSchemeHttp && authority.IsLoopback)))
            throw new BadInputException("OpenIdConnect:Authority", $"'{text}' is not an https address.");
        return new OpenIdSettings
        {
            Authority = authority,
            ClientId = Required("ClientId"),
            ClientSecret = Required("ClientSecret"),
            Name = section["Name"] is { Length: > 0 and <= 50 } name ? name : authority.Host,
        };

        string Required(string key) =>
            section[key] is { Length: > 0 } value ? value : throw new BadInputException("OpenIdConnect:" + key, "must be set together with OpenIdConnect:Authority.");
    }
}

/// <summary>Whom the provider vouches for.</summary>
/// <param name="Subject">Never given to anybody else by this issuer.</param>
/// <param name="VerifiedEmail">Null unless the provider says that it is verified.</param>
internal sealed record VouchedPerson(string Issuer, string Subject, string? VerifiedEmail);

/// <summary>The provider cannot be reached, or what it says does not hold.</summary>
internal sealed class OpenIdProviderException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Talks to the OpenID Connect provider: discovery, keys, and codes against tokens.</summary>
internal sealed class OpenIdProvider : IDisposable
{
    private const int MaxAnswer = 256 * 1024;

    // None of them can be checked with what everybody may know; "none" and shared secrets are no proof.
    private static readonly string[] Algorithms =
        [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512, SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384];

    private readonly OpenIdSettings? settings;
    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = TimeSpan.FromSeconds(10), MaxResponseContentBufferSize = MaxAnswer };
    private readonly ConfigurationManager<OpenIdConnectConfiguration>? configurations;

    public OpenIdProvider(OpenIdSettings? settings)
    {
        this.settings = settings;
        if (settings is null) return;
        configurations = new ConfigurationManager<OpenIdConnectConfiguration>(
            settings.Authority.ToString().TrimEnd('/') + "/.well-known/openid-configuration", new OpenIdConnectConfigurationRetriever(),
            new HttpDocumentRetriever(http) { RequireHttps = !settings.Authority.IsLoopback })
        { RefreshInterval = TimeSpan.FromSeconds(5) };
    }

    public bool IsSet => settings is not null;
    public string Name => settings?.Name ?? "";
    public string ClientId => settings!.ClientId;

    /// <exception cref="OpenIdProviderException">It cannot be read.</exception>
    public async Task<OpenIdConnectConfiguration> ConfigurationAsync(CancellationToken cancellation)
    {
        try
        {
            return await configurations!.GetConfigurationAsync(cancellation);
        }
        catch (InvalidOperationException problem)
        {
            throw new OpenIdProviderException("The provider's configuration cannot be read.", problem);
        }
    }

    /// <summary>Trades the code for a token and checks all that the standard asks: signature, issuer, audience, times, nonce.</summary>
    /// <exception cref="OpenIdProviderException">The provider refuses, or its token does not hold.</exception>
    public async Task<VouchedPerson> RedeemAsync(string code, string verifier, string nonce, string returnAddress, CancellationToken cancellation)
    {
        var configuration = await ConfigurationAsync(cancellation);
        var token = await TokenAsync(configuration.TokenEndpoint, code, verifier, returnAddress, cancellation);
        var checkedToken = await ValidateAsync(token, configuration);
        if (!checkedToken.IsValid && checkedToken.Exception is SecurityTokenSignatureKeyNotFoundException)
        {
            // Providers change their keys: looked up once more.
            configurations!.RequestRefresh();
            configuration = await ConfigurationAsync(cancellation);
            checkedToken = await ValidateAsync(token, configuration);
        }
        if (!checkedToken.IsValid) throw new OpenIdProviderException("The provider's token does not hold.", checkedToken.Exception);
        var claims = (JsonWebToken)checkedToken.SecurityToken;
        if (Text(claims, "nonce") != nonce) throw new OpenIdProviderException("The provider's token answers another request.");
        if (Text(claims, "azp") is { } party && party != settings!.ClientId) throw new OpenIdProviderException("The provider's token is for another program.");
        if (string.IsNullOrEmpty(claims.Subject) || claims.Subject.Length > 255) throw new OpenIdProviderException("The provider's token names nobody.");
        return new VouchedPerson(claims.Issuer, claims.Subject, IsVerified(claims) ? Text(claims, "email") : null);
    }

    public void Dispose() => http.Dispose();

    private async Task<string> TokenAsync(string endpoint, string code, string verifier, string returnAddress, CancellationToken cancellation)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = returnAddress,
            ["code_verifier"] = verifier,
            ["client_id"] = settings!.ClientId,
            ["client_secret"] = settings.ClientSecret,
        });
        try
        {
            using var answer = await http.PostAsync(new Uri(endpoint), form, cancellation);
            if (!answer.IsSuccessStatusCode) throw new OpenIdProviderException($"The provider answered {(int)answer.StatusCode} to the code.");
            using var json = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellation));
            return json.RootElement.ValueKind is JsonValueKind.Object && json.RootElement.TryGetProperty("id_token", out var token) && token.ValueKind is JsonValueKind.String
                ? token.GetString()!
                : throw new OpenIdProviderException("The provider's answer holds no token.");
        }
        catch (Exception problem) when (problem is HttpRequestException or JsonException or UriFormatException || (problem is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new OpenIdProviderException("The provider did not answer the code.", problem);
        }
    }

    private async Task<TokenValidationResult> ValidateAsync(string token, OpenIdConnectConfiguration configuration) =>
        await new JsonWebTokenHandler { MapInboundClaims = false, MaximumTokenSizeInBytes = MaxAnswer }.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = configuration.Issuer,
            ValidAudience = settings!.ClientId,
            IssuerSigningKeys = configuration.SigningKeys,
            ValidAlgorithms = Algorithms,
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            ClockSkew = TimeSpan.FromMinutes(2),
        });

    private static string? Text(JsonWebToken token, string claim) => token.TryGetPayloadValue<string>(claim, out var text) ? text : null;

    // Some providers say it as a text.
    private static bool IsVerified(JsonWebToken token) =>
        (token.TryGetPayloadValue<bool>("email_verified", out var yes) && yes) || string.Equals(Text(token, "email_verified"), "true", StringComparison.OrdinalIgnoreCase);
}
