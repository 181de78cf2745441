namespace Automation.Server.Pages;

/// <summary>Our pages run our own files only, and nobody frames them. An endpoint that sets its own policy keeps it.</summary>
internal sealed class SecurityHeaders(RequestDelegate next)
{
    // data: for the small drawings inside the style sheet.
    internal const string OwnFilesOnly =
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'";

    public Task InvokeAsync(HttpContext context)
    {
        context.Response.OnStarting(() =>
        {
            var headers = context.Response.Headers;
            if (headers.ContentSecurityPolicy.Count == 0) headers.ContentSecurityPolicy = OwnFilesOnly;
            // A year; on http a browser must not believe it.
            if (context.Request.IsHttps) headers.StrictTransportSecurity = "max-age=31536000";
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "same-origin";
            headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            return Task.CompletedTask;
        });
        return next(context);
    }
}
