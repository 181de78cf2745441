using System.Text.RegularExpressions;
using Automation.Server.Api;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Automation.Server.Pages;

/// <summary>The API for people: each route, who may, and a line to try it with.</summary>
internal sealed partial class ApiGuideModel(EndpointDataSource endpoints, Settings settings) : PageModel
{
    public IReadOnlyList<ApiRoute> Routes { get; private set; } = [];

    public void OnGet() => Routes = ApiDocument.Routes(endpoints);

    /// <summary>A command that does it; the key stays in a variable.</summary>
    public string Curl(ApiRoute one)
    {
        var here = settings.PublicUrl?.AbsoluteUri.TrimEnd('/') ?? $"{Request.Scheme}://{Request.Host}{Request.PathBase}";
        var address = Parameter().Replace(one.Route, "{$1}");
        var body = ApiWords.Example(one.Method, one.Route) is { } json ? $" \\\n  -H 'Content-Type: application/json' -d '{json}'" : "";
        return $"curl -X {one.Method} '{here}{address}' -H \"Authorization: Bearer $KEY\"{body}";
    }

    [GeneratedRegex(@"\{(\w+):\w+\}", RegexOptions.None, 1_000)]
    private static partial Regex Parameter();
}
