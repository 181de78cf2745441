using Automation.Marketing.Campaigns;
using Automation.Marketing.Campaigns.Turns;
using Automation.Marketing.Campaigns.Use;
using Automation.Marketing.Contacts;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Delivery.Holds;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Campaigns.Turns;

public sealed class TurnsTests
{
    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Everyone_is_mailed_at_ten_by_their_own_clock_and_the_report_says_so_by_zone(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var tokyo = await given.Contact("tokyo@example.com").WhoConsented();
        var york = await given.Contact("york@example.com").InZone("America/New_York").WhoConsented();
        var id = await CreateAsync(given, new BroadcastOptions(new LocalHour(new DateTime(2026, 11, 18, 10, 0, 0))));
        await given.UntilAsync(At(18, 9, 59));
        Assert.Empty(given.Provider.Mails);
        await given.UntilAsync(At(18, 10, 0));
        Assert.Equal((1, 0), (given.MailSentTo(tokyo).Count, given.MailSentTo(york).Count));
        await using (var db = given.Open())
        {
            var report = (await BroadcastReport.OfAsync(db, await db.Broadcasts.SingleAsync(), default))!;
            Assert.Equal(
                [("America/New_York", 1, 0, 1, At(19, 0, 0)), ("Asia/Tokyo", 1, 1, 0, (DateTimeOffset?)null)],
                report.Zones.OrderBy(zone => zone.Zone).Select(zone => (zone.Zone, zone.People, zone.Sent, zone.Waiting, zone.NextTurn)));
        }
        await given.UntilAsync(At(19, 0, 0));
        Assert.Single(given.MailSentTo(york));
        Assert.Equal(BroadcastState.Done, await StateAsync(given, id));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Whose_hour_is_over_is_left_out_and_counted(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, now: At(18, 15, 0));
        var tokyo = await given.Contact("tokyo@example.com").WhoConsented();
        var york = await given.Contact("york@example.com").InZone("America/New_York").WhoConsented();
        var id = await CreateAsync(given, new BroadcastOptions(new LocalHour(new DateTime(2026, 11, 18, 10, 0, 0), HourPast.LeaveOut)));
        await given.ForAsync(TimeSpan.FromDays(2));
        Assert.Equal((0, 1), (given.MailSentTo(tokyo).Count, given.MailSentTo(york).Count));
        await using var db = given.Open();
        var broadcast = await db.Broadcasts.SingleAsync();
        Assert.Equal((2, 2), await Broadcasts.ProgressAsync(db, broadcast, default));
        Assert.Equal(1, (await BroadcastReport.OfAsync(db, broadcast, default))!.Apart[SetApart.HourPast]);
        Assert.Equal(BroadcastState.Done, await StateAsync(given, id));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_throttled_broadcast_lets_one_go_each_minute_through_restarts_and_in_two_processes(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.ConsentingContactsAsync(10);
        await CreateAsync(given, new BroadcastOptions(PerHour: 60));
        await given.WorkAsync();
        Assert.Single(given.Provider.Mails);
        for (var minute = 1; minute < 10; minute++)
        {
            await given.ForAsync(TimeSpan.FromSeconds(59));
            Assert.Equal(minute, given.Provider.Mails.Count);
            given.Clock.Now += TimeSpan.FromSeconds(1);
            given.Restarted();
            await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(given.Another().DrainAsync)));
            await given.WorkAsync();
            Assert.Equal(minute + 1, given.Provider.Mails.Count);
        }
        await using var db = given.Open();
        Assert.Equal(BroadcastState.Done, (await db.Broadcasts.SingleAsync()).State);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task After_a_standstill_the_rest_is_spread_anew_instead_of_going_at_once(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.ConsentingContactsAsync(20);
        await CreateAsync(given, new BroadcastOptions(PerHour: 600));
        await given.ForAsync(TimeSpan.FromSeconds(12));
        Assert.Equal(3, given.Provider.Mails.Count);
        // The process is down for an hour.
        given.Clock.Now += TimeSpan.FromHours(1);
        given.Restarted();
        await given.WorkAsync();
        Assert.Equal(4, given.Provider.Mails.Count);
        await given.ForAsync(TimeSpan.FromSeconds(6));
        Assert.Equal(5, given.Provider.Mails.Count);
        await given.ForAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(20, given.Provider.Mails.Count);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_throttled_broadcast_that_is_paused_goes_on_at_its_pace_when_it_is_released(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.ConsentingContactsAsync(10);
        var id = await CreateAsync(given, new BroadcastOptions(PerHour: 60));
        await given.ForAsync(TimeSpan.FromMinutes(1));
        await using (var db = given.Open()) await SendingHolds.PauseAsync(db, HoldScope.Broadcast, id.ToString("N"), "ada", given.Clock.Now, default);
        await given.ForAsync(TimeSpan.FromMinutes(30));
        Assert.Equal(2, given.Provider.Mails.Count);
        await using (var db = given.Open()) await SendingHolds.ReleaseAsync(db, (await SendingHolds.InForceAsync(db, given.Clock.Now, default))[0].Id, "ada", given.Clock.Now, default);
        await given.ForAsync(TimeSpan.FromMinutes(3));
        Assert.InRange(given.Provider.Mails.Count, 4, 6);
        await given.ForAsync(TimeSpan.FromMinutes(10));
        Assert.Equal(10, given.Provider.Mails.Count);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Zones_share_one_pace_and_nobody_comes_before_their_hour(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ids = await given.ConsentingContactsAsync(6);
        await using (var db = given.Open())
        {
            foreach (var id in ids.Take(3)) await db.ExecuteAsync("UPDATE contacts SET time_zone = 'Asia/Seoul' WHERE id = @p0", default, id);
            await db.ExecuteAsync("UPDATE contacts SET time_zone = 'Asia/Shanghai' WHERE id = @p0", default, ids[5]);
        }
        await CreateAsync(given, new BroadcastOptions(new LocalHour(new DateTime(2026, 11, 18, 10, 0, 0)), PerHour: 12));
        await given.UntilAsync(At(18, 9, 59));
        await using var after = given.Open();
        Assert.Equal(
            [At(18, 10, 0), At(18, 10, 5), At(18, 10, 10), At(18, 10, 15), At(18, 10, 20), At(18, 11, 0)],
            (await after.BroadcastRecipients.Select(one => one.TurnAt).ToListAsync()).Select(turn => turn!.Value.ToUniversalTime()).Order());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task The_rest_get_the_version_that_more_people_clicked_once_and_also_after_a_restart(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.ConsentingContactsAsync(60);
        var id = await CreateAsync(given, new BroadcastOptions(Test: new VersionTest(TestOf.Subject, "今月のお知らせ", "蟹が届きました", Share: 50, Hours: 24, Least: 5)));
        await given.WorkAsync();
        var tried = given.Provider.Mails.Count;
        Assert.InRange(tried, 15, 45);
        await using (var db = given.Open())
        {
            // Everyone clicks the second version, machines the first.
            var second = await db.OutboxMessages.Where(message => message.Subject == "蟹が届きました").ToListAsync();
            var first = await db.OutboxMessages.Where(message => message.Subject == "今月のお知らせ").ToListAsync();
            Assert.Equal(tried, first.Count + second.Count);
            await db.ExecuteAsync("UPDATE outbox_messages SET clicks_unique = 1, clicks_total = 1 WHERE subject = '蟹が届きました'", default);
        }
        await given.ForAsync(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        Assert.Equal(tried, given.Provider.Mails.Count);
        given.Restarted();
        given.Clock.Now += TimeSpan.FromSeconds(1);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(given.Another().DrainAsync)));
        await given.WorkAsync();
        Assert.Equal(60, given.Provider.Mails.Count);
        Assert.Equal(60, given.Provider.Mails.Select(mail => mail.To).Distinct().Count());
        await using var after = given.Open();
        var broadcast = await after.Broadcasts.SingleAsync();
        Assert.Equal(("B", WinnerBecause.Better, BroadcastState.Done), (broadcast.Winner, broadcast.WinnerBecause!.Value, broadcast.State));
        var report = (await BroadcastReport.OfAsync(after, broadcast, default))!;
        Assert.Equal(["", "A", "B"], report.Versions.Select(version => version.Version));
        Assert.Equal(60, report.Versions.Sum(version => version.Sent));
        Assert.Equal((report.Versions[2].Sent, 0), (report.Versions[2].Clicked, report.Versions[1].Clicked));
        Assert.Equal(60 - tried, await after.OutboxMessages.CountAsync(message => message.Subject == "蟹が届きました" && message.ClicksUnique == 0));
        Assert.Equal(id, broadcast.Id);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Two_templates_are_tried_and_too_small_a_test_says_so_and_gives_the_first(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.ConsentingContactsAsync(40);
        await CreateAsync(given, new BroadcastOptions(Test: new VersionTest(TestOf.Template, "newsletter/monthly", "season/crab-opening", Share: 50, Hours: 2, Least: 100)));
        await given.ForAsync(TimeSpan.FromHours(3));
        Assert.Equal(40, given.Provider.Mails.Count);
        var tried = given.Provider.Mails.Count(mail => mail.Template == "season/crab-opening");
        Assert.InRange(tried, 3, 20);
        await using var db = given.Open();
        var broadcast = await db.Broadcasts.SingleAsync();
        Assert.Equal(("A", WinnerBecause.TooSmall), (broadcast.Winner, broadcast.WinnerBecause!.Value));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task The_held_out_get_nothing_and_stand_beside_those_it_was_for(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.ConsentingContactsAsync(1200);
        var id = await CreateAsync(given, new BroadcastOptions(HoldOutPercent: 25));
        await given.WorkAsync();
        var sent = given.Provider.Mails.Count;
        Assert.InRange(sent, 830, 970);
        await using var db = given.Open();
        // Every second who was mailed buys, every tenth of the others.
        await BuysAsync(db, "apart IS NULL", 2, given);
        await BuysAsync(db, "apart = 'HeldOut'", 10, given);
        var compared = (await BroadcastReport.OfAsync(db, await db.Broadcasts.SingleAsync(one => one.Id == id), default))!.HoldOut!;
        Assert.Equal((sent, 1200 - sent), (compared.For, compared.HeldOut));
        Assert.Equal((sent + 1) / 2, compared.Bought);
        Assert.Equal((1200 - sent + 9) / 10, compared.HeldOutBought);
        Assert.True(compared.IsEnough);
        var (p, q) = (compared.Share, compared.HeldOutShare);
        Assert.Equal(1.959964 * Math.Sqrt(p * (1 - p) / sent + q * (1 - q) / (1200 - sent)), compared.Margin, 12);
        var use = (await MailUses.OfBroadcastAsync(db, id, new DateOnly(2027, 1, 1), default))!.Use;
        Assert.Equal((sent, (sent + 1) / 2), (use.Reached, use.Bought));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Customers_held_out_for_the_year_get_no_broadcast_at_all(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.ConsentingContactsAsync(400);
        await using (var db = given.Open()) await db.SaveHoldOutAsync(new HoldOutSetting(10), "ada", given.Clock.Now, default);
        await CreateAsync(given, BroadcastOptions.None);
        await given.WorkAsync();
        var first = given.Provider.Mails.Select(mail => mail.To).ToHashSet();
        Assert.InRange(first.Count, 330, 385);
        await CreateAsync(given, BroadcastOptions.None);
        await given.WorkAsync();
        Assert.Equal(first, given.Provider.Mails.Skip(first.Count).Select(mail => mail.To).ToHashSet());
        Assert.Equal(2 * first.Count, given.Provider.Mails.Count);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Cut_off_anywhere_while_turns_are_given_it_goes_on_where_it_was(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.ConsentingContactsAsync(2_100);
        var id = await CreateAsync(given, new BroadcastOptions(HoldOutPercent: 50));
        while (await given.Workers.Broadcasts.WorkAsync(default) > 0)
        {
            given.Restarted();
            // A process that dies in the middle of a step leaves nothing of it.
            await using var db = given.Open();
            await using var transaction = await db.BeginWriteAsync(default);
            await db.ExecuteAsync("UPDATE broadcast_recipients SET turn_at = NULL, apart = NULL", default);
        }
        Assert.Equal(BroadcastState.Done, await StateAsync(given, id));
        await using var after = given.Open();
        var asked = await after.OutboxMessages.CountAsync();
        Assert.InRange(asked, 950, 1_150);
        Assert.Equal(2_100, asked + (await BroadcastReport.OfAsync(after, await after.Broadcasts.SingleAsync(), default))!.Apart[SetApart.HeldOut]);
    }

    [Fact]
    public void Fewer_than_a_thousand_people_say_nothing_about_a_difference()
    {
        Assert.False(new HoldOutComparison(30, 900, 90, 99, 3).IsEnough);
        Assert.True(double.IsNaN(new HoldOutComparison(30, 900, 90, 99, 3).Margin));
        Assert.True(new HoldOutComparison(30, 900, 90, 100, 3).IsEnough);
    }

    [Theory]
    [InlineData("options.perHour")]
    [InlineData("options.holdOutPercent")]
    [InlineData("options.test.b")]
    [InlineData("options.test.a")]
    [InlineData("options.test.share")]
    public async Task What_does_not_fit_is_named(string place)
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        var options = place switch
        {
            "options.perHour" => new BroadcastOptions(PerHour: 0),
            "options.holdOutPercent" => new BroadcastOptions(HoldOutPercent: 51),
            "options.test.b" => new BroadcastOptions(Test: new VersionTest(TestOf.Template, "newsletter/monthly", "nothing/here")),
            "options.test.a" => new BroadcastOptions(Test: new VersionTest(TestOf.Subject, "{{ contact.name }}", "B")),
            _ => new BroadcastOptions(Test: new VersionTest(TestOf.Time, "10:00", "18:00", Share: 1)),
        };
        Assert.Equal(place, (await Assert.ThrowsAsync<BadInputException>(() => CreateAsync(given, options))).Place);
    }

    internal static async Task<Guid> CreateAsync(Scenario given, BroadcastOptions options, OverCap overCap = OverCap.Skip)
    {
        await using var db = given.Open();
        var broadcast = given.Workers.Broadcasts.Create(
            db, new NewBroadcast("News", "newsletter/monthly", new Audience(), OverCap: overCap) { Options = options }, "marketer", given.Clock.Now);
        await db.SaveChangesAsync();
        return broadcast.Id;
    }

    private static DateTimeOffset At(int day, int hour, int minute) => new DateTimeOffset(2026, 11, day, hour, minute, 0, TimeSpan.FromHours(9)).ToUniversalTime();

    private static async Task<BroadcastState> StateAsync(Scenario given, Guid id)
    {
        await using var db = given.Open();
        return await db.Broadcasts.Where(one => one.Id == id).Select(one => one.State).SingleAsync();
    }

    private static async Task BuysAsync(AutomationDb db, string which, int each, Scenario given)
    {
        var people = await db.QueryAsync($"SELECT contact_id FROM broadcast_recipients WHERE {which} ORDER BY contact_id", row => row.Guid(0), default);
        db.Purchases.AddRange(people.Where((_, index) => index % each == 0).Select(id => new Purchase
        {
            Id = Guid.NewGuid(),
            Source = "shop",
            OrderId = id.ToString("N"),
            Line = 1,
            ContactId = id,
            Date = DateOnly.FromDateTime(given.Clock.Now.UtcDateTime).AddDays(3),
            Product = "crab",
            Quantity = 1,
            Net = 100,
        }));
        await db.SaveChangesAsync();
    }
}
