using System.Collections.Concurrent;

namespace Automation.Marketing.Days;

/// <summary>
/// Public holidays of Japan by the Act on National Holidays (Act 178 of 1948) as amended, with substitute holidays (振替休日),
/// citizens' holidays (国民の休日) and the holidays of single years. Future equinoxes are computed; the government announces them a year ahead.
/// </summary>
public static class JapaneseHolidays
{
    /// <summary>The name of a substitute holiday.</summary>
    public const string Substitute = "振替休日";

    /// <summary>The name of a day between two holidays.</summary>
    public const string Citizens = "国民の休日";

    private static readonly DateOnly SubstituteSince = new(1973, 4, 12);
    private static readonly DateOnly CitizensSince = new(1985, 12, 27);

    private static readonly Dictionary<DateOnly, string> Once = new()
    {
        [new(1959, 4, 10)] = "皇太子結婚の儀",
        [new(1989, 2, 24)] = "大喪の礼",
        [new(1990, 11, 12)] = "即位礼正殿の儀",
        [new(1993, 6, 9)] = "皇太子結婚の儀",
        [new(2019, 5, 1)] = "即位の日",
        [new(2019, 10, 22)] = "即位礼正殿の儀",
    };

    // Each holiday of the law: its name and its day in a year; null before it was made and after it moved away.
    private static readonly (string Name, Func<int, DateOnly?> In)[] Law =
    [
        ("元日", year => new(year, 1, 1)),
        ("成人の日", year => year < 2000 ? new(year, 1, 15) : Monday(year, 1, 2)),
        ("建国記念の日", year => year >= 1967 ? new(year, 2, 11) : null),
        ("天皇誕生日", year => year switch { < 1989 => new(year, 4, 29), < 2019 => new(year, 12, 23), 2019 => null, _ => new(year, 2, 23) }),
        ("春分の日", year => SolarTerms.In(year, "春分")),
        ("みどりの日", year => year switch { < 1989 => null, < 2007 => new(year, 4, 29), _ => new(year, 5, 4) }),
        ("昭和の日", year => year >= 2007 ? new(year, 4, 29) : null),
        ("憲法記念日", year => new(year, 5, 3)),
        ("こどもの日", year => new(year, 5, 5)),
        ("海の日", year => year switch { < 1996 => null, < 2003 => new(year, 7, 20), 2020 => new(2020, 7, 23), 2021 => new(2021, 7, 22), _ => Monday(year, 7, 3) }),
        ("山の日", year => year switch { < 2016 => null, 2020 => new(2020, 8, 10), 2021 => new(2021, 8, 8), _ => new(year, 8, 11) }),
        ("敬老の日", year => year switch { < 1966 => null, < 2003 => new(year, 9, 15), _ => Monday(year, 9, 3) }),
        ("秋分の日", year => SolarTerms.In(year, "秋分")),
        ("体育の日", year => year switch { < 1966 => null, < 2000 => new(year, 10, 10), < 2020 => Monday(year, 10, 2), _ => null }),
        ("スポーツの日", year => year switch { < 2020 => null, 2020 => new(2020, 7, 24), 2021 => new(2021, 7, 23), _ => Monday(year, 10, 2) }),
        ("文化の日", year => new(year, 11, 3)),
        ("勤労感謝の日", year => new(year, 11, 23)),
    ];

    private static readonly ConcurrentDictionary<int, SortedDictionary<DateOnly, string>> Years = new();

    /// <summary>The holidays that the law names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Law.Select(holiday => holiday.Name)];

    /// <summary>Every holiday of a year with its name.</summary>
    /// <param name="year">1950 to 2099.</param>
    public static IReadOnlyDictionary<DateOnly, string> Of(int year) => Years.GetOrAdd(year, Make);

    /// <summary>The day of a holiday; of its substitute nothing is said.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <returns>Null when that year has none of this name.</returns>
    public static DateOnly? In(int year, string name) => Array.Find(Law, holiday => holiday.Name == name).In(year);

    private static SortedDictionary<DateOnly, string> Make(int year)
    {
        var days = new SortedDictionary<DateOnly, string>();
        foreach (var (name, @in) in Law)
        {
            if (@in(year) is { } day) days[day] = name;
        }
        foreach (var (day, name) in Once.Where(once => once.Key.Year == year)) days[day] = name;
        var named = days.Keys.ToList();
        foreach (var day in named.Where(day => day.DayOfWeek is DayOfWeek.Sunday && day >= SubstituteSince)) AddSubstitute(days, day);
        foreach (var day in named.Select(day => day.AddDays(1)).Where(day => day >= CitizensSince && named.Contains(day.AddDays(1))))
        {
            if (day.DayOfWeek is not DayOfWeek.Sunday) days.TryAdd(day, Citizens);
        }
        return days;
    }

    // Until 2006 it was the Monday, unless that was a holiday itself; since 2007 the next day that is none.
    private static void AddSubstitute(SortedDictionary<DateOnly, string> days, DateOnly sunday)
    {
        var day = sunday.AddDays(1);
        while (day.Year >= 2007 && days.ContainsKey(day)) day = day.AddDays(1);
        days.TryAdd(day, Substitute);
    }

    private static DateOnly? Monday(int year, int month, int number) => Weekdays.Nth(year, month, DayOfWeek.Monday, number);
}
