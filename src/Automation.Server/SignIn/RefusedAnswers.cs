using Automation.Marketing.Accounts;
using Automation.Server.Api;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;

namespace Automation.Server.SignIn;

/// <summary>Tells who may not do something which role may: a problem for programs and the designer, a page for people.</summary>
internal sealed class RefusedAnswers : IAuthorizationMiddlewareResultHandler
{
    private static readonly object NeededKey = new();

    private readonly AuthorizationMiddlewareResultHandler otherwise = new();

    /// <summary>What the error page says is needed; <see cref="Roles.None"/> when nobody has been given this place.</summary>
    public static Roles NeededFor(HttpContext context) => context.Items.TryGetValue(NeededKey, out var needed) ? (Roles)needed! : Roles.None;

    public async Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (!authorizeResult.Forbidden)
        {
            await otherwise.HandleAsync(next, context, policy, authorizeResult);
            return;
        }
        var needed = Access.RuleFor(context)?.Roles ?? Roles.None;
        context.Items[NeededKey] = needed;
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        if (!IsForProgram(context.Request)) return;
        await TypedResults.Problem(Detail(context, needed), statusCode: StatusCodes.Status403Forbidden, title: "Role needed").ExecuteAsync(context);
    }

    private static string Detail(HttpContext context, Roles needed)
    {
        var words = context.RequestServices.GetRequiredService<RoleWords>();
        return needed is Roles.None
            ? "Nobody has been given this."
            : $"This needs the role {words.List(needed)}; you have {words.List(Access.RolesOf(context.User))}.";
    }

    private static bool IsForProgram(HttpRequest request) =>
        ApiProblems.Answers(request.Path) || request.Path.StartsWithSegments("/elsa", StringComparison.OrdinalIgnoreCase);
}
