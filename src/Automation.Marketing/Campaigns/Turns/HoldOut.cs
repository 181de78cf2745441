using Automation.Marketing.Storage;

namespace Automation.Marketing.Campaigns.Turns;

/// <summary>So many of a hundred customers get no broadcast for a calendar year, always the same ones in that year; 0: everybody may get them.</summary>
public sealed record HoldOutSetting(int Percent)
{
    /// <summary>What the brief asks for; more would cost more than it teaches.</summary>
    public const int Usual = 5, Most = 20;
}

/// <summary>Reads and writes it.</summary>
public static class StoredHoldOut
{
    private const string Key = "hold-out";

    public static async Task<HoldOutSetting> HoldOutAsync(this AutomationDb db, CancellationToken cancellation) =>
        await db.ReadSettingAsync<HoldOutSetting>(Key, cancellation) ?? new HoldOutSetting(0);

    /// <exception cref="BadInputException">The share does not fit.</exception>
    public static async Task SaveHoldOutAsync(this AutomationDb db, HoldOutSetting wanted, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        if (wanted.Percent is < 0 or > HoldOutSetting.Most) throw new BadInputException("percent", $"must be 0 to {HoldOutSetting.Most}.");
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var before = await db.HoldOutAsync(cancellation);
        await db.WriteSettingAsync(Key, wanted, now, cancellation);
        await Audit.WriteAsync(db, who, "hold-out.set", Key, before, wanted, now, cancellation);
        await transaction.CommitAsync(cancellation);
    }
}
