using Automation.Marketing.Storage;

namespace Automation.Server.Pages.Sender;

/// <summary>Keeps who sends, and who changed it.</summary>
internal static class SenderDesk
{
    private const string AskedKey = "first-start";

    public static async Task SaveAsync(AutomationDb db, ShopIdentity before, ShopIdentity after, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        if (before == after) return;
        await using var transaction = await db.BeginWriteAsync(cancellation);
        await db.SaveShopAsync(after, now, cancellation);
        await Audit.WriteAsync(db, who, "sender.changed", "shop", before, after, now, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>The guide has been walked through or put aside: nothing is asked twice.</summary>
    public static Task PutGuideAsideAsync(AutomationDb db, DateTimeOffset now, CancellationToken cancellation) => db.WriteSettingAsync(AskedKey, new Asked(now), now, cancellation);

    public static async Task<bool> NeedsGuideAsync(AutomationDb db, ShopIdentity shop, CancellationToken cancellation) =>
        shop == ShopIdentity.Unnamed && await db.ReadSettingAsync<Asked>(AskedKey, cancellation) is null;

    private sealed record Asked(DateTimeOffset At);
}
