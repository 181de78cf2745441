using Automation.Marketing.Storage;

namespace Automation.Marketing.Deals;

/// <summary>The columns of the board, in order: the shop's own words.</summary>
public static class DealStages
{
    public const int Most = 12;
    public const int MaxName = 40;

    private const string SettingKey = "deal-stages";

    private static readonly string[] Shipped = ["接触", "商談", "見積", "交渉"];

    private sealed record Stored(string[] Names);

    public static async Task<IReadOnlyList<string>> ReadAsync(AutomationDb db, CancellationToken cancellation) =>
        (await db.ReadSettingAsync<Stored>(SettingKey, cancellation))?.Names ?? Shipped;

    /// <summary>Deals in a stage that is listed no more keep it.</summary>
    /// <exception cref="RuleBrokenException">They are none or too many, two are alike, or one is too long.</exception>
    public static async Task SaveAsync(AutomationDb db, IReadOnlyList<string> names, DateTimeOffset now, CancellationToken cancellation)
    {
        string[] wanted = [.. names.Select(name => name.Trim()).Where(name => name.Length > 0)];
        if (wanted.Length is 0 or > Most) throw new RuleBrokenException($"Name one to {Most} stages.");
        if (wanted.Any(name => name.Length > MaxName || name.Any(char.IsControl))) throw new RuleBrokenException($"A stage's name has at most {MaxName} characters.");
        if (wanted.Distinct(StringComparer.OrdinalIgnoreCase).Count() < wanted.Length) throw new RuleBrokenException("Two stages have the same name.");
        await using var transaction = await db.BeginWriteAsync(cancellation);
        await db.WriteSettingAsync(SettingKey, new Stored(wanted), now, cancellation);
        await transaction.CommitAsync(cancellation);
    }
}
