using System.Globalization;
using System.Text;

namespace Automation.SendGrid.StandIn;

/// <summary>
/// Append-only file of records, each <c>kind key milliseconds length LF payload LF</c>, so that a person can read it. A record is one write
/// to the operating system: it survives the end of this process, and a torn last one is cut off at the next start.
/// </summary>
internal sealed class DataFile : IDisposable
{
    private static readonly byte[] LineEnd = "\n"u8.ToArray();
    private readonly Microsoft.Win32.SafeHandles.SafeFileHandle _file;
    private readonly string _path;
    private long _end;

    public DataFile(string path)
    {
        _path = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        _file = File.OpenHandle(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
    }

    /// <returns>Where the payload begins.</returns>
    public long Append(string kind, string key, DateTimeOffset at, ReadOnlyMemory<byte> payload)
    {
        var head = Encoding.UTF8.GetBytes($"{kind} {key} {at.ToUnixTimeMilliseconds()} {payload.Length}\n");
        RandomAccess.Write(_file, [head, payload, LineEnd], _end);
        var begin = _end + head.Length;
        _end = begin + payload.Length + 1;
        return begin;
    }

    public byte[] Read(long offset, int length)
    {
        var bytes = new byte[length];
        for (var read = 0; read < length;)
        {
            var some = RandomAccess.Read(_file, bytes.AsSpan(read), offset + read);
            if (some == 0) throw new InvalidDataException($"{_path} ends at byte {offset + read}, inside a record.");
            read += some;
        }

        return bytes;
    }

    public void Clear()
    {
        RandomAccess.SetLength(_file, 0);
        _end = 0;
    }

    /// <summary>Gives every whole record to <paramref name="take"/> and cuts off what is left after the last.</summary>
    /// <exception cref="InvalidDataException">A record's head cannot be read; the message names file and byte.</exception>
    public void Load(Action<DataRecord> take)
    {
        var length = RandomAccess.GetLength(_file);
        _end = 0;
        while (ReadHead(length) is { } head)
        {
            var begin = _end + head.Bytes;
            if (begin + head.Length + 1 > length) break;
            take(new DataRecord(head.Kind, head.Key, head.At, begin, Read(begin, head.Length)));
            _end = begin + head.Length + 1;
        }

        RandomAccess.SetLength(_file, _end);
    }

    public void Dispose() => _file.Dispose();

    private (string Kind, string Key, DateTimeOffset At, int Length, int Bytes)? ReadHead(long fileLength)
    {
        Span<byte> bytes = stackalloc byte[256];
        bytes = bytes[..RandomAccess.Read(_file, bytes[..(int)Math.Min(bytes.Length, fileLength - _end)], _end)];
        var lineEnd = bytes.IndexOf((byte)'\n');
        if (lineEnd < 0 && bytes.Length < 256) return null;
        if (lineEnd >= 0
            && Encoding.UTF8.GetString(bytes[..lineEnd]).Split(' ') is [var kind, var key, var at, var length]
            && long.TryParse(at, CultureInfo.InvariantCulture, out var milliseconds)
            && int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var payload))
            return (kind, key, DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), payload, lineEnd + 1);
        throw new InvalidDataException($"{_path}: no record begins at byte {_end}.");
    }
}

/// <summary>A record as read, and where its payload is in the file.</summary>
internal sealed record DataRecord(string Kind, string Key, DateTimeOffset At, long Offset, byte[] Payload);
