using System.Globalization;
using System.Text.RegularExpressions;
using Automation.Marketing.Days;
using Xunit.Abstractions;

namespace Automation.Marketing.Tests.Days;

public sealed partial class JapaneseHolidaysTests(ITestOutputHelper output)
{
    [Fact]
    public void Every_holiday_from_1970_to_2050_is_the_one_of_the_published_list()
    {
        var listed = Entry().Matches(File.ReadAllText(PackageFile())).ToDictionary(
            match => DateOnly.ParseExact(match.Groups["date"].Value, "yyyy-MM-dd", CultureInfo.InvariantCulture), match => match.Groups["name"].Value);
        Assert.Equal((1970, 2050), (listed.Keys.Min().Year, listed.Keys.Max().Year));
        var ours = Enumerable.Range(1970, 81).SelectMany(JapaneseHolidays.Of).ToDictionary();
        output.WriteLine($"{listed.Count} holidays compared");
        Assert.Empty(listed.Keys.Except(ours.Keys));
        Assert.Empty(ours.Keys.Except(listed.Keys));
        Assert.Empty(ours.Where(holiday => Plain(holiday.Value) is { } name && !listed[holiday.Key].Contains(name, StringComparison.Ordinal))
            .Select(holiday => $"{holiday.Key:yyyy-MM-dd} {holiday.Value}, listed as {listed[holiday.Key]}"));
    }

    [Theory]
    [InlineData(2026, 9, 22, JapaneseHolidays.Citizens)]
    [InlineData(2026, 5, 6, JapaneseHolidays.Substitute)]
    [InlineData(2019, 4, 30, JapaneseHolidays.Citizens)]
    [InlineData(2021, 8, 9, JapaneseHolidays.Substitute)]
    public void Days_that_are_free_because_of_others_are_told_apart(int year, int month, int day, string name) =>
        Assert.Equal(name, JapaneseHolidays.Of(year)[new DateOnly(year, month, day)]);

    [Fact]
    public void A_working_day_is_neither_a_weekend_nor_a_holiday()
    {
        Assert.Equal(new DateOnly(2026, 5, 7), WorkingDays.After(new DateOnly(2026, 5, 1)));
        Assert.Equal(new DateOnly(2026, 5, 1), WorkingDays.OnOrBefore(new DateOnly(2026, 5, 6)));
        Assert.Equal(new DateOnly(2026, 5, 1), WorkingDays.OnOrAfter(new DateOnly(2026, 5, 1)));
    }

    // Substitutes are named after the holiday that they stand for in the list; single events have long names there.
    private static string? Plain(string name) => name switch
    {
        JapaneseHolidays.Citizens => "休日",
        JapaneseHolidays.Substitute or "皇太子結婚の儀" or "即位礼正殿の儀" or "即位の日" or "大喪の礼" => null,
        _ => name,
    };

    private static string PackageFile()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Automation.sln"))) root = root.Parent ?? throw new InvalidOperationException("Automation.sln is not above the tests.");
        var file = Path.Combine(root.FullName, "src/Automation.Server/ui/node_modules/@holiday-jp/holiday_jp/lib/holidays.js");
        Assert.True(File.Exists(file), "The holiday list is missing: run 'npm ci --ignore-scripts' in src/Automation.Server/ui.");
        return file;
    }

    [GeneratedRegex("date: \"(?<date>[\\d-]+)\",[^}]*?name: \"(?<name>[^\"]*)\"", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Entry();
}
