using Microsoft.AspNetCore.Authorization;

namespace Automation.Server.SignIn;

/// <summary>Part of every policy: the table <see cref="Access"/> lets this person or program in here.</summary>
internal sealed class AccessRequirement : IAuthorizationRequirement;

internal sealed class AccessHandler : AuthorizationHandler<AccessRequirement>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, AccessRequirement requirement)
    {
        if (context.User.Identity?.IsAuthenticated is true && context.Resource is HttpContext http && MayPass(context, http)) context.Succeed(requirement);
        return Task.CompletedTask;
    }

    // Where nothing is mapped there is nothing to keep from anybody: they are told that it does not exist.
    private static bool MayPass(AuthorizationHandlerContext context, HttpContext http) =>
        http.GetEndpoint() is not RouteEndpoint || (Access.RuleFor(http) is { } rule && Access.Allows(context.User, rule));
}
