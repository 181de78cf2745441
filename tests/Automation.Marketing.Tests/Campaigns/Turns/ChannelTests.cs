using Automation.Marketing.Campaigns;
using Automation.Marketing.Campaigns.Paper;
using Automation.Marketing.Campaigns.Turns;
using Automation.Marketing.Campaigns.Use;
using Automation.Marketing.Contacts;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Campaigns.Turns;

/// <summary>Mail against postcard or call, tried on people whom both reach.</summary>
public sealed class ChannelTests
{
    private static readonly VersionTest Trial = new(TestOf.Channel, VersionTest.ByMail, VersionTest.OnPaper, Share: 50, Hours: 72, By: WinnerBy.Orders, Least: 5);

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Half_of_the_trial_is_mailed_and_half_stands_on_the_list_and_everyone_is_accounted_for(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var people = await PeopleAsync(given, 90);
        var id = await TurnsTests.CreateAsync(given, new BroadcastOptions(Test: Trial with { Share = 100 }));
        await given.WorkAsync();
        await using var db = given.Open();
        var listed = await LinesAsync(db, id);
        // The first third has neither an address nor a telephone: mailed, and no part of it.
        Assert.DoesNotContain(listed, line => people.Take(30).Contains(line.ContactId));
        Assert.InRange(listed.Count, 15, 45);
        Assert.Equal(90 - listed.Count, given.Provider.Mails.Count);
        Assert.Empty(listed.Select(line => line.ContactId).Intersect(await db.OutboxMessages.Select(mail => mail.ContactId).ToListAsync()));
        Assert.All(listed, line => Assert.Equal(people.Skip(60).Contains(line.ContactId) ? PaperWay.Phone : PaperWay.Post, line.Way));
        Assert.All(listed, line => Assert.Equal(VersionTest.Second, Plan(id).Of(line.ContactId, null, hasPaper: true).Version));

        var broadcast = await db.Broadcasts.SingleAsync();
        var report = (await BroadcastReport.OfAsync(db, broadcast, default))!;
        Assert.Equal((90, 90), await Broadcasts.ProgressAsync(db, broadcast, default));
        Assert.Equal(listed.Count, report.Apart[SetApart.OnPaper]);
        Assert.Equal([("", 30), ("A", 60 - listed.Count), ("B", listed.Count)], report.Versions.Select(one => (one.Version, one.People)));
        // A card that lies on the desk was not sent.
        Assert.Equal(0, report.Versions[2].Sent);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task The_rest_get_the_way_by_which_more_people_bought_also_after_a_restart(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var reachable = (await PeopleAsync(given, 90)).Skip(30).ToList();
        var id = await TurnsTests.CreateAsync(given, new BroadcastOptions(Test: Trial));
        await given.WorkAsync();
        await using var db = given.Open();
        var tried = (await LinesAsync(db, id)).Select(line => line.ContactId).ToList();
        Assert.InRange(tried.Count, 5, 30);
        await DoneAsync(given, db, id);
        await BuysAsync(given, db, tried.Take(3), 2, 5_000);
        await BuysAsync(given, db, (await db.OutboxMessages.Select(mail => mail.ContactId).Where(one => reachable.Contains(one)).ToListAsync()).Take(1), 2, 3_000);
        // Later than counts.
        await BuysAsync(given, db, tried.TakeLast(1), 31, 90_000);
        var mails = given.Provider.Mails.Count;
        await given.ForAsync(TimeSpan.FromHours(72) - TimeSpan.FromMinutes(1));
        Assert.Equal(mails, given.Provider.Mails.Count);
        given.Restarted();
        given.Clock.Now += TimeSpan.FromMinutes(1);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(given.Another().DrainAsync)));
        await given.WorkAsync();

        var broadcast = await db.Broadcasts.AsNoTracking().SingleAsync();
        Assert.Equal(("B", WinnerBecause.Better, BroadcastState.Done), (broadcast.Winner, broadcast.WinnerBecause!.Value, broadcast.State));
        // Nobody waited for the choice whom it does not concern.
        Assert.Equal(mails, given.Provider.Mails.Count);
        Assert.Equal(90, mails + (await LinesAsync(db, id)).Count);
        var versions = (await BroadcastReport.OfAsync(db, broadcast, default))!.Versions;
        Assert.Equal((tried.Count, 3, 15_000m), (versions[2].Sent, versions[2].Bought, versions[2].Net));
        Assert.Equal((1, 3_000m, 3_000m / versions[1].Sent), (versions[1].Bought, versions[1].Net, versions[1].NetPerPerson));
        Assert.Equal(90, versions.Sum(one => one.People));
        var use = (await MailUses.OfBroadcastAsync(db, id, DateOnly.FromDateTime(given.Clock.Now.UtcDateTime).AddDays(40), default))!.Use;
        Assert.Equal((mails + tried.Count, 4), (use.Reached, use.Bought));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Cards_that_nobody_posted_say_nothing_and_the_rest_are_mailed(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await PeopleAsync(given, 60);
        var id = await TurnsTests.CreateAsync(given, new BroadcastOptions(Test: Trial));
        await given.ForAsync(TimeSpan.FromHours(73));
        await using var db = given.Open();
        var broadcast = await db.Broadcasts.SingleAsync();
        Assert.Equal(("A", WinnerBecause.TooSmall, BroadcastState.Done), (broadcast.Winner, broadcast.WinnerBecause!.Value, broadcast.State));
        Assert.Equal(60, given.Provider.Mails.Count + (await LinesAsync(db, id)).Count);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_card_of_a_trial_counts_for_limits_and_who_refused_mail_is_in_neither_half(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, new SendingPolicy(1, [new CapRule("week", 1, CapPeriod.Rolling, TimeSpan.FromDays(7))], null, QuietHours.Default));
        await PeopleAsync(given, 60);
        for (var number = 0; number < 12; number++) await given.Contact($"refused-{number}@example.com").With(one => one.Address = "福井市1-1").WhoUnsubscribed();
        for (var number = 0; number < 12; number++) await given.Contact($"silent-{number}@example.com").With(one => one.Address = "福井市1-1");
        var id = await TurnsTests.CreateAsync(given, new BroadcastOptions(Test: Trial with { Share = 100 }));
        await given.WorkAsync();
        await using var db = given.Open();
        var lines = await LinesAsync(db, id);
        Assert.Equal(["consent-none", "consent-withdrawn"], lines.Where(line => line.State is PaperState.LeftOut).Select(line => line.Rule).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(24, lines.Count(line => line.State is PaperState.LeftOut) + await db.OutboxMessages.CountAsync(mail => mail.State == MessageState.Suppressed || mail.State == MessageState.Skipped));
        // Two days later everyone is over the limit, whichever way it was.
        await given.ForAsync(TimeSpan.FromDays(2));
        var mails = given.Provider.Mails.Count;
        await TurnsTests.CreateAsync(given, BroadcastOptions.None);
        await given.WorkAsync();
        Assert.Equal(mails, given.Provider.Mails.Count);
    }

    [Theory]
    [InlineData("options.test.a", "paper", "mail", WinnerBy.Orders, 72)]
    [InlineData("options.test.b", "mail", "letter", WinnerBy.Orders, 72)]
    [InlineData("options.test.by", "mail", "paper", WinnerBy.Clicks, 72)]
    [InlineData("options.test.hours", "mail", "paper", WinnerBy.Orders, 71)]
    public async Task What_does_not_fit_two_channels_is_named(string place, string a, string b, WinnerBy by, int hours)
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        var refused = await Assert.ThrowsAsync<BadInputException>(() => TurnsTests.CreateAsync(given, new BroadcastOptions(Test: new VersionTest(TestOf.Channel, a, b, Hours: hours, By: by))));
        Assert.Equal(place, refused.Place);
    }

    private static TurnPlan Plan(Guid id) => new(id, new BroadcastOptions(Test: Trial with { Share = 100 }), 0, Scenario.Monday, TimeZoneInfo.Utc);

    private static async Task<List<PaperLine>> LinesAsync(AutomationDb db, Guid id) => await PaperLists.ReadAsync(db, id, PaperPart.Everyone, default).ToListAsync();

    // A third with mail only, a third with an address, a third with a telephone.
    private static async Task<IReadOnlyList<Guid>> PeopleAsync(Scenario given, int count)
    {
        var people = await given.ConsentingContactsAsync(count);
        await using var db = given.Open();
        foreach (var one in people.Skip(count / 3).Take(count / 3)) await db.ExecuteAsync("UPDATE contacts SET address = '福井市1-1', phone = '0776-00-0001' WHERE id = @p0", default, one);
        foreach (var one in people.Skip(count / 3 * 2)) await db.ExecuteAsync("UPDATE contacts SET phone = '0776-00-0002' WHERE id = @p0", default, one);
        return people;
    }

    private static async Task DoneAsync(Scenario given, AutomationDb db, Guid id)
    {
        foreach (var way in Enum.GetValues<PaperWay>()) await PaperLists.DoneAsync(db, id, way, one: null, "ada", given.Clock.Now, default);
    }

    private static async Task BuysAsync(Scenario given, AutomationDb db, IEnumerable<Guid> people, int inDays, decimal net)
    {
        db.Purchases.AddRange(people.Select(person => new Purchase
        {
            Id = Guid.NewGuid(),
            Source = "shop",
            OrderId = $"{person:N}-{inDays}",
            Line = 1,
            ContactId = person,
            Date = DateOnly.FromDateTime(given.Clock.Now.UtcDateTime).AddDays(inDays),
            Product = "crab",
            Quantity = 1,
            Net = net,
        }));
        await db.SaveChangesAsync();
    }
}
