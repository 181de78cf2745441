using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Automation.SendGrid.Tests.Sending;

/// <summary>Every way a call can end. Over real sockets, as that is where the ends come from.</summary>
public sealed class SendGridClientTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);
    private readonly FixedClock _clock = new(Now);

    [Fact]
    public async Task A_202_is_accepted_with_its_message_id_and_the_call_is_as_agreed()
    {
        var seen = "";
        await using var server = new LoneServer(async (socket, stop) =>
        {
            seen = await LoneServer.ReadRequestAsync(socket, stop);
            await socket.SendAsync("HTTP/1.1 202 Accepted\r\nX-Message-Id: abc123\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), stop);
        });
        Assert.Equal(new SendResult.Accepted("abc123"), await SendAsync(server.Address));
        Assert.StartsWith("POST /v3/mail/send HTTP/1.1\r\n", seen, StringComparison.Ordinal);
        Assert.Contains("\r\nAuthorization: Bearer SG.test\r\n", seen, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Type: application/json\r\n", seen, StringComparison.Ordinal);
        Assert.EndsWith(Encoding.UTF8.GetString(Request.To("ada@example.com").ToUtf8Json()), seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(413)]
    [InlineData(415)]
    public async Task A_refusal_keeps_status_and_fields(int status)
    {
        const string body = """{"errors":[{"message":"wrong","field":"from.email","help":"http://h"},{"message":null,"field":null},7]}""";
        await using var server = LoneServer.Answering($"HTTP/1.1 {status} X\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        var refused = Assert.IsType<SendResult.Refused>(await SendAsync(server.Address));
        Assert.Equal(status, refused.Status);
        Assert.Equal("from.email: wrong", refused.Reason);
        Assert.Equal([new("wrong", "from.email", "http://h"), new("No message was given.")], refused.Errors);
    }

    [Theory]
    [InlineData("Content-Length: 5\r\n\r\n<html")]
    [InlineData("Content-Length: 3\r\n\r\n[1]")]
    [InlineData("Content-Length: 100\r\n\r\n{\"errors\"")]
    [InlineData("Content-Length: 100000\r\n\r\n")]
    [InlineData("Content-Length: 0\r\n\r\n")]
    public async Task A_refusal_with_unreadable_words_is_still_a_refusal(string rest)
    {
        await using var server = LoneServer.Answering("HTTP/1.1 400 Bad Request\r\n" + rest);
        var refused = Assert.IsType<SendResult.Refused>(await SendAsync(server.Address));
        Assert.Equal((400, 0), (refused.Status, refused.Errors.Count));
    }

    [Theory]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(403)]
    public async Task A_bad_key_or_sender_pauses(int status)
    {
        await using var server = LoneServer.Answering($"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n");
        Assert.IsType<SendResult.Paused>(await SendAsync(server.Address));
    }

    [Theory]
    [InlineData("301 Moved\r\nLocation: /v3/mail/send")]
    [InlineData("307 Temporary Redirect\r\nLocation: /v3/mail/send")]
    [InlineData("200 OK")]
    [InlineData("204 No Content")]
    [InlineData("408 Request Timeout")]
    [InlineData("500 X")]
    [InlineData("502 X")]
    [InlineData("503 X")]
    [InlineData("504 X")]
    [InlineData("599 X")]
    public async Task An_answer_that_does_not_say_what_happened_is_unknown_and_asked_once(string status)
    {
        await using var server = LoneServer.Answering($"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
        Assert.IsType<SendResult.Unknown>(await SendAsync(server.Address));
        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task A_200_is_a_checked_request_in_sandbox_mode()
    {
        await using var server = LoneServer.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        var request = Request.To("ada@example.com") with { MailSettings = new() { SandboxMode = new(Enable: true) } };
        var result = await Client(server.Address).SendAsync(request, CancellationToken.None);
        Assert.Equal(new SendResult.Accepted("") { Sandbox = true }, result);
    }

    [Theory]
    [InlineData("X-RateLimit-Reset: 1767225630", 30)]
    [InlineData("X-RateLimit-Reset: 1767225500", 0)]
    [InlineData("Retry-After: 20", 20)]
    [InlineData("X-RateLimit-Reset: 1767225630\r\nRetry-After: 45", 45)]
    [InlineData("X-RateLimit-Reset: 1767225660\r\nRetry-After: 45", 60)]
    [InlineData("Retry-After: Thu, 01 Jan 2026 00:01:00 GMT", 60)]
    [InlineData("X-RateLimit-Reset: soon", 10)]
    [InlineData("X-Nothing: 1", 10)]
    [InlineData("X-RateLimit-Reset: 9999999999999999999", 10)]
    [InlineData("X-RateLimit-Reset: 999999999999999999", 3600)]
    public async Task A_429_waits_as_long_as_the_provider_says(string header, int seconds)
    {
        await using var server = LoneServer.Answering($"HTTP/1.1 429 X\r\n{header}\r\nContent-Length: 0\r\n\r\n");
        var later = Assert.IsType<SendResult.TryLater>(await SendAsync(server.Address));
        Assert.True(later.WholeKey);
        Assert.InRange(later.Wait, TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(seconds + 1));
    }

    [Fact]
    public async Task A_429_stops_the_whole_key_until_its_instant()
    {
        await using var server = LoneServer.Answering("HTTP/1.1 429 X\r\nX-RateLimit-Reset: 1767225630\r\nContent-Length: 0\r\n\r\n");
        var client = Client(server.Address);
        await SendAsync(client);
        var held = Assert.IsType<SendResult.TryLater>(await SendAsync(client));
        Assert.True(held.WholeKey);
        Assert.Equal(1, server.Connections);
        _clock.Now = Now.AddSeconds(32);
        await SendAsync(client);
        Assert.Equal(2, server.Connections);
    }

    [Fact]
    public async Task A_port_nobody_listens_on_is_certainly_not_acted_on()
    {
        var later = Assert.IsType<SendResult.TryLater>(await SendAsync(new Uri($"http://127.0.0.1:{FreePort()}/")));
        Assert.False(later.WholeKey);
        Assert.InRange(later.Wait, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(6));
    }

    [Fact]
    public async Task A_name_that_does_not_exist_is_certainly_not_acted_on() =>
        Assert.IsType<SendResult.TryLater>(await SendAsync(new Uri("http://no-such-host.invalid/")));

    [Fact]
    public async Task A_failed_TLS_handshake_is_certainly_not_acted_on()
    {
        await using var server = new LoneServer(async (socket, stop) => await socket.SendAsync("this is not TLS at all\r\n"u8.ToArray(), stop));
        Assert.IsType<SendResult.TryLater>(await SendAsync(new Uri($"https://127.0.0.1:{server.Port}/")));
    }

    [Fact]
    public async Task A_TLS_handshake_that_never_ends_is_certainly_not_acted_on()
    {
        await using var server = new LoneServer((_, stop) => Task.Delay(Timeout.Infinite, stop));
        var options = Options(new Uri($"https://127.0.0.1:{server.Port}/")) with { ConnectTimeout = TimeSpan.FromMilliseconds(200) };
        Assert.IsType<SendResult.TryLater>(await SendAsync(SendGridClient.Create(options, _clock)));
    }

    [Fact]
    public async Task An_answer_that_does_not_come_in_time_is_unknown()
    {
        await using var server = new LoneServer(async (socket, stop) =>
        {
            await LoneServer.ReadRequestAsync(socket, stop);
            await Task.Delay(Timeout.Infinite, stop);
        });
        var options = Options(server.Address) with { Timeout = TimeSpan.FromMilliseconds(300) };
        var unknown = Assert.IsType<SendResult.Unknown>(await SendAsync(SendGridClient.Create(options, _clock)));
        Assert.Equal("No answer in time.", unknown.Reason);
    }

    [Fact]
    public async Task A_body_that_could_not_leave_whole_in_time_is_unknown()
    {
        await using var server = new LoneServer((_, stop) => Task.Delay(Timeout.Infinite, stop));
        var options = Options(server.Address) with { Timeout = TimeSpan.FromMilliseconds(500) };
        var result = await SendGridClient.Create(options, _clock).SendAsync(new byte[25 * 1024 * 1024], CancellationToken.None);
        Assert.IsType<SendResult.Unknown>(result);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_lost_after_the_body_left_is_unknown_and_never_asked_twice(bool reset)
    {
        await using var server = new LoneServer(async (socket, stop) =>
        {
            await LoneServer.ReadRequestAsync(socket, stop);
            if (reset) socket.LingerState = new LingerOption(enable: true, seconds: 0);
        });
        Assert.IsType<SendResult.Unknown>(await SendAsync(server.Address));
        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task An_answer_cut_off_in_its_head_is_unknown()
    {
        await using var server = LoneServer.Answering("HTTP/1.1 202 Acc");
        Assert.IsType<SendResult.Unknown>(await SendAsync(server.Address));
    }

    [Fact]
    public async Task An_answer_that_is_not_HTTP_is_unknown()
    {
        await using var server = LoneServer.Answering("220 smtp.example.org ESMTP\r\n");
        Assert.IsType<SendResult.Unknown>(await SendAsync(server.Address));
    }

    [Fact]
    public async Task Cancelling_before_anything_left_is_an_exception_and_after_it_is_unknown()
    {
        using var cancelled = new CancellationTokenSource();
        await using var server = new LoneServer(async (socket, stop) =>
        {
            await LoneServer.ReadRequestAsync(socket, stop);
            await cancelled.CancelAsync();
            await Task.Delay(Timeout.Infinite, stop);
        });
        var json = Request.To("ada@example.com").ToUtf8Json();
        Assert.IsType<SendResult.Unknown>(await Client(server.Address).SendAsync(json, cancelled.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Client(server.Address).SendAsync(json, cancelled.Token));
        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task A_request_that_breaks_a_limit_is_refused_here_and_never_leaves()
    {
        await using var server = LoneServer.Answering("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
        var refused = Assert.IsType<SendResult.Refused>(await Client(server.Address).SendAsync(Request.To("nobody"), CancellationToken.None));
        Assert.Equal(0, refused.Status);
        Assert.Equal("personalizations.0.to.0.email", refused.Errors[0].Field);
        var large = await Client(server.Address).SendAsync(new byte[30 * 1024 * 1024], CancellationToken.None);
        Assert.Equal(0, Assert.IsType<SendResult.Refused>(large).Status);
        Assert.Equal(0, server.Connections);
    }

    private Task<SendResult> SendAsync(Uri address) => SendAsync(Client(address));

    private static Task<SendResult> SendAsync(SendGridClient client) => client.SendAsync(Request.To("ada@example.com"), CancellationToken.None);

    private SendGridClient Client(Uri address) => SendGridClient.Create(Options(address), _clock);

    private static SendGridOptions Options(Uri address) => new() { ApiKey = "SG.test", BaseAddress = address };

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
