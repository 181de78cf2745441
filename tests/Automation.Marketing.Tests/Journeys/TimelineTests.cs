using Automation.Marketing.Deals;
using Automation.Marketing.Journeys;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;

namespace Automation.Marketing.Tests.Journeys;

public sealed class TimelineTests
{
    private static readonly TimeZoneInfo Tokyo = TimeZoneInfo.FindSystemTimeZoneById("Asia/Tokyo");

    [Theory]
    [MemberData(nameof(TestDatabases.Both), MemberType = typeof(TestDatabases))]
    public async Task Everything_that_happened_is_told_newest_first_page_by_page(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.PublishShippedFlowsAsync();
        var ada = await given.Contact("ada@example.com").WhoConsented().WhomSalesOwns().WhoBought(new DateOnly(2026, 10, 1));
        await given.HandBackAsync("D-1", new HandBackRequest(HandBackReason.Budget, null, null));
        await given.ForAsync(TimeSpan.FromDays(2));
        await given.HappensAsync(ada, "order.placed", new { order_id = "W1", lines = new[] { new { product = "越前がに", net = 14_800 } } });
        await given.ForAsync(TimeSpan.FromDays(1));
        await given.ReportedAsync(given.Event("open", (await given.MessagesAsync(ada))[0]));

        await using var db = given.Open();
        var whole = (await Timeline.PageAsync(db, ada.Id, before: null, 200, Tokyo, default)).Entries;
        Assert.Equal(whole.OrderByDescending(entry => entry.At).Select(entry => entry.At), whole.Select(entry => entry.At));
        foreach (var kind in new[]
        {
            typeof(TimelineEntry.Reported), typeof(TimelineEntry.Bought), typeof(TimelineEntry.Stepped), typeof(TimelineEntry.Mailed),
            typeof(TimelineEntry.Responded), typeof(TimelineEntry.Consented), typeof(TimelineEntry.HandedBack),
        })
        {
            Assert.Contains(whole, entry => entry.GetType() == kind);
        }

        var paged = new List<TimelineEntry>();
        TimelineCursor? cursor = null;
        do
        {
            var page = await Timeline.PageAsync(db, ada.Id, cursor, 3, Tokyo, default);
            paged.AddRange(page.Entries);
            cursor = TimelineCursor.Parse(page.Next?.ToString());
        }
        while (cursor is not null);
        Assert.Equal(whole.Select(Told), paged.Select(Told));
    }

    private static string Told(TimelineEntry entry) => $"{entry.At:O} {entry.GetType().Name} {(entry as TimelineEntry.Stepped)?.Step.ActivityId}";
}
