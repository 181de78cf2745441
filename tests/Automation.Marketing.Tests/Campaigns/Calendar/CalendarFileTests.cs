using Automation.Marketing.Campaigns.Calendar;

namespace Automation.Marketing.Tests.Campaigns.Calendar;

public sealed class CalendarFileTests
{
    private const string Anchors = """[{"key":"解禁日","kind":"explicit","dates":{"2026":"2026-11-06"}}]""";
    private const string Row = "\"key\":\"opening\",\"when\":\"解禁日 -14d\",\"audience\":{},\"template\":\"season/crab-opening\"";

    [Fact]
    public void The_least_that_a_calendar_says_is_enough()
    {
        var row = Parse($$"""{"key":"crab","anchors":{{Anchors}},"occurrences":[{ {{Row}} }]}""").Occurrences.Single();
        Assert.Equal(("none", "A2", 60), (row.Adjust, row.Approach, row.Priority));
    }

    [Fact]
    public void A_calendar_written_and_read_again_is_the_same()
    {
        var calendar = Content.CalendarTests.CrabShop;
        Assert.Equal(calendar.ToJson(), CalendarFile.Parse(calendar.ToJson(), "again").ToJson());
    }

    [Theory]
    [InlineData("{\n  \"key\": \"crab\",\n  \"anchors\": 7 }", "x.calendar.json(3,")]
    [InlineData("{\n  \"keys\": \"crab\" }", "x.calendar.json(2,")]
    [InlineData("null", "x.calendar.json")]
    [InlineData("", "x.calendar.json(1,")]
    [InlineData("{\"anchors\":[],\"occurrences\":[]}", "x.calendar.json")]
    [InlineData("{\"key\":\"c\",\"occurrences\":[]}", "x.calendar.json")]
    [InlineData("{\"key\":\"c\",\"anchors\":[]}", "x.calendar.json")]
    [InlineData("{\"key\":\"c\",\"anchors\":[null],\"occurrences\":[]}", "x.calendar.json: anchors")]
    [InlineData("{\"key\":\"c\",\"anchors\":[],\"occurrences\":[null]}", "x.calendar.json: occurrences")]
    [InlineData("{\"key\":\"c\",\"anchors\":[{\"key\":\"a\",\"kind\":\"moon\",\"dates\":{}}],\"occurrences\":[]}", "x.calendar.json: anchors 'a'")]
    [InlineData("{\"key\":\"c\",\"anchors\":[{\"key\":\"a\",\"kind\":\"fixed\",\"dates\":{}}],\"occurrences\":[]}", "x.calendar.json: anchors 'a'")]
    [InlineData("{\"key\":\"c\",\"anchors\":[{\"key\":\"a\",\"kind\":\"explicit\",\"dates\":{\"next\":\"2026-11-06\"}}],\"occurrences\":[]}", "x.calendar.json: anchors 'a'")]
    [InlineData("{\"key\":\"c\",\"anchors\":[{\"key\":\"a\",\"kind\":\"explicit\",\"dates\":{\"2026\":\"6 November\"}}],\"occurrences\":[]}", "x.calendar.json: anchors 'a'")]
    [InlineData("{\"key\":\"c\",\"anchors\":[{\"key\":\"a\",\"kind\":\"explicit\",\"dates\":{\"2027\":\"2026-11-06\"}}],\"occurrences\":[]}", "x.calendar.json: anchors 'a'")]
    [InlineData("{\"key\":\"c\",\"anchors\":[],\"occurrences\":[],\"season\":{\"key\":\"s\",\"opens\":\"a\",\"ends\":\"b\"}}", "x.calendar.json: season")]
    public void What_is_wrong_is_refused_with_its_place(string text, string place) =>
        Assert.StartsWith(place, Assert.Throws<BadInputException>(() => Parse(text)).Place, StringComparison.Ordinal);

    [Theory]
    [InlineData("\"when\":\"解禁日 -14d\"", "\"when\":\"開店日 -14d\"")]
    [InlineData("\"when\":\"解禁日 -14d\"", "\"when\":\"解禁日 soon\"")]
    [InlineData("\"template\":\"season/crab-opening\"", "\"template\":\" \"")]
    [InlineData("\"audience\":{}", "\"audience\":[]")]
    [InlineData("\"audience\":{}", "\"audience\":{\"everyone\":true}")]
    [InlineData("\"audience\":{}", "\"audience\":{},\"approach\":\"A4\"")]
    [InlineData("\"audience\":{}", "\"audience\":{},\"adjust\":\"sideways\"")]
    [InlineData("\"audience\":{}", "\"audience\":{},\"priority\":101")]
    [InlineData("\"audience\":{}", "\"audience\":{},\"window\":{\"opens\":\"25:00\"}")]
    [InlineData("\"audience\":{}", "\"audience\":{},\"window\":{\"closes\":\"3 days\"}")]
    [InlineData("\"audience\":{}", "\"audience\":{},\"window\":{\"closes\":\"PT0S\"}")]
    public void A_wrong_occurrence_is_refused_by_its_key(string right, string wrong)
    {
        var text = $$"""{"key":"crab","anchors":{{Anchors}},"occurrences":[{ {{Row.Replace(right, wrong, StringComparison.Ordinal)}} }]}""";
        Assert.StartsWith("x.calendar.json: occurrences 'opening'", Assert.Throws<BadInputException>(() => Parse(text)).Place, StringComparison.Ordinal);
    }

    [Fact]
    public void An_occurrence_is_given_once() =>
        Assert.Throws<BadInputException>(() => Parse($$"""{"key":"crab","anchors":{{Anchors}},"occurrences":[{ {{Row}} },{ {{Row}} }]}"""));

    private static CalendarFile Parse(string text) => CalendarFile.Parse(text, "x.calendar.json");
}
