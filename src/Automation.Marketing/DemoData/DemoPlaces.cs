namespace Automation.Marketing.DemoData;

/// <summary>A town that customers live in.</summary>
/// <param name="PostalPrefix">First three digits of the postal code.</param>
internal sealed record DemoPlace(string Prefecture, string Town, string PostalPrefix, double Weight);

/// <summary>Where the shop's customers live: mostly Hokuriku and Kansai, then Tokyo and Nagoya.</summary>
internal static class DemoPlaces
{
    public static readonly IReadOnlyList<DemoPlace> All =
    [
        new("福井県", "福井市中央", "910", 12), new("福井県", "坂井市三国町", "913", 5), new("福井県", "敦賀市本町", "914", 4), new("福井県", "越前市府中", "915", 4),
        new("石川県", "金沢市香林坊", "920", 7), new("石川県", "加賀市大聖寺", "922", 2), new("富山県", "富山市総曲輪", "930", 4),
        new("大阪府", "大阪市北区", "530", 9), new("大阪府", "堺市堺区", "590", 4), new("大阪府", "豊中市本町", "560", 4), new("大阪府", "枚方市岡東町", "573", 3),
        new("京都府", "京都市中京区", "604", 6), new("京都府", "宇治市宇治", "611", 3), new("兵庫県", "神戸市中央区", "650", 5), new("兵庫県", "西宮市高松町", "663", 4),
        new("滋賀県", "大津市浜大津", "520", 4), new("滋賀県", "彦根市中央町", "522", 2), new("奈良県", "奈良市三条町", "630", 3), new("和歌山県", "和歌山市本町", "640", 1),
        new("愛知県", "名古屋市中区", "460", 5), new("岐阜県", "岐阜市神田町", "500", 3), new("東京都", "世田谷区桜", "156", 5), new("東京都", "杉並区本町", "166", 4),
        new("神奈川県", "横浜市西区", "220", 4), new("埼玉県", "さいたま市浦和区", "330", 2), new("千葉県", "千葉市中央区", "260", 2),
        new("北海道", "札幌市中央区", "060", 1), new("福岡県", "福岡市中央区", "810", 1),
    ];
}
