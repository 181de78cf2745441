using System.Runtime.CompilerServices;
using System.Security.Claims;
using Automation.Marketing.Accounts;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Automation.Server.SignIn;

/// <summary>One line of <see cref="Access.Rules"/>.</summary>
/// <param name="Method"><c>GET</c> (and HEAD), <c>POST</c> …; <c>*</c> is each of them.</param>
/// <param name="Route">The route as it is mapped, e.g. <c>/people/{id:guid}</c>; <c>/people/**</c> is an area: everything at and below it.</param>
/// <param name="Roles">Who may; <see cref="Roles.None"/>: strangers too.</param>
/// <param name="Handler">A page's named handler, e.g. <c>Save</c> of <c>OnPostSaveAsync</c>; null: whichever has no line of its own.</param>
internal sealed record AccessRule(string Method, string Route, Roles Roles, string? Handler = null)
{
    private const string Below = "/**";

    public bool IsArea => Route.EndsWith(Below, StringComparison.Ordinal);

    public bool IsForStrangers => Roles is Roles.None;

    public bool Covers(string method, string route) =>
        (Method == "*" || Method == method)
        && (IsArea ? new PathString(route).StartsWithSegments(Route[..^Below.Length], StringComparison.OrdinalIgnoreCase) : string.Equals(Route, route, StringComparison.OrdinalIgnoreCase));
}

/// <summary>
/// Who may do what: the one table, asked before every page, API route and answer to the designer. What has no line is
/// closed to everybody. Reading is given by area; whatever changes something has a line of its own.
/// </summary>
internal static class Access
{
    private const Roles All = Roles.Viewer | Roles.Designer | Roles.Approver | Roles.Sales | Roles.Steward | Roles.Admin;
    private const Roles Draw = Roles.Designer | Roles.Approver | Roles.Admin;
    private const Roles Approve = Roles.Approver | Roles.Admin;
    private const Roles Sell = Roles.Sales | Roles.Admin;
    private const Roles Tend = Roles.Steward | Roles.Admin;
    private const Roles Administer = Roles.Admin;

    public static readonly IReadOnlyList<AccessRule> Rules =
    [
        // Strangers: the door, what recipients of our mail open, the provider, the designer's files.
        new("*", "/sign-in", Roles.None),
        new("GET", "/sign-in/provider", Roles.None),
        new("GET", "/sign-in/provider/return", Roles.None),
        new("*", "/language", Roles.None),
        new("*", "/error/{status:int}", Roles.None),
        new("*", "/invite/{token}", Roles.None),
        new("*", "/u/{token}", Roles.None),
        new("GET", "/u/{token}/done", Roles.None),
        new("*", "/preferences/{token}", Roles.None),
        new("*", "/confirm/{token}", Roles.None),
        new("GET", "/view/{token}", Roles.None),
        new("POST", "/webhooks/sendgrid", Roles.None),
        new("*", "/health", Roles.None),
        // Under a secret address.
        new("GET", "/calendar/feed/{token}.ics", Roles.None),
        // Styles and scripts, from where they lie while the service is not published.
        new("GET", "/{**path:file}", All),
        new("GET", "/studio/{**path}", Roles.None),
        new("*", "/elsa/hubs/{**rest}", Roles.None),

        // Everybody's own.
        new("GET", "/", All),
        new("GET", "/Index", All),
        new("*", "/sign-out", All),

        new("GET", "/account", All),
        new("POST", "/account", All, "Password"),
        new("POST", "/account", All, "Factor"),
        new("POST", "/account", All, "ConfirmFactor"),
        new("POST", "/account", All, "RemoveFactor"),
        new("POST", "/account", All, "EndSessions"),

        new("GET", "/team/**", Administer),
        new("POST", "/team", Administer),
        new("POST", "/team/{id:guid}", Administer, "Role"),
        new("POST", "/team/{id:guid}", Administer, "Link"),
        new("POST", "/team/{id:guid}", Administer, "Disable"),
        new("POST", "/team/{id:guid}", Administer, "Enable"),
        new("POST", "/team/{id:guid}", Administer, "EndSessions"),
        new("POST", "/team/{id:guid}", Administer, "RemoveFactor"),
        new("GET", "/keys", Administer),
        new("POST", "/keys", Administer),
        new("POST", "/keys", Administer, "Revoke"),
        new("GET", "/outgoing", Administer),
        new("POST", "/outgoing", Administer),
        new("POST", "/outgoing", Administer, "Change"),
        new("POST", "/outgoing", Administer, "Rotate"),
        new("POST", "/outgoing", Administer, "Pause"),
        new("POST", "/outgoing", Administer, "Resume"),
        new("POST", "/outgoing", Administer, "Remove"),
        new("POST", "/outgoing", Administer, "Try"),
        new("POST", "/outgoing", Administer, "Replay"),
        new("POST", "/outgoing", Administer, "ReplayPeriod"),
        new("GET", "/audit", Approve),
        new("GET", "/start", Administer),
        new("POST", "/start", Administer),
        new("POST", "/start", Administer, "Aside"),
        new("POST", "/start", Administer, "Trade"),
        new("GET", "/sender", Administer),
        new("POST", "/sender", Administer),
        new("GET", "/live", Approve),
        new("POST", "/live", Administer, "Ask"),
        new("POST", "/live", Administer, "Confirm"),
        new("POST", "/live", Administer, "Go"),
        new("POST", "/live", Administer, "Stop"),

        new("GET", "/people/**", All),
        new("GET", "/people/import", Tend),
        new("POST", "/people/import", Tend),
        new("POST", "/people/import", Tend, "Take"),
        new("POST", "/people/{id:guid}", Draw | Tend, "PauseRun"),
        new("POST", "/people/{id:guid}", Draw | Tend, "ResumeRun"),
        new("POST", "/people/{id:guid}", Draw | Tend, "StopRun"),
        new("POST", "/people/{id:guid}", Sell | Tend, "TaskDone"),

        new("POST", "/people/{id:guid}", Sell | Tend, "Complaint"),
        new("POST", "/people/{id:guid}", Sell | Tend, "CloseComplaint"),
        new("POST", "/people/connections", Sell | Tend, "Save"),
        new("POST", "/people/connections", Sell | Tend, "Forget"),

        new("GET", "/deals/**", All),
        new("POST", "/deals", Sell, "Seen"),
        new("POST", "/deals", Sell, "Snooze"),
        new("POST", "/deals/hand-back", Sell),
        new("POST", "/deals/board", Sell, "Move"),
        new("POST", "/deals/settings", Administer, "Stages"),
        new("POST", "/deals/settings", Administer, "Automatic"),
        new("POST", "/deals/{id:guid}", Sell),
        new("POST", "/deals/{id:guid}", Sell, "Undo"),
        new("POST", "/deals/{id:guid}", Sell, "Change"),
        new("POST", "/deals/{id:guid}", Sell, "Won"),
        new("POST", "/deals/{id:guid}", Sell, "Lost"),
        new("POST", "/deals/{id:guid}", Sell, "Reopen"),
        new("POST", "/deals/{id:guid}", Sell, "Revisit"),
        new("POST", "/deals/{id:guid}", Sell, "Record"),
        new("POST", "/deals/{id:guid}", Sell, "File"),

        // Reports; the people behind a figure leave as a file only with those who work with them.
        new("GET", "/reports/**", All),
        new("GET", "/reports/hand-backs/rows", Approve | Sell | Tend, "Csv"),
        new("GET", "/reports/use/rows", Approve | Sell | Tend, "Csv"),
        new("GET", "/reports/related/rows", Approve | Sell | Tend, "Csv"),
        new("GET", "/funnel/**", All),
        new("GET", "/funnel/rows", Approve | Sell | Tend, "Csv"),
        new("GET", "/journey/**", All),
        new("GET", "/journey/rows", Approve | Sell | Tend, "Csv"),
        new("POST", "/journey/rules/edit", Approve, "Add"),
        new("POST", "/journey/rules/edit", Approve, "Remove"),
        new("POST", "/journey/rules/edit", Approve, "Up"),
        new("POST", "/journey/rules/edit", Approve, "Try"),
        new("POST", "/journey/rules/edit", Approve, "Publish"),

        // What makes people worth a call, and sales' answers. Trying keeps nothing.
        new("GET", "/scoring/**", All),
        new("POST", "/scoring/edit", Approve, "Add"),
        new("POST", "/scoring/edit", Approve, "Remove"),
        new("POST", "/scoring/edit", Approve, "Try"),
        new("POST", "/scoring/edit", Approve, "Publish"),
        new("GET", "/sales", All),
        new("GET", "/leads/**", All),
        new("POST", "/leads/settings", Approve),
        new("POST", "/leads/{id:guid}", Sell, "Accept"),
        new("POST", "/leads/{id:guid}", Sell, "Reject"),
        new("POST", "/leads/{id:guid}", Sell, "Seasonal"),

        new("GET", "/mails/**", All),
        new("POST", "/mails/{id:guid}", Draw, "Cancel"),
        new("GET", "/sending/**", All),
        new("POST", "/sending/speed", Administer),
        new("POST", "/sending", Draw, "Pause"),
        new("POST", "/sending", Approve, "Release"),
        new("POST", "/sending", Draw, "Cancel"),
        new("GET", "/mailbox/**", All),
        new("POST", "/mailbox/{id}", Draw),

        new("GET", "/calendar/**", All),
        new("POST", "/calendar", Draw),
        new("POST", "/calendar", Draw, "Anchor"),
        new("POST", "/calendar", Administer, "Renew"),
        new("POST", "/calendar/board", Draw, "Move"),
        new("POST", "/calendar/board", Draw, "TakeOver"),
        new("POST", "/calendar/our-year", Draw),
        new("POST", "/calendar/our-year", Draw, "Undo"),
        new("POST", "/calendar/ready", Approve, "Follow"),
        new("POST", "/calendar/ready", Approve, "Leave"),
        new("POST", "/calendar/{id:guid}", Draw),
        new("POST", "/calendar/{id:guid}", Approve, "Approve"),
        new("POST", "/calendar/{id:guid}", Draw, "Withdraw"),
        new("POST", "/calendar/{id:guid}", Draw, "LeaveOut"),
        new("POST", "/calendar/{id:guid}", Draw, "TakeIn"),

        new("GET", "/broadcasts/**", All),
        new("GET", "/broadcasts/new", Draw),
        new("POST", "/broadcasts/new", Draw, "Count"),
        new("POST", "/broadcasts/new", Draw, "Review"),
        new("POST", "/broadcasts/new", Draw, "Wait"),
        new("POST", "/broadcasts/new", Draw, "Back"),
        new("POST", "/broadcasts/new", Draw, "Create"),
        new("POST", "/broadcasts/{id:guid}", Draw, "Stop"),
        new("POST", "/broadcasts/{id:guid}", Draw, "Pause"),
        new("POST", "/broadcasts/{id:guid}", Draw, "Resume"),
        new("POST", "/broadcasts/{id:guid}", Approve, "Exempt"),
        new("POST", "/broadcasts", Approve, "HoldOut"),
        new("POST", "/broadcasts/weekly", Approve),
        new("POST", "/broadcasts/{id:guid}/paper", Draw | Sell | Tend, "Done"),
        new("POST", "/broadcasts/{id:guid}/paper", Draw | Sell | Tend, "Undo"),

        // How often, when and to whom: trying and replaying keep nothing.
        new("GET", "/rules/**", All),
        new("POST", "/rules/edit", Approve, "Add"),
        new("POST", "/rules/edit", Approve, "Remove"),
        new("POST", "/rules/edit", Approve, "Back"),
        new("POST", "/rules/edit", Approve, "Review"),
        new("POST", "/rules/edit", Approve, "Publish"),
        new("POST", "/rules/edit", Approve, "Replay"),
        new("POST", "/rules", Approve, "Revert"),
        new("GET", "/suppressions/**", All),
        new("GET", "/suppressions", Tend, "Export"),
        new("POST", "/suppressions", Tend, "Add"),
        new("POST", "/suppressions", Tend, "Remove"),
        new("POST", "/suppressions", Tend, "Company"),
        new("POST", "/suppressions", Tend, "Import"),
        new("GET", "/law/**", All),
        new("POST", "/law", Administer, "Record"),
        new("POST", "/law", Administer, "Consent"),

        new("GET", "/templates/**", All),
        new("GET", "/templates/new", Draw),
        new("POST", "/templates/new", Draw),
        // The desk asks these while one looks; they keep nothing.
        new("POST", "/templates/edit/{**id}", All, "Lint"),
        new("POST", "/templates/edit/{**id}", All, "Render"),
        new("POST", "/templates/edit/{**id}", All, "Frame"),
        new("POST", "/templates/edit/{**id}", All, "Text"),
        new("POST", "/templates/edit/{**id}", Draw, "Save"),
        new("POST", "/templates/edit/{**id}", Draw, "Publish"),
        new("POST", "/templates/edit/{**id}", Draw, "Discard"),
        new("POST", "/templates/edit/{**id}", Draw, "Test"),
        new("POST", "/templates/versions/{**id}", Draw, "Restore"),
        new("POST", "/templates/versions/{**id}", Draw, "Retire"),
        new("POST", "/templates/versions/{**id}", Draw, "Return"),

        new("GET", "/flows/**", All),
        new("POST", "/flows/{definitionId}", Draw, "Pause"),
        new("POST", "/flows/{definitionId}", Draw, "Resume"),
        new("POST", "/flows/{definitionId}", Draw, "Release"),
        new("POST", "/flows/{definitionId}", Draw, "Stop"),
        new("POST", "/flows/{definitionId}/design", Draw, "Publish"),
        new("POST", "/flows/{definitionId}/design", Draw, "Retract"),
        new("POST", "/flows/{definitionId}/migrate", Draw, "Count"),
        new("POST", "/flows/{definitionId}/migrate", Draw, "Move"),
        new("POST", "/flows/{definitionId}/settings", Draw),
        new("POST", "/flows/{definitionId}/versions", Draw, "Revert"),
        new("GET", "/flows/new", Draw),
        new("GET", "/flows/new/{kind}", Draw),
        new("POST", "/flows/new/{kind}", Draw),

        // The demonstration's clock moves everything for everybody.
        new("GET", "/Clock", All),
        new("POST", "/Clock", Administer),

        new("GET", "/api-guide", All),
        new("GET", "/api/openapi.json", All),
        new("GET", "/metrics", All),
        new("GET", "/api/contacts/**", All),
        new("POST", "/api/contacts/{id:guid}/opt-in", Tend),
        new("DELETE", "/api/contacts/{id:guid}/consent", Tend),
        new("POST", "/api/contacts/{id:guid}/complaints", Sell | Tend),
        new("PUT", "/api/contacts/{id:guid}/complaints/{complaint:guid}/closure", Sell | Tend),
        new("GET", "/api/messages/**", All),
        new("POST", "/api/events", Tend),
        new("POST", "/api/events/batch", Tend),
        // Requests that flows begin with or wait for: lead events too.
        new("*", "/workflows/{**path}", Tend),
        new("GET", "/api/deals/**", All),
        new("GET", "/api/lifecycle", All),
        new("PUT", "/api/deals/{key}", Sell),
        new("PUT", "/api/deals/{key}/won", Sell),
        new("PUT", "/api/deals/{key}/lost", Sell),
        new("POST", "/api/deals/{id}/hand-back", Sell),
        new("POST", "/api/deals/hand-backs", Sell),
        new("DELETE", "/api/deals/hand-backs/{id:guid}", Sell),
        new("GET", "/api/leads/**", All),
        new("POST", "/api/leads/{contact:guid}/acceptance", Sell),
        new("POST", "/api/leads/{contact:guid}/rejection", Sell),
        new("GET", "/api/broadcasts/**", All),
        new("POST", "/api/audiences/count", All),
        new("POST", "/api/broadcasts", Draw),
        new("DELETE", "/api/broadcasts/{id:guid}", Draw),
        new("GET", "/api/flows/**", All),
        new("PUT", "/api/flows/{flow}/pause", Draw),
        new("DELETE", "/api/flows/{flow}/pause", Draw),
        new("DELETE", "/api/flows/{flow}/entry-hold", Draw),
        new("DELETE", "/api/flows/{flow}/runs", Draw),
        new("DELETE", "/api/flows/{flow}/runs/{run:guid}", Draw),
        new("PUT", "/api/flows/{flow}/runs/{run:guid}/pause", Draw),
        new("DELETE", "/api/flows/{flow}/runs/{run:guid}/pause", Draw),
        new("POST", "/api/flows/{flow}/migrations/preview", Draw),
        new("POST", "/api/flows/{flow}/migrations", Draw),
        new("GET", "/api/clock", All),
        new("POST", "/api/clock", Administer),
        // Says that there is no such thing.
        new("*", "/api/{**rest}", All),

        // The designer: its pages, then what it asks. Several of its questions come by POST.
        new("GET", "/studio/**", All),
        new("GET", "/elsa/api/**", All),
        new("POST", "/elsa/api/descriptors/activities/{type}/options/{input}", All),
        new("POST", "/elsa/api/scripting/javascript/type-definitions/{definitionId}", All),
        new("POST", "/elsa/api/bulk-actions/export/workflow-definitions", All),
        new("POST", "/elsa/api/workflow-instances", All),
        new("POST", "/elsa/api/workflow-instances/{id}/journal", All),
        new("POST", "/elsa/api/activity-executions/report", All),
        new("POST", "/elsa/api/workflow-definitions", Draw),
        new("POST", "/elsa/api/workflow-definitions/{definitionId}/publish", Draw),
        new("POST", "/elsa/api/workflow-definitions/{definitionId}/retract", Draw),
        new("POST", "/elsa/api/workflow-definitions/{definitionId}/revert/{version:int}", Draw),
        new("POST", "/elsa/api/workflow-definitions/{definitionId}/update-references", Draw),
        new("POST", "/elsa/api/workflow-definitions/{definitionId}/execute", Draw),
        new("POST", "/elsa/api/workflow-definitions/import", Draw),
        new("POST", "/elsa/api/workflow-definitions/import-files", Draw),
        new("DELETE", "/elsa/api/workflow-definitions/{definitionId}", Draw),
        new("DELETE", "/elsa/api/workflow-definitions/{definitionId}/version/{version:int}", Draw),
        new("DELETE", "/elsa/api/workflow-definition-versions/{id}", Draw),
        new("POST", "/elsa/api/bulk-actions/delete/workflow-definitions/by-definition-id", Draw),
        new("POST", "/elsa/api/bulk-actions/delete/workflow-definitions/by-id", Draw),
        new("POST", "/elsa/api/bulk-actions/publish/workflow-definitions/by-definition-ids", Draw),
        new("POST", "/elsa/api/bulk-actions/retract/workflow-definitions/by-definition-ids", Draw),
        new("POST", "/elsa/api/tests/activities", Draw),
        new("POST", "/elsa/api/cancel/workflow-instances/{id}", Draw),
        new("POST", "/elsa/api/bulk-actions/cancel/workflow-instances", Draw),
        new("DELETE", "/elsa/api/workflow-instances/{id}", Draw),
        new("POST", "/elsa/api/bulk-actions/delete/workflow-instances/by-id", Draw),
        // What Elsa's server has and ours has not: it says so.
        new("*", "/elsa/api/workflow-definitions/{id}/dispatch", All),
        new("*", "/elsa/api/workflow-definitions/{id}/bulk-dispatch", All),
        new("*", "/elsa/api/workflow-definitions/subgraph/{**rest}", All),
        new("*", "/elsa/api/events/{name}/trigger", All),
        new("*", "/elsa/api/alterations/{**rest}", All),
        new("*", "/elsa/api/workflow-instances/import", All),
        new("*", "/elsa/api/bulk-actions/import/{**rest}", All),
        new("*", "/elsa/api/admin/{**rest}", All),
        new("*", "/elsa/api/identity/{**rest}", All),
        new("*", "/elsa/api/secrets/{**rest}", All),
        new("*", "/elsa/api/labels/{**rest}", All),
        new("*", "/elsa/api/agents/{**rest}", All),
        new("*", "/elsa/api/{**rest}", All),
    ];

    private static readonly AccessRule[] BestFirst = [.. Rules.OrderBy(rule => rule.IsArea).ThenByDescending(rule => rule.Route.Length)];

    // The lines that may concern an endpoint: each is asked for again and again.
    private static readonly ConditionalWeakTable<Endpoint, AccessRule[]> ByEndpoint = [];

    /// <returns>The line that says who may do what is asked for; null when there is none.</returns>
    public static AccessRule? RuleFor(HttpContext context)
    {
        if (context.GetEndpoint() is not RouteEndpoint endpoint) return null;
        var lines = ByEndpoint.GetValue(endpoint, static known => [.. BestFirst.Where(rule => Methods.Any(method => rule.Covers(method, RouteOf((RouteEndpoint)known))))]);
        return BestOf(lines, MethodOf(context.Request.Method), RouteOf(endpoint), HandlerOf(context, endpoint));
    }

    /// <returns>The line for a route as it is mapped.</returns>
    public static AccessRule? RuleFor(string method, string route, string? handler = null) =>
        BestOf(BestFirst, method, route, handler);

    /// <summary>May this person or program ask for this? For menus and links: what is refused is not offered.</summary>
    public static bool Allows(ClaimsPrincipal who, string method, string route, string? handler = null) =>
        RuleFor(method, route, handler) is { } rule && Allows(who, rule);

    public static bool Allows(ClaimsPrincipal who, AccessRule rule) => rule.IsForStrangers || (RolesOf(who) & rule.Roles) is not Roles.None;

    public static Roles RolesOf(ClaimsPrincipal who) =>
        who.FindAll(ClaimTypes.Role).Aggregate(Roles.None, (roles, claim) => roles | RoleNames.Parse(claim.Value));

    public static string RouteOf(RouteEndpoint endpoint) => "/" + endpoint.RoutePattern.RawText?.TrimStart('/').TrimEnd('/');

    internal static IReadOnlyList<string> Methods { get; } = ["GET", "POST", "PUT", "DELETE", "PATCH"];

    private static AccessRule? BestOf(IEnumerable<AccessRule> rules, string method, string route, string? handler)
    {
        AccessRule? general = null;
        foreach (var rule in rules)
        {
            if (!rule.Covers(method, route)) continue;
            if (rule.Handler is null) general ??= rule;
            else if (string.Equals(rule.Handler, handler, StringComparison.OrdinalIgnoreCase)) return rule;
        }
        return general;
    }

    // A page takes whatever method it does not know for a change.
    private static string MethodOf(string method) => method switch
    {
        _ when HttpMethods.IsGet(method) || HttpMethods.IsHead(method) => "GET",
        _ when HttpMethods.IsPut(method) => "PUT",
        _ when HttpMethods.IsDelete(method) => "DELETE",
        _ when HttpMethods.IsPatch(method) => "PATCH",
        _ => "POST",
    };

    // As Razor Pages finds it.
    private static string? HandlerOf(HttpContext context, Endpoint endpoint) =>
        endpoint.Metadata.GetMetadata<PageActionDescriptor>() is null ? null
        : Convert.ToString(context.Request.RouteValues["handler"], System.Globalization.CultureInfo.InvariantCulture) is { Length: > 0 } routed ? routed
        : context.Request.Query["handler"].ToString();
}
