using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Automation.Marketing.Storage;
using Automation.Server.Clock;
using Automation.Server.Mailbox;
using Automation.Server.Pages.Live;
using Automation.Server.SignIn;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Localization;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.ModelBinding.Metadata;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.WebEncoders;

namespace Automation.Server.Pages;

public static class PagesRegistration
{
    private static readonly CultureInfo[] Languages = [new("en"), new("ja")];

    // Their callers want a status, not a page about it.
    private static readonly string[] ForPrograms = ["/api", "/workflows", "/elsa", "/studio/_framework", "/studio/_content", "/webhooks", "/health"];

    /// <summary>Razor pages, their two languages and what they look at. Register an <see cref="IDemoClock"/> or a <see cref="StandInAddress"/> first to replace the defaults.</summary>
    public static IServiceCollection AddWebPages(this IServiceCollection services)
    {
        services.AddSingleton<Words>();
        services.AddSingleton<IStringLocalizer>(each => each.GetRequiredService<Words>());
        services.AddSingleton<IStringLocalizerFactory>(each => each.GetRequiredService<Words>());
        services.AddScoped<Show>();
        services.AddSingleton<LiveChecks>();
        services.AddSingleton<RoleWords>();
        services.AddSingleton<AuditWords>();
        services.AddSingleton<ApiWords>();
        services.AddSingleton<OutgoingWords>();
        services.AddSingleton<ReportWords>();
        services.AddScoped<Reasons>();
        services.AddScoped<PolicyWords>();
        services.AddScoped<LawWords>();
        services.AddScoped<Story>();
        services.AddScoped<AudienceWords>();
        services.AddScoped<WhenWords>();
        services.AddScoped<OptionWords>();
        services.AddScoped<WelcomeWords>();
        services.AddScoped<FlowWords>();
        services.AddScoped<LeadWords>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IDemoClock, RealClock>();
        services.TryAddSingleton(new StandInAddress(null));
        services.Configure<WebEncoderOptions>(options => options.TextEncoderSettings = new TextEncoderSettings(UnicodeRanges.All));
        services.AddHttpClient<IMailbox, StandInMailbox>();
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = "automation-form";
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
        services.AddRazorPages(options =>
            {
                options.Conventions.AuthorizeFolder("/", Policies.Pages);
                options.Conventions.AllowAnonymousToPage("/SignIn");
                options.Conventions.AllowAnonymousToPage("/Invite");
                options.Conventions.AllowAnonymousToPage("/Language");
                options.Conventions.AllowAnonymousToPage("/Error");
                options.Conventions.AllowAnonymousToFolder("/Recipients");
            })
            .AddMvcOptions(options =>
            {
                options.Filters.Add<WorkspaceFilter>();
                options.Filters.Add<RootedRedirects>();
                Word(options.ModelBindingMessageProvider, new Words());
            })
            // The server's answer says what is wrong, in one language and one wording.
            .AddViewOptions(options => options.HtmlHelperOptions.ClientValidationEnabled = false)
            .AddDataAnnotationsLocalization(options => options.DataAnnotationLocalizerProvider = (_, factory) => factory.Create("", ""));
        services.AddRequestLocalization(options =>
        {
            options.DefaultRequestCulture = new RequestCulture(Languages[0]);
            (options.SupportedCultures, options.SupportedUICultures) = (Languages, Languages);
            options.RequestCultureProviders =
                [new CookieRequestCultureProvider { CookieName = LanguageModel.CookieName, Options = options }, new AcceptLanguageHeaderRequestCultureProvider { Options = options }];
        });
        return services;
    }

    /// <summary>What stands before the pages: language, security headers, error pages in the person's language.</summary>
    public static WebApplication UseWebPages(this WebApplication app)
    {
        app.UseRequestLocalization();
        app.UseMiddleware<SecurityHeaders>();
        app.UseWhen(IsForPeople, branch =>
        {
            branch.UseExceptionHandler("/error/500");
            branch.UseStatusCodePagesWithReExecute("/error/{0}");
        });
        // After the two above, so that the path of an error page finds its page.
        app.UseRouting();
        return app;
    }

    public static WebApplication MapWebPages(this WebApplication app)
    {
        app.MapStaticAssets().AllowAnonymous();
        app.MapRazorPages().WithStaticAssets();
        return app;
    }

    private static bool IsForPeople(HttpContext context) =>
        !Array.Exists(ForPrograms, path => context.Request.Path.StartsWithSegments(path, StringComparison.OrdinalIgnoreCase))
        && !(context.Request.Path.StartsWithSegments("/u", StringComparison.OrdinalIgnoreCase) && HttpMethods.IsPost(context.Request.Method));

    private static void Word(DefaultModelBindingMessageProvider messages, IStringLocalizer words)
    {
        messages.SetValueMustNotBeNullAccessor(_ => words["Please fill this in."]);
        messages.SetMissingBindRequiredValueAccessor(_ => words["Please fill this in."]);
        messages.SetMissingKeyOrValueAccessor(() => words["Please fill this in."]);
        messages.SetAttemptedValueIsInvalidAccessor((value, _) => words["'{0}' does not fit here.", value]);
        messages.SetNonPropertyAttemptedValueIsInvalidAccessor(value => words["'{0}' does not fit here.", value]);
        messages.SetValueIsInvalidAccessor(value => words["'{0}' does not fit here.", value]);
        messages.SetUnknownValueIsInvalidAccessor(_ => words["This does not fit here."]);
        messages.SetNonPropertyUnknownValueIsInvalidAccessor(() => words["This does not fit here."]);
        messages.SetValueMustBeANumberAccessor(_ => words["Please enter a number."]);
        messages.SetNonPropertyValueMustBeANumberAccessor(() => words["Please enter a number."]);
    }

    /// <summary>Every page shows times in the workspace's zone.</summary>
    private sealed class WorkspaceFilter(AutomationDb db, Show show) : IAsyncPageFilter
    {
        public Task OnPageHandlerSelectionAsync(PageHandlerSelectedContext context) => Task.CompletedTask;

        public async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
        {
            show.For(await db.ShopAsync(context.HttpContext.RequestAborted));
            await next();
        }
    }
}
