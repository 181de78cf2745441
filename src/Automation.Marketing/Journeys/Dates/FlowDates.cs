using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Journeys.Dates;

/// <summary>Starts flows by dates of people and by the season calendar: rows with due instants, planned ahead.</summary>
public sealed class FlowDates(IDbContextFactory<AutomationDb> dbs, TimeProvider clock)
{
    /// <returns>How much was done; 0 when nothing is due.</returns>
    public async Task<int> WorkAsync(CancellationToken stopping)
    {
        await using var db = await dbs.CreateDbContextAsync(stopping);
        var now = clock.GetUtcNow();
        if (!await IsAnyDueAsync(db, now, stopping)) return 0;
        await using var transaction = await db.BeginWriteAsync(stopping);
        var zone = LocalTime.ZoneOr((await db.ShopAsync(stopping)).TimeZone, TimeZoneInfo.Utc);
        var done = await CalendarEntries.PlanAsync(db, zone, now, stopping) ? 1 : 0;
        done += await DatePlans.PlanNextAsync(db, zone, now, stopping) ? 1 : 0;
        done += await DatePlans.LaunchDueAsync(db, zone, now, stopping);
        done += await CalendarEntries.LaunchDueAsync(db, zone, now, stopping);
        await transaction.CommitAsync(stopping);
        return done;
    }

    // Most shops have flows that hang on no date: they pay for one look, and no writer waits for it.
    private static async Task<bool> IsAnyDueAsync(AutomationDb db, DateTimeOffset now, CancellationToken cancellation) =>
        (await db.QueryAsync(
            """
            SELECT CASE WHEN EXISTS (SELECT 1 FROM flow_triggers WHERE name = 'Automation.CalendarOccurrence')
                          OR EXISTS (SELECT 1 FROM calendar_entries WHERE (state = 'Planned' OR state = 'Entering') AND opens_at <= @p0)
                          OR EXISTS (SELECT 1 FROM calendar_entries WHERE state = 'Planned')
                          OR EXISTS (SELECT 1 FROM date_triggers)
                          OR EXISTS (SELECT 1 FROM date_plans WHERE due_at <= @p0)
                          OR EXISTS (SELECT 1 FROM flow_bookmarks WHERE name = 'Automation.WaitForAnchor') THEN 1 ELSE 0 END
            """,
            row => row.Int(0), cancellation, now))[0] == 1;
}
