using System.Globalization;
using Automation.Marketing.Deals;

namespace Automation.Marketing.DemoData;

/// <summary>One invented deal with a business customer.</summary>
internal sealed record DemoDeal(
    Guid Id, string Key, DemoPerson Contact, string Stage, DealStatus Status, string Owner, decimal Amount,
    string? NextAction, DateOnly? NextActionOn, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, DemoHandBack? HandBack);

/// <summary>How a deal was given back to nurturing.</summary>
internal sealed record DemoHandBack(Guid Id, HandBackReason Reason, DateOnly? RevisitOn, string Note);

/// <summary>Invents the maker's side of the company: inns, restaurants and gift houses that sales works with.</summary>
internal sealed class DemoBusiness(DemoDice dice, DemoTime time)
{
    private static readonly string[] Companies =
    [
        "株式会社なぎさ荘", "料亭 はまゆう", "北陸ギフト株式会社", "湯の里観光ホテル", "株式会社みなと食品", "割烹 いさりび", "若狭百貨株式会社", "旅館 松風亭",
        "株式会社京の台所", "海鮮居酒屋 大漁丸", "近江贈答センター株式会社", "ホテル九頭竜", "株式会社あおば給食", "鮨 みやこ", "越路物産株式会社", "民宿 いそべ",
        "株式会社浪速フーズ", "かに料理 千両", "日の出カタログ株式会社", "温泉旅館 花ごよみ", "株式会社せとうち商事", "和食処 ひさご", "東海グルメ便株式会社", "しおかぜリゾート",
        "株式会社福寿堂", "小料理 つばき", "加賀みやげ株式会社", "ホテル霧の峰", "株式会社さくら弁当", "炉端 やまじゅう", "丹南生活協同組合", "旅館 雪の宿",
        "株式会社しおさい市場", "日本料理 あらた", "関西贈り物株式会社", "ペンション かもめ", "株式会社はやぶさ仕出し", "天ぷら 菊井", "奥越特産株式会社", "宿坊 永光院",
    ];

    private static readonly string[] Owners = ["木下 真", "坪井 あかり", "南 健吾", "小島 里奈"];

    private static readonly (string Stage, string NextAction)[] OpenStages =
    [
        ("初回訪問", "ご要望をうかがう"), ("見本送付", "見本のご感想をうかがう"), ("見積", "見積のご返事をうかがう"), ("条件調整", "納品の曜日と量を決める"), ("契約手続き", "契約書を受け取る"),
    ];

    private static readonly (HandBackReason Reason, int? RevisitInDays, string Note)[] HandBacks =
    [
        (HandBackReason.TooEarly, 170, "改装が終わる来季に、とのこと"), (HandBackReason.Budget, null, "今期の予算は確定済み"),
        (HandBackReason.Competitor, null, "今年は他社と契約"), (HandBackReason.NoContact, null, "三度お電話したがご不在"),
    ];

    public int Count => Companies.Length;

    /// <summary>Every company's contact with one deal: 24 open, 6 won, 6 lost, 4 handed back.</summary>
    public List<DemoDeal> Invent() => [.. Companies.Select((company, at) => Deal(company, at))];

    private DemoDeal Deal(string company, int at)
    {
        var person = Contact(company, at + 1);
        var age = dice.Between(20, 300);
        var (status, stage, nextAction, next) = Standing(at);
        if (status is DealStatus.Open) person.SalesOwned = true;
        var handBack = status is DealStatus.Recycled ? HandBack(at) : null;
        return new DemoDeal(
            dice.NewId(), string.Create(CultureInfo.InvariantCulture, $"D-{at + 1:000}"), person, stage, status, Owners[at % Owners.Length],
            10_000m * dice.Between(12, 480), nextAction, next, time.At(time.Today.AddDays(-age), dice), time.At(time.Today.AddDays(-dice.Between(1, 19)), dice), handBack);
    }

    private (DealStatus Status, string Stage, string? NextAction, DateOnly? Next) Standing(int at)
    {
        if (at % 10 == 3) return (DealStatus.Recycled, "差し戻し", null, null);
        if (at % 20 is 5 or 11 or 17) return (DealStatus.Won, "受注", null, null);
        if (at % 20 is 7 or 9 or 15) return (DealStatus.Lost, "失注", null, null);
        var (stage, nextAction) = dice.Pick(OpenStages);
        return (DealStatus.Open, stage, nextAction, time.Today.AddDays(dice.Between(-4, 28)));
    }

    private DemoHandBack HandBack(int at)
    {
        var (reason, revisitInDays, note) = HandBacks[at / 10 % HandBacks.Length];
        return new DemoHandBack(dice.NewId(), reason, revisitInDays is { } days ? time.Today.AddDays(days) : null, note);
    }

    private DemoPerson Contact(string company, int number)
    {
        var surname = DemoNames.Surnames[(number * 7) % DemoNames.Surnames.Count];
        var given = dice.Chance(40) ? dice.Pick(DemoNames.Women) : dice.Pick(DemoNames.Men);
        var place = dice.Pick(DemoPlaces.All, each => each.Weight);
        var person = new DemoPerson
        {
            Id = dice.NewId(),
            ExternalId = string.Create(CultureInfo.InvariantCulture, $"B-{number:000}"),
            Name = $"{surname.Written} {given.Written}",
            Kana = $"{surname.Kana} {given.Kana}",
            Email = string.Create(CultureInfo.InvariantCulture, $"{surname.Roman}@business{number:00}.example.com"),
            Company = company,
            Prefecture = place.Prefecture,
            PostalCode = string.Create(CultureInfo.InvariantCulture, $"{place.PostalPrefix}-{dice.Between(1, 99):0000}"),
            Address = string.Create(CultureInfo.InvariantCulture, $"{place.Town}{dice.Between(1, 9)}-{dice.Between(1, 30)}"),
            Phone = DemoPhones.Office(dice),
            CreatedAt = time.At(time.Today.AddDays(-dice.Between(345, 700)), dice),
        };
        person.Tags.Add("法人");
        return person;
    }
}
