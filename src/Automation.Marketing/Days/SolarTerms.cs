namespace Automation.Marketing.Days;

/// <summary>The 24 solar terms (二十四節気) and the days that hang on them (雑節), as days in Japan.</summary>
public static class SolarTerms
{
    private static readonly TimeSpan Japan = TimeSpan.FromHours(9);

    private static readonly string[] Terms =
    [
        "春分", "清明", "穀雨", "立夏", "小満", "芒種", "夏至", "小暑", "大暑", "立秋", "処暑", "白露",
        "秋分", "寒露", "霜降", "立冬", "小雪", "大雪", "冬至", "小寒", "大寒", "立春", "雨水", "啓蟄",
    ];

    private static readonly Dictionary<string, Func<int, DateOnly?>> Known = Rules();

    /// <summary>Every name that <see cref="In"/> knows.</summary>
    public static IReadOnlyCollection<string> Names => Known.Keys;

    /// <summary>The day of a term in a year, e.g. <c>土用丑</c> in 2026: 26 July.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="year">1950 to 2099.</param>
    /// <returns>Null when the year has none, which only 土用二の丑 can be.</returns>
    public static DateOnly? In(int year, string name) => Known[name](year);

    private static Dictionary<string, Func<int, DateOnly?>> Rules()
    {
        var rules = new Dictionary<string, Func<int, DateOnly?>>(StringComparer.Ordinal);
        for (var number = 0; number < Terms.Length; number++)
        {
            var degrees = number * 15;
            rules[Terms[number]] = year => Day(year, degrees);
        }
        rules["節分"] = year => Spring(year).AddDays(-1);
        rules["彼岸の入り"] = year => Day(year, 0).AddDays(-3);
        rules["彼岸明け"] = year => Day(year, 0).AddDays(3);
        rules["秋彼岸の入り"] = year => Day(year, 180).AddDays(-3);
        rules["秋彼岸明け"] = year => Day(year, 180).AddDays(3);
        rules["八十八夜"] = year => Spring(year).AddDays(87);
        rules["入梅"] = year => Day(year, 80);
        rules["半夏生"] = year => Day(year, 100);
        rules["土用の入り"] = year => Day(year, 117);
        rules["土用丑"] = year => OxDays(year).First();
        rules["土用二の丑"] = year => OxDays(year).Skip(1).Select(day => (DateOnly?)day).FirstOrDefault();
        rules["二百十日"] = year => Spring(year).AddDays(209);
        rules["二百二十日"] = year => Spring(year).AddDays(219);
        return rules;
    }

    private static DateOnly Spring(int year) => Day(year, 315);

    private static DateOnly Day(int year, int degrees) => DateOnly.FromDateTime(SunLongitude.Reached(year, degrees).ToOffset(Japan).DateTime);

    // Days of the ox in the eighteen or so days before autumn: every twelfth day, counted on without a break.
    private static IEnumerable<DateOnly> OxDays(int year)
    {
        var autumn = Day(year, 135);
        for (var day = Day(year, 117); day < autumn; day = day.AddDays(1))
        {
            // Days of the twelve animals have gone round since before day number 0; the ox falls on those that leave 10.
            if (day.DayNumber % 12 == 10) yield return day;
        }
    }
}
