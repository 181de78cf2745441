using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Automation.Server.Studio;

/// <summary>A page that holds a part of the designer. Only these pages may start WebAssembly, and only from our own files.</summary>
public abstract class StudioPageModel : PageModel
{
    // The hashes are of two scripts that the designer of package 3.8.2 puts into the page: for Ctrl+S in its editor, for Ctrl+R in its
    // list of runs. Without them it stops with an error. Its editor starts workers from blobs.
    private const string Policy =
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval' 'sha256-snlP1jz0gjwc5cTz9ErZcliXuCK63+Mmf68RRCeptgc=' 'sha256-vu6sQrKXQHR4Yn3FMMihA/9TxxfIXnCxKwvLrTPJ5ts='; "
        + "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
        + "form-action 'self'; frame-ancestors 'self'; base-uri 'self'; object-src 'none'";

    public override void OnPageHandlerExecuting(PageHandlerExecutingContext context) => Response.Headers.ContentSecurityPolicy = Policy;
}
