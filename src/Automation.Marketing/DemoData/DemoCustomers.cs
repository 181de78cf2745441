using System.Globalization;

namespace Automation.Marketing.DemoData;

/// <summary>How a customer buys.</summary>
internal enum DemoHabit { None, Once, NowAndThen, Regular, Devoted, Gifts, DriedFish }

/// <summary>One invented person.</summary>
internal sealed class DemoPerson
{
    public required Guid Id { get; init; }
    public required string ExternalId { get; init; }
    public string? Email { get; init; }
    public string? Name { get; init; }
    public string? Kana { get; init; }
    public string? Company { get; init; }
    public string? PostalCode { get; init; }
    public string? Prefecture { get; init; }
    public string? Address { get; init; }
    public string? Phone { get; init; }
    public DateOnly? BirthDate { get; init; }
    public string? Language { get; init; }
    public DemoHabit Habit { get; init; }
    public bool SalesOwned { get; set; }
    public DateTimeOffset CreatedAt { get; init; }
    public SortedSet<string> Tags { get; } = new(StringComparer.Ordinal);
}

/// <summary>Invents the shop's private customers.</summary>
internal sealed class DemoCustomers(DemoDice dice, DemoTime time)
{
    private const int Oldest = 1_300;      // days: the shop began its list before the two years of orders that are known

    // Domains that nobody can own (RFC 2606; JPRS keeps example.jp).
    private static readonly string[] Domains = ["example.com", "example.jp", "example.net"];

    private static readonly (DemoHabit Habit, double Weight)[] Habits =
    [
        (DemoHabit.None, 9), (DemoHabit.Once, 39), (DemoHabit.NowAndThen, 24), (DemoHabit.Regular, 12), (DemoHabit.Devoted, 4), (DemoHabit.Gifts, 8), (DemoHabit.DriedFish, 4),
    ];

    public List<DemoPerson> Invent(int count)
    {
        var people = new List<DemoPerson>(count);
        for (var number = 1; number <= count; number++)
            people.Add(number <= DemoNames.English.Count ? EnglishReader(number) : Customer(number));
        return people;
    }

    private DemoPerson Customer(int number)
    {
        var surname = Surname();
        var given = dice.Chance(58) ? dice.Pick(DemoNames.Women) : dice.Pick(DemoNames.Men);
        // A few people are known by their address alone, and a few never gave a reading or an address.
        var isNamed = !dice.Chance(0.5);
        return Person(
            number,
            name: isNamed ? $"{surname.Written} {given.Written}" : null,
            kana: isNamed && !dice.Chance(3) ? $"{surname.Kana} {given.Kana}" : null,
            localPart: string.Create(CultureInfo.InvariantCulture, $"{given.Roman}.{surname.Roman}{number}"),
            hasEmail: !isNamed || !dice.Chance(1.5),
            language: null);
    }

    private DemoPerson EnglishReader(int number)
    {
        var name = DemoNames.English[number - 1];
        var letters = new string([.. name.ToLowerInvariant().Replace(' ', '.').Where(c => c is '.' || char.IsAsciiLetterLower(c))]);
        return Person(number, name, kana: null, letters, hasEmail: true, language: "en");
    }

    private DemoPerson Person(int number, string? name, string? kana, string localPart, bool hasEmail, string? language)
    {
        var place = dice.Pick(DemoPlaces.All, each => each.Weight);
        var person = new DemoPerson
        {
            Id = dice.NewId(),
            ExternalId = string.Create(CultureInfo.InvariantCulture, $"C-{number:00000}"),
            Name = name,
            Kana = kana,
            Email = hasEmail ? $"{localPart}@{dice.Pick(Domains)}" : null,
            Prefecture = place.Prefecture,
            PostalCode = string.Create(CultureInfo.InvariantCulture, $"{place.PostalPrefix}-{dice.Between(1, 99):0000}"),
            Address = string.Create(CultureInfo.InvariantCulture, $"{place.Town}{dice.Between(1, 9)}-{dice.Between(1, 30)}-{dice.Between(1, 20)}"),
            Phone = dice.Chance(85) ? DemoPhones.Mobile(dice) : null,
            BirthDate = dice.Chance(40) ? new DateOnly(dice.Between(1945, 2001), dice.Between(1, 12), dice.Between(1, 28)) : null,
            Language = language,
            Habit = dice.Pick(Habits, each => each.Weight).Habit,
            CreatedAt = time.At(time.Today.AddDays(-Age()), dice),
        };
        if (dice.Chance(6)) person.Tags.Add("ふるさと納税");
        if (person.CreatedAt > time.Now.AddDays(-60)) person.Tags.Add("新規");
        if (person.Habit is DemoHabit.Gifts) person.Tags.Add("贈答");
        return person;
    }

    // Frequent names are first in the list: the squared fraction leans towards them.
    private DemoName Surname()
    {
        var lean = dice.Fraction();
        return DemoNames.Surnames[(int)(lean * lean * DemoNames.Surnames.Count)];
    }

    private int Age() => dice.Chance(55) ? dice.Between(DemoTime.DaysOfOrders, Oldest) : dice.Between(1, DemoTime.DaysOfOrders);
}

/// <summary>Numbers that no telephone has: no Japanese number has a zero there.</summary>
internal static class DemoPhones
{
    public static string Mobile(DemoDice dice) => string.Create(CultureInfo.InvariantCulture, $"090-0000-{dice.Between(0, 9_999):0000}");

    public static string Office(DemoDice dice) => string.Create(CultureInfo.InvariantCulture, $"0776-00-{dice.Between(0, 9_999):0000}");
}
