using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Automation.Server.Pages;

/// <summary>
/// Our pages write addresses as if the service stood at the root of its host. Where it stands under a path, e.g. <c>/automation</c> behind
/// a proxy, that path is put before them here, so that no page can forget it.
/// </summary>
[HtmlTargetElement(Attributes = "href")]
[HtmlTargetElement(Attributes = "src")]
[HtmlTargetElement(Attributes = "action")]
[HtmlTargetElement(Attributes = "formaction")]
[HtmlTargetElement(Attributes = "hx-get")]
[HtmlTargetElement(Attributes = "hx-post")]
[HtmlTargetElement(Attributes = "data-then")]
public sealed class RootedLinks : TagHelper
{
    private static readonly string[] Addresses = ["href", "src", "action", "formaction", "hx-get", "hx-post", "data-then"];

    /// <summary>After those that make addresses of their own, which know the path.</summary>
    public override int Order => 10_000;

    [HtmlAttributeNotBound, ViewContext]
    public ViewContext ViewContext { get; set; } = null!;

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        var request = ViewContext.HttpContext.Request;
        if (!request.PathBase.HasValue) return;
        foreach (var name in Addresses)
        {
            if (output.Attributes[name] is not { Value: { } value } attribute || value.ToString() is not { } address || !BasePath.IsMissingIn(address, request.PathBase)) continue;
            output.Attributes.SetAttribute(new TagHelperAttribute(
                name, value is IHtmlContent ? new HtmlString(request.PathBase.ToUriComponent() + address) : request.PathBase.ToUriComponent() + address, attribute.ValueStyle));
        }
    }
}

/// <summary>The same for redirects.</summary>
internal sealed class RootedRedirects : IAlwaysRunResultFilter
{
    public void OnResultExecuting(ResultExecutingContext context)
    {
        var path = context.HttpContext.Request.PathBase;
        if (!path.HasValue) return;
        if (context.Result is LocalRedirectResult local && BasePath.IsMissingIn(local.Url, path)) local.Url = path.ToUriComponent() + local.Url;
        if (context.Result is RedirectResult redirect && BasePath.IsMissingIn(redirect.Url, path)) redirect.Url = path.ToUriComponent() + redirect.Url;
    }

    public void OnResultExecuted(ResultExecutedContext context)
    {
    }
}

internal static class BasePath
{
    public static bool IsMissingIn(string address, PathString path) =>
        address.StartsWith('/') && !address.StartsWith("//", StringComparison.Ordinal)
        && !(address.StartsWith(path.ToUriComponent(), StringComparison.OrdinalIgnoreCase) && (address.Length == path.ToUriComponent().Length || address[path.ToUriComponent().Length] is '/' or '?' or '#'));
}
