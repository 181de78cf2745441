using System.Net;
using System.Net.Sockets;
using System.Text;
using Automation.Marketing.Contacts.Outgoing;

namespace Automation.Marketing.Tests.Contacts.Outgoing;

public sealed class OutgoingPostTests
{
    private static readonly Dictionary<string, string> NoHeaders = [];

    [Theory]
    [InlineData("http://127.0.0.1:9/", false, "", false)]
    [InlineData("http://127.0.0.1:9/", true, "", true)]
    [InlineData("http://localhost:9/", true, "", true)]
    [InlineData("http://10.1.2.3/", true, "", false)]
    [InlineData("https://10.1.2.3/", false, "", false)]
    [InlineData("https://10.1.2.3/", false, "10.1.2.3", true)]
    [InlineData("http://10.1.2.3/", false, "10.1.2.3", true)]
    [InlineData("https://[64:ff9b::a00:1]/", false, "", false)]
    [InlineData("https://[2002:7f00:1::]/", false, "", false)]
    [InlineData("https://198.18.0.1/", false, "", false)]
    [InlineData("https://crm.example.com/", false, "", true)]
    [InlineData("https://crm.example.com/", false, "*.example.com", true)]
    [InlineData("https://crm.example.net/", false, "*.example.com", false)]
    [InlineData("ftp://crm.example.com/", true, "*.example.com", false)]
    public void Only_addresses_outside_may_be_given_unless_a_host_is_listed(string url, bool loopback, string host, bool allowed)
    {
        var access = new OutgoingAccess { AllowsLoopback = loopback, Hosts = host.Length == 0 ? [] : [host] };
        if (allowed) Assert.Equal(url, access.Parse(url).OriginalString);
        else Assert.Throws<RuleBrokenException>(() => access.Parse(url));
    }

    [Fact]
    public async Task A_name_that_leads_inside_is_not_reached_whatever_it_looks_like()
    {
        // The name is fit to be given; what it resolves to is this machine.
        using var post = new OutgoingPost(new OutgoingAccess(), TimeProvider.System);
        var answer = await post.PostAsync("https://localhost:9/", "{}", NoHeaders, default);
        Assert.Equal((null, "This address leads inside this machine or its network."), (answer.Status, answer.Text));
    }

    [Fact]
    public async Task A_redirect_is_not_followed_and_an_endless_answer_is_cut()
    {
        using var server = new LoneAnswer("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/inside\r\nContent-Length: 900000\r\n\r\n" + new string('x', 5000));
        using var post = new OutgoingPost(new OutgoingAccess { AllowsLoopback = true }, TimeProvider.System);
        var answer = await post.PostAsync(server.Url, "{}", NoHeaders, default);
        Assert.Equal((302, false, 1000), (answer.Status, answer.IsTaken, answer.Text.Length));
    }

    [Fact]
    public async Task Nobody_is_waited_for_longer_than_the_limit()
    {
        using var server = new LoneAnswer("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
        using var post = new OutgoingPost(new OutgoingAccess { AllowsLoopback = true, Timeout = TimeSpan.FromMilliseconds(300) }, TimeProvider.System);
        var answer = await post.PostAsync(server.Url, "{}", NoHeaders, default);
        Assert.Equal((null, true), (answer.Status, answer.IsDown));
        Assert.StartsWith("no answer within", answer.Text, StringComparison.Ordinal);
    }

    /// <summary>Answers every request with the same bytes and then says no more.</summary>
    private sealed class LoneAnswer : IDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource stop = new();

        public LoneAnswer(string bytes)
        {
            listener.Start();
            _ = AnswerAsync(bytes);
        }

        public string Url => $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/";

        public void Dispose()
        {
            stop.Cancel();
            listener.Dispose();
            stop.Dispose();
        }

        private async Task AnswerAsync(string bytes)
        {
            using var client = await listener.AcceptTcpClientAsync(stop.Token);
            await using var stream = client.GetStream();
            // Whatever of the request has come: it is not looked at.
            _ = await stream.ReadAtLeastAsync(new byte[4096], 1, throwOnEndOfStream: false, stop.Token);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(bytes), stop.Token);
            await Task.Delay(Timeout.InfiniteTimeSpan, stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }
}
