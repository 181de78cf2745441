using System.Buffers;
using System.Text;

namespace Automation.Marketing.Imports;

/// <summary>
/// Finds the encoding of a whole file before any of it is used: a byte order mark, else UTF-8 when every byte is, else
/// Shift_JIS (code page 932). A file that is neither, or both, is refused at its line.
/// </summary>
internal static class FileEncoding
{
    /// <summary>Longest line, in bytes.</summary>
    public const int MaxLine = 1 << 20;

    private static readonly SearchValues<byte> ControlBytes = SearchValues.Create([.. Enumerable.Range(0, 32).Where(b => b is not (9 or 10 or 13)).Select(b => (byte)b), 127]);

    private static readonly SearchValues<char> ControlChars = SearchValues.Create([.. Enumerable.Range(0, 32).Where(b => b is not (9 or 10 or 13)).Select(b => (char)b), '\u007F']);

    // Bytes that code page 932 leaves without a character.
    private static readonly SearchValues<char> Unassigned = SearchValues.Create("\u0080\u00A0\uF8F0\uF8F1\uF8F2\uF8F3");

    /// <returns>A strict encoding, and the bytes of its mark. The stream is back at its start.</returns>
    /// <exception cref="BadInputException">The file is empty, not text, or of no single encoding.</exception>
    public static (Encoding Encoding, int Mark) Find(Stream content, string file)
    {
        content.Position = 0;
        Span<byte> start = stackalloc byte[3];
        start = start[..content.ReadAtLeast(start, 3, throwOnEndOfStream: false)];
        if (start.Length == 0) throw FileFault.At(file, 1, 1, $"the file is empty.");
        var (encoding, mark) = start switch
        {
            [0xEF, 0xBB, 0xBF] => (Utf8(), 3),
            [0xFF, 0xFE, ..] => (new UnicodeEncoding(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true), 2),
            [0xFE, 0xFF, ..] => (new UnicodeEncoding(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true), 2),
            _ => ((Encoding?)null, 0),
        };
        content.Position = mark;
        if (encoding is UnicodeEncoding) CheckUtf16(content, encoding, file);
        else encoding = new LineScan(file, isUtf8: encoding is not null).Run(content);
        content.Position = 0;
        return (encoding, mark);
    }

    private static UTF8Encoding Utf8() => new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static void CheckUtf16(Stream content, Encoding encoding, string file)
    {
        long line = 1;
        var lineLength = 0;
        var buffer = new char[16 * 1024];
        using var reader = new StreamReader(content, encoding, detectEncodingFromByteOrderMarks: false, bufferSize: 4096, leaveOpen: true);
        try
        {
            int read;
            while ((read = reader.Read(buffer)) > 0)
            {
                var text = buffer.AsSpan(0, read);
                if (text.IndexOfAny(ControlChars) is var at and >= 0)
                    throw FileFault.At(file, line + text[..at].Count('\n'), 1, $"holds a control character; it is not a text file.");
                line += text.Count('\n');
                lineLength = text.LastIndexOf('\n') is var end and >= 0 ? read - end : lineLength + read;
                if (lineLength > MaxLine) throw FileFault.At(file, line, 1, $"the line is longer than {MaxLine} bytes.");
            }
        }
        catch (DecoderFallbackException)
        {
            throw FileFault.At(file, line, 1, $"is not valid UTF-16.");
        }
    }

    private sealed class LineScan(string file, bool isUtf8)
    {
        private readonly Encoding shiftJis = CodePagesEncodingProvider.Instance.GetEncoding(932, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)!;
        private readonly char[] chars = new char[MaxLine + 1];
        private long line;
        private long firstUtf8;
        private long firstOther;
        private long firstNeither;

        public Encoding Run(Stream content)
        {
            var buffer = new byte[MaxLine + 1];
            var held = 0;
            int read;
            while ((read = content.Read(buffer, held, buffer.Length - held)) > 0)
            {
                held += read;
                var done = 0;
                while (buffer.AsSpan(done, held - done).IndexOf((byte)'\n') is var at and >= 0)
                {
                    Take(buffer.AsSpan(done, at));
                    done += at + 1;
                }
                if (done == 0 && held == buffer.Length) throw FileFault.At(file, line + 1, 1, $"the line is longer than {MaxLine} bytes.");
                buffer.AsSpan(done, held - done).CopyTo(buffer);
                held -= done;
            }
            if (held > 0) Take(buffer.AsSpan(0, held));
            return Verdict();
        }

        private void Take(ReadOnlySpan<byte> bytes)
        {
            line++;
            if (bytes.ContainsAny(ControlBytes)) throw FileFault.At(file, line, 1, $"holds a control character; it is not a text file.");
            if (Ascii.IsValid(bytes)) return;
            if (System.Text.Unicode.Utf8.IsValid(bytes))
            {
                if (firstUtf8 == 0 && IsSurelyUtf8(bytes)) firstUtf8 = line;
                // Some short Shift_JIS words are UTF-8 as well: such a line proves nothing, but must still be readable.
                if (firstNeither == 0 && !isUtf8 && !IsShiftJis(bytes)) firstNeither = line;
                return;
            }
            if (isUtf8) throw FileFault.At(file, line, 1, $"is not valid UTF-8, though the file begins with its mark.");
            if (firstOther == 0) firstOther = line;
            if (firstNeither == 0 && !IsShiftJis(bytes)) firstNeither = line;
        }

        private Encoding Verdict()
        {
            if (firstOther == 0) return FileEncoding.Utf8();
            if (firstUtf8 != 0) throw FileFault.At(file, Math.Max(firstUtf8, firstOther), 1, $"the file mixes encodings: line {firstUtf8} is UTF-8, line {firstOther} is not.");
            if (firstNeither != 0) throw FileFault.At(file, firstNeither, 1, $"is neither UTF-8 nor Shift_JIS.");
            return shiftJis;
        }

        // Two or more characters and all of them Japanese: no Shift_JIS line of real words looks like that.
        private bool IsSurelyUtf8(ReadOnlySpan<byte> bytes)
        {
            var text = chars.AsSpan(0, Encoding.UTF8.GetChars(bytes, chars));
            var wide = 0;
            foreach (var c in text)
            {
                if (c < 128) continue;
                if (c is not ((>= '\u3000' and <= '\u9FFF') or (>= '\uFF00' and <= '\uFFEF'))) return false;
                wide++;
            }
            return wide >= 2;
        }

        private bool IsShiftJis(ReadOnlySpan<byte> bytes)
        {
            try
            {
                return !chars.AsSpan(0, shiftJis.GetChars(bytes, chars)).ContainsAny(Unassigned);
            }
            catch (DecoderFallbackException)
            {
                return false;
            }
        }
    }
}
