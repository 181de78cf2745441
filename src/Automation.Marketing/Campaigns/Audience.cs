namespace Automation.Marketing.Campaigns;

/// <summary>Who a broadcast is for: all conditions that are given must hold. An empty rule is everyone.</summary>
/// <param name="Tags">Carries every one of these tags.</param>
/// <param name="NotTags">Carries none of these tags.</param>
/// <param name="Prefectures">Lives in one of these.</param>
/// <param name="Bought">Bought in this span, at least once.</param>
/// <param name="NotBought">Bought nothing in this span.</param>
/// <param name="Silent">True: customers who may be mailed and have not been approached for two of their purchase cycles, 90 days at the least (brief §5).</param>
/// <param name="Due">Expected to buy again soon, by a rhythm of their own that is regular enough.</param>
public sealed record Audience(
    IReadOnlyList<string>? Tags = null,
    IReadOnlyList<string>? NotTags = null,
    IReadOnlyList<string>? Prefectures = null,
    PurchaseSpan? Bought = null,
    PurchaseSpan? NotBought = null,
    bool? Silent = null,
    RepurchaseDue? Due = null)
{
    /// <summary>Days without an approach from which on a customer counts as silent, where no cycle says more.</summary>
    public const int SilentDays = 90;
}

/// <summary>Days on which something was bought, both included; optionally of one product or category.</summary>
/// <param name="From">First day; null: since ever.</param>
/// <param name="To">Last day; null: until the day of the sending.</param>
/// <param name="LastDays">Instead of <paramref name="From"/>: this many days up to the day of the sending.</param>
public sealed record PurchaseSpan(DateOnly? From = null, DateOnly? To = null, int? LastDays = null, string? Product = null, string? Category = null);

/// <summary>Expected to buy again within so many days, or so lately that it is not too late yet; a purchase ends it.</summary>
/// <param name="Category">Empty: whatever it is.</param>
/// <param name="WithinDays">0 to <see cref="MostDays"/>, from the day of the sending on.</param>
public sealed record RepurchaseDue(string Category, int WithinDays)
{
    public const int MostDays = 365;

    /// <summary>Whom the day passed by so many days ago is still reminded.</summary>
    public const int DaysAfter = 7;
}
