using Automation.Marketing;
using Automation.Server.SignIn;
using Automation.Server.Wording;

namespace Automation.Server.Studio;

/// <summary>The server interface that the designer expects, under <c>/elsa/api</c>.</summary>
internal static class StudioApi
{
    // Parts of Elsa's server that people may look for here, and what there is instead.
    private static readonly (string Path, string What, string Instead)[] NotOffered =
    [
        ("/workflow-definitions/{id}/dispatch", "Starting a flow without its trigger", "A flow starts for people by what happens to them; POST an event to /api/events."),
        ("/workflow-definitions/{id}/bulk-dispatch", "Starting a flow without its trigger", "A flow starts for people by what happens to them; POST an event to /api/events."),
        ("/workflow-definitions/subgraph/{**rest}", "Loading a part of a drawing", "Drawings are loaded whole."),
        ("/events/{name}/trigger", "Giving signals from outside", "POST an event to /api/events."),
        ("/alterations/{**rest}", "Changing runs under way", "Move people to another version on the flow's page."),
        ("/workflow-instances/import", "Importing runs", "Runs belong to people and are not moved between services."),
        ("/bulk-actions/import/{**rest}", "Importing runs", "Runs belong to people and are not moved between services."),
        ("/admin/{**rest}", "Elsa's runtime administration", "See /health."),
        ("/identity/{**rest}", "Elsa's sign-in", "Sign in on the page /sign-in, or send an API key."),
        ("/secrets/{**rest}", "Elsa's secrets", "Keys are settings of the service."),
        ("/labels/{**rest}", "Elsa's labels", "Name the flow instead."),
        ("/agents/{**rest}", "Elsa's agents", "There are none."),
    ];

    public static void Map(WebApplication app)
    {
        var api = app.MapGroup("/elsa/api").RequireAuthorization(Policies.Designer).DisableAntiforgery()
            .AddEndpointFilter<StudioGate>().AddEndpointFilter<StudioAnswers>();
        DescriptorsApi.Map(api);
        DefinitionsApi.Map(api);
        InstancesApi.Map(api);
        TestRunsApi.Map(api);
        foreach (var (path, what, instead) in NotOffered) api.Map(path, () => StudioProblems.NotOffered(what, instead));
        api.Map("/{**rest}", (string? rest) => StudioProblems.NotFound($"There is no '/elsa/api/{rest}'."));
    }

    /// <summary>Turns what a rule forbids and what is wrong with the input into the one answer that the designer shows.</summary>
    private sealed class StudioAnswers(Show show) : IEndpointFilter
    {
        public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
        {
            try
            {
                return await next(context);
            }
            catch (RuleBrokenException broken)
            {
                return StudioProblems.Refused(broken, show);
            }
            catch (BadInputException bad)
            {
                return StudioProblems.Refused(bad);
            }
        }
    }
}
