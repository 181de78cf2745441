using System.Globalization;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Delivery.Speed;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Mail.Delivery;

public sealed class SpeedTests
{
    private const string Sender = "shop.example.com";

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task No_more_leave_in_a_minute_than_the_sending_domain_may(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await SaveAsync(given, new DomainSpeed(PerMinute: 60));
        await AskAsync(given, 200);
        var minutes = await RunAsync(given, TimeSpan.FromSeconds(10), rounds: 24);
        Assert.Equal(200, minutes.Sum());
        // What ten seconds bring may leave at once.
        Assert.All(Enumerable.Range(0, minutes.Count - 5), first => Assert.InRange(minutes.Skip(first).Take(6).Sum(), 0, 71));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_recipient_domain_with_a_limit_does_not_hold_up_the_others(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await SaveAsync(given, new SendingSpeed(new Dictionary<string, DomainSpeed>(), new Dictionary<string, int> { ["slow.example"] = 6 }));
        var slow = new List<OutboxMessage>();
        for (var number = 0; number < 5; number++)
        {
            slow.Add(await given.QueuedAsync(given.Mail(await given.Contact(Address(number, "slow.example")).WhoConsented())));
            await given.QueuedAsync(given.Mail(await given.Contact(Address(number, "example.com")).WhoConsented()));
        }
        await given.Workers.DrainAsync();
        Assert.Equal(5, given.Provider.Mails.Count(mail => mail.To.EndsWith("@example.com", StringComparison.Ordinal)));
        var left = given.Provider.Mails.Count(mail => mail.To.EndsWith("@slow.example", StringComparison.Ordinal));
        Assert.InRange(left, 1, 2);
        Assert.Contains(await StatesAsync(given), state => state == "Queued recipient-speed");
        await RunAsync(given, TimeSpan.FromSeconds(10), rounds: 6);
        Assert.Equal(10, given.Provider.Mails.Count);
        Assert.Equal(10, given.Provider.Mails.Select(mail => mail.MessageId).Distinct().Count());
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_domain_that_is_warmed_up_sends_so_many_a_day_and_the_rest_on_the_days_after(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await SaveAsync(given, new DomainSpeed(WarmUp: new WarmUp(new DateOnly(2026, 11, 16), [5, 10, 20])));
        await AskAsync(given, 30);
        await given.Workers.DrainAsync();
        Assert.Equal(5, given.Provider.Mails.Count);
        given.Clock.Now += TimeSpan.FromDays(1);
        await given.Workers.DrainAsync();
        Assert.Equal(15, given.Provider.Mails.Count);
        given.Clock.Now += TimeSpan.FromDays(1);
        await given.Workers.DrainAsync();
        Assert.Equal(30, given.Provider.Mails.Count);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task An_orders_mail_waits_for_no_limit_on_speed(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await SaveAsync(given, new DomainSpeed(PerMinute: 1, WarmUp: new WarmUp(new DateOnly(2026, 11, 16), [1])));
        await AskAsync(given, 5);
        var order = await given.QueuedAsync(given.OrderMail(await given.Contact("ada@example.com").WhoConsented()));
        await given.Workers.DrainAsync();
        Assert.Equal(MessageState.Sent, (await given.MessageAsync(order.Id)).State);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Several_processes_keep_one_limit_between_them(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await SaveAsync(given, new DomainSpeed(PerMinute: 60, WarmUp: new WarmUp(new DateOnly(2026, 11, 16), [40])));
        await AskAsync(given, 100);
        var others = new[] { given.Workers, given.Another(), given.Another() };
        await Task.WhenAll(others.Select(workers => Task.Run(async () => { while (await workers.Sender.SendDueAsync(default) > 0) { } })));
        Assert.InRange(given.Provider.Mails.Count, 1, 11);
        for (var round = 0; round < 12; round++)
        {
            given.Clock.Now += TimeSpan.FromSeconds(10);
            await Task.WhenAll(others.Select(workers => Task.Run(async () => { while (await workers.Sender.SendDueAsync(default) > 0) { } })));
        }
        Assert.Equal(40, given.Provider.Mails.Count);
    }

    [Theory]
    [InlineData("Shop.example.com", 1, "from.Shop.example.com")]
    [InlineData("shop.example.com", 0, "from.shop.example.com.perMinute")]
    public async Task A_limit_that_cannot_be_is_refused_by_the_name_of_its_field(string domain, int perMinute, string field)
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        await using var db = given.Open();
        var speed = new SendingSpeed(new Dictionary<string, DomainSpeed> { [domain] = new(perMinute) }, new Dictionary<string, int>());
        var refused = await Assert.ThrowsAsync<BadInputException>(() => db.SaveSendingSpeedAsync(speed, given.Clock.Now, default));
        Assert.Contains(field, refused.Message, StringComparison.Ordinal);
        Assert.Empty((await db.SendingSpeedAsync(default)).From);
    }

    private static Task SaveAsync(Scenario given, DomainSpeed speed) =>
        SaveAsync(given, new SendingSpeed(new Dictionary<string, DomainSpeed> { [Sender] = speed }, new Dictionary<string, int>()));

    private static async Task SaveAsync(Scenario given, SendingSpeed speed)
    {
        await using var db = given.Open();
        await db.SaveSendingSpeedAsync(speed, given.Clock.Now, default);
    }

    private static async Task AskAsync(Scenario given, int mails) =>
        await given.AskAsync([.. (await given.ConsentingContactsAsync(mails)).Select(contact => given.Mail(contact))]);

    // How many left in each span.
    private static async Task<List<int>> RunAsync(Scenario given, TimeSpan span, int rounds)
    {
        var left = new List<int>();
        for (var round = 0; round < rounds; round++)
        {
            var before = given.Provider.Mails.Count;
            await given.Workers.DrainAsync();
            left.Add(given.Provider.Mails.Count - before);
            given.Clock.Now += span;
        }
        return left;
    }

    private static async Task<IReadOnlyList<string>> StatesAsync(Scenario given)
    {
        await using var db = given.Open();
        return [.. (await db.OutboxMessages.AsNoTracking().ToListAsync()).Select(message => $"{message.State} {message.Rule}")];
    }

    private static string Address(int number, string domain) => string.Create(CultureInfo.InvariantCulture, $"p{number}@{domain}");
}
