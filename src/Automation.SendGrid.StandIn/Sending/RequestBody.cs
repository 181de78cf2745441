using System.Buffers;

namespace Automation.SendGrid.StandIn;

/// <summary>A request's body in a borrowed array, given back on disposal.</summary>
internal readonly struct RequestBody(byte[] array, int length) : IDisposable
{
    private const int FirstBytes = 64 * 1024;

    public ReadOnlyMemory<byte> Bytes => array.AsMemory(0, length);

    /// <returns>Null when the body has <paramref name="limit"/> bytes or more.</returns>
    public static async ValueTask<RequestBody?> ReadAsync(HttpContext context, int limit)
    {
        if (context.Request.ContentLength >= limit) return null;
        var array = ArrayPool<byte>.Shared.Rent((int)(context.Request.ContentLength ?? FirstBytes));
        var length = 0;
        while (true)
        {
            var read = await context.Request.BodyReader.ReadAsync(context.RequestAborted);
            var needed = length + read.Buffer.Length;
            if (needed >= limit)
            {
                ArrayPool<byte>.Shared.Return(array);
                return null;
            }

            if (needed > array.Length) array = Grow(array, length, (int)needed);
            read.Buffer.CopyTo(array.AsSpan(length));
            length = (int)needed;
            context.Request.BodyReader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) return new RequestBody(array, length);
        }
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(array);

    private static byte[] Grow(byte[] array, int length, int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, array.Length * 2));
        array.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(array);
        return larger;
    }
}
