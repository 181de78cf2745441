using Automation.Marketing;
using Automation.Marketing.Accounts;
using Automation.Marketing.Campaigns;
using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Campaigns.Calendar.OurYears;
using Automation.Marketing.Campaigns.Weekly;
using Automation.Marketing.Contacts.Outgoing;
using Automation.Marketing.Contacts.Repurchase;
using Automation.Marketing.Deals;
using Automation.Marketing.Journeys;
using Automation.Marketing.Journeys.Calls;
using Automation.Marketing.Journeys.Control;
using Automation.Marketing.Journeys.Dates;
using Automation.Marketing.Journeys.Migration;
using Automation.Marketing.Journeys.Publishing;
using Automation.Marketing.Leads;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Content.Authoring;
using Automation.Marketing.Mail.Content.Preview;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Mail.Events;
using Automation.Marketing.Mail.GoingLive;
using Automation.Marketing.Mail.Law;
using Automation.Marketing.Storage;
using Automation.SendGrid;
using Automation.SendGrid.StandIn;
using Automation.Server.Api;
using Automation.Server.Clock;
using Automation.Server.Commands;
using Automation.Server.Commands.FlowTrials;
using Automation.Server.Jobs;
using Automation.Server.Mailbox;
using Automation.Server.Operations;
using Automation.Server.Pages;
using Automation.Server.SignIn;
using Automation.Server.Studio;
using Automation.Server.Webhooks;
using Automation.Server.Wording;
using Automation.Server.Work;
using Automation.Workflows.Activities;
using Automation.Workflows.Runtime;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Quartz;

namespace Automation.Server;

/// <summary>Puts the one process together and starts it.</summary>
internal sealed class AutomationServer : IAsyncDisposable
{
    // What the stand-in takes as a key; a real one is never made up.
    private const string StandInKey = "stand-in";

    private readonly Settings settings;
    private WebApplication? standIn;

    private AutomationServer(Settings settings, WebApplication app) => (this.settings, App) = (settings, app);

    public WebApplication App { get; }

    /// <summary>Where the pages are, once started.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1/");

    /// <summary>The administrator's password made at the first start; null otherwise.</summary>
    public string? OneTimePassword { get; private set; }

    /// <summary>The stand-in in this process; null when mail goes elsewhere.</summary>
    public Uri? StandInAddress => standIn is null ? null : StandInServer.Address(standIn);

    /// <param name="clock">In place of the machine's clock; null: the machine's, or the one of <c>Clock:Start</c>.</param>
    /// <param name="trial">For a try-out: what stands in for the machine's settings and services.</param>
    /// <exception cref="BadInputException">A setting, a template or a workflow file is at fault.</exception>
    public static AutomationServer Build(string[] args, TimeProvider? clock = null, Trial? trial = null)
    {
        // Settings are read once. Watching their folder would mean hearing of each write to the database that lies in it.
        args = ["--hostBuilder:reloadConfigOnChange=false", .. args];
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ApplicationName = "Automation.Server", WebRootPath = PublishedWebRoot() });
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Quartz", LogLevel.Warning).AddFilter("System.Net.Http", LogLevel.Warning);
        if (builder.Configuration["urls"] is null && builder.Configuration["http_ports"] is null) builder.WebHost.UseUrls("http://127.0.0.1:5080");
        // Built, not published: styles and scripts are where the build's manifest says.
        if (PublishedWebRoot() is null) builder.WebHost.UseStaticWebAssets();
        // Names that carry the file's fingerprint are kept by browsers for ever, built or published.
        builder.Configuration["EnableStaticAssetsDevelopmentCaching"] ??= "true";
        var settings = Settings.Read(builder.Configuration, builder.Environment.ContentRootPath);
        if (trial is not null) settings = trial.Apply(settings, builder.Logging);
        Directory.CreateDirectory(settings.DataFolder);
        clock ??= settings.ClockStart is { } start ? new MovableClock(start) : TimeProvider.System;
        var server = new AutomationServer(settings, Register(builder, settings, clock, trial));
        server.Map();
        return server;
    }

    /// <summary>Brings the database up to date, takes in templates, flows and calendars, and serves.</summary>
    public async Task StartAsync(CancellationToken cancellation = default)
    {
        await PrepareAsync(cancellation);
        await StartStandInAsync(cancellation);
        await App.StartAsync(cancellation);
        Address = new Uri(App.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First().Replace("[::]", "127.0.0.1", StringComparison.Ordinal).Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal));
        App.Services.GetRequiredService<PublicAddress>().Url = settings.PublicUrl ?? Address;
        if (standIn is not null) StandInServer.SetWebhook(standIn, new Uri(Address, "webhooks/sendgrid"));
    }

    public Task WaitForShutdownAsync(CancellationToken cancellation) => App.WaitForShutdownAsync(cancellation);

    /// <summary>The database at the newest version and the shipped flows and calendars in it.</summary>
    public async Task PrepareAsync(CancellationToken cancellation)
    {
        await using var scope = App.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AutomationDb>();
        var now = App.Services.GetRequiredService<TimeProvider>().GetUtcNow();
        await db.Database.MigrateAsync(cancellation);
        await App.Services.GetRequiredService<TemplateCatalogue>().RefreshAsync(db, cancellation);
        var first = await FirstStart.EnsureAsync(
            db, scope.ServiceProvider.GetRequiredService<IPasswordHasher<User>>().HashPassword, settings.AdminPassword, settings.ApiKey, now, cancellation);
        OneTimePassword = first.OneTimePassword;
        await App.Services.GetRequiredService<LiveGate>().RefreshAsync(cancellation);
        _ = App.Services.GetRequiredService<MeterReadings>();
        await App.Services.GetRequiredService<CalendarShelf>().LoadAsync(db, settings.Calendars, now, cancellation);
        // Behind the calendars: flows name days of the season.
        await App.Services.GetRequiredService<FlowDefinitions>().PublishFolderAsync(db, settings.WorkflowsFolder, now, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync();
        await App.DisposeAsync();
        if (standIn is not null)
        {
            await standIn.StopAsync();
            await standIn.DisposeAsync();
        }
    }

    private static WebApplication Register(WebApplicationBuilder builder, Settings settings, TimeProvider clock, Trial? trial)
    {
        var services = builder.Services;
        services.AddSingleton(settings);
        services.AddSingleton(clock);
        services.AddSingleton(each => new LiveGate(each.GetRequiredService<IDbContextFactory<AutomationDb>>(), clock, isReal: settings.SendGridKey is not null));
        services.AddSingleton<MailCarrier>();
        services.AddAutomationStorage(settings.Provider, settings.ConnectionString);
        AddMarketing(services, settings);
        AddWork(services, settings, clock);
        services.AddSignIn();
        services.AddLimits(builder.Configuration);
        services.AddApiDocument();
        services.AddSingleton<MeterReadings>();
        services.AddSingleton<Pages.People.ImportDesk>();
        services.AddProblemDetails();
        services.AddExceptionHandler<ApiProblems>();
        services.AddSingleton(each => each.GetRequiredService<MailCarrier>().StandIn);
        services.AddWebPages();
        services.AddStudio();
        services.AddHealthChecks().AddCheck<DatabaseHealth>("database").AddCheck<SendingHealth>("sending");
        trial?.Replace(services);
        return builder.Build();
    }

    private static void AddMarketing(IServiceCollection services, Settings settings)
    {
        services.AddSingleton(_ => TemplateCatalogue.Load(settings.TemplatesFolder));
        services.AddSingleton<TemplateDesk>();
        services.AddSingleton<TemplateUses>();
        services.AddSingleton<TemplateRenderer>();
        services.AddSingleton<ITemplateRenderer>(each => each.GetRequiredService<TemplateRenderer>());
        services.AddSingleton<MailPreview>();
        services.AddSingleton<TestMail>();
        services.AddSingleton<OwnAddresses>();
        services.AddSingleton<PublicAddress>();
        services.AddSingleton<LinkFactory>();
        services.AddSingleton<MailComposer>();
        services.AddSingleton<LawGate>();
        services.AddOptions<DeliveryOptions>().BindConfiguration("Mail").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(each => each.GetRequiredService<Microsoft.Extensions.Options.IOptions<DeliveryOptions>>().Value);
        services.AddSingleton<IMailProvider>(each => each.GetRequiredService<MailCarrier>());
        services.AddSingleton<MailSender>();
        services.AddSingleton<DueDecisions>();
        services.AddSingleton<UnknownOutcomes>();
        services.AddSingleton<ReportedEvents>();
        services.AddSingleton<LeadRound>();
        services.AddSingleton<PurchaseCycleRound>();
        services.AddSingleton<Promises>();
        services.AddSingleton<NoticeMail>();
        services.AddSingleton<Broadcasts>();
        services.AddSingleton<SeasonCalendar>();
        services.AddSingleton<OccurrenceReview>();
        services.AddSingleton<OurYears>();
        services.AddSingleton<IWeeklyMailWriter, WeeklyMailWriter>();
        services.AddSingleton<WeeklyMails>();
        services.AddSingleton(each => new CalendarShelf(Path.Combine(settings.WorkflowsFolder, "calendars"), each.GetRequiredService<TemplateCatalogue>()));
        services.AddSingleton(_ => ActivityRegistry.WithGeneralActivities().Add<HttpEndpoint>().Add<SendHttpRequest>().AddFrom(typeof(FlowCatalogue).Assembly));
        services.AddSingleton<IExpressionHandler, ScribanHandler>();
        services.AddSingleton<WorkflowRunner>();
        services.AddSingleton<ITemplateCheck, TemplateSoundness>();
        services.AddSingleton<FlowRules>();
        services.AddSingleton<FlowDefinitions>();
        services.AddSingleton<FlowCatalogue>();
        services.AddSingleton<FlowEngine>();
        services.AddSingleton<FlowControlling>();
        services.AddSingleton<FlowMigrations>();
        services.AddSingleton<FlowJobs>();
        services.AddSingleton<FlowDates>();
        services.AddSingleton(settings.Http);
        services.AddSingleton<IHttpCaller, AllowedHttpCaller>();
        services.AddSingleton<FlowCalls>();
        services.AddSingleton(settings.Outgoing);
        services.AddSingleton(each => new OutgoingPost(settings.Outgoing, each.GetRequiredService<TimeProvider>()));
        services.AddSingleton<OutgoingDeliveries>();
    }

    private static void AddWork(IServiceCollection services, Settings settings, TimeProvider clock)
    {
        services.AddSingleton<WorkLoops>();
        services.AddHostedService(each => each.GetRequiredService<WorkLoops>());
        services.AddSingleton<WebhookKeys>();
        services.AddSingleton<Schedule>();
        services.AddQuartz(quartz =>
        {
            quartz.UseDefaultThreadPool(pool => pool.MaxConcurrency = 4);
            quartz.UsePersistentStore(store =>
            {
                if (settings.Provider is DatabaseProvider.Sqlite) store.UseSqlite($"Data Source={Path.Combine(settings.DataFolder, "quartz.db")}");
                else store.UsePostgres(settings.ConnectionString);
                store.UseSystemTextJsonSerializer();
                store.ProvisionSchema();
                store.ConfigureStore(options => options.StoreJobDataAsStrings = true);
            });
            Schedule.AddJobs(quartz);
        });
        services.AddQuartzHostedService(options => options.WaitForJobsToComplete = true);
        services.AddHostedService(each => each.GetRequiredService<Schedule>());
        if (clock is not MovableClock movable) return;
        services.AddSingleton(movable);
        services.AddSingleton<TimeTravel>();
        services.AddSingleton<IDemoClock>(each => each.GetRequiredService<TimeTravel>());
    }

    private void Map()
    {
        // Only a proxy on this machine is believed: anybody else could claim to come from anywhere.
        App.UseForwardedHeaders(new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost | ForwardedHeaders.XForwardedPrefix,
        });
        App.Use((context, next) =>
        {
            Audit.Address = context.Connection.RemoteIpAddress?.ToString();
            return next(context);
        });
        if (settings.PathBase.HasValue) App.UsePathBase(settings.PathBase);
        App.UseWhen(context => ApiProblems.Answers(context.Request.Path), api => api.UseExceptionHandler());
        App.UseWebPages();
        App.UseRateLimiter();
        App.UseAuthentication();
        App.UseAuthorization();
        App.MapWebPages();
        App.MapStudio();
        ProviderSignIn.Map(App);
        App.MapHealthChecks("/health").AllowAnonymous();
        SendGridWebhook.Map(App);
        OneClickUnsubscribe.Map(App);
        CalendarFeedRoute.Map(App);
        MailInBrowser.Map(App);
        var api = App.MapGroup("/api").RequireAuthorization(Policies.Api).DisableAntiforgery();
        EventsApi.Map(api);
        MessagesApi.Map(api);
        ContactsApi.Map(api);
        ConsentApi.Map(api);
        TimelineApi.Map(api);
        DealsApi.Map(api);
        CrmApi.Map(api);
        ComplaintsApi.Map(api);
        LeadsApi.Map(api);
        BroadcastsApi.Map(api);
        FlowsApi.Map(api);
        ClockApi.Map(api);
        FlowRequests.Map(App);
        MetricsEndpoint.Map(App);
        App.MapOpenApi("/api/openapi.json").RequireAuthorization(Policies.Designer);
        api.Map("/{**rest}", (HttpRequest request) => TypedResults.Problem($"There is no {request.Method} {request.Path}.", statusCode: StatusCodes.Status404NotFound, title: "Not found"));
    }

    private async Task StartStandInAsync(CancellationToken cancellation)
    {
        var clock = App.Services.GetRequiredService<TimeProvider>();
        var own = App.Services.GetRequiredService<MailCarrier>();
        var keys = App.Services.GetRequiredService<WebhookKeys>();
        keys.Keys = [.. settings.WebhookKeys.Select(WebhookKey.Parse)];
        if (settings.UsesOwnStandIn)
        {
            standIn = StandInServer.Build(new StandInOptions { Clock = clock, PrivateKeyPem = StandInCommand.KeyIn(Path.Combine(settings.DataFolder, "stand-in.pem")), DataFile = Path.Combine(settings.DataFolder, "stand-in.mails") });
            await standIn.StartAsync(cancellation);
            keys.Keys = [.. keys.Keys, WebhookKey.Parse(StandInServer.PublicKey(standIn))];
        }
        var address = StandInAddress ?? settings.SendGridAddress ?? SendGridOptions.Global;
        own.Connect(
            SendGridClient.Create(ClientOptions(address), clock),
            new StandInAddress(settings.SendGridKey is null ? address : null));
    }

    private SendGridOptions ClientOptions(Uri address)
    {
        var options = new SendGridOptions { ApiKey = settings.SendGridKey ?? StandInKey, BaseAddress = address };
        return settings.SendGridTimeout is { } timeout
            ? options with { Timeout = timeout, ConnectTimeout = timeout < options.ConnectTimeout ? timeout : options.ConnectTimeout }
            : options;
    }

    private static string? PublishedWebRoot() =>
        Path.Combine(AppContext.BaseDirectory, "wwwroot") is var folder && Directory.Exists(folder) ? folder : null;
}
