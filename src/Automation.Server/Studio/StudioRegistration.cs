using Automation.Server.SignIn;

namespace Automation.Server.Studio;

/// <summary>The flow designer: its files and pages under <c>/studio</c>, what it asks for under <c>/elsa/api</c>.</summary>
internal static class StudioRegistration
{
    public static IServiceCollection AddStudio(this IServiceCollection services)
    {
        services.AddSingleton(_ => StudioFiles.Load(Path.Combine(AppContext.BaseDirectory, "studio")));
        return services;
    }

    public static void MapStudio(this WebApplication app)
    {
        // Behind the pages of the same folder: a catch-all is asked last.
        app.MapMethods("/studio/{**path}", [HttpMethods.Get, HttpMethods.Head], (string path, StudioFiles files, HttpContext context) => files.ServeAsync(path, context))
            .AllowAnonymous();
    }
}
