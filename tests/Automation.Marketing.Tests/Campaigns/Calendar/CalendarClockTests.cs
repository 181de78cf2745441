using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Content;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Campaigns.Calendar;

/// <summary>Whatever the clock and the process do, an occurrence goes out once.</summary>
public sealed class CalendarClockTests
{
    private static readonly TimeSpan Tokyo = TimeSpan.FromHours(9);

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_time_that_clocks_skip_is_the_first_after_it_and_one_they_show_twice_is_its_first(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, now: new DateTimeOffset(2027, 3, 1, 12, 0, 0, TimeSpan.Zero));
        await using var db = given.Open();
        await db.SaveShopAsync(await db.ShopAsync(default) with { TimeZone = "America/New_York" }, given.Clock.Now, default);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await SeasonCalendar.LoadAsync(db, CalendarFile.Parse("""
            {"key":"c","anchors":[{"key":"spring","kind":"fixed","rule":"03-14"},{"key":"autumn","kind":"fixed","rule":"11-07"}],
             "occurrences":[{"key":"skipped","when":"spring","window":{"opens":"02:30"},"audience":{},"template":"newsletter/monthly"},
                            {"key":"twice","when":"autumn","window":{"opens":"01:30"},"audience":{},"template":"newsletter/monthly"}]}
            """, "test"), given.Clock.Now, default);
        foreach (var (month, day) in new[] { (3, 14), (11, 7) })
        {
            // Before, in and after the hour that is not there, or there twice.
            for (var at = new DateTimeOffset(2027, month, day, 4, 0, 0, TimeSpan.Zero); at.Hour < 9; at = at.AddMinutes(30))
            {
                await given.UntilAsync(at);
                await given.Restarted().Calendar.RollOverAsync(default);
            }
        }
        Assert.Equal(
            [new DateTimeOffset(2027, 3, 14, 7, 0, 0, TimeSpan.Zero), new DateTimeOffset(2027, 11, 7, 5, 30, 0, TimeSpan.Zero)],
            await db.Broadcasts.OrderBy(one => one.StartedAt).Select(one => one.StartedAt!.Value).ToListAsync());
        Assert.Equal(2, given.MailSentTo(ada).Count);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_clock_that_jumps_back_sends_nothing_again_and_one_that_jumps_ahead_sends_once_or_tells_what_it_missed(DatabaseProvider provider)
    {
        await using var given = await ShopAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented().WhoBought(new DateOnly(2025, 12, 1));
        await given.UntilAsync(At(2026, 10, 23, 11));
        foreach (var back in new[] { At(2026, 10, 23, 9), At(2026, 10, 22, 10), At(2026, 10, 1, 9) })
        {
            given.Clock.Now = back;
            await given.Restarted().Calendar.RollOverAsync(default);
            await given.UntilAsync(At(2026, 10, 23, 12));
        }
        Assert.Equal(["season/crab-opening"], given.MailSentTo(ada));

        given.Clock.Now = At(2026, 12, 10, 9);
        await given.Workers.Calendar.RollOverAsync(default);
        await given.WorkAsync();
        Assert.Equal(["season/crab-opening", "season/crab-new-year"], given.MailSentTo(ada));

        given.Clock.Now = At(2027, 4, 1, 9);
        await given.Workers.Calendar.RollOverAsync(default);
        await given.WorkAsync();
        Assert.Equal(2, given.MailSentTo(ada).Count);
        await using var db = given.Open();
        var missed = Assert.Single((await CalendarAlerts.OfAsync(db, given.Clock.Now, default)).OfType<CalendarAlert.Missed>());
        Assert.Equal(("crab-last-call", MissedBecause.Late), (missed.Occurrence.Key, missed.Occurrence.MissedBecause));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_process_that_ends_anywhere_between_launch_and_last_mail_is_followed_by_one_that_goes_on(DatabaseProvider provider)
    {
        await using var given = await ShopAsync(provider);
        var people = await given.ConsentingContactsAsync(1200);
        given.Clock.Now = At(2026, 10, 23, 11);
        int done;
        do
        {
            // Each step is the last of its process, and another dies in the middle of one.
            await using (var db = given.Open())
            await using (await db.BeginWriteAsync(default))
                await db.ExecuteAsync("UPDATE occurrences SET state = 'Cancelled' WHERE state = 'Planned'", default);
            done = await given.Restarted().Calendar.LaunchDueAsync(default);
            done += await given.Restarted().Broadcasts.WorkAsync(default);
            done += await given.Restarted().Sender.SendDueAsync(default);
        }
        while (done > 0);
        Assert.Equal(people.Count, given.Provider.Mails.Count);
        Assert.Equal(people.Count, given.Provider.Mails.Select(mail => mail.To).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Two_processes_that_bring_the_plan_up_to_date_at_once_plan_each_occurrence_once(DatabaseProvider provider)
    {
        await using var given = await ShopAsync(provider);
        given.Clock.Now = At(2027, 6, 1, 9);
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => given.Another().Calendar.RollOverAsync(default))));
        await using var db = given.Open();
        var planned = await db.Occurrences.Where(one => one.OpensAt > given.Clock.Now).Select(one => $"{one.Key} {one.Year}").ToListAsync();
        Assert.Equal(planned.Distinct(), planned);
        Assert.Contains("crab-opening 2028", planned);
    }

    private static async Task<Scenario> ShopAsync(DatabaseProvider provider)
    {
        var given = await Scenario.OnAsync(provider, now: At(2026, 9, 1, 9));
        await using var db = given.Open();
        await SeasonCalendar.LoadAsync(db, CalendarTests.CrabShop, given.Clock.Now, default);
        return given;
    }

    private static DateTimeOffset At(int year, int month, int day, int hour) => new(year, month, day, hour, 0, 0, Tokyo);
}
