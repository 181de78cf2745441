using System.Text.Json;
using Automation.Marketing.Contacts;

namespace Automation.Marketing.Tests.Contacts;

public sealed class LeadEventInputTests
{
    private const string Sound = """{"source":"form","id":"1","type":"lead.created","contact":{"email":"ada@example.com"}}""";

    [Fact]
    public void The_least_that_an_event_says_is_enough()
    {
        var read = Read(Sound);
        Assert.Equal(("form", "1", "lead.created", "{}"), (read.Source, read.Id, read.Type, read.Data));
        Assert.Null(read.OccurredAt);
    }

    [Theory]
    [InlineData("""[]""", "(body)")]
    [InlineData("""{"id":"1","type":"t","contact":{"email":"a@example.com"}}""", "source")]
    [InlineData("""{"source":"s","type":"t","contact":{"email":"a@example.com"}}""", "id")]
    [InlineData("""{"source":"s","id":"1","contact":{"email":"a@example.com"}}""", "type")]
    [InlineData("""{"source":"s","id":"1","type":"t"}""", "contact")]
    [InlineData("""{"source":"  ","id":"1","type":"t","contact":{"email":"a@example.com"}}""", "source")]
    [InlineData("""{"source":"s","id":1,"type":"t","contact":{"email":"a@example.com"}}""", "id")]
    [InlineData("""{"source":"s","id":"1","type":"t","contact":{"email":"a@example.com"},"datum":{}}""", "datum")]
    [InlineData("""{"source":"s","id":"1","id":"2","type":"t","contact":{"email":"a@example.com"}}""", "id")]
    [InlineData("""{"source":"s","id":"1","type":"t","contact":{"email":"a@example.com"},"data":[]}""", "data")]
    [InlineData("""{"source":"s","id":"1","type":"t","contact":{"email":"a@example.com"},"occurredAt":"yesterday"}""", "occurredAt")]
    [InlineData("""{"source":"s\u0000","id":"1","type":"t","contact":{"email":"a@example.com"}}""", "source")]
    [InlineData("""{"source":"\ud800","id":"1","type":"t","contact":{"email":"a@example.com"}}""", "source")]
    [InlineData("""{"\ud800":1,"source":"s","id":"1","type":"t","contact":{"email":"a@example.com"}}""", "(body)")]
    [InlineData("""{"source":"s","id":"1","type":"t","contact":{"\udc00":1}}""", "contact")]
    [InlineData("""{"source":"s","id":"1","type":"t","contact":{}}""", "contact")]
    [InlineData("""{"source":"s","id":"1","type":"t","contact":{"email":"not an address"}}""", "contact.email")]
    [InlineData("""{"source":"s","id":"1","type":"t","contact":{"email":"\ud800@example.com"}}""", "contact.email")]
    [InlineData("""{"source":"s","id":"1","type":"t","contact":{"email":"a@example.com","nickname":"A"}}""", "contact.nickname")]
    [InlineData("""{"source":"s","id":"1","type":"t","contact":{"email":"a@example.com","language":"fr"}}""", "contact.language")]
    [InlineData("""{"source":"s","id":"1","type":"t","contact":{"email":"a@example.com","timeZone":"Mars/Olympus"}}""", "contact.timeZone")]
    [InlineData("""{"source":"s","id":"1","type":"t","contact":{"email":"a@example.com","birthDate":"2026-02-30"}}""", "contact.birthDate")]
    [InlineData("""{"source":"s","id":"1","type":"t","contact":{"email":"a@example.com","tags":"x"}}""", "contact.tags")]
    [InlineData("""{"source":"s","id":"1","type":"t","contact":{"email":"a@example.com","tags":["x",""]}}""", "contact.tags[1]")]
    [InlineData("""{"source":"s","id":"1","type":"t","contact":{"email":"a@example.com","tags":["\u0000"]}}""", "contact.tags[0]")]
    [InlineData("""{"source":"s","id":"1","type":"t","contact":{"email":"a@example.com","tags":["\ud800"]}}""", "contact.tags[0]")]
    [InlineData("""{"source":"s","id":"1","type":"t","contact":{"email":"a@example.com","consent":{"basis":"hope","evidence":"x"}}}""", "contact.consent.basis")]
    [InlineData("""{"source":"s","id":"1","type":"t","contact":{"email":"a@example.com","consent":{"basis":"opt-in"}}}""", "contact.consent.evidence")]
    [InlineData("""{"source":"s","id":"1","type":"t","contact":{"email":"a@example.com"},"data":{"a":[{"b":"\ud800"}]}}""", "data")]
    [InlineData("""{"source":"s","id":"1","type":"t","contact":{"email":"a@example.com"},"data":{"a":{"\udc00":1}}}""", "data")]
    [InlineData("""{"source":"s","id":"1","type":"order.placed","contact":{"email":"a@example.com"},"data":{"order_id":7,"lines":[]}}""", "data.order_id")]
    [InlineData("""{"source":"s","id":"1","type":"order.placed","contact":{"email":"a@example.com"},"data":{"order_id":"\ud800","lines":[]}}""", "data")]
    [InlineData("""{"source":"s","id":"1","type":"order.placed","contact":{"email":"a@example.com"},"data":{"order_id":"a\u0000","lines":[]}}""", "data.order_id")]
    [InlineData("""{"source":"s","id":"1","type":"order.placed","contact":{"email":"a@example.com"},"data":{"order_id":"1","currency":392,"lines":[]}}""", "data.currency")]
    [InlineData("""{"source":"s","id":"1","type":"order.placed","contact":{"email":"a@example.com"},"data":{"order_id":"1","lines":{}}}""", "data.lines")]
    [InlineData("""{"source":"s","id":"1","type":"order.placed","contact":{"email":"a@example.com"},"data":{"order_id":"1","lines":[{"net":1},{"net":"1"}]}}""", "data.lines[1].net")]
    [InlineData("""{"source":"s","id":"1","type":"order.placed","contact":{"email":"a@example.com"},"data":{"order_id":"1","lines":[{"net":1e12}]}}""", "data.lines[0].net")]
    public void What_is_wrong_is_refused_by_its_field(string json, string place) =>
        Assert.Equal(place, Assert.Throws<BadInputException>(() => Read(json)).Place);

    [Fact]
    public void An_event_of_a_batch_is_named_by_its_number() =>
        Assert.Equal("events[3].contact.email", Assert.Throws<BadInputException>(() => Read("""{"source":"s","id":"1","type":"t","contact":{"email":"x"}}""", "events[3]")).Place);

    [Fact]
    public void Data_may_be_large_but_not_without_end()
    {
        Assert.NotEmpty(Read(With(new string('a', LeadEventInput.MaxData - 10))).Data);
        Assert.Equal("data", Assert.Throws<BadInputException>(() => Read(With(new string('a', LeadEventInput.MaxData)))).Place);

        static string With(string text) => $$$"""{"source":"s","id":"1","type":"t","contact":{"email":"a@example.com"},"data":{"a":"{{{text}}}"}}""";
    }

    [Fact]
    public void Data_nested_deeper_than_flows_can_read_is_refused()
    {
        Assert.NotEmpty(Read(Nested(LeadEventInput.MaxDataDepth)).Data);
        Assert.Equal("data", Assert.Throws<BadInputException>(() => Read(Nested(LeadEventInput.MaxDataDepth + 1))).Place);

        static string Nested(int depth) =>
            """{"source":"s","id":"1","type":"t","contact":{"email":"a@example.com"},"data":""" + string.Concat(Enumerable.Repeat("{\"a\":", depth - 1)) + "{}" + new string('}', depth);
    }

    private static LeadEventInput Read(string json, string place = "")
    {
        using var document = JsonDocument.Parse(json);
        return LeadEventInput.Read(document.RootElement, place);
    }
}
