using System.Buffers;
using System.Net;

namespace Automation.SendGrid;

/// <summary>
/// A body that remembers whether it began to leave. Until then at most a request line and headers are out, and a POST
/// without its body cannot be acted upon: that, not the kind of exception, decides between "try later" and "unknown".
/// </summary>
internal sealed class PreparedJson : HttpContent
{
    private readonly ReadOnlyMemory<byte> _json;
    private PooledBytes? _pooled;
    private bool _hasLeft;

    /// <param name="json">Must not change until this is disposed.</param>
    /// <param name="pooled">Where it is, when that is to be given back.</param>
    public PreparedJson(ReadOnlyMemory<byte> json, PooledBytes? pooled)
    {
        _json = json;
        _pooled = pooled;
        Headers.TryAddWithoutValidation("Content-Type", "application/json");
    }

    public bool Began { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // The handler repeats a call by itself only before its body began; should that ever change, this stops it.
        if (Began) throw new IOException("The body has left once already.");
        Began = true;
        await stream.WriteAsync(_json, cancellationToken);
        _hasLeft = true;
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _json.Length;
        return true;
    }

    // An answer can come before all of the body has left: then its bytes are still read, and are nobody else's.
    protected override void Dispose(bool disposing)
    {
        if (disposing && _hasLeft) Interlocked.Exchange(ref _pooled, null)?.Return();
        base.Dispose(disposing);
    }
}

/// <summary>Grows in arrays of the shared pool: a body for each request of its own would keep the garbage collector busy.</summary>
internal sealed class PooledBytes : IBufferWriter<byte>
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(128 * 1024);
    private int _length;

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _bytes.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Return()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    private void Reserve(int more)
    {
        if (_bytes.Length - _length >= more) return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_bytes.Length * 2, _length + more));
        Written.Span.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
