using Automation.Workflows.Runtime;

namespace Automation.Workflows.Activities;

/// <summary>How workflows reach the web within a burst; a host that keeps bursts short fulfils <see cref="WorkflowRequest.Call"/> instead.</summary>
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

    /// <summary>Name of the input that carries the answer: an <see cref="HttpAnswer"/>.</summary>
    public const string AnswerInput = "__HttpAnswer";

    protected override async ValueTask ExecuteAsync(ActivityExecutionContext context)
    {
        var call = CallOf(context);
        if (context.GetService<IHttpCaller>() is not { } caller)
        {
            context.WorkflowExecutionContext.Request(new WorkflowRequest.Call(context.Id, call));
            context.CreateBookmark(new HttpCallStimulus(context.Id), OnAnsweredAsync);
            return;
        }
        HttpReply reply;
        try
        {
            reply = await caller.SendAsync(call, context.CancellationToken);
        }
        catch (HttpRequestException)
        {
            await context.CompleteActivityWithOutcomesAsync("Failed to connect", "Done");
            return;
        }
        await GoOnAsync(context, reply.Status, reply.Content);
    }

    private HttpCall CallOf(ActivityExecutionContext context)
    {
        var headers = (RequestHeaders.GetOrDefault(context) ?? new Dictionary<string, object?>())
            .ToDictionary(pair => pair.Key, pair => ValueConverter.ToText(pair.Value) ?? "", StringComparer.OrdinalIgnoreCase);
        return new HttpCall(Method.Get(context), Url.Get(context), headers, ContentType.GetOrDefault(context), Content.GetOrDefault(context));
    }

    private ValueTask OnAnsweredAsync(ActivityExecutionContext context) => HttpAnswer.In(context.WorkflowInput.GetValueOrDefault(AnswerInput)) switch
    {
        { Problem: { } problem } => throw new HttpAccessException(problem),
        { Status: { } status, Content: var content } => GoOnAsync(context, status, content),
        _ => context.CompleteActivityWithOutcomesAsync("Failed to connect", "Done"),
    };

    private ValueTask GoOnAsync(ActivityExecutionContext context, int status, object? content)
    {
        context.Set(StatusCode, status);
        context.Set(ParsedContent, content);
        var expected = ExpectedStatusCodes.GetOrDefault(context) ?? [];
        return context.CompleteActivityWithOutcomesAsync(
            expected.Contains(status) ? status.ToString(System.Globalization.CultureInfo.InvariantCulture) : "Unmatched status code", "Done");
    }
}

/// <summary>What a step that called waits for.</summary>
public sealed record HttpCallStimulus(string CallId);

/// <summary>What became of a call: an answer, nobody there (neither is set), or a call that may not be made.</summary>
/// <param name="Problem">Faults the step.</param>
public sealed record HttpAnswer(int? Status, object? Content, string? Problem)
{
    /// <summary>As the input <see cref="SendHttpRequest.AnswerInput"/>.</summary>
    public Dictionary<string, object?> ToInput() => new(StringComparer.Ordinal) { ["status"] = Status, ["content"] = Content, ["problem"] = Problem };

    internal static HttpAnswer In(object? input)
    {
        var said = ValueConverter.Convert(input, typeof(Dictionary<string, object?>)) as Dictionary<string, object?> ?? [];
        return new HttpAnswer((int?)ValueConverter.Convert(said.GetValueOrDefault("status"), typeof(int?)), said.GetValueOrDefault("content"), said.GetValueOrDefault("problem") as string);
    }
}
