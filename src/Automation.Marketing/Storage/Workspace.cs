using System.Security.Cryptography;
using System.Text.Json;

namespace Automation.Marketing.Storage;

/// <summary>Who sends: shown in every mail (特定電子メール法 display) and used as From and Reply-To.</summary>
/// <param name="Language"><c>ja</c> or <c>en</c>: for people whose language is unknown.</param>
/// <param name="TimeZone">IANA id: for people whose zone is unknown.</param>
/// <param name="OrderEmail">From of transactional mail, so that complaints about marketing do not drag order mail down; null: <paramref name="FromEmail"/>.</param>
public sealed record ShopIdentity(
    string Name, string LegalName, string Address, string Phone, string Url,
    string FromEmail, string FromName, string? ReplyTo, string Language = "ja", string TimeZone = "Asia/Tokyo", string? OrderEmail = null)
{
    public static readonly ShopIdentity Unnamed = new("", "", "", "", "", "", "", null);

    /// <summary>What is still missing before marketing mail may leave; empty when nothing is.</summary>
    public IReadOnlyList<string> Missing => [.. new (string Name, string Value)[]
    {
        ("name", Name), ("legal_name", LegalName), ("address", Address), ("phone", Phone), ("from_email", FromEmail),
    }.Where(line => string.IsNullOrWhiteSpace(line.Value)).Select(line => line.Name)];
}

/// <summary>Reads and writes the workspace's own settings.</summary>
public static class Workspace
{
    private const string ShopKey = "shop";
    private const string LinkKeyName = "link-key";

    public static async Task<T?> ReadSettingAsync<T>(this AutomationDb db, string key, CancellationToken cancellation) where T : class =>
        (await db.QueryAsync("SELECT value FROM settings WHERE key = @p0", row => row.Text(0), cancellation, key)).SingleOrDefault() is { } json
            ? JsonSerializer.Deserialize<T>(json, JsonSerializerOptions.Web)
            : null;

    public static async Task WriteSettingAsync<T>(this AutomationDb db, string key, T value, DateTimeOffset now, CancellationToken cancellation)
    {
        await db.ExecuteAsync(
            "INSERT INTO settings (key, value, updated_at) VALUES (@p0, @p1, @p2) ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
            cancellation, key, JsonSerializer.Serialize(value, JsonSerializerOptions.Web), now);
    }

    public static async Task<ShopIdentity> ShopAsync(this AutomationDb db, CancellationToken cancellation) =>
        await db.ReadSettingAsync<ShopIdentity>(ShopKey, cancellation) ?? ShopIdentity.Unnamed;

    public static Task SaveShopAsync(this AutomationDb db, ShopIdentity shop, DateTimeOffset now, CancellationToken cancellation) =>
        db.WriteSettingAsync(ShopKey, shop, now, cancellation);

    /// <summary>The key that signs links in mail; made once, then the same for ever, since links have no expiry.</summary>
    public static async Task<byte[]> LinkKeyAsync(this AutomationDb db, DateTimeOffset now, CancellationToken cancellation)
    {
        await db.ExecuteAsync(
            "INSERT INTO settings (key, value, updated_at) VALUES (@p0, @p1, @p2) ON CONFLICT (key) DO NOTHING",
            cancellation, LinkKeyName, JsonSerializer.Serialize(Convert.ToHexString(RandomNumberGenerator.GetBytes(32))), now);
        return Convert.FromHexString((await db.ReadSettingAsync<string>(LinkKeyName, cancellation))!);
    }
}
