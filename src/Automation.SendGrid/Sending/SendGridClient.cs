using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Automation.SendGrid;

/// <summary>Speaks v3 <c>mail/send</c> and turns every way it can end into a <see cref="SendResult"/>. Safe to share between threads.</summary>
/// <param name="http">Made with <see cref="CreateHandler"/>, so that redirects and proxies' ideas of retrying stay out.</param>
/// <param name="options">Key, address, waits.</param>
/// <param name="clock">Against which rate limit instants are measured.</param>
public sealed class SendGridClient(HttpClient http, SendGridOptions options, TimeProvider clock) : ISendGridClient
{
    private const int LongestErrorBody = 64 * 1024;
    private readonly Uri _address = new(options.BaseAddress, "v3/mail/send");
    private readonly AuthenticationHeaderValue _bearer = new("Bearer", options.ApiKey);
    private long _heldUntilTicks;

    /// <summary>No redirects (a repeated POST could mail twice), no cookies, pooled connections renewed so that DNS changes are seen.</summary>
    public static SocketsHttpHandler CreateHandler(SendGridOptions options) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = options.ConnectTimeout,
        MaxConnectionsPerServer = options.Connections,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),

        // Shorter than servers wait: one that hangs up just as we send leaves an unknown outcome.
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(20),
        UseProxy = !options.BaseAddress.IsLoopback,
    };

    /// <summary>A client with its own connections, for a process that has one provider.</summary>
    public static SendGridClient Create(SendGridOptions options, TimeProvider clock) =>
        new(new HttpClient(CreateHandler(options)) { Timeout = Timeout.InfiniteTimeSpan }, options, clock);

    public Task<SendResult> SendAsync(MailSendRequest request, CancellationToken cancellation)
    {
        var errors = request.Check(clock.GetUtcNow());
        if (errors.Count > 0) return Task.FromResult<SendResult>(new SendResult.Refused(errors[0].ToString(), Status: 0, errors));
        var pooled = new PooledBytes();
        request.WriteTo(pooled);
        return SendAsync(pooled.Written, pooled, cancellation);
    }

    public Task<SendResult> SendAsync(ReadOnlyMemory<byte> json, CancellationToken cancellation) => SendAsync(json, pooled: null, cancellation);

    private Task<SendResult> SendAsync(ReadOnlyMemory<byte> json, PooledBytes? pooled, CancellationToken cancellation)
    {
        if (json.Length >= MailSendLimits.RequestBytes)
        {
            var tooLarge = new SendGridError($"The request has {json.Length} bytes; the limit is {MailSendLimits.RequestBytes}.");
            return Task.FromResult<SendResult>(new SendResult.Refused(tooLarge.Message, Status: 0, [tooLarge]));
        }

        return Held() is { } held ? Task.FromResult<SendResult>(held) : PostAsync(json, pooled, cancellation);
    }

    // A 429 stops the whole key: asking on regardless only prolongs it.
    private SendResult.TryLater? Held()
    {
        var until = Interlocked.Read(ref _heldUntilTicks);
        if (until == 0) return null;
        var wait = TimeSpan.FromTicks(until - clock.GetUtcNow().UtcTicks);
        return wait > TimeSpan.Zero ? new SendResult.TryLater(wait, "The key is over its rate limit.", WholeKey: true) : null;
    }

    private async Task<SendResult> PostAsync(ReadOnlyMemory<byte> json, PooledBytes? pooled, CancellationToken cancellation)
    {
        using var content = new PreparedJson(json, pooled);
        using var request = new HttpRequestMessage(HttpMethod.Post, _address) { Content = content };
        request.Headers.Authorization = _bearer;
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(options.Timeout);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limited.Token);
            return await ReadAsync(response, json, limited.Token);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested && !content.Began)
        {
            throw;
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException or IOException)
        {
            return content.Began ? new SendResult.Unknown(Words(failure, cancellation)) : NotReached(failure, cancellation);
        }
    }

    private SendResult.TryLater NotReached(Exception failure, CancellationToken cancellation) =>
        new(options.WaitAfterNoConnection + RandomJitter(), Words(failure, cancellation), WholeKey: false);

    // The kind only: exception texts may hold more than a log should.
    private static string Words(Exception failure, CancellationToken cancellation) => failure switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "The provider's name could not be resolved.",
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => "No connection to the provider.",
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => "No secure connection to the provider.",
        HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } => "The connection ended before an answer.",
        HttpRequestException other => $"The call failed ({other.HttpRequestError}).",
        OperationCanceledException when cancellation.IsCancellationRequested => "Cancelled while the request was under way.",
        OperationCanceledException => "No answer in time.",
        _ => "The connection was lost.",
    };

    private async Task<SendResult> ReadAsync(HttpResponseMessage response, ReadOnlyMemory<byte> json, CancellationToken cancellation)
    {
        var status = (int)response.StatusCode;
        switch (response.StatusCode)
        {
            case HttpStatusCode.Accepted:
                return new SendResult.Accepted(MessageId(response));
            case HttpStatusCode.OK when json.Span.IndexOf("\"sandbox_mode\""u8) >= 0:
                return new SendResult.Accepted(MessageId(response)) { Sandbox = true };
            case HttpStatusCode.TooManyRequests:
                return RateLimited(response);
            case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden:
                return new SendResult.Paused(Reason(status, await ErrorsAsync(response, cancellation)));
            // A wrong address is the setting's fault, not the mail's.
            case HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed:
                return new SendResult.Paused($"The provider answered {status}: is its address right?");
            // A proxy's 408 may follow a request that went through; everything else in the 400s is a refusal.
            case >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError and not HttpStatusCode.RequestTimeout:
                var errors = await ErrorsAsync(response, cancellation);
                return new SendResult.Refused(Reason(status, errors), status, errors);
            default:
                return new SendResult.Unknown($"The provider answered {status}.");
        }
    }

    private static string MessageId(HttpResponseMessage response) => Header(response, "X-Message-Id") ?? "";

    private SendResult.TryLater RateLimited(HttpResponseMessage response)
    {
        var now = clock.GetUtcNow();
        var wait = AskedWait(response, now);
        wait = (wait > options.LongestWait ? options.LongestWait : wait) + RandomJitter();
        Interlocked.Exchange(ref _heldUntilTicks, (now + wait).UtcTicks);
        return new SendResult.TryLater(wait, "The provider answered 429: too many requests.", WholeKey: true);
    }

    // The later of the two, should both be there: either one alone would bring the next 429.
    private TimeSpan AskedWait(HttpResponseMessage response, DateTimeOffset now)
    {
        TimeSpan? wait = null;
        if (long.TryParse(Header(response, "X-RateLimit-Reset"), NumberStyles.None, CultureInfo.InvariantCulture, out var reset))
            wait = UnixDifference(reset, now);
        var retryAfter = response.Headers.RetryAfter is { } header ? header.Delta ?? header.Date - now : null;
        if (retryAfter is { } asked && !(wait >= asked)) wait = asked;
        return wait is { } known ? TimeSpan.FromTicks(Math.Max(0, known.Ticks)) : options.WaitAfterRateLimit;
    }

    // Whole days cover any real header; a nonsense number must not overflow an instant.
    private static TimeSpan UnixDifference(long unixSeconds, DateTimeOffset now) =>
        TimeSpan.FromSeconds(Math.Clamp(unixSeconds - now.ToUnixTimeMilliseconds() / 1000.0, -864_000, 864_000));

    private TimeSpan RandomJitter() => options.Jitter * Random.Shared.NextDouble();

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.NonValidated.TryGetValues(name, out var values) && values.Count > 0 ? values.ToString() : null;

    private static string Reason(int status, IReadOnlyList<SendGridError> errors) =>
        errors.Count > 0 ? errors[0].ToString() : $"The provider answered {status}.";

    // The status has already decided; an unreadable body costs only its words.
    private static async Task<IReadOnlyList<SendGridError>> ErrorsAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        try
        {
            await response.Content.LoadIntoBufferAsync(LongestErrorBody, cancellation);
            var answer = await response.Content.ReadAsByteArrayAsync(cancellation);
            using var json = JsonDocument.Parse(answer);
            return SendGridErrors.Read(json.RootElement);
        }
        catch (Exception failure) when (failure is HttpRequestException or JsonException or IOException or OperationCanceledException)
        {
            return [];
        }
    }
}
