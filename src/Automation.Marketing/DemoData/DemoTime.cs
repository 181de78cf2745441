namespace Automation.Marketing.DemoData;

/// <summary>The demo company's calendar: two years of orders up to today, in the shop's zone.</summary>
internal sealed class DemoTime
{
    public const int DaysOfOrders = 730;
    public const string Zone = "Asia/Tokyo";

    private static readonly TimeSpan JapanFromUtc = TimeSpan.FromHours(9);      // no summer time since 1951

    public DemoTime(DateTimeOffset now)
    {
        Now = now.ToUniversalTime();
        Today = DateOnly.FromDateTime(now.ToOffset(JapanFromUtc).DateTime);
    }

    public DateTimeOffset Now { get; }

    public DateOnly Today { get; }

    public DateOnly FirstDay => Today.AddDays(-DaysOfOrders);

    /// <summary>A moment of that day when people are awake, in UTC; never after <see cref="Now"/>.</summary>
    public DateTimeOffset At(DateOnly day, DemoDice dice)
    {
        var local = new DateTimeOffset(day.ToDateTime(new TimeOnly(dice.Between(7, 21), dice.Between(0, 59), dice.Between(0, 59))), JapanFromUtc);
        return local > Now ? Now : local.ToUniversalTime();
    }

    /// <summary>A moment on a later day than <paramref name="instant"/>, up to now.</summary>
    public DateTimeOffset Since(DateTimeOffset instant, DemoDice dice)
    {
        var day = DayOf(instant);
        return At(day.AddDays(dice.Between(1, Math.Max(1, Today.DayNumber - day.DayNumber))), dice);
    }

    public DateOnly DayOf(DateTimeOffset instant) => DateOnly.FromDateTime(instant.ToOffset(JapanFromUtc).DateTime);
}
