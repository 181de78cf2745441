using System.Text.Json;
using Automation.Marketing;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;

namespace Automation.Server.Api;

/// <summary>Turns what went wrong into a problem (RFC 9457) that names the field and the remedy.</summary>
internal sealed class ApiProblems(IProblemDetailsService problems) : IExceptionHandler
{
    /// <summary>Whether programs ask there, not people.</summary>
    public static bool Answers(PathString path) =>
        path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase) || path.StartsWithSegments(FlowRequests.Root, StringComparison.OrdinalIgnoreCase);

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (!Answers(httpContext.Request.Path)) return false;
        var problem = exception switch
        {
            BadInputException bad => Problem(StatusCodes.Status400BadRequest, "Bad input", bad.Message, bad.Place),
            RuleBrokenException broken => Problem(StatusCodes.Status409Conflict, "Not allowed", broken.Message),
            BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => Problem(StatusCodes.Status413PayloadTooLarge, "Too large", "The body is too large."),
            JsonException json => Problem(
                StatusCodes.Status400BadRequest, "Malformed JSON",
                $"line {json.LineNumber + 1}, byte {json.BytePositionInLine + 1}: the body is not valid JSON.", $"({json.LineNumber + 1},{json.BytePositionInLine + 1})"),
            BadHttpRequestException bad => Problem(bad.StatusCode, "Bad request", bad.Message),
            _ => null,
        };
        if (problem is null) return false;
        httpContext.Response.StatusCode = problem.Status!.Value;
        return await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = httpContext, ProblemDetails = problem });
    }

    private static ProblemDetails Problem(int status, string title, string detail, string? field = null)
    {
        var problem = new ProblemDetails { Status = status, Title = title, Detail = detail };
        if (field is not null) problem.Extensions["field"] = field;
        return problem;
    }
}
