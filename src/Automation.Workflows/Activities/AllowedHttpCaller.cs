using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;

namespace Automation.Workflows.Activities;

/// <summary>What workflows may reach over HTTP, and how much of it they may take.</summary>
public sealed record HttpAccess
{
    /// <summary>Hosts by name, each with a port when it is not the scheme's own: <c>api.example.com</c>, <c>*.example.com</c> (not the domain itself),
    /// <c>localhost:8080</c>. Only these are reached; addresses inside the machine or its network only when the host itself is listed here.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Of one call, redirects included. Default 10 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Of one answer. Default 1 MB.</summary>
    public int MaxBytes { get; init; } = 1_000_000;

    /// <summary>Default 3.</summary>
    public int MaxRedirects { get; init; } = 3;

    /// <summary>Whether the host of this address is listed; what its name resolves to is looked at when it is called.</summary>
    public bool Lists(Uri url)
    {
        var host = url.IsDefaultPort ? url.IdnHost : $"{url.IdnHost}:{url.Port.ToString(CultureInfo.InvariantCulture)}";
        return Hosts.Any(listed => listed.StartsWith("*.", StringComparison.Ordinal)
            ? host.EndsWith(listed[1..], StringComparison.OrdinalIgnoreCase) && host.Length > listed.Length - 1
            : host.Equals(listed, StringComparison.OrdinalIgnoreCase));
    }
}

/// <summary>A workflow asked for something it may not have: another host, too large an answer, too long a way.</summary>
public sealed class HttpAccessException(string message) : InvalidOperationException(message);

/// <summary>Calls listed hosts and no others, whatever a name resolves to and wherever an answer redirects to.</summary>
public sealed class AllowedHttpCaller : IHttpCaller, IDisposable
{
    private static readonly string[] NotForwarded = ["Authorization", "Cookie", "Proxy-Authorization"];
    private readonly HttpAccess access;
    private readonly TimeProvider clock;
    private readonly HttpClient client;

    public AllowedHttpCaller(HttpAccess access, TimeProvider clock)
    {
        (this.access, this.clock) = (access, clock);
        client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            ConnectCallback = ConnectAsync,
        })
        { Timeout = System.Threading.Timeout.InfiniteTimeSpan };
    }

    /// <exception cref="HttpAccessException">The host is not listed, or the answer goes beyond a limit.</exception>
    /// <exception cref="HttpRequestException">The host could not be reached.</exception>
    public async ValueTask<HttpReply> SendAsync(HttpCall call, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(access.Timeout, clock);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        try
        {
            return await FollowAsync(call, limit.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new HttpAccessException($"{call.Url.Authority} took longer than {access.Timeout.TotalSeconds.ToString(CultureInfo.InvariantCulture)} seconds.");
        }
    }

    public void Dispose() => client.Dispose();

    private async Task<HttpReply> FollowAsync(HttpCall call, CancellationToken cancellation)
    {
        for (var redirects = 0; ; redirects++)
        {
            Check(call.Url);
            using var request = RequestOf(call);
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            if (!IsRedirect(answer.StatusCode) || answer.Headers.Location is not { } next) return await ReplyOfAsync(answer, call.Url, cancellation);
            if (redirects == access.MaxRedirects) throw new HttpAccessException($"{call.Url.Authority} redirects more than {access.MaxRedirects} times.");
            call = Redirected(call, new Uri(call.Url, next), answer.StatusCode);
        }
    }

    private void Check(Uri url)
    {
        if (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https")) throw new HttpAccessException($"'{url.OriginalString}' is no http or https address.");
        if (!access.Lists(url)) throw new HttpAccessException($"'{url.Authority}' is not among the hosts that workflows may call.");
    }

    private static HttpRequestMessage RequestOf(HttpCall call)
    {
        var request = new HttpRequestMessage(new HttpMethod(call.Method.ToUpperInvariant()), call.Url) { Content = ContentOf(call) };
        foreach (var (name, value) in call.Headers)
            if (!request.Headers.TryAddWithoutValidation(name, value)) request.Content?.Headers.TryAddWithoutValidation(name, value);
        return request;
    }

    private static StringContent? ContentOf(HttpCall call)
    {
        if (call.Content is null) return null;
        var content = new StringContent(ValueConverter.ToText(call.Content) ?? "", Encoding.UTF8);
        content.Headers.ContentType = MediaTypeHeaderValue.TryParse(call.ContentType ?? (call.Content is string ? "text/plain; charset=utf-8" : "application/json"), out var type)
            ? type : throw new HttpAccessException($"'{call.ContentType}' is no content type.");
        return content;
    }

    // As browsers do it: after 301–303 with a GET; what was meant for the one host is not told to another.
    private static HttpCall Redirected(HttpCall call, Uri next, HttpStatusCode status)
    {
        var headers = next.Authority == call.Url.Authority ? call.Headers
            : call.Headers.Where(header => !NotForwarded.Contains(header.Key, StringComparer.OrdinalIgnoreCase)).ToDictionary(StringComparer.OrdinalIgnoreCase);
        return status is HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect
            ? call with { Url = next, Headers = headers }
            : call with { Url = next, Headers = headers, Method = call.Method.Equals("HEAD", StringComparison.OrdinalIgnoreCase) ? "HEAD" : "GET", Content = null };
    }

    private static bool IsRedirect(HttpStatusCode status) => (int)status is 301 or 302 or 303 or 307 or 308;

    private async Task<HttpReply> ReplyOfAsync(HttpResponseMessage answer, Uri url, CancellationToken cancellation)
    {
        var body = await BodyAsync(answer.Content, url, cancellation);
        var headers = answer.Headers.Concat(answer.Content.Headers).GroupBy(header => header.Key, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => string.Join(", ", group.SelectMany(header => header.Value)), StringComparer.OrdinalIgnoreCase);
        return new HttpReply((int)answer.StatusCode, headers, Parsed(body, answer.Content.Headers.ContentType?.MediaType));
    }

    private async Task<string> BodyAsync(HttpContent content, Uri url, CancellationToken cancellation)
    {
        using var body = new MemoryStream();
        await using var stream = await content.ReadAsStreamAsync(cancellation);
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            while (await stream.ReadAsync(buffer, cancellation) is > 0 and var read)
            {
                if (body.Length + read > access.MaxBytes) throw new HttpAccessException($"The answer of {url.Authority} is longer than {access.MaxBytes.ToString(CultureInfo.InvariantCulture)} bytes.");
                body.Write(buffer, 0, read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        return Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)body.Length);
    }

    private static object? Parsed(string body, string? mediaType)
    {
        if (body.Length == 0) return null;
        if (mediaType is null || !mediaType.EndsWith("json", StringComparison.OrdinalIgnoreCase)) return body;
        try
        {
            return PlainValue.FromJson(JsonSoundness.Parse(body));
        }
        catch (JsonException)
        {
            return body;   // says that it is JSON and is none
        }
    }

    // The check of the name is not enough: a listed name may be pointed at the machine itself. Looked up once, and connected to what was looked at.
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var end = context.DnsEndPoint;
        var addresses = await Dns.GetHostAddressesAsync(end.Host, cancellation);
        var open = IsNamedInside(end.Host) ? addresses : [.. addresses.Where(address => !IsInside(address))];
        if (open.Length == 0) throw new HttpAccessException($"'{end.Host}' leads inside this machine or its network, where workflows may not go.");
        return await ConnectAsync(open, end.Port, cancellation);
    }

    /// <summary>A connection to one of these addresses, which have been looked at before.</summary>
    public static async Task<Stream> ConnectAsync(IPAddress[] addresses, int port, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // Who lists localhost or an address means it; who lists a name means what the world knows by that name.
    private static bool IsNamedInside(string host) => IPAddress.TryParse(host, out _) || host.Equals("localhost", StringComparison.OrdinalIgnoreCase);

    /// <summary>Loopback, private (RFC 1918, 4193), link-local, shared (RFC 6598), benchmarking (RFC 2544), multicast and reserved addresses, also where an
    /// address of the newer kind leads to one of them (RFC 3056, 4291, 6052).</summary>
    public static bool IsInside(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)) return true;
        var bytes = address.GetAddressBytes();
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
            return address.IsIPv6LinkLocal || address.IsIPv6SiteLocal || address.IsIPv6UniqueLocal || address.IsIPv6Multicast || address.IsIPv6Teredo
                || (CarriedBy(bytes) is { } carried && IsInside(carried));
        return bytes[0] is 0 or 10 or 127 or >= 224 || (bytes[0] == 172 && bytes[1] is >= 16 and < 32) || (bytes[0] == 192 && bytes[1] == 168)
            || (bytes[0] == 192 && bytes[1] == 0 && bytes[2] == 0) || (bytes[0] == 198 && bytes[1] is (18 or 19))
            || (bytes[0] == 169 && bytes[1] == 254) || (bytes[0] == 100 && bytes[1] is >= 64 and < 128);
    }

    // 2002:…, 64:ff9b::… and ::a.b.c.d hold an address of the older kind.
    private static IPAddress? CarriedBy(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0x20, 0x02, ..] => new IPAddress(bytes[2..6]),
        [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, ..] or [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ..] => new IPAddress(bytes[12..]),
        _ => null,
    };
}
