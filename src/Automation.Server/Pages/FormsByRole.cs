using System.Text.RegularExpressions;
using Automation.Server.SignIn;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages;

/// <summary>
/// What a role may not do is not offered to it: a form that would be refused is left out, and one that shows something in its
/// fields is shown with the fields shut. Asks <see cref="Access"/>, so that no page has to.
/// </summary>
[HtmlTargetElement("form", Attributes = "[method=post]")]
public sealed partial class FormsByRole(IStringLocalizer words) : TagHelper
{
    /// <summary>After the address of the form is made, before <see cref="RootedLinks"/>.</summary>
    public override int Order => 5_000;

    [HtmlAttributeNotBound, ViewContext]
    public ViewContext ViewContext { get; set; } = null!;

    public override async Task ProcessAsync(TagHelperContext context, TagHelperOutput output)
    {
        var address = context.AllAttributes["action"]?.Value?.ToString();
        var handler = context.AllAttributes["asp-page-handler"]?.Value?.ToString();
        if (Asked.IsOffered(ViewContext.HttpContext, address, handler)) return;
        var content = (await output.GetChildContentAsync()).GetContent();
        if (!ShowsSomething().IsMatch(content))
        {
            // Scripts look some up by their ids: those stay, empty.
            if (output.Attributes.ContainsName("id")) output.Content.SetHtmlContent("");
            else output.SuppressOutput();
            return;
        }
        var why = new TagBuilder("p");
        why.AddCssClass("by-role-note");
        why.InnerHtml.Append(words["Your role may look at this, not change it."]);
        output.PreContent.AppendHtml("<fieldset class=\"by-role\" disabled>").AppendHtml(why);
        output.PostContent.AppendHtml("</fieldset>");
    }

    [GeneratedRegex("""<(select|textarea)\b|<input\b(?![^>]*type="hidden")""", RegexOptions.IgnoreCase, 1_000)]
    private static partial Regex ShowsSomething();
}

/// <summary>The same for a button that has an address of its own, and for links that look like buttons.</summary>
[HtmlTargetElement("button", Attributes = "formaction")]
[HtmlTargetElement("a", Attributes = "href,class")]
public sealed class ButtonsByRole : TagHelper
{
    public override int Order => 5_000;

    [HtmlAttributeNotBound, ViewContext]
    public ViewContext ViewContext { get; set; } = null!;

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        var http = ViewContext.HttpContext;
        var offered = output.TagName is "button"
            ? Asked.IsOffered(http, context.AllAttributes["formaction"].Value?.ToString(), handler: null)
            : !IsButton(context) || Asked.MayOpen(http, context.AllAttributes["href"].Value?.ToString());
        if (!offered) output.SuppressOutput();
    }

    private static bool IsButton(TagHelperContext context) =>
        context.AllAttributes["class"].Value?.ToString()?.Split(' ').Contains("btn", StringComparer.Ordinal) is true;
}

/// <summary>Whether <see cref="Access"/> would let this person do what a form or a link asks for.</summary>
internal static class Asked
{
    /// <param name="address">As the page writes it; null or a mere query: the page's own.</param>
    public static bool IsOffered(HttpContext http, string? address, string? handler)
    {
        if (http.User.Identity?.IsAuthenticated is not true) return true;
        var (path, query) = Split(address);
        handler ??= query.Split('&').FirstOrDefault(part => part.StartsWith("handler=", StringComparison.Ordinal))?["handler=".Length..];
        var route = path.Length == 0 || path == http.Request.Path ? (http.GetEndpoint() is RouteEndpoint own ? Access.RouteOf(own) : path) : path;
        // Where the table has no line the answer says so; forms whose buttons have addresses of their own have none.
        return Access.RuleFor(HttpMethods.Post, route, handler) is not { } rule || Access.Allows(http.User, rule);
    }

    public static bool MayOpen(HttpContext http, string? address)
    {
        var (path, _) = Split(address);
        return http.User.Identity?.IsAuthenticated is not true || path.Length == 0 || path[0] != '/'
            || Access.RuleFor(HttpMethods.Get, path) is not { } rule || Access.Allows(http.User, rule);
    }

    private static (string Path, string Query) Split(string? address)
    {
        var text = (address ?? "").Split('#')[0];
        var at = text.IndexOf('?', StringComparison.Ordinal);
        return at < 0 ? (text, "") : (text[..at], text[(at + 1)..]);
    }
}
