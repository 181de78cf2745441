using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Automation.Workflows.Activities;

namespace Automation.Workflows.Tests.Activities;

public sealed class AllowedHttpCallerTests : IDisposable
{
    private readonly TinyServer server = new();

    public void Dispose() => server.Dispose();

    [Fact]
    public async Task A_listed_host_is_called_with_method_headers_and_body_and_json_is_read()
    {
        server.Answer = request => Reply("200 OK", $"{{\"saw\":{Flow.Quote(request)}}}", "Content-Type: application/json\r\n");
        var reply = await CallAsync(server.Host, "POST", "/hook", new Dictionary<string, object?> { ["a"] = 1 }, new() { ["X-Key"] = "k" });
        Assert.Equal(200, reply.Status);
        var saw = (string)((Dictionary<string, object?>)reply.Content!)["saw"]!;
        Assert.StartsWith("POST /hook HTTP/1.1", saw, StringComparison.Ordinal);
        Assert.Contains("X-Key: k", saw, StringComparison.Ordinal);
        Assert.EndsWith("{\"a\":1}", saw, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("example.com")]
    [InlineData("*.example.com")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:1")]
    public async Task What_is_not_listed_is_not_called_not_even_on_another_port(string listed)
    {
        var refused = await Assert.ThrowsAsync<HttpAccessException>(() => CallAsync(listed));
        Assert.Contains("is not among the hosts", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, server.Requests);
    }

    [Theory]
    [InlineData("ftp://example.com/")]
    [InlineData("file:///etc/hostname")]
    [InlineData("relative")]
    public async Task Only_http_is_called(string url)
    {
        using var caller = new AllowedHttpCaller(new HttpAccess { Hosts = ["example.com"] }, TimeProvider.System);
        var call = new HttpCall("GET", new Uri(url, UriKind.RelativeOrAbsolute), new Dictionary<string, string>(), null, null);
        await Assert.ThrowsAsync<HttpAccessException>(async () => await caller.SendAsync(call, CancellationToken.None));
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("::1", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("0.0.0.0", true)]
    [InlineData("10.1.2.3", true)]
    [InlineData("172.16.0.1", true)]
    [InlineData("172.32.0.1", false)]
    [InlineData("192.168.1.1", true)]
    [InlineData("169.254.169.254", true)]
    [InlineData("100.64.0.1", true)]
    [InlineData("fd00::1", true)]
    [InlineData("fe80::1", true)]
    [InlineData("224.0.0.1", true)]
    [InlineData("203.0.113.5", false)]
    [InlineData("2001:db8::1", false)]
    public void Addresses_inside_are_known(string address, bool inside) => Assert.Equal(inside, AllowedHttpCaller.IsInside(IPAddress.Parse(address)));

    [Fact]
    public async Task A_listed_name_that_leads_inside_is_not_followed()
    {
        // Resolves to loopback on every machine (RFC 6761) and is none of the names that mean it.
        using var caller = new AllowedHttpCaller(new HttpAccess { Hosts = [$"*.localhost:{server.Port}"] }, TimeProvider.System);
        var call = new HttpCall("GET", new Uri($"http://inside.localhost:{server.Port}/"), new Dictionary<string, string>(), null, null);
        var refused = await Record.ExceptionAsync(async () => await caller.SendAsync(call, CancellationToken.None));
        Assert.NotNull(refused);
        Assert.Equal(0, server.Requests);
    }

    [Fact]
    public async Task A_redirect_is_checked_like_a_call()
    {
        server.Answer = _ => Reply("302 Found", "", "Location: http://internal.example.com/secret\r\n");
        Assert.Contains("'internal.example.com' is not among", (await Assert.ThrowsAsync<HttpAccessException>(() => CallAsync(server.Host))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redirects_are_followed_so_far_and_a_post_becomes_a_get()
    {
        server.Answer = request => request.Contains("/end", StringComparison.Ordinal) ? Reply("200 OK", request.Split(' ')[0]) : Reply("303 See Other", "", "Location: /end\r\n");
        Assert.Equal("GET", (await CallAsync(server.Host, "POST", "/begin", "x")).Content);
        server.Answer = _ => Reply("302 Found", "", "Location: /again\r\n");
        Assert.Contains("more than 3 times", (await Assert.ThrowsAsync<HttpAccessException>(() => CallAsync(server.Host))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_long_an_answer_is_not_taken()
    {
        server.Answer = _ => Reply("200 OK", new string('x', 5000));
        Assert.Contains("longer than 1000 bytes", (await Assert.ThrowsAsync<HttpAccessException>(() => CallAsync(server.Host))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_does_not_come_is_not_waited_for()
    {
        server.Answer = _ => null;
        Assert.Contains("took longer than", (await Assert.ThrowsAsync<HttpAccessException>(() => CallAsync(server.Host))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_workflow_goes_on_by_the_status_and_faults_where_it_may_not_go()
    {
        server.Answer = request => Reply(request.Contains("/teapot", StringComparison.Ordinal) ? "418 Teapot" : "200 OK", "fine");
        using var caller = new AllowedHttpCaller(new HttpAccess { Hosts = [server.Host] }, TimeProvider.System);
        using var flow = new Flow(registry => registry.AddHttpActivities(), new Services(caller));
        static string Call(string url) => Flow.Step("call", "Elsa.SendHttpRequest", Flow.Input("url", url) + "," + Flow.JavaScript("expectedStatusCodes", "[200, 201]", "Int32[]"));
        static string Chart(string url) => Flow.Chart($"{Call(url)},{Flow.Write("good")},{Flow.Write("odd")},{Flow.Write("lost")}", "call:200->good; call:Unmatched status code->odd; call:Failed to connect->lost");
        await flow.Of(Chart($"http://{server.Host}/"), "", "a").Run();
        await flow.Of(Chart($"http://{server.Host}/teapot"), "", "b").Run();
        await flow.Of(Chart("http://example.com/"), "", "c").Run();
        Assert.Equal(["good", "odd"], flow.Lines);
        Assert.Contains("example.com", flow.Host.Instances[2].Load().Incidents.Single().Message, StringComparison.Ordinal);
    }

    private async Task<HttpReply> CallAsync(string listed, string method = "GET", string path = "/", object? content = null, Dictionary<string, string>? headers = null)
    {
        var access = new HttpAccess { Hosts = [listed], MaxBytes = 1000, Timeout = TimeSpan.FromSeconds(2) };
        using var caller = new AllowedHttpCaller(access, TimeProvider.System);
        return await caller.SendAsync(new HttpCall(method, new Uri($"http://{server.Host}{path}"), headers ?? [], null, content), CancellationToken.None);
    }

    private static string Reply(string status, string body, string headers = "") =>
        $"HTTP/1.1 {status}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n{headers}\r\n{body}";

    private sealed class Services(IHttpCaller caller) : IServiceProvider
    {
        public object? GetService(Type serviceType) => serviceType == typeof(IHttpCaller) ? caller : null;
    }

    /// <summary>Answers each connection once; null: never.</summary>
    private sealed class TinyServer : IDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);

        // A connection that nobody holds is collected, and its caller sees a reset instead of silence.
        private readonly ConcurrentBag<TcpClient> unanswered = [];
        private int requests;

        public TinyServer()
        {
            listener.Start();
            _ = ServeAsync();
        }

        public Func<string, string?> Answer { get; set; } = _ => Reply("200 OK", "");
        public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;
        public string Host => $"127.0.0.1:{Port}";
        public int Requests => Volatile.Read(ref requests);

        public void Dispose()
        {
            listener.Dispose();
            foreach (var client in unanswered) client.Dispose();
        }

        private async Task ServeAsync()
        {
            try
            {
                while (true) _ = AnswerAsync(await listener.AcceptTcpClientAsync());
            }
            catch (Exception over) when (over is ObjectDisposedException or SocketException or InvalidOperationException)
            {
                // The test is over.
            }
        }

        private async Task AnswerAsync(TcpClient client)
        {
            var buffer = new byte[16 * 1024];
            var read = 0;
            // The whole of a small request: its head, and as much body as it says.
            do read += await client.GetStream().ReadAsync(buffer.AsMemory(read)); while (!IsWhole(Encoding.UTF8.GetString(buffer, 0, read)));
            Interlocked.Increment(ref requests);
            if (Answer(Encoding.UTF8.GetString(buffer, 0, read)) is not { } answer)
            {
                unanswered.Add(client);
                return;
            }
            await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(answer));
            client.Dispose();
        }

        private static bool IsWhole(string text)
        {
            var head = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (head < 0) return false;
            var length = text.IndexOf("Content-Length: ", StringComparison.Ordinal) is var at and >= 0 ? int.Parse(text[(at + 16)..].Split('\r')[0], System.Globalization.CultureInfo.InvariantCulture) : 0;
            return Encoding.UTF8.GetByteCount(text[(head + 4)..]) >= length;
        }
    }
}
