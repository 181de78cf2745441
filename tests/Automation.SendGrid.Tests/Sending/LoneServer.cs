using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Automation.SendGrid.Tests.Sending;

/// <summary>A bare socket that answers every connection by one script: what no well-behaved server would do.</summary>
internal sealed class LoneServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private int _connections;

    public LoneServer(Func<Socket, CancellationToken, Task> script)
    {
        _listener.Start();
        _loop = LoopAsync(script);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public Uri Address => new($"http://127.0.0.1:{Port}/");

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Reads the head and the whole body, then says this.</summary>
    public static LoneServer Answering(string answer) => new(async (socket, stop) =>
    {
        await ReadRequestAsync(socket, stop);
        await socket.SendAsync(Encoding.ASCII.GetBytes(answer), stop);
    });

    public static async Task<string> ReadRequestAsync(Socket socket, CancellationToken stop)
    {
        var text = new StringBuilder();
        var buffer = new byte[65536];
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer, stop);
            if (read == 0) return text.ToString();
            text.Append(Encoding.UTF8.GetString(buffer, 0, read));
            var soFar = text.ToString();
            var head = soFar.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (head < 0) continue;
            var length = soFar.Split("\r\n").First(line => line.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase))[16..];
            if (Encoding.UTF8.GetByteCount(soFar.AsSpan(head + 4)) >= int.Parse(length, System.Globalization.CultureInfo.InvariantCulture))
                return soFar;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _loop;
        _stop.Dispose();
        _listener.Dispose();
    }

    private async Task LoopAsync(Func<Socket, CancellationToken, Task> script)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var socket = await _listener.AcceptSocketAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                await script(socket, _stop.Token);
            }
            catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                continue;
            }
        }
    }
}
