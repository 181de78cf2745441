using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Automation.Marketing.Accounts;

/// <summary>Codes of an authenticator app: RFC 6238 with HMAC-SHA-1, 30 seconds and 6 digits, which every such app speaks.</summary>
public static class Totp
{
    public const int Digits = 6;
    public const int SecondsAStep = 30;

    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    // RFC 4226 §4 R6 asks for at least 128 bits and recommends 160.
    private const int SecretBytes = 20;

    // RFC 6238 §5.2: one step for the time it takes to type, on either side for clocks that differ.
    private const int StepsOff = 1;

    /// <returns>A new secret in base32.</returns>
    public static string NewSecret() => ToBase32(RandomNumberGenerator.GetBytes(SecretBytes));

    /// <returns>What a QR code for the app holds.</returns>
    public static string Uri(string issuer, string account, string secret) =>
        $"otpauth://totp/{System.Uri.EscapeDataString(issuer)}:{System.Uri.EscapeDataString(account)}?secret={secret}&issuer={System.Uri.EscapeDataString(issuer)}&digits={Digits}&period={SecondsAStep}";

    /// <summary>The code that an app shows at an instant.</summary>
    public static string CodeAt(string secret, DateTimeOffset at) => Code(FromBase32(secret), StepOf(at));

    /// <returns>The time step whose code was given, newer than <paramref name="taken"/>; null when the code is not right.</returns>
    /// <param name="taken">The newest step whose code was taken before.</param>
    public static long? Check(string secret, string? code, long taken, DateTimeOffset at)
    {
        var digits = string.Concat((code ?? "").Where(char.IsAsciiDigit));
        if (digits.Length != Digits) return null;
        var (key, now, found) = (FromBase32(secret), StepOf(at), (long?)null);
        for (var step = now - StepsOff; step <= now + StepsOff; step++)
        {
            if (CryptographicOperations.FixedTimeEquals(Ascii(Code(key, step)), Ascii(digits)) && step > taken) found = step;
        }
        return found;
    }

    public static string ToBase32(ReadOnlySpan<byte> bytes)
    {
        var (text, bits, held) = (new System.Text.StringBuilder(), 0, 0);
        foreach (var one in bytes)
        {
            (held, bits) = ((held << 8) | one, bits + 8);
            for (; bits >= 5; bits -= 5) text.Append(Alphabet[(held >> (bits - 5)) & 31]);
            held &= (1 << bits) - 1;
        }
        if (bits > 0) text.Append(Alphabet[(held << (5 - bits)) & 31]);
        return text.ToString();
    }

    public static byte[] FromBase32(string text)
    {
        var (bytes, bits, held) = (new List<byte>(text.Length), 0, 0);
        foreach (var letter in text.ToUpperInvariant())
        {
            var value = Alphabet.IndexOf(letter, StringComparison.Ordinal);
            if (value < 0) continue;
            (held, bits) = ((held << 5) | value, bits + 5);
            if (bits < 8) continue;
            bits -= 8;
            bytes.Add((byte)(held >> bits));
            held &= (1 << bits) - 1;
        }
        return [.. bytes];
    }

    private static long StepOf(DateTimeOffset at) => at.ToUnixTimeSeconds() / SecondsAStep;

    // RFC 4226 §5.3: HMAC of the counter, four bytes of it from where its last half-byte says.
#pragma warning disable CA5350 // the standard's hash; what an HMAC needs, SHA-1 still gives
    private static string Code(byte[] key, long step)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        var hash = HMACSHA1.HashData(key, counter);
        var number = BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(hash[^1] & 15)) & int.MaxValue;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }
#pragma warning restore CA5350

    private static byte[] Ascii(string text) => System.Text.Encoding.ASCII.GetBytes(text);
}
