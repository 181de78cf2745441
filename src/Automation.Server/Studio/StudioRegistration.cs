using Automation.Marketing.Journeys;

namespace Automation.Server.Studio;

/// <summary>The flow designer: its files and pages under <c>/studio</c>, what it asks for under <c>/elsa/api</c>.</summary>
internal static class StudioRegistration
{
    public static IServiceCollection AddStudio(this IServiceCollection services)
    {
        services.AddSingleton(_ => StudioFiles.Load(Path.Combine(AppContext.BaseDirectory, "studio")));
        services.AddScoped<ActivityWords>();
        services.AddScoped<ActivityCatalogue>();
        services.AddScoped<Pickers>();
        services.AddScoped<FindingWords>();
        services.AddSingleton<Drawing>();
        services.AddSingleton<FlowTestRuns>();
        return services;
    }

    public static void MapStudio(this WebApplication app)
    {
        // Behind the pages of the same folder: a catch-all is asked last.
        app.MapMethods("/studio/{**path}", [HttpMethods.Get, HttpMethods.Head], (string path, StudioFiles files, HttpContext context) => files.ServeAsync(path, context))
            .AllowAnonymous();
        StudioApi.Map(app);
        // The viewer asks again by itself; it looks for a hub only where the feature is installed.
        app.Map("/elsa/hubs/{**rest}", () => StudioProblems.NotOffered("Sending changes as they happen", "Ask again: the designer's viewer does.")).AllowAnonymous().DisableAntiforgery();
    }
}
