using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Automation.Marketing.Campaigns;
using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Contacts;
using Automation.Marketing.Journeys.Activities;
using Automation.Marketing.Journeys.Control;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Journeys.Dates;

/// <summary>Plans and starts what hangs on the season calendar.</summary>
internal static class CalendarEntries
{
    private const string SeenKey = "flow-calendar";
    private const int AtATime = 500;

    private static readonly TimeSpan Window = TimeSpan.FromDays(3);

    private sealed record Seen(string Days, string All);

    /// <summary>Brings the plan up to date when the calendar, or what looks out for it, has changed, in the caller's transaction.</summary>
    /// <returns>Whether anything had changed.</returns>
    public static async Task<bool> PlanAsync(AutomationDb db, TimeZoneInfo zone, DateTimeOffset now, CancellationToken cancellation)
    {
        var days = await SeasonCalendar.DatesAsync(db, now, cancellation);
        var triggers = await db.FlowTriggers.AsNoTracking().Where(trigger => trigger.Name == BookmarkKeys.CalendarOccurrenceName)
            .OrderBy(trigger => trigger.DefinitionId).ThenBy(trigger => trigger.ActivityId).ToListAsync(cancellation);
        var seen = Look(days, triggers, now);
        var before = await db.ReadSettingAsync<Seen>(SeenKey, cancellation);
        if (seen == before) return false;
        await PlanAsync(db, days, triggers, zone, now, cancellation);
        // Runs that wait for a day that has moved, or is known only now.
        if (seen.Days != before?.Days) await WakeWaitingAsync(db, now, cancellation);
        await db.WriteSettingAsync(SeenKey, seen, now, cancellation);
        return true;
    }

    /// <summary>Lets the next people of an occurrence that is due enter, in the caller's transaction.</summary>
    /// <returns>Occurrences worked on.</returns>
    public static async Task<int> LaunchDueAsync(AutomationDb db, TimeZoneInfo zone, DateTimeOffset now, CancellationToken cancellation)
    {
        var due = await db.QueryAsync(
            $"""
            SELECT definition_id, activity_id, year FROM calendar_entries
            WHERE (state = 'Planned' OR state = 'Entering') AND opens_at <= @p0 ORDER BY opens_at LIMIT 1{db.Dialect.SkipLocked}
            """,
            row => (Flow: row.Text(0), Activity: row.Text(1), Year: row.Int(2)), cancellation, now);
        if (due.Count == 0) return 0;
        var (flow, activity, year) = due[0];
        var entry = await db.CalendarEntries.SingleAsync(one => one.DefinitionId == flow && one.ActivityId == activity && one.Year == year, cancellation);
        if (entry.State is CalendarEntryState.Planned && entry.ClosesAt <= now)
        {
            entry.State = CalendarEntryState.Missed;
            await db.NoteAsync(flow, null, FlowAction.Missed, FlowAction.ByItself, now, new { entry.Anchor, entry.Year, entry.OpensAt }, cancellation);
        }
        else await EnterAsync(db, entry, zone, now, cancellation);
        await db.SaveChangesAsync(cancellation);
        return 1;
    }

    private static async Task EnterAsync(AutomationDb db, CalendarEntry entry, TimeZoneInfo zone, DateTimeOffset now, CancellationToken cancellation)
    {
        var audience = Audiences.Parse(entry.Audience, "audience");
        var people = await Audiences.PageAsync(db, audience, LocalTime.DayOf(now, zone), entry.EnteredTo ?? Guid.Empty, AtATime, cancellation);
        var happened = Stimuli.EventOf("calendar.reached", now, new { anchor = entry.Anchor, year = entry.Year });
        await Stimuli.WriteAsync(
            db, [.. people.Select(person => new NewStimulus(Stimuli.Enter, entry.DefinitionId, person, FlowEntry.Payload(entry.ActivityId, happened, released: false)))], now, cancellation);
        entry.Entered += people.Count;
        entry.State = people.Count < AtATime ? CalendarEntryState.Done : CalendarEntryState.Entering;
        if (people.Count > 0) entry.EnteredTo = people[^1];
    }

    private static async Task PlanAsync(
        AutomationDb db, Dictionary<string, SortedDictionary<int, DateOnly>> days, List<FlowTrigger> triggers, TimeZoneInfo zone, DateTimeOffset now, CancellationToken cancellation)
    {
        var planned = await db.CalendarEntries.Where(entry => entry.State == CalendarEntryState.Planned || entry.OpensAt > now.AddYears(-2)).ToListAsync(cancellation);
        var wanted = new HashSet<(string, string, int)>();
        foreach (var trigger in triggers)
        {
            var payload = JsonNode.Parse(trigger.Payload);
            var (anchor, offset) = (BookmarkKeys.Text(payload, "anchor"), DayOffset.Parse(BookmarkKeys.Text(payload, "lead")));
            foreach (var (year, day) in days.GetValueOrDefault(anchor) ?? [])
            {
                var opens = offset.From(day, zone);
                wanted.Add((trigger.DefinitionId, trigger.ActivityId, year));
                var entry = planned.Find(one => one.DefinitionId == trigger.DefinitionId && one.ActivityId == trigger.ActivityId && one.Year == year);
                if (entry is { State: not CalendarEntryState.Planned } || (entry is null && opens <= now)) continue;
                if (entry is null) db.CalendarEntries.Add(entry = new CalendarEntry { DefinitionId = trigger.DefinitionId, ActivityId = trigger.ActivityId, Year = year, Anchor = anchor });
                (entry.Anchor, entry.Audience, entry.OpensAt, entry.ClosesAt) = (anchor, BookmarkKeys.Text(payload, "audience"), opens, opens + Window);
            }
        }
        db.CalendarEntries.RemoveRange(planned.Where(one => one.State is CalendarEntryState.Planned && !wanted.Contains((one.DefinitionId, one.ActivityId, one.Year))));
        await db.SaveChangesAsync(cancellation);
    }

    private static async Task WakeWaitingAsync(AutomationDb db, DateTimeOffset now, CancellationToken cancellation)
    {
        var waiting = await db.FlowBookmarks.Where(wait => wait.Name == BookmarkKeys.WaitForAnchorName).Select(wait => wait.ContactId).Distinct().ToListAsync(cancellation);
        await Stimuli.DatesChangedAsync(db, waiting, now, cancellation);
    }

    // The year is part of it: with each new one, days of a later year come into sight.
    private static Seen Look(Dictionary<string, SortedDictionary<int, DateOnly>> days, List<FlowTrigger> triggers, DateTimeOffset now)
    {
        var text = new StringBuilder().Append(now.Year);
        foreach (var (anchor, dates) in days.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            text.Append('\n').Append(anchor);
            foreach (var (_, date) in dates) text.Append(' ').Append(date.DayNumber);
        }
        var alone = Hash(text.ToString());
        foreach (var trigger in triggers) text.Append('\n').Append(trigger.DefinitionVersionId).Append(' ').Append(trigger.ActivityId).Append(' ').Append(trigger.Payload);
        return new Seen(alone, Hash(text.ToString()));
    }

    private static string Hash(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
