using Automation.Marketing.Storage;

namespace Automation.Marketing.Campaigns.Calendar;

/// <summary>What the shop cannot deliver at present: mailings that guard one of these products or categories wait.</summary>
public sealed record Stock(IReadOnlyList<string> Out)
{
    public bool IsOut(string? goods) => goods is not null && Out.Contains(goods);
}

/// <summary>Reads and writes what is out of stock.</summary>
public static class StockSetting
{
    private const string Key = "stock";
    private const int MostNames = 1000;
    private const int MaxName = 100;

    public static async Task<Stock> StockAsync(this AutomationDb db, CancellationToken cancellation) =>
        await db.ReadSettingAsync<Stock>(Key, cancellation) ?? new Stock([]);

    /// <param name="goods">A product or a category, as purchases name it; 1 to 100 characters.</param>
    /// <exception cref="BadInputException">The name does not fit, or too many are out already.</exception>
    public static async Task SetStockAsync(this AutomationDb db, string goods, bool isOut, DateTimeOffset now, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(goods) || goods.Length > MaxName) throw new BadInputException("goods", $"must have 1 to {MaxName} characters.");
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var others = (await db.StockAsync(cancellation)).Out.Where(name => name != goods).ToList();
        if (isOut) others.Add(goods);
        if (others.Count > MostNames) throw new BadInputException("goods", $"at most {MostNames} can be out of stock.");
        await db.WriteSettingAsync(Key, new Stock(others), now, cancellation);
        await transaction.CommitAsync(cancellation);
    }
}
