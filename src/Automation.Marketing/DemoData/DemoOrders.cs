using System.Globalization;

namespace Automation.Marketing.DemoData;

/// <summary>One line of an invented order; a return has a negative quantity.</summary>
internal sealed record DemoLine(DemoProduct Product, int Quantity, DateOnly Date)
{
    public decimal Net => Product.Price * Quantity;
    public decimal Cost => decimal.Round(Net * Product.CostShare);
}

/// <summary>One invented order.</summary>
internal sealed record DemoOrder(string Id, DemoPerson Buyer, DateOnly Date, IReadOnlyList<DemoLine> Lines);

/// <summary>Invents two years of orders: few people buy much, and when they buy follows the season.</summary>
internal sealed class DemoOrders
{
    private readonly DemoDice dice;
    private readonly DemoTime time;
    private readonly Dictionary<string, double[]> demand;      // running sum per category and day, to draw days from

    public DemoOrders(DemoDice dice, DemoTime time)
    {
        (this.dice, this.time) = (dice, time);
        demand = DemoCatalogue.Categories.ToDictionary(category => category, RunningDemand, StringComparer.Ordinal);
    }

    public List<DemoOrder> Invent(IEnumerable<DemoPerson> people)
    {
        var orders = people.SelectMany(OrdersOf).OrderBy(order => order.Date).ThenBy(order => order.Buyer.ExternalId, StringComparer.Ordinal).ToList();
        return [.. orders.GroupBy(order => order.Date).SelectMany(day => day.Select((order, at) => order with
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"W{day.Key:yyMMdd}-{at + 1:000}"),
        }))];
    }

    private IEnumerable<DemoOrder> OrdersOf(DemoPerson person)
    {
        var known = time.DayOf(person.CreatedAt);
        var first = known > time.FirstDay ? known : time.FirstDay;
        var days = new HashSet<DateOnly>();
        for (var left = HowMany(person.Habit, time.Today.DayNumber - first.DayNumber); left > 0; left--)
        {
            var (category, day) = WhatAndWhen(person.Habit, first);
            if (days.Add(day)) yield return new DemoOrder("", person, day, Lines(person.Habit, category, day));
        }
    }

    private int HowMany(DemoHabit habit, int days)
    {
        var aYear = habit switch
        {
            DemoHabit.None => 0,
            DemoHabit.Once => 0,
            DemoHabit.NowAndThen => 0.5 + dice.Fraction(),
            DemoHabit.Regular => 2 + 2 * dice.Fraction(),
            DemoHabit.Devoted => 5 + 5 * dice.Fraction(),
            DemoHabit.Gifts => 1 + 1.5 * dice.Fraction(),
            _ => 4 + 4 * dice.Fraction(),
        };
        return habit is DemoHabit.None ? 0 : Math.Max(1, (int)Math.Round(aYear * days / 365));
    }

    private (string Category, DateOnly Day) WhatAndWhen(DemoHabit habit, DateOnly first)
    {
        var category = dice.Pick(DemoCatalogue.Categories, each => Liking(habit, each));
        return DayFor(category, first) is { } day ? (category, day) : (DemoCatalogue.DriedFish, DayFor(DemoCatalogue.DriedFish, first)!.Value);
    }

    private static double Liking(DemoHabit habit, string category) => (habit, category) switch
    {
        (DemoHabit.Gifts, DemoCatalogue.Crab) => 68,
        (DemoHabit.Gifts, DemoCatalogue.FreshFish) => 4,
        (DemoHabit.DriedFish, DemoCatalogue.Crab) => 4,
        (DemoHabit.DriedFish, DemoCatalogue.DriedFish) => 75,
        (_, DemoCatalogue.Crab) => 54,
        (_, DemoCatalogue.DriedFish) => 22,
        (_, DemoCatalogue.Delicacies) => 10,
        _ => 14,
    };

    /// <returns>Null when the category was not sold since <paramref name="first"/>.</returns>
    private DateOnly? DayFor(string category, DateOnly first)
    {
        var sums = demand[category];
        var from = first.DayNumber - time.FirstDay.DayNumber;
        var before = from == 0 ? 0 : sums[from - 1];
        if (sums[^1] - before <= 0) return null;
        var at = Array.BinarySearch(sums, before + dice.Fraction() * (sums[^1] - before));
        if (at < 0) at = ~at;
        // Days on which nothing is sold share their sum with the day before: step on to the next that sells.
        while (at < sums.Length - 1 && DemoCatalogue.Demand(category, time.FirstDay.AddDays(at)) == 0) at++;
        return time.FirstDay.AddDays(at);
    }

    private List<DemoLine> Lines(DemoHabit habit, string category, DateOnly day)
    {
        var lines = new List<DemoLine> { Line(habit, category, day) };
        if (dice.Chance(34)) lines.Add(Line(habit, dice.Chance(50) ? DemoCatalogue.DriedFish : DemoCatalogue.Delicacies, day));
        if (dice.Chance(0.7) && day.AddDays(5) <= time.Today) lines.Add(lines[0] with { Quantity = -lines[0].Quantity, Date = day.AddDays(5) });
        return lines;
    }

    private DemoLine Line(DemoHabit habit, string category, DateOnly day)
    {
        var sold = DemoCatalogue.Products.Where(product => product.Category == category && product.IsSoldOn(day)).ToList();
        var product = dice.Pick(sold, each => each.Weight * (habit, each.IsGift) switch
        {
            (DemoHabit.Gifts, true) => 12,
            (DemoHabit.Devoted, _) => (double)each.Price / 5_000,      // they know what they like, and it is the big one
            _ => 1,
        });
        var most = habit switch { DemoHabit.Devoted => 4, DemoHabit.Gifts => 3, DemoHabit.Regular => 2, _ => 1 };
        return new DemoLine(product, dice.Chance(55) ? 1 : dice.Between(1, most), day);
    }

    private double[] RunningDemand(string category)
    {
        var sums = new double[DemoTime.DaysOfOrders + 1];
        for (var at = 0; at < sums.Length; at++) sums[at] = (at == 0 ? 0 : sums[at - 1]) + DemoCatalogue.Demand(category, time.FirstDay.AddDays(at));
        return sums;
    }
}
