using Automation.Marketing.Contacts.Outgoing;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Scenarios;

namespace Automation.Marketing.Tests.Contacts.Outgoing;

/// <summary>Events for others are written only when somebody wants to hear of them.</summary>
internal static class Listening
{
    public static Task SomebodyListensAsync(this AutomationDb db, DateTimeOffset now) => OutgoingEndpoints.AddAsync(
        db, new OutgoingAccess(), new EndpointInput("CRM", "https://crm.example.com/hooks", [.. OutgoingTypes.All.Where(type => !type.StartsWith("message.", StringComparison.Ordinal))], WithAddress: true),
        "admin", now, default);

    public static async Task SomebodyListensAsync(this Scenario given)
    {
        await using var db = given.Open();
        await db.SomebodyListensAsync(given.Clock.Now);
    }
}
