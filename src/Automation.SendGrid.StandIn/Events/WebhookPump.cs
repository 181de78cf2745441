using System.Net;
using System.Net.Http.Headers;
using System.Threading.Channels;

namespace Automation.SendGrid.StandIn;

/// <summary>
/// Posts due events in signed batches, one post at a time, and those that were not taken again at growing intervals. A batch that waits for
/// its next attempt does not hold up the others.
/// </summary>
internal sealed class WebhookPump(StandInOptions options, WebhookState webhook, Mailbox mailbox) : BackgroundService
{
    private const int MostEvents = 1000;
    private const int MostBytes = 768 * 1024;
    private static readonly TimeSpan LongestInterval = TimeSpan.FromHours(1);
    private static readonly TimeSpan GivenUpAfter = TimeSpan.FromHours(24);
    private readonly TimeProvider _clock = options.Clock;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false })
    {
        Timeout = TimeSpan.FromSeconds(10),
    };
    private readonly Lock _gate = new();
    private readonly PriorityQueue<PendingEvent, (DateTimeOffset Due, long Order)> _events = new();
    private readonly PriorityQueue<Batch, DateTimeOffset> _again = new();
    private readonly Channel<byte> _signal = Channel.CreateBounded<byte>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private long _order;
    private long _posted, _refusedPosts, _lost;
    private int _underWay;
    private int _lastStatus;

    public PumpView View
    {
        get
        {
            lock (_gate)
            {
                var pending = _events.Count + _again.UnorderedItems.Sum(batch => batch.Element.Events.Count) + _underWay;
                return new PumpView(pending, _posted, _refusedPosts, _lost, _lastStatus == 0 ? null : _lastStatus);
            }
        }
    }

    /// <summary>Queues events; <paramref name="delay"/> postpones them all.</summary>
    public void Add(IEnumerable<PendingEvent> events, TimeSpan delay = default)
    {
        lock (_gate)
        {
            foreach (var one in events) _events.Enqueue(one, (one.Due + delay, _order++));
        }

        Wake();
    }

    /// <summary>Forgets everything that waits.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _events.Clear();
            _again.Clear();
        }
    }

    /// <summary>To be called when there may be a new address to post to.</summary>
    public void Wake() => _signal.Writer.TryWrite(0);

    /// <summary>Posts these at once, ahead of what waits. What is not taken is queued like any other.</summary>
    public async Task PostNowAsync(IReadOnlyList<PendingEvent> events, CancellationToken stopping)
    {
        lock (_gate) _underWay += events.Count;
        await PostAsync(new Batch(events, _clock.GetUtcNow()), stopping);
    }

    public override void Dispose()
    {
        _http.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Add(mailbox.Unposted);
        while (!stoppingToken.IsCancellationRequested)
        {
            if (TakeDue() is { } batch) await PostAsync(batch, stoppingToken);
            else await WaitAsync(stoppingToken);
        }
    }

    private Batch? TakeDue()
    {
        if (webhook.Url is null) return null;
        var now = _clock.GetUtcNow();
        lock (_gate)
        {
            var batch = _again.TryPeek(out _, out var due) && due <= now ? _again.Dequeue() : TakeEvents(now);
            _underWay += batch?.Events.Count ?? 0;
            return batch;
        }
    }

    private Batch? TakeEvents(DateTimeOffset now)
    {
        var events = new List<PendingEvent>();
        var bytes = 0;
        while (events.Count < MostEvents && bytes < MostBytes && _events.TryPeek(out var one, out var place) && place.Due <= now)
        {
            _events.Dequeue();
            events.Add(one);
            bytes += one.Json.Length;
        }

        return events.Count > 0 ? new Batch(events, now) : null;
    }

    private async Task WaitAsync(CancellationToken stopping)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var wait = UntilNext() is { } next ? Task.Delay(next, _clock, either.Token) : Task.Delay(Timeout.InfiniteTimeSpan, either.Token);
        var signalled = _signal.Reader.WaitToReadAsync(either.Token).AsTask();
        await Task.WhenAny(wait, signalled);
        _signal.Reader.TryRead(out _);
        await either.CancelAsync();
    }

    private TimeSpan? UntilNext()
    {
        if (webhook.Url is null) return null;
        lock (_gate)
        {
            DateTimeOffset? next = _events.TryPeek(out _, out var place) ? place.Due : null;
            if (_again.TryPeek(out _, out var again) && !(next <= again)) next = again;
            if (next is not { } at) return null;
            var wait = at - _clock.GetUtcNow();

            // Timers take no longer waits than this; waking early only looks again.
            return TimeSpan.FromTicks(Math.Clamp(wait.Ticks, 0, TimeSpan.TicksPerDay));
        }
    }

    private async Task PostAsync(Batch batch, CancellationToken stopping)
    {
        var taken = await IsTakenAsync(batch.Events, stopping);
        lock (_gate)
        {
            _underWay -= batch.Events.Count;
            if (taken) _posted += batch.Events.Count;
            else Again(batch);
        }

        if (taken) mailbox.Posted(batch.Events);
        Wake();
    }

    private void Again(Batch batch)
    {
        _refusedPosts++;
        var now = _clock.GetUtcNow();
        if (now - batch.FirstTried > GivenUpAfter)
        {
            _lost += batch.Events.Count;
            return;
        }

        var interval = options.RetryAfter * Math.Pow(2, Math.Min(batch.Refusals, 30));
        _again.Enqueue(batch with { Refusals = batch.Refusals + 1 }, now + (interval < LongestInterval ? interval : LongestInterval));
    }

    private async Task<bool> IsTakenAsync(IReadOnlyList<PendingEvent> events, CancellationToken stopping)
    {
        var wanted = events.Where(one => webhook.Wants(EventKinds.All[one.Type].Setting)).ToArray();
        if (wanted.Length == 0) return true;
        if (webhook.Url is not { } url) return false;
        try
        {
            var status = await SendAsync(url, Body(wanted), stopping);
            _lastStatus = (int)status;
            return (int)status is >= 200 and < 300;
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Posts one signed body.</summary>
    public async Task<HttpStatusCode> SendAsync(Uri url, byte[] body, CancellationToken stopping)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url);
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        request.Headers.UserAgent.ParseAdd("SendGrid Event API");
        if (webhook.Signed)
        {
            var timestamp = _clock.GetUtcNow().ToUnixTimeSeconds().ToString();
            request.Headers.Add(WebhookSignature.TimestampHeader, timestamp);
            request.Headers.Add(WebhookSignature.SignatureHeader, webhook.Sign(timestamp, body));
        }

        using var response = await _http.SendAsync(request, stopping);
        return response.StatusCode;
    }

    /// <summary>An array with CR LF after each element and at the end, as the real one comes.</summary>
    public static byte[] Body(IReadOnlyList<PendingEvent> events)
    {
        using var body = new MemoryStream(events.Sum(one => one.Json.Length + 3) + 4);
        body.Write("["u8);
        for (var index = 0; index < events.Count; index++)
        {
            if (index > 0) body.Write(",\r\n"u8);
            body.Write(events[index].Json);
        }

        body.Write("]\r\n"u8);
        return body.ToArray();
    }

    private sealed record Batch(IReadOnlyList<PendingEvent> Events, DateTimeOffset FirstTried, int Refusals = 0);
}

/// <param name="Pending">Events that wait or are on their way.</param>
/// <param name="Posted">Events taken by the webhook.</param>
/// <param name="RefusedPosts">Posts that were not taken.</param>
/// <param name="Lost">Events given up after 24 hours.</param>
/// <param name="LastStatus">Of the last answer.</param>
internal sealed record PumpView(int Pending, long Posted, long RefusedPosts, long Lost, int? LastStatus);
