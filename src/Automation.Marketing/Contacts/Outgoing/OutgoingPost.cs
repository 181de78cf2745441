using System.Net;
using System.Text;
using Automation.Workflows.Activities;

namespace Automation.Marketing.Contacts.Outgoing;

/// <summary>Whom events may be posted to.</summary>
public sealed record OutgoingAccess
{
    /// <summary>Setting <c>Outgoing:Hosts</c>, written as those that flows may call. Empty: any host of the world outside, by https.
    /// Addresses inside the machine or its network only when the host itself is listed here.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Nothing here is real: a receiver on the same machine may be tried by http.</summary>
    public bool AllowsLoopback { get; init; }

    /// <summary>Of one delivery. Default 10 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <exception cref="RuleBrokenException">Not an address that events may be posted to.</exception>
    public Uri Parse(string? text)
    {
        if (text is null || text.Length > OutgoingEndpoint.MaxUrl || !Uri.TryCreate(text.Trim(), UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0)
            throw new RuleBrokenException("Give an address that begins with https://, without a password in it.");
        var named = IsNamed(url);
        if (url.Scheme == "http" && !named && !IsOwnMachine(url)) throw new RuleBrokenException("Give an address that begins with https://, without a password in it.");
        if (Hosts.Count > 0 && !named) throw new RuleBrokenException("This host is not among those in the setting Outgoing:Hosts.");
        if (IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && AllowedHttpCaller.IsInside(address) && !named && !IsOwnMachine(url))
            throw new RuleBrokenException("This address leads inside this machine or its network.");
        return url;
    }

    internal bool MayReach(Uri url, IPAddress address) =>
        !AllowedHttpCaller.IsInside(address) || (IsNamed(url) && IsInsideByName(url.Host)) || (IsOwnMachine(url) && IPAddress.IsLoopback(address));

    private bool IsNamed(Uri url) => new HttpAccess { Hosts = Hosts }.Lists(url);

    private bool IsOwnMachine(Uri url) => AllowsLoopback && url.IsLoopback;

    // Who lists localhost or an address means it; who lists a name means what the world knows by that name.
    private static bool IsInsideByName(string host) => IPAddress.TryParse(host.Trim('[', ']'), out _) || host.Equals("localhost", StringComparison.OrdinalIgnoreCase);
}

/// <summary>What came of one post.</summary>
/// <param name="Status">Null: nobody answered.</param>
/// <param name="Text">The beginning of the answer, or why there was none.</param>
/// <param name="RetryAfter">What the receiver asked for.</param>
public sealed record OutgoingAnswer(int? Status, string Text, TimeSpan? RetryAfter = null)
{
    public bool IsTaken => Status is >= 200 and < 300;

    /// <summary>Not this event is at fault: the receiver is away, down or asks for time.</summary>
    public bool IsDown => Status is null or 408 or 425 or 429 or >= 500;
}

/// <summary>Posts events: no redirects, no cookies, no proxy, never inside the own network, and never for long.</summary>
public sealed class OutgoingPost : IDisposable
{
    private static readonly HttpRequestOptionsKey<Uri> Wanted = new("Outgoing");
    private readonly TimeProvider clock;
    private readonly HttpClient client;

    /// <param name="handler">In place of the network, for tests.</param>
    public OutgoingPost(OutgoingAccess access, TimeProvider clock, HttpMessageHandler? handler = null)
    {
        (Access, this.clock) = (access, clock);
        client = new HttpClient(handler ?? new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            ConnectCallback = ConnectAsync,
        })
        { Timeout = Timeout.InfiniteTimeSpan };
    }

    public OutgoingAccess Access { get; }

    public async Task<OutgoingAnswer> PostAsync(string address, string body, IReadOnlyDictionary<string, string> headers, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(Access.Timeout, clock);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        try
        {
            // The rules may have become stricter since the endpoint was made.
            var url = Access.Parse(address);
            using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            request.Options.Set(Wanted, url);
            foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return new OutgoingAnswer((int)answer.StatusCode, await BeginningAsync(answer.Content, limit.Token), RetryAfter(answer));
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return new OutgoingAnswer(null, $"no answer within {Access.Timeout.TotalSeconds:0} s");
        }
        catch (HttpRequestException unreachable)
        {
            return new OutgoingAnswer(null, unreachable.InnerException is RuleBrokenException inside ? inside.Message : $"not reached: {unreachable.HttpRequestError}");
        }
        catch (RuleBrokenException refused)
        {
            return new OutgoingAnswer(null, refused.Message);
        }
    }

    public void Dispose() => client.Dispose();

    private TimeSpan? RetryAfter(HttpResponseMessage answer) =>
        answer.Headers.RetryAfter is not { } asked ? null : asked.Delta ?? (asked.Date is { } date ? date - clock.GetUtcNow() : null);

    // An answer is for people to read: its beginning is enough, however long it goes on.
    private static async Task<string> BeginningAsync(HttpContent content, CancellationToken cancellation)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[OutgoingDelivery.MaxAnswer];
        var read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        var text = Encoding.UTF8.GetString(buffer, 0, read).Replace("\0", "", StringComparison.Ordinal);
        return text.Length > OutgoingDelivery.MaxAnswer ? text[..OutgoingDelivery.MaxAnswer] : text;
    }

    // The name was looked at before; what it leads to is looked at here, and connected to what was looked at.
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var end = context.DnsEndPoint;
        var url = context.InitialRequestMessage.Options.TryGetValue(Wanted, out var wanted) ? wanted : context.InitialRequestMessage.RequestUri!;
        var open = (await Dns.GetHostAddressesAsync(end.Host, cancellation)).Where(address => Access.MayReach(url, address)).ToArray();
        if (open.Length == 0) throw new RuleBrokenException("This address leads inside this machine or its network.");
        return await AllowedHttpCaller.ConnectAsync(open, end.Port, cancellation);
    }
}
