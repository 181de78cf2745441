using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Automation.Marketing.Campaigns.Turns;

/// <summary>Draws lots that always fall the same: the same person in the same drawing, for ever and in every process.</summary>
internal static class Draw
{
    /// <summary>Lots in a drawing: a hundredth of a percent is the finest share.</summary>
    public const int Lots = 10_000;

    /// <returns>0 to <see cref="Lots"/> − 1, each about equally often.</returns>
    public static int Of(string drawing, Guid contactId)
    {
        var name = Encoding.UTF8.GetByteCount(drawing);
        Span<byte> text = stackalloc byte[name + 16];
        Encoding.UTF8.GetBytes(drawing, text);
        contactId.TryWriteBytes(text[name..], bigEndian: true, out _);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, hash);
        return (int)(BinaryPrimitives.ReadUInt64BigEndian(hash) % Lots);
    }

    public static bool IsAmong(string drawing, Guid contactId, int percent) => percent > 0 && Of(drawing, contactId) < percent * (Lots / 100);
}
