using System.Security.Cryptography;
using System.Text;
using Automation.Marketing.Contacts;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Mail.GoingLive;

/// <summary>A mailbox of the sender's own, shown to be theirs by a code that was mailed to it.</summary>
public sealed record OwnAddress(string Address, string By, DateTimeOffset At)
{
    public bool Is(string address) => string.Equals(Address, address, StringComparison.OrdinalIgnoreCase);
}

/// <summary>Mails codes to addresses and takes them back.</summary>
public sealed class OwnAddresses(IMailProvider provider)
{
    public const int Most = 20;

    /// <summary>How long a code works, and how soon the next may be asked for.</summary>
    public static readonly TimeSpan CodeLasts = TimeSpan.FromMinutes(30);

    private const string Key = "own-addresses";
    private const string PendingKey = "own-address-pending";
    private const int Tries = 5;

    private static readonly TimeSpan Between = TimeSpan.FromMinutes(1);

    public static async Task<IReadOnlyList<OwnAddress>> ConfirmedAsync(AutomationDb db, CancellationToken cancellation) =>
        await db.ReadSettingAsync<List<OwnAddress>>(Key, cancellation) ?? [];

    /// <returns>The address that a code was mailed to; null when none is awaited.</returns>
    public static async Task<string?> PendingAsync(AutomationDb db, DateTimeOffset now, CancellationToken cancellation) =>
        await db.ReadSettingAsync<Pending>(PendingKey, cancellation) is { } pending && pending.Until > now ? pending.Address : null;

    /// <summary>Mails a code to an address that shall be confirmed.</summary>
    /// <param name="subject">In the language of whoever asks; <c>{0}</c> in <paramref name="text"/> is the code.</param>
    /// <exception cref="RuleBrokenException">The sender is not set up, a code was just sent, or the provider did not take the mail.</exception>
    public async Task AskAsync(AutomationDb db, EmailAddress address, string subject, string text, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        var shop = await db.ShopAsync(cancellation);
        LoneMail.RequireSender(shop);
        if ((await ConfirmedAsync(db, cancellation)) is { } own && (own.Count >= Most || own.Any(one => one.Is(address.Value))))
            throw new RuleBrokenException($"This address is confirmed already, or there are {Most} of them.");
        if (await db.ReadSettingAsync<Pending>(PendingKey, cancellation) is { } last && now - last.AskedAt < Between && now >= last.AskedAt)
            throw new RuleBrokenException("A code was sent a moment ago. Wait a minute before you ask for the next.");
        var code = RandomNumberGenerator.GetString("0123456789", 6);
        await db.WriteSettingAsync(PendingKey, new Pending(address.Value, HashOf(code), now, now + CodeLasts, 0), now, cancellation);
        var mail = string.Format(System.Globalization.CultureInfo.InvariantCulture, text, code);
        var html = "<p>" + System.Net.WebUtility.HtmlEncode(mail) + "</p>";
        await LoneMail.SendAsync(
            provider, shop, MessageClass.Marketing, address, new RenderedMail(subject, html, mail), LiveGate.Confirmation, unsubscribe: null, cancellation);
        await Audit.WriteAsync(db, who, "address.asked", address.Value, before: null, after: null, now, cancellation);
    }

    /// <summary>Takes the code that was mailed.</summary>
    /// <exception cref="RuleBrokenException">The code is wrong, too late or was tried too often.</exception>
    public static async Task ConfirmAsync(AutomationDb db, string? code, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        if (await db.ReadSettingAsync<Pending>(PendingKey, cancellation) is not { } pending || pending.Until <= now || pending.Tried >= Tries)
            throw new RuleBrokenException("No code is awaited any more. Ask for a new one.");
        var right = CryptographicOperations.FixedTimeEquals(Convert.FromHexString(pending.CodeHash), Convert.FromHexString(HashOf((code ?? "").Trim())));
        if (right)
        {
            var own = await ConfirmedAsync(db, cancellation);
            await db.WriteSettingAsync(Key, own.Append(new OwnAddress(pending.Address, who, now)).ToList(), now, cancellation);
            await db.ExecuteAsync("DELETE FROM settings WHERE key = @p0", cancellation, PendingKey);
            await Audit.WriteAsync(db, who, "address.confirmed", pending.Address, before: null, after: null, now, cancellation);
        }
        else
        {
            await db.WriteSettingAsync(PendingKey, pending with { Tried = pending.Tried + 1 }, now, cancellation);
        }
        await transaction.CommitAsync(cancellation);
        if (!right) throw new RuleBrokenException("This is not the code that was mailed.");
    }

    private static string HashOf(string code) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes("own-address:" + code)));

    private sealed record Pending(string Address, string CodeHash, DateTimeOffset AskedAt, DateTimeOffset Until, int Tried);
}
