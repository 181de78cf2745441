using Automation.Marketing.Accounts;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Automation.Server.SignIn;

public static class SignInRegistration
{
    /// <summary>Cookie for pages, bearer key for <c>/api</c>, and the policies <see cref="Policies"/>. Whatever says nothing else needs a signed-in person; all ask the table <see cref="Access"/>.</summary>
    public static IServiceCollection AddSignIn(this IServiceCollection services)
    {
        services.AddDataProtection().SetApplicationName("Automation");
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>, KeyRingInDatabase>();
        // It warns that the keys lie unencrypted: they lie beside the password hashes, and whoever reads those needs no cookie.
        services.AddLogging(logs => logs.AddFilter("Microsoft.AspNetCore.DataProtection.KeyManagement", LogLevel.Error));
        services.AddSingleton<IPasswordHasher<User>, PasswordHasher<User>>();
        services.AddScoped<PasswordSignIn>();
        services.AddScoped<SignInSessions>();
        services.AddSingleton(each => new OpenIdProvider(each.GetRequiredService<Settings>().OpenId));
        services.AddScoped<ProviderSignIn>();
        services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme)
            .AddCookie(Configure)
            .AddScheme<ApiKeyOptions, ApiKeyHandler>(ApiKeyHandler.Scheme, options => { });
        services.AddSingleton<IAuthorizationHandler, AccessHandler>();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, RefusedAnswers>();
        var pages = PolicyFor(CookieAuthenticationDefaults.AuthenticationScheme);
        services.AddAuthorizationBuilder()
            .AddPolicy(Policies.Pages, pages)
            .AddPolicy(Policies.Api, PolicyFor(ApiKeyHandler.Scheme))
            .AddPolicy(Policies.Designer, PolicyFor(CookieAuthenticationDefaults.AuthenticationScheme, ApiKeyHandler.Scheme))
            .SetFallbackPolicy(pages);
        return services;
    }

    private static AuthorizationPolicy PolicyFor(params string[] schemes) =>
        new AuthorizationPolicyBuilder(schemes).RequireAuthenticatedUser().AddRequirements(new AccessRequirement()).Build();

    private static void Configure(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = "automation";
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.LoginPath = "/sign-in";
        options.ReturnUrlParameter = "returnUrl";
        options.ExpireTimeSpan = SignInSessions.Idle;
        options.SlidingExpiration = true;
        // A visit lasts hours of the person's own day, also while a demonstration moves the product's clock by months.
        options.TimeProvider = TimeProvider.System;
        options.Events.OnValidatePrincipal = SignInSessions.ValidateAsync;
        var toThePage = options.Events.OnRedirectToLogin;
        options.Events.OnRedirectToLogin = context => IsForTheDesigner(context.Request) ? Answer(context.Response, StatusCodes.Status401Unauthorized) : toThePage(context);
    }

    // The designer would take the page it is led to for its answer.
    private static bool IsForTheDesigner(HttpRequest request) => request.Path.StartsWithSegments("/elsa", StringComparison.OrdinalIgnoreCase);

    private static Task Answer(HttpResponse response, int status)
    {
        response.StatusCode = status;
        return Task.CompletedTask;
    }
}
