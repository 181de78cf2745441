namespace Automation.SendGrid.StandIn;

/// <summary>
/// Holds the newest request bodies in a few large blocks that are used over and over. An array for each body would keep the garbage
/// collector copying at thousands of requests a second. Not safe for several threads; the mailbox's lock guards it.
/// </summary>
internal sealed class BodyArena(long limit)
{
    private const int BlockBytes = 4 * 1024 * 1024;
    private readonly Queue<Block> _blocks = new();
    private Block? _last;
    private long _held;

    public BodyPlace Add(ReadOnlySpan<byte> body)
    {
        if (body.Length > limit) return default;
        if (_last is null || _last.Bytes.Length - _last.Used < body.Length) _last = Next(body.Length);
        var offset = _last.Used;
        body.CopyTo(_last.Bytes.AsSpan(offset));
        _last.Used += body.Length;
        return new BodyPlace(_last, _last.Generation, offset, body.Length);
    }

    public static byte[]? Read(BodyPlace place) =>
        place.Block is { } block && block.Generation == place.Generation
            ? block.Bytes.AsSpan((int)place.Offset, place.Length).ToArray()
            : null;

    public void Clear()
    {
        foreach (var block in _blocks) block.Generation++;
        _blocks.Clear();
        (_last, _held) = (null, 0);
    }

    private Block Next(int least)
    {
        var size = Math.Max(least, (int)Math.Min(BlockBytes, limit));
        Block? block = null;
        while (_held + size > limit && _blocks.TryDequeue(out var oldest))
        {
            _held -= oldest.Bytes.Length;
            oldest.Generation++;
            oldest.Used = 0;
            if (oldest.Bytes.Length == size) block = oldest;
        }

        block ??= new Block(size);
        _held += size;
        _blocks.Enqueue(block);
        return block;
    }

    internal sealed class Block(int size)
    {
        public byte[] Bytes { get; } = new byte[size];
        public int Used { get; set; }

        /// <summary>Counts up when the bytes are given away: places of before are then empty.</summary>
        public int Generation { get; set; }
    }
}

/// <summary>Where a body is: in a block of the arena, or, without one, in the data file.</summary>
internal readonly record struct BodyPlace(BodyArena.Block? Block, int Generation, long Offset, int Length);
