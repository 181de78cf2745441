using System.Buffers.Binary;

namespace Automation.Marketing.Storage;

/// <summary>
/// Ids of rows: UUID version 7 whose bits after the time count on from one id to the next (RFC 9562 §6.2, method 1). Rows that are
/// made together so stand together in every index, however many share an instant: an import of a shop's people does not
/// scatter them, and a mailing in their order finds them side by side.
/// </summary>
public static class RowId
{
    private const int CounterBits = 26;
    private const int CounterMask = (1 << CounterBits) - 1;

    // Each thread counts by itself: a counter of all would be waited for.
    [ThreadStatic] private static long lastMilliseconds;
    [ThreadStatic] private static int counter;

    /// <param name="now">Not before 1970.</param>
    /// <returns>Later than every id that this thread made last for the same millisecond; its last 48 bits are random.</returns>
    public static Guid New(DateTimeOffset now)
    {
        var milliseconds = now.ToUnixTimeMilliseconds();
        ArgumentOutOfRangeException.ThrowIfNegative(milliseconds, nameof(now));
        Span<byte> bytes = stackalloc byte[16];
        Guid.NewGuid().TryWriteBytes(bytes, bigEndian: true, out _);
        // From somewhere in the lower half: there is room to count on.
        counter = milliseconds == lastMilliseconds ? (counter + 1) & CounterMask : BinaryPrimitives.ReadInt32BigEndian(bytes) & (CounterMask >> 1);
        lastMilliseconds = milliseconds;
        BinaryPrimitives.WriteInt64BigEndian(bytes, milliseconds << 16);
        bytes[6] = (byte)(0x70 | (counter >> 22));
        bytes[7] = (byte)(counter >> 14);
        bytes[8] = (byte)(0x80 | ((counter >> 8) & 0x3F));
        bytes[9] = (byte)counter;
        return new Guid(bytes, bigEndian: true);
    }
}
