using Automation.Workflows.Runtime;

namespace Automation.Workflows.Activities;

/// <summary>How workflows reach the web; the host decides what they may reach.</summary>
public interface IHttpCaller
{
    ValueTask<HttpReply> SendAsync(HttpCall call, CancellationToken cancellation);
}

public sealed record HttpCall(string Method, Uri Url, IReadOnlyDictionary<string, string> Headers, string? ContentType, object? Content);

public sealed record HttpReply(int Status, IReadOnlyDictionary<string, string> Headers, object? Content);

/// <summary>Where a host collects what a workflow answers to the request that is being served.</summary>
public interface IHttpAnswer
{
    ValueTask WriteAsync(HttpReply reply, CancellationToken cancellation);
}

/// <param name="Path">Without the leading slash.</param>
public sealed record HttpEndpointStimulus(string Path, string Method);

/// <summary>Waits for a web request, or starts a workflow on it.</summary>
[Activity("Elsa", "HTTP", "Wait for an inbound HTTP request that matches the specified path and methods.", DisplayName = "HTTP Endpoint")]
public sealed class HttpEndpoint : Trigger<object?>
{
    /// <summary>Name of the input that carries the request.</summary>
    public const string RequestInput = "HttpRequest";

    [Input]
    public Input<string> Path { get; set; } = default!;

    [Input(UIHint = InputUIHints.CheckList, Options = ["GET", "POST", "PUT", "PATCH", "DELETE"])]
    public Input<ICollection<string>> SupportedMethods { get; set; } = new((ICollection<string>)["GET"]);

    protected override IEnumerable<object?> GetTriggerPayloads(TriggerIndexingContext context)
    {
        var path = context.Get(Path) is { Length: > 0 } text ? text.Trim('/') : throw new InputException(nameof(Path), "it is not set");
        return (context.Get(SupportedMethods) ?? []).Select(method => new HttpEndpointStimulus(path, method.ToUpperInvariant())).Distinct();
    }

    internal override ValueTask RunAsync(ActivityExecutionContext context)
    {
        if (context.IsTriggerOfWorkflow()) return OnRequestAsync(context);
        foreach (var method in SupportedMethods.GetOrDefault(context) ?? [])
            context.CreateBookmark(new HttpEndpointStimulus(Path.Get(context).Trim('/'), method.ToUpperInvariant()), OnRequestAsync);
        return default;
    }

    private ValueTask OnRequestAsync(ActivityExecutionContext context)
    {
        context.Set(Result, context.WorkflowInput.GetValueOrDefault(RequestInput));
        return context.CompleteActivityAsync();
    }
}

/// <summary>Answers the request that started or resumed the workflow.</summary>
[Activity("Elsa", "HTTP", "Write a response to the current HTTP response object.", DisplayName = "HTTP Response")]
public sealed class WriteHttpResponse : CodeActivity
{
    [Input]
    public Input<System.Net.HttpStatusCode> StatusCode { get; set; } = new(System.Net.HttpStatusCode.OK);

    [Input]
    public Input<object?>? Content { get; set; }

    [Input]
    public Input<string?>? ContentType { get; set; }

    protected override ValueTask ExecuteAsync(ActivityExecutionContext context)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (ContentType.GetOrDefault(context) is { Length: > 0 } type) headers["Content-Type"] = type;
        return context.GetRequiredService<IHttpAnswer>().WriteAsync(
            new HttpReply((int)StatusCode.GetOrDefault(context), headers, Content.GetOrDefault(context)), context.CancellationToken);
    }
}

/// <summary>Makes a web request and goes on by the status of the answer.</summary>
/// <remarks>Outcomes: the status as a number when it is expected, else <c>Unmatched status code</c>; <c>Failed to connect</c>; <c>Done</c>.</remarks>
[Activity("Elsa", "HTTP", "Send an HTTP request.", DisplayName = "HTTP Request", Kind = ActivityKind.Task)]
[FlowNode("Unmatched status code", "Failed to connect", "Done")]
public sealed class SendHttpRequest : Activity
{
    [Input]
    public Input<Uri> Url { get; set; } = default!;

    [Input(UIHint = InputUIHints.DropDown, Options = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])]
    public Input<string> Method { get; set; } = new("GET");

    [Input]
    public Input<object?>? Content { get; set; }

    [Input]
    public Input<string?>? ContentType { get; set; }

    [Input]
    public Input<IDictionary<string, object?>?>? RequestHeaders { get; set; }

    [Input(UIHint = InputUIHints.MultiText)]
    public Input<ICollection<int>?>? ExpectedStatusCodes { get; set; }

    [Output]
    public Output<int>? StatusCode { get; set; }

    [Output]
    public Output<object?>? ParsedContent { get; set; }

    protected override async ValueTask ExecuteAsync(ActivityExecutionContext context)
    {
        var headers = (RequestHeaders.GetOrDefault(context) ?? new Dictionary<string, object?>())
            .ToDictionary(pair => pair.Key, pair => ValueConverter.ToText(pair.Value) ?? "", StringComparer.OrdinalIgnoreCase);
        var call = new HttpCall(Method.Get(context), Url.Get(context), headers, ContentType.GetOrDefault(context), Content.GetOrDefault(context));
        HttpReply reply;
        try
        {
            reply = await context.GetRequiredService<IHttpCaller>().SendAsync(call, context.CancellationToken);
        }
        catch (HttpRequestException)
        {
            await context.CompleteActivityWithOutcomesAsync("Failed to connect", "Done");
            return;
        }
        context.Set(StatusCode, reply.Status);
        context.Set(ParsedContent, reply.Content);
        var expected = ExpectedStatusCodes.GetOrDefault(context) ?? [];
        await context.CompleteActivityWithOutcomesAsync(
            expected.Contains(reply.Status) ? reply.Status.ToString(System.Globalization.CultureInfo.InvariantCulture) : "Unmatched status code", "Done");
    }
}
