using System.Globalization;
using System.Text.Json.Nodes;
using Automation.Marketing.Contacts;
using Automation.Marketing.Journeys.Activities;
using Automation.Marketing.Journeys.Control;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Journeys.Dates;

/// <summary>Plans and starts what hangs on dates of people: a row per person and trigger, with the instant at which it is due.</summary>
internal static class DatePlans
{
    /// <summary>How late it may still happen, e.g. after a downtime: a birthday mail two weeks later is none.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromDays(3);

    private const int AtATime = 500;

    private sealed record Person(Guid Id, DateOnly? BirthDate, JsonObject? Custom, string? Zone)
    {
        public DateOnly? Date(string field)
        {
            if (field == "birth_date") return BirthDate;
            if (!field.StartsWith(ContactField.CustomPrefix, StringComparison.Ordinal)) return null;
            return Custom?[field[ContactField.CustomPrefix.Length..]] is JsonValue value && value.TryGetValue<string>(out var text)
                && DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : null;
        }
    }

    /// <summary>Keeps the list of triggers as a flow was published: those that are gone take their plans along, the others are planned anew for everyone.</summary>
    public static async Task IndexAsync(AutomationDb db, string definitionId, IReadOnlyCollection<FlowTrigger> triggers, CancellationToken cancellation)
    {
        var dated = triggers.Where(trigger => trigger.Name == BookmarkKeys.DateReachedName).Select(trigger => (trigger.ActivityId, Payload: JsonNode.Parse(trigger.Payload)!)).ToList();
        await db.ExecuteAsync("DELETE FROM date_triggers WHERE definition_id = @p0", cancellation, definitionId);
        foreach (var known in await db.QueryAsync(
            "SELECT DISTINCT activity_id FROM date_plans WHERE definition_id = @p0", row => row.Text(0), cancellation, definitionId))
        {
            if (!dated.Exists(trigger => trigger.ActivityId == known))
                await db.ExecuteAsync("DELETE FROM date_plans WHERE definition_id = @p0 AND activity_id = @p1", cancellation, definitionId, known);
        }
        await db.InsertManyAsync(
            "date_triggers", ["definition_id", "activity_id", "field", "lead", "yearly", "is_planned"],
            [.. dated.Select(trigger => new object?[]
            {
                definitionId, trigger.ActivityId, BookmarkKeys.Text(trigger.Payload, "field"), BookmarkKeys.Text(trigger.Payload, "offset"), (bool?)trigger.Payload["yearly"] is true, false,
            })],
            "", cancellation);
    }

    /// <summary>Plans the next people of a trigger that has not been planned for all of them, in the caller's transaction.</summary>
    /// <returns>Whether there was anything to plan.</returns>
    public static async Task<bool> PlanNextAsync(AutomationDb db, TimeZoneInfo zone, DateTimeOffset now, CancellationToken cancellation)
    {
        var changed = await db.DatesChangedAtAsync(cancellation);
        var trigger = await db.DateTriggers.Where(one => !one.IsPlanned || (changed != null && (one.PlannedFor == null || one.PlannedFor < changed)))
            .OrderBy(one => one.DefinitionId).ThenBy(one => one.ActivityId).FirstOrDefaultAsync(cancellation);
        if (trigger is null) return false;
        if (trigger.IsPlanned) (trigger.IsPlanned, trigger.PlannedTo) = (false, null);
        if (trigger.PlannedTo is null) trigger.PlannedFor = changed;
        var people = await PeopleAsync(db, "id > @p0", trigger.PlannedTo ?? Guid.Empty, cancellation);
        await PlanAsync(db, trigger, people, zone, now, cancellation);
        if (people.Count < AtATime) trigger.IsPlanned = true;
        else trigger.PlannedTo = people[^1].Id;
        await db.SaveChangesAsync(cancellation);
        return true;
    }

    /// <summary>Plans one person anew: a date of theirs has changed.</summary>
    public static async Task PlanAnewAsync(AutomationDb db, Guid contactId, TimeZoneInfo zone, DateTimeOffset now, CancellationToken cancellation)
    {
        var triggers = await db.DateTriggers.AsNoTracking().ToListAsync(cancellation);
        if (triggers.Count == 0) return;
        var person = await PeopleAsync(db, "id = @p0", contactId, cancellation);
        foreach (var trigger in triggers) await PlanAsync(db, trigger, person, zone, now, cancellation);
    }

    /// <summary>Lets those enter whose date has come, in the caller's transaction.</summary>
    /// <returns>Rows worked on.</returns>
    public static async Task<int> LaunchDueAsync(AutomationDb db, TimeZoneInfo zone, DateTimeOffset now, CancellationToken cancellation)
    {
        var due = await db.QueryAsync(
            $"SELECT definition_id, activity_id, contact_id, on_date, due_at FROM date_plans WHERE due_at <= @p0 ORDER BY due_at LIMIT {AtATime}{db.Dialect.SkipLocked}",
            row => (Flow: row.Text(0), Activity: row.Text(1), Contact: row.Guid(2), On: row.Date(3), At: row.Instant(4)), cancellation, now);
        if (due.Count == 0) return 0;
        var triggers = (await db.DateTriggers.AsNoTracking().ToListAsync(cancellation)).ToDictionary(trigger => (trigger.DefinitionId, trigger.ActivityId));
        await db.ExecuteManyAsync(
            "UPDATE date_plans SET due_at = NULL WHERE definition_id = @p0 AND activity_id = @p1 AND contact_id = @p2",
            [.. due.Select(one => new object?[] { one.Flow, one.Activity, one.Contact })], cancellation);
        var known = due.Where(one => triggers.ContainsKey((one.Flow, one.Activity))).ToList();
        await Stimuli.WriteAsync(
            db,
            [.. known.Where(one => one.At > now - Grace).Select(one => new NewStimulus(
                Stimuli.Enter, one.Flow, one.Contact,
                FlowEntry.Payload(
                    one.Activity,
                    Stimuli.EventOf("date.reached", now, new { field = triggers[(one.Flow, one.Activity)].Field, on = one.On.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) }),
                    released: false)))],
            now, cancellation);
        foreach (var group in known.Where(one => triggers[(one.Flow, one.Activity)].Yearly).GroupBy(one => (one.Flow, one.Activity), one => one.Contact))
        {
            var people = await PeopleAsync(db, db.Dialect.Among("id", "@p0"), group.ToArray(), cancellation);
            await PlanAsync(db, triggers[group.Key], people, zone, now, cancellation);
        }
        return due.Count;
    }

    private static async Task PlanAsync(
        AutomationDb db, DateTrigger trigger, IReadOnlyList<Person> people, TimeZoneInfo shopZone, DateTimeOffset now, CancellationToken cancellation)
    {
        var offset = DayOffset.Parse(trigger.Lead);
        var planned = people.Select(person => (person.Id, Next: Next(trigger, offset, person, shopZone, now))).ToList();
        // What has happened for a date does not happen for it again.
        await db.ExecuteManyAsync(
            """
            INSERT INTO date_plans (definition_id, activity_id, contact_id, on_date, due_at) VALUES (@p0, @p1, @p2, @p3, @p4)
            ON CONFLICT (definition_id, activity_id, contact_id) DO UPDATE SET on_date = excluded.on_date, due_at = excluded.due_at
            WHERE date_plans.due_at IS NOT NULL OR date_plans.on_date <> excluded.on_date
            """,
            [.. planned.Where(one => one.Next is not null).Select(one => new object?[] { trigger.DefinitionId, trigger.ActivityId, one.Id, one.Next!.Value.On, one.Next.Value.Due })],
            cancellation);
        await db.ExecuteManyAsync(
            "DELETE FROM date_plans WHERE definition_id = @p0 AND activity_id = @p1 AND contact_id = @p2 AND due_at IS NOT NULL",
            [.. planned.Where(one => one.Next is null).Select(one => new object?[] { trigger.DefinitionId, trigger.ActivityId, one.Id })], cancellation);
    }

    // Null: there is no date, or its moment has passed; who comes late does not enter.
    private static (DateOnly On, DateTimeOffset Due)? Next(DateTrigger trigger, DayOffset offset, Person person, TimeZoneInfo shopZone, DateTimeOffset now)
    {
        if (person.Date(trigger.Field) is not { } date) return null;
        var zone = LocalTime.ZoneOr(person.Zone, shopZone);
        if (!trigger.Yearly) return offset.From(date, zone) is var due && due > now ? (date, due) : null;
        for (var year = now.Year - 1; ; year++)
        {
            // Who was born on 29 February has a birthday every year.
            var day = new DateOnly(year, date.Month, Math.Min(date.Day, DateTime.DaysInMonth(year, date.Month)));
            if (offset.From(day, zone) is var next && next > now) return (day, next);
        }
    }

    private static Task<List<Person>> PeopleAsync(AutomationDb db, string which, object who, CancellationToken cancellation) => db.QueryAsync(
        $"SELECT id, birth_date, custom, time_zone FROM contacts WHERE {which} ORDER BY id LIMIT {AtATime}",
        row => new Person(row.Guid(0), row.IsNull(1) ? null : row.Date(1), JsonNode.Parse(row.Text(2)) as JsonObject, row.TextOrNull(3)), cancellation, who);
}
