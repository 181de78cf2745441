using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Campaigns.Calendar;

/// <summary>Keeps the slots of the season's next mailings: whom an approved occurrence of the coming days is for has a place held (brief §4.1.12).</summary>
internal static class SeasonHolds
{
    /// <summary>Brings the held slots in line with the plan, in the caller's transaction.</summary>
    public static async Task RefreshAsync(AutomationDb db, TimeZoneInfo zone, DateTimeOffset now, CancellationToken cancellation)
    {
        await db.ExecuteAsync("DELETE FROM slot_holds", cancellation);
        if ((await db.SendingPolicyAsync(cancellation)).LookAhead is not { } ahead) return;
        var until = now + ahead;
        var next = await db.Occurrences.AsNoTracking()
            .Where(one => one.State == OccurrenceState.Planned && (!one.NeedsApproval || one.ApprovedAt != null) && one.OpensAt > now && one.OpensAt <= until).ToListAsync(cancellation);
        foreach (var one in next)
        {
            var held = new SlotHold { SourceId = one.Id, At = one.OpensAt, Approach = one.Approach, Topics = MailTopics.Season, Priority = one.Priority };
            await Audiences.HoldAsync(db, held, Audiences.Parse(one.Audience, one.Key), LocalTime.DayOf(one.OpensAt, zone), cancellation);
        }
    }
}
