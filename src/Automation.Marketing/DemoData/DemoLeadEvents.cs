using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Automation.Marketing.DemoData;

/// <summary>Something that an invented person did.</summary>
internal sealed record DemoLeadEvent(Guid Id, string Source, string SourceId, string Type, Guid ContactId, DateTimeOffset At, string Data);

/// <summary>Invents the past that timelines show. It is written as history: nothing of it starts a flow.</summary>
internal sealed class DemoLeadEvents(DemoDice dice, DemoTime time)
{
    private const string Shop = "web-shop";
    private const string Sales = "sales";
    private const int DaysOfOrderEvents = 365;

    // Japanese stays readable in the database.
    private static readonly JsonSerializerOptions Readable = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly (string Type, string Title)[] BusinessTouches =
    [
        ("seminar.attended", "旬の海産物 商談会"), ("document.downloaded", "業務用カタログ"), ("form.submitted", "見本のご請求"), ("quote.requested", "年末分のお見積り"),
    ];

    public IEnumerable<DemoLeadEvent> Of(IEnumerable<DemoPerson> people, IEnumerable<DemoOrder> orders, IEnumerable<DemoDeal> deals) =>
        people.Select(Created).Concat(orders.Where(order => order.Date > time.Today.AddDays(-DaysOfOrderEvents)).Select(Placed)).Concat(deals.SelectMany(Touches));

    private DemoLeadEvent Created(DemoPerson person) =>
        New(person.Company is null ? Shop : Sales, $"lead:{person.ExternalId}", "lead.created", person.Id, person.CreatedAt, new { tags = person.Tags });

    private DemoLeadEvent Placed(DemoOrder order)
    {
        var at = time.At(order.Date, dice);
        var known = order.Buyer.CreatedAt;
        return New(Shop, $"order:{order.Id}", "order.placed", order.Buyer.Id, at < known ? known : at, new
        {
            order_id = order.Id,
            total = order.Lines.Where(IsBought).Sum(line => line.Net),
            currency = "JPY",
            lines = order.Lines.Where(IsBought).Select(line => new { product = line.Product.Name, quantity = line.Quantity, net = line.Net }),
        });
    }

    private IEnumerable<DemoLeadEvent> Touches(DemoDeal deal)
    {
        var count = dice.Between(1, 4);
        for (var number = 1; number <= count; number++)
        {
            var (type, title) = dice.Pick(BusinessTouches);
            var day = time.DayOf(deal.CreatedAt).AddDays(-dice.Between(0, 40));
            yield return New(Sales, string.Create(CultureInfo.InvariantCulture, $"{deal.Key}:{number}"), type, deal.Contact.Id, time.At(day, dice), new { title });
        }
    }

    private static bool IsBought(DemoLine line) => line.Quantity > 0;

    private DemoLeadEvent New(string source, string sourceId, string type, Guid contactId, DateTimeOffset at, object data) =>
        new(dice.NewId(), source, sourceId, type, contactId, at, JsonSerializer.Serialize(data, Readable));
}
