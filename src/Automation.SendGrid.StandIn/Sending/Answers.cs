namespace Automation.SendGrid.StandIn;

/// <summary>Error answers in SendGrid's shape.</summary>
internal static class Answers
{
    public static Task ErrorAsync(HttpContext context, int status, string message, string? field = null) =>
        ErrorsAsync(context, status, [new SendGridError(message, field)]);

    public static Task ErrorsAsync(HttpContext context, int status, IReadOnlyList<SendGridError> errors)
    {
        context.Response.StatusCode = status;
        var answer = new ErrorsView([.. errors.Select(error => new ErrorView(error.Message, error.Field, error.Help))]);
        return context.Response.WriteAsJsonAsync(answer, StandInJson.Default.ErrorsView);
    }
}

internal sealed record ErrorsView(IReadOnlyList<ErrorView> Errors);

internal sealed record ErrorView(string Message, string? Field, string? Help);
