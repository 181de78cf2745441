using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Automation.SendGrid.StandIn;

/// <summary>A server that speaks SendGrid's <c>mail/send</c> and Event Webhook and sends nothing.</summary>
public static class StandInServer
{
    /// <summary>Not started yet. Reads no configuration of the surrounding program but <paramref name="args"/>.</summary>
    /// <param name="options">Address, key, webhook, faults.</param>
    /// <param name="args"><c>--urls</c> takes the place of <see cref="StandInOptions.Urls"/>.</param>
    /// <exception cref="ArgumentException">The private key is not a PEM private key on P-256.</exception>
    /// <exception cref="FormatException">A fault is not known.</exception>
    /// <exception cref="InvalidDataException">The data file is something else.</exception>
    /// <exception cref="IOException">The data file cannot be opened, or another stand-in has it.</exception>
    public static WebApplication Build(StandInOptions options, string[]? args = null)
    {
        // Empty: no settings files, environment or logging of the program around it, and none of their cost.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { Args = args ?? [] });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;   // the endpoint answers 413 itself
        });
        if (builder.Configuration["urls"] is null) builder.WebHost.UseUrls(options.Urls);
        Register(builder.Services, options);
        var app = builder.Build();
        Map(app);
        return app;
    }

    /// <summary>Base64 SubjectPublicKeyInfo that verifies this server's events.</summary>
    public static string PublicKey(WebApplication app) => app.Services.GetRequiredService<WebhookState>().PublicKey;

    /// <summary>Where events go from now on; what waited goes there as well. Null stops posting.</summary>
    public static void SetWebhook(WebApplication app, Uri? url)
    {
        app.Services.GetRequiredService<WebhookState>().Url = url;
        app.Services.GetRequiredService<WebhookPump>().Wake();
    }

    /// <summary>Where a started server listens, the port that was free included.</summary>
    public static Uri Address(WebApplication app) =>
        new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    private static void Register(IServiceCollection services, StandInOptions options)
    {
        services.AddRoutingCore();
        services.AddSingleton<IHostLifetime, LifeOfItsOwner>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        services.AddSingleton(options);
        services.AddSingleton(new FaultPlan(options.Faults));

        // By factory, for the container disposes only what it made itself: the file must be free once the server is gone.
        services.AddSingleton(_ => new WebhookState(options));
        services.AddSingleton(_ => new Mailbox(options));
        services.AddSingleton<Tally>().AddSingleton<RateWindow>().AddSingleton<AutomaticEvents>();
        services.AddSingleton<MailSendEndpoint>().AddSingleton<ControlEndpoints>().AddSingleton<WebhookSettingsEndpoints>();
        services.AddSingleton<WebhookPump>();
        services.AddHostedService(provider => provider.GetRequiredService<WebhookPump>());
    }

    private static void Map(WebApplication app)
    {
        app.UseRouting();
        app.Map("/v3/mail/send", app.Services.GetRequiredService<MailSendEndpoint>().HandleAsync);
        app.Services.GetRequiredService<ControlEndpoints>().Map(app);
        app.Services.GetRequiredService<WebhookSettingsEndpoints>().Map(app);
        app.MapFallback(context => Answers.ErrorAsync(context, StatusCodes.Status404NotFound, "There is nothing at this address."));
    }

    // Within another program, that one decides when to stop: answering its signals by ourselves would cut its last calls.
    private sealed class LifeOfItsOwner : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
