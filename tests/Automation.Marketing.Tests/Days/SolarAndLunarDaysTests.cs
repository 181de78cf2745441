using System.Globalization;
using Automation.Marketing.Days;

namespace Automation.Marketing.Tests.Days;

public sealed class SolarAndLunarDaysTests
{
    [Theory]
    [InlineData("春分", "2025-03-20 2026-03-20 2027-03-21 2028-03-20")]
    [InlineData("秋分", "2025-09-23 2026-09-23 2027-09-23 2028-09-22")]
    [InlineData("節分", "1984-02-04 2021-02-02 2024-02-03 2025-02-02 2026-02-03 2027-02-03 2028-02-03")]
    [InlineData("土用丑", "2025-07-19 2026-07-26 2027-07-21 2028-07-27")]
    [InlineData("土用二の丑", "2025-07-31 2026- 2027-08-02 2028-")]
    [InlineData("立春", "1984-02-05 2021-02-03 2024-02-04 2025-02-03")]
    [InlineData("夏至", "2024-06-21 2025-06-21 2026-06-21")]
    [InlineData("冬至", "2024-12-21 2025-12-22 2026-12-22")]
    [InlineData("八十八夜", "2024-05-01 2025-05-01 2026-05-02")]
    [InlineData("入梅", "2024-06-10 2025-06-11 2026-06-11")]
    [InlineData("半夏生", "2024-07-01 2025-07-01 2026-07-02")]
    [InlineData("二百十日", "2024-08-31 2025-08-31 2026-09-01")]
    public void Solar_terms_fall_on_the_days_of_the_almanac(string name, string days)
    {
        foreach (var text in days.Split(' '))
        {
            var year = int.Parse(text[..4], CultureInfo.InvariantCulture);
            var day = SolarTerms.In(year, name);
            Assert.Equal(text, day is { } found ? found.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : $"{year}-");
        }
    }

    [Fact]
    public void The_24_terms_of_a_year_follow_each_other_by_14_to_16_days()
    {
        foreach (var year in Enumerable.Range(1950, 149))
        {
            var terms = SolarTerms.Names.Take(24).Select(name => SolarTerms.In(year, name)!.Value).Order().ToList();
            Assert.Equal(24, terms.Distinct().Count());
            Assert.All(terms.Zip(terms.Skip(1)), pair => Assert.InRange(pair.Second.DayNumber - pair.First.DayNumber, 14, 16));
            Assert.All(terms, day => Assert.Equal(year, day.Year));
        }
    }

    [Theory]
    [InlineData(2025, 8, 15, "2025-10-06")]
    [InlineData(2026, 8, 15, "2026-09-25")]
    [InlineData(2027, 8, 15, "2027-09-15")]
    [InlineData(2028, 8, 15, "2028-10-03")]
    [InlineData(2026, 1, 1, "2026-02-17")]
    [InlineData(2023, 3, 1, "2023-04-20")]
    [InlineData(2019, 1, 1, "2019-02-05")]
    [InlineData(1989, 1, 1, "1989-02-06")]
    public void Days_of_the_old_calendar_are_those_of_the_almanac(int year, int month, int day, string expected) =>
        Assert.Equal(expected, LunarDays.Find(year, month, day)!.Value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));

    [Fact]
    public void Every_month_of_the_old_calendar_from_1960_to_2049_begins_where_the_framework_says()
    {
        var calendar = new JapaneseLunisolarCalendar();
        for (var year = LunarDays.FirstYear; year <= LunarDays.LastYear; year++)
        {
            var summer = new DateTime(year, 7, 1);
            var leap = calendar.GetLeapMonth(calendar.GetYear(summer), calendar.GetEra(summer));
            for (var month = 1; month <= 12; month++)
            {
                var day = LunarDays.Find(year, month, 1)!.Value.ToDateTime(new TimeOnly(12, 0));
                var place = calendar.GetMonth(day);
                Assert.Equal((month, 1), (leap > 0 && place >= leap ? place - 1 : place, calendar.GetDayOfMonth(day)));
                Assert.NotEqual(leap, place);
            }
        }
        Assert.Null(LunarDays.Find(1959, 1, 1));
        Assert.Null(LunarDays.Find(2050, 1, 1));
    }
}
