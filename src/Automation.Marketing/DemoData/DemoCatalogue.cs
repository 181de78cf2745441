namespace Automation.Marketing.DemoData;

/// <summary>Something the demo shop sells.</summary>
/// <param name="Price">Yen, net.</param>
/// <param name="CostShare">What the goods cost the shop, as a share of the price.</param>
/// <param name="Weight">How often it is chosen within its category.</param>
/// <param name="IsGift">Boxed: what gift givers choose.</param>
internal sealed record DemoProduct(string Name, string Category, decimal Price, decimal CostShare, double Weight, bool IsGift = false)
{
    /// <summary>The female crab's season ends with the year.</summary>
    public bool IsSoldOn(DateOnly day) => !Name.Contains("せいこがに", StringComparison.Ordinal) || day.Month >= 11;
}

/// <summary>What the shop sells and when people want it.</summary>
internal static class DemoCatalogue
{
    public const string Crab = "かに";
    public const string DriedFish = "干物";
    public const string Delicacies = "珍味";
    public const string FreshFish = "鮮魚・鍋";

    public static readonly IReadOnlyList<string> Categories = [Crab, DriedFish, Delicacies, FreshFish];

    public static readonly IReadOnlyList<DemoProduct> Products =
    [
        new("越前がに 浜ゆで 中", Crab, 14_800, 0.62m, 5),
        new("わけあり越前がに", Crab, 8_900, 0.60m, 6),
        new("せいこがに 三杯", Crab, 6_800, 0.58m, 6),
        new("越前がに 浜ゆで 特大", Crab, 24_800, 0.66m, 2),
        new("越前がに 木箱入り", Crab, 29_800, 0.64m, 1, IsGift: true),
        new("かにしゃぶ 二人前", Crab, 12_800, 0.59m, 3),
        new("若狭がれいの一夜干し 五枚", DriedFish, 3_600, 0.48m, 6),
        new("干物の詰め合わせ", DriedFish, 4_980, 0.50m, 4, IsGift: true),
        new("はたはたの丸干し", DriedFish, 1_980, 0.46m, 4),
        new("のどぐろの一夜干し 二枚", DriedFish, 5_400, 0.57m, 2),
        new("へしこ", Delicacies, 2_400, 0.40m, 5),
        new("かにみそ", Delicacies, 1_980, 0.42m, 5),
        new("塩うに", Delicacies, 5_400, 0.61m, 2, IsGift: true),
        new("甘えび 五百グラム", FreshFish, 4_200, 0.60m, 5),
        new("寒ぶりしゃぶ 二人前", FreshFish, 7_800, 0.61m, 3),
        new("あんこう鍋 三人前", FreshFish, 6_500, 0.58m, 2),
    ];

    /// <summary>How much a category is wanted on a day; zero: not sold.</summary>
    public static double Demand(string category, DateOnly day) => category switch
    {
        Crab => CrabDemand(day),
        DriedFish => day.Month switch { 7 => 1.6, 8 => 1.2, 12 => 1.4, _ => 1.0 },
        Delicacies => day.Month switch { 7 => 1.3, 12 => 1.7, _ => 1.0 },
        _ => day.Month switch { 12 or 1 => 1.8, 10 or 11 or 2 or 3 => 1.3, _ => 0.5 },
    };

    // From 6 November to 20 March. December carries the season: year-end gifts, then the New Year table.
    private static double CrabDemand(DateOnly day) => (day.Month, day.Day) switch
    {
        (11, >= 6) => 1.8,
        (12, < 10) => 2.4,
        (12, _) => 3.6,
        (1, _) => 1.1,
        (2, _) => 0.9,
        (3, <= 20) => 0.6,
        _ => 0,
    };
}
