using System.Collections.Concurrent;
using System.Globalization;
using Automation.Marketing.Campaigns;
using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Content;
using Automation.Marketing.Tests.Scenarios;
using Automation.SendGrid;
using Microsoft.EntityFrameworkCore;
using Xunit.Abstractions;

namespace Automation.Marketing.Tests.Campaigns.Calendar;

/// <summary>Three years of the crab shop's calendar on a moved clock, beside letters of other kinds: enough mail for every limit to bind.</summary>
public sealed class CrabShopYearsTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Tokyo = TimeSpan.FromHours(9);
    private static readonly DateTimeOffset Begin = new(2026, 9, 1, 9, 0, 0, Tokyo);
    private static readonly DateTimeOffset End = new(2029, 5, 1, 9, 0, 0, Tokyo);

    // The shop's own word for 2027: the opening is two days later than on paper.
    private static readonly DateOnly Opening2027 = new(2027, 11, 8);

    [Theory]
    [InlineData(DatabaseProvider.Sqlite, 20_000)]
    [InlineData(DatabaseProvider.PostgreSql, 1_000)]
    public async Task Every_season_goes_out_on_its_own_day_once_to_each_and_within_the_limits(DatabaseProvider provider, int customers)
    {
        await using var shop = await Scenario.OnAsync(provider, SendingPolicy.Shop, Begin);
        var accepted = new Counted();
        var process = new Workers(shop.Databases, shop.Clock, accepted);
        var people = await CustomersAsync(shop, customers);
        await LettersAsync(shop, process);
        await using (var db = shop.Open()) await SeasonCalendar.LoadAsync(db, CalendarTests.CrabShop, Begin, default);

        foreach (var month in Enumerable.Range(1, 32))
        {
            await shop.UntilAsync(Begin.AddMonths(month), process);
            await process.Calendar.RollOverAsync(default);
            await using var db = shop.Open();
            if (Begin.AddMonths(month) is { Year: 2027, Month: 9 }) await SeasonCalendar.SetAnchorDateAsync(db, "解禁日", 2027, Opening2027, shop.Clock.Now, default);
            if (Begin.AddMonths(month) is { Year: 2028, Month: 3 }) await RefuseAsync(shop, people.Where((_, at) => at % 50 == 0));
        }

        await using var after = shop.Open();
        Assert.Equal(
            [
                "crab-opening 2026-10-23", "crab-opening-everyone 2026-10-23", "crab-new-year 2026-12-02", "crab-last-call 2027-02-27",
                "crab-opening 2027-10-25", "crab-opening-everyone 2027-10-25", "crab-new-year 2027-12-02", "crab-last-call 2028-02-28",
                "crab-opening 2028-10-23", "crab-opening-everyone 2028-10-23", "crab-new-year 2028-12-02", "crab-last-call 2029-02-27",
            ],
            (await LaunchedAsync(after)).Select(one => $"{one.Key} {Day(one.SettledAt!.Value):yyyy-MM-dd}"));
        var mails = await after.OutboxMessages.AsNoTracking().ToListAsync();
        Assert.All(accepted.Of.Values, times => Assert.Equal(1, times));
        Assert.Equal(mails.Where(mail => mail.State is MessageState.Sent).Select(mail => mail.Id).Order(), accepted.Of.Keys.Order());
        WithinLimits(mails);
        await AccountsAreCompleteAsync(after, mails);
        await LastCallsAsync(after, mails);
        NobodyAfterRefusing(mails, people.Where((_, at) => at % 50 == 0).ToHashSet());
        Print(provider, mails);
    }

    // ---- the world ----

    private static async Task<IReadOnlyList<Guid>> CustomersAsync(Scenario shop, int count)
    {
        var dice = new Random(7);
        var ids = Enumerable.Range(0, count).Select(_ => Guid.CreateVersion7(shop.Clock.Now)).ToList();
        await using var db = shop.Open();
        await using var transaction = await db.BeginWriteAsync(default);
        await db.InsertManyAsync(
            "contacts", ["id", "external_id", "email", "email_key", "name", "language", "custom", "sales_owned", "created_at", "updated_at"],
            [.. ids.Select((id, at) => new object?[] { id, $"c{at}", $"c{at}@example.com", $"c{at}@example.com", "山田 花子", at % 10 == 0 ? "en" : "ja", "{}", false, Begin, Begin })], "", default);
        await ConsentLedger.WriteAsync(
            db,
            [.. ids.Select(id => new ConsentEntry { Id = Guid.CreateVersion7(Begin), ContactId = id, State = ConsentState.Granted, Basis = ConsentBasis.OptIn, Source = "form", Actor = "person", At = Begin.AddYears(-1) })],
            default);
        await db.InsertManyAsync("contact_tags", ["contact_id", "tag"], [.. ids.Where((_, at) => at % 20 == 0).Select(id => new object?[] { id, "letters" })], "", default);
        var orders = ids.SelectMany(id => OrdersOf(id, dice)).Select((order, at) => new object?[]
        {
            Guid.CreateVersion7(Begin), "web-shop", $"W{at}", 1, order.Person, order.Day, "越前がに", "かに", 1m, 14_800m, "JPY",
        }).ToList();
        await db.InsertManyAsync(
            "purchases", ["id", "source", "order_id", "line", "contact_id", "date", "product", "category", "quantity", "net", "currency"], orders, "", default);
        await transaction.CommitAsync(default);
        return ids;
    }

    // Half have bought before; in each season a quarter of all order, some of them in the three weeks before the last call.
    private static IEnumerable<(Guid Person, DateOnly Day)> OrdersOf(Guid person, Random dice)
    {
        if (dice.Next(2) == 0) yield return (person, new DateOnly(2025, 11, 10).AddDays(dice.Next(120)));
        foreach (var year in new[] { 2026, 2027, 2028 })
        {
            if (dice.Next(4) == 0) yield return (person, new DateOnly(year, 11, 10).AddDays(dice.Next(125)));
        }
    }

    // Three selling letters, one too many, to every twentieth customer before each season's mail, and a greeting on the very day before it.
    private static async Task LettersAsync(Scenario shop, Workers process)
    {
        var readers = new Audience(Tags: ["letters"]);
        await using var db = shop.Open();
        foreach (var year in new[] { 2026, 2027, 2028 })
        {
            foreach (var (month, day, approach, overCap) in new[] { (10, 2, Approach.A1, OverCap.Skip), (10, 15, Approach.A1, OverCap.Skip), (10, 18, Approach.A1, OverCap.Skip), (10, 22, Approach.A3, OverCap.Defer) })
            {
                var at = new DateTimeOffset(year, month, day, 20, 30, 0, Tokyo);
                process.Broadcasts.Create(
                    db, new NewBroadcast($"{at:yyyy-MM-dd}", "care/thanks-after-purchase", readers, at, at.AddDays(21), overCap, approach), "ada", Begin);
            }
        }
        await db.SaveChangesAsync();
    }

    private static async Task RefuseAsync(Scenario shop, IEnumerable<Guid> people)
    {
        await using var db = shop.Open();
        await using var transaction = await db.BeginWriteAsync(default);
        foreach (var person in people) await Marketing.Mail.Suppression.Refusals.WithdrawAsync(db, person, "one-click", evidence: null, ipAddress: null, shop.Clock.Now, shop.Clock.Now, default);
        await transaction.CommitAsync(default);
    }

    // ---- what must hold, counted by hand ----

    private static void WithinLimits(IReadOnlyList<OutboxMessage> mails)
    {
        foreach (var person in mails.Where(mail => mail.State is MessageState.Sent).GroupBy(mail => mail.ContactId))
        {
            var all = person.Select(mail => mail.SentAt!.Value).Order().ToList();
            var selling = person.Where(mail => mail.Approach is Approach.A1 or Approach.A2).Select(mail => mail.SentAt!.Value).Order().ToList();
            Assert.True(all.Select(Day).Distinct().Count() == all.Count, "two on one day");
            Assert.All(all.Zip(all.Skip(1)), pair => Assert.True(pair.Second - pair.First >= TimeSpan.FromHours(16)));
            Assert.All(all, at => Assert.InRange(at.ToOffset(Tokyo).TimeOfDay, TimeSpan.FromHours(8), TimeSpan.FromHours(21)));
            AtMost(2, TimeSpan.FromDays(30), selling);
            AtMost(8, TimeSpan.FromDays(365), selling);
            AtMost(3, TimeSpan.FromDays(30), all);
        }
    }

    private static void AtMost(int most, TimeSpan window, IReadOnlyList<DateTimeOffset> sent)
    {
        foreach (var at in sent) Assert.True(sent.Count(other => other > at - window && other <= at) <= most, $"more than {most} in {window.TotalDays} days up to {at:O}");
    }

    // Each of the frozen people has one mail, and each mail an end.
    private static async Task AccountsAreCompleteAsync(AutomationDb db, IReadOnlyList<OutboxMessage> mails)
    {
        Assert.All(await db.Broadcasts.AsNoTracking().ToListAsync(), broadcast => Assert.Equal(BroadcastState.Done, broadcast.State));
        var recipients = await db.BroadcastRecipients.AsNoTracking().ToListAsync();
        Assert.Equal(
            recipients.Select(one => (one.BroadcastId.ToString("N"), one.ContactId)).Order(),
            mails.Select(mail => (mail.OriginId, mail.ContactId)).Order());
        Assert.DoesNotContain(mails, mail => mail.State is MessageState.Deferred or MessageState.Queued or MessageState.Sending or MessageState.Uncertain);
    }

    private static async Task LastCallsAsync(AutomationDb db, IReadOnlyList<OutboxMessage> mails)
    {
        var bought = (await db.Purchases.AsNoTracking().ToListAsync()).ToLookup(purchase => purchase.ContactId, purchase => purchase.Date);
        foreach (var call in (await LaunchedAsync(db)).Where(one => one.Key == "crab-last-call"))
        {
            var day = Day(call.SettledAt!.Value);
            var meant = bought.Where(person => person.Any(date => date <= day) && !person.Any(date => date >= day.AddDays(-21) && date <= day)).Select(person => person.Key);
            var asked = mails.Where(mail => mail.OriginId == call.BroadcastId!.Value.ToString("N")).ToList();
            Assert.Contains(bought, person => person.Any(date => date >= day.AddDays(-21) && date <= day));
            Assert.Equal(meant.Order(), asked.Select(mail => mail.ContactId).Order());
            Assert.Contains(asked, mail => mail.State is MessageState.Sent);
        }
    }

    private static void NobodyAfterRefusing(IReadOnlyList<OutboxMessage> mails, HashSet<Guid> refused) =>
        Assert.DoesNotContain(mails, mail => refused.Contains(mail.ContactId) && mail.SentAt > new DateTimeOffset(2028, 3, 1, 9, 0, 0, Tokyo));

    private void Print(DatabaseProvider provider, IReadOnlyList<OutboxMessage> mails)
    {
        foreach (var line in mails.GroupBy(mail => (mail.State, mail.Rule)).OrderBy(line => line.Key.State).ThenBy(line => line.Key.Rule, StringComparer.Ordinal))
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{provider} {line.Key.State} {line.Key.Rule}: {line.Count()}"));
        // Without these the limits were never put to the test.
        Assert.Contains(mails, mail => mail is { State: MessageState.Skipped, Rule: "selling-30d" });
        Assert.Contains(mails, mail => mail.State is MessageState.Sent && mail.SentAt > mail.RequestedAt);
    }

    private static Task<List<Occurrence>> LaunchedAsync(AutomationDb db) =>
        db.Occurrences.AsNoTracking().Where(one => one.State == OccurrenceState.Launched).OrderBy(one => one.OpensAt).ThenBy(one => one.Key).ToListAsync();

    private static DateOnly Day(DateTimeOffset at) => DateOnly.FromDateTime(at.ToOffset(Tokyo).DateTime);

    /// <summary>A provider that takes everything and counts what it was given for each mail.</summary>
    private sealed class Counted : IMailProvider
    {
        public ConcurrentDictionary<Guid, int> Of { get; } = new();

        public Task<SendResult> SendAsync(MailSendRequest request, CancellationToken cancellation)
        {
            foreach (var mail in ScriptedProvider.MailsOf(request)) Of.AddOrUpdate(mail.MessageId, 1, (_, times) => times + 1);
            return Task.FromResult<SendResult>(new SendResult.Accepted("accepted"));
        }
    }
}
