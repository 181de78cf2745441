using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Connections.Features;

namespace Automation.SendGrid.StandIn;

/// <summary><c>POST /v3/mail/send</c>. In the loop of every benchmark: the body is parsed once and copied once.</summary>
internal sealed class MailSendEndpoint(
    StandInOptions options, Mailbox mailbox, FaultPlan plan, AutomaticEvents events, RateWindow rate, Tally tally)
{
    private const string IdLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    private const int IdLength = 22;
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64 };

    public async Task HandleAsync(HttpContext context)
    {
        tally.Request();
        if (!rate.Enter(context.Response.Headers))
        {
            await Answers.ErrorAsync(context, StatusCodes.Status429TooManyRequests, "too many requests");
            return;
        }

        if (await IsTurnedAwayAsync(context)) return;
        if (AskedFaults(context) is not { } asked)
        {
            await Answers.ErrorAsync(context, StatusCodes.Status400BadRequest, "There is no such fault.", FaultPlan.Header);
            return;
        }

        if (plan.ResetsBeforeReading(asked))
        {
            Reset(context);
            return;
        }

        if (await RequestBody.ReadAsync(context, MailSendLimits.RequestBytes) is not { } body)
        {
            await Answers.ErrorAsync(context, StatusCodes.Status413PayloadTooLarge, "The request must be smaller than 30 MB.");
            return;
        }

        using (body) await ReadAsync(context, body.Bytes, asked);
    }

    private async ValueTask<bool> IsTurnedAwayAsync(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.Headers.Allow = HttpMethods.Post;
            await Answers.ErrorAsync(context, StatusCodes.Status405MethodNotAllowed, "The method is not allowed.");
        }
        else if (!Keys.Opens(context, options.ApiKey))
        {
            await Answers.ErrorAsync(context, StatusCodes.Status401Unauthorized, "The API key is missing or not known.");
        }
        else if (!IsJson(context.Request))
        {
            await Answers.ErrorAsync(context, StatusCodes.Status415UnsupportedMediaType, "The content must be application/json in UTF-8.");
        }
        else
        {
            return false;
        }

        return true;
    }

    private static bool IsJson(HttpRequest request)
    {
        if (request.Headers.ContentEncoding.Count > 0) return false;
        if (request.ContentType is "application/json") return true;
        return Microsoft.Net.Http.Headers.MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            && (!type.Charset.HasValue || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase));
    }

    private static ActiveFaults? AskedFaults(HttpContext context)
    {
        if (!context.Request.Headers.TryGetValue(FaultPlan.Header, out var text)) return ActiveFaults.None;
        try
        {
            return new ActiveFaults(Fault.Parse(text.ToString()));
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private async Task ReadAsync(HttpContext context, ReadOnlyMemory<byte> body, ActiveFaults asked)
    {
        if (!Utf8.IsValid(body.Span))
        {
            await Answers.ErrorAsync(context, StatusCodes.Status415UnsupportedMediaType, "The content must be UTF-8.");
            return;
        }

        var (facts, errors) = Parse(body);
        if (facts is null)
        {
            tally.Refuse();
            await Answers.ErrorsAsync(context, StatusCodes.Status400BadRequest, errors);
            return;
        }

        var faults = plan.AfterReading(asked, facts.Mails);
        if (!await FailsBeforeRecordingAsync(context, faults)) await RecordAsync(context, body, facts, faults);
    }

    private (RequestFacts? Facts, IReadOnlyList<SendGridError> Errors) Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body, Strict);
            var errors = MailSendRules.Check(json.RootElement, options.Clock.GetUtcNow());
            return errors.Count > 0 ? (null, errors) : (RequestFacts.Of(json.RootElement), errors);
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)   // the latter: half a surrogate pair
        {
            return (null, [new SendGridError("Bad Request")]);
        }
    }

    private static async ValueTask<bool> FailsBeforeRecordingAsync(HttpContext context, ActiveFaults faults)
    {
        // A slow network is slow in real time, whatever the clock of the trial says.
        if (faults.Number(FaultKind.Delay) is { } milliseconds) await Task.Delay(milliseconds);
        if (faults.Has(FaultKind.ResetAfterReading)) Reset(context);
        else if (faults.Number(FaultKind.TooManyRequests) is { } seconds) await TooManyAsync(context, seconds);
        else if (faults.Number(FaultKind.Status) is { } status) await Answers.ErrorAsync(context, status, $"Asked to answer {status}.");
        else if (faults.Number(FaultKind.ErrorBefore) is { } error) await Answers.ErrorAsync(context, error, "Asked to fail.");
        else return false;
        return true;
    }

    private static Task TooManyAsync(HttpContext context, int seconds)
    {
        var headers = context.Response.Headers;
        var clock = context.RequestServices.GetRequiredService<StandInOptions>().Clock;
        headers["X-RateLimit-Remaining"] = "0";
        headers["X-RateLimit-Reset"] = clock.GetUtcNow().AddSeconds(seconds).ToUnixTimeSeconds().ToString();
        return Answers.ErrorAsync(context, StatusCodes.Status429TooManyRequests, "too many requests");
    }

    private async Task RecordAsync(HttpContext context, ReadOnlyMemory<byte> body, RequestFacts facts, ActiveFaults faults)
    {
        var response = context.Response;
        if (facts.Sandbox)
        {
            response.StatusCode = StatusCodes.Status200OK;
            return;
        }

        var id = Random.Shared.GetString(IdLetters, IdLength);
        var mails = mailbox.Record(id, options.Clock.GetUtcNow(), facts, body);
        tally.Accept();
        var early = faults.Has(FaultKind.EventsBeforeReply);
        if (early) await events.PostNowAsync(mails, facts, faults, context.RequestAborted);
        await ReplyAsync(context, id, faults);
        if (!early) events.Queue(mails, facts, faults);
        if (faults.Has(FaultKind.Withhold)) await UntilGoneAsync(context);
    }

    private static Task ReplyAsync(HttpContext context, string id, ActiveFaults faults)
    {
        if (faults.Has(FaultKind.Withhold)) return Task.CompletedTask;
        if (faults.Number(FaultKind.ErrorAfter) is { } error)
            return Answers.ErrorAsync(context, error, "Asked to fail after taking the mail.");
        if (faults.Has(FaultKind.ResetAfterRecording))
        {
            Reset(context);
            return Task.CompletedTask;
        }

        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.Headers["X-Message-Id"] = id;
        context.Response.ContentLength = 0;
        return context.Response.CompleteAsync();
    }

    private static async Task UntilGoneAsync(HttpContext context)
    {
        var stopping = context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        var hungUp = new TaskCompletionSource();
        await using var registration = gone.Token.Register(hungUp.SetResult);
        await hungUp.Task;
        Reset(context);
    }

    // Closing with unsent data discarded makes the other side see a reset instead of an orderly end.
    private static void Reset(HttpContext context)
    {
        if (context.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket) socket.LingerState = new(enable: true, seconds: 0);
        context.Abort();
    }
}
