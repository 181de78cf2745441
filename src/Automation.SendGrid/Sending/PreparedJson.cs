using System.Net;

namespace Automation.SendGrid;

/// <summary>
/// A body that remembers whether it began to leave. Until then at most a request line and headers are out, and a POST
/// without its body cannot be acted upon: that, not the kind of exception, decides between "try later" and "unknown".
/// </summary>
internal sealed class PreparedJson : HttpContent
{
    private readonly ReadOnlyMemory<byte> _json;

    public PreparedJson(ReadOnlyMemory<byte> json)
    {
        _json = json;
        Headers.TryAddWithoutValidation("Content-Type", "application/json");
    }

    public bool Began { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // The handler repeats a call by itself only before its body began; should that ever change, this stops it.
        if (Began) throw new IOException("The body has left once already.");
        Began = true;
        return stream.WriteAsync(_json, cancellationToken).AsTask();
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _json.Length;
        return true;
    }
}
