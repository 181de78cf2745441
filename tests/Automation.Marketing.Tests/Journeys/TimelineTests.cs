using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Journeys;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;

namespace Automation.Marketing.Tests.Journeys;

public sealed class TimelineTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 1, 3, 0, 0, TimeSpan.Zero);
    private static readonly TimeZoneInfo Tokyo = TimeZoneInfo.FindSystemTimeZoneById("Asia/Tokyo");

    [Theory]
    [MemberData(nameof(TestDatabases.Both), MemberType = typeof(TestDatabases))]
    public async Task Pages_together_show_everything_once_and_newest_first_whatever_their_size(DatabaseProvider provider)
    {
        await using var database = await TestDatabases.CreateAsync(provider);
        await using var db = database.CreateDbContext();
        var person = await MakePersonAsync(db);
        var whole = await Timeline.PageAsync(db, person, before: null, size: 200, Tokyo, default);
        Assert.Null(whole.Next);
        Assert.Equal(1 + 25 + 12 + 1, whole.Entries.Count);
        Assert.Equal(whole.Entries.Select(entry => entry.At).OrderDescending(), whole.Entries.Select(entry => entry.At));

        foreach (var size in new[] { 1, 2, 7, 38 })
        {
            var shown = new List<string>();
            TimelineCursor? cursor = null;
            do
            {
                var page = await Timeline.PageAsync(db, person, cursor, size, Tokyo, default);
                Assert.True(page.Entries.Count <= size);
                shown.AddRange(page.Entries.Select(IdOf));
                cursor = page.Next is { } next ? TimelineCursor.Parse(next.ToString()) : null;
            }
            while (cursor is not null);
            Assert.Equal(whole.Entries.Select(IdOf), shown);
        }
    }

    [Theory]
    [MemberData(nameof(TestDatabases.Both), MemberType = typeof(TestDatabases))]
    public async Task Lines_of_one_order_are_one_purchase_and_nobody_elses_are_shown(DatabaseProvider provider)
    {
        await using var database = await TestDatabases.CreateAsync(provider);
        await using var db = database.CreateDbContext();
        var person = await MakePersonAsync(db);
        await MakePersonAsync(db, "other");
        var page = await Timeline.PageAsync(db, person, before: null, size: 200, Tokyo, default);
        var bought = page.Entries.OfType<TimelineEntry.Bought>().ToList();
        Assert.Equal(12, bought.Count);
        Assert.All(bought, order => Assert.Equal(2, order.Lines.Count));
        Assert.All(page.Entries.OfType<TimelineEntry.Reported>(), entry => Assert.Equal(person, entry.Event.ContactId));
    }

    [Theory]
    [MemberData(nameof(TestDatabases.Both), MemberType = typeof(TestDatabases))]
    public async Task A_mail_that_was_not_sent_stands_there_with_its_rule(DatabaseProvider provider)
    {
        await using var database = await TestDatabases.CreateAsync(provider);
        await using var db = database.CreateDbContext();
        var person = await MakePersonAsync(db, consents: false);
        var page = await Timeline.PageAsync(db, person, before: null, size: 200, Tokyo, default);
        var mail = Assert.Single(page.Entries.OfType<TimelineEntry.Mailed>());
        Assert.Equal((MessageState.Suppressed, "consent-none"), (mail.Message.State, mail.Message.Rule));
    }

    [Theory]
    [InlineData("")]
    [InlineData("12")]
    [InlineData("12.x")]
    [InlineData("-5.1")]
    [InlineData("9223372036854775807.1")]
    [InlineData("5.2147483647")]
    public void A_cursor_that_we_did_not_write_is_none(string text) => Assert.Null(TimelineCursor.Parse(text));

    // 25 events of which 20 share one instant, 12 orders of two lines on three days, one mail, one line of consent.
    private static async Task<Guid> MakePersonAsync(AutomationDb db, string name = "person", bool consents = true)
    {
        var id = Guid.CreateVersion7(Now);
        var contact = Contact.Create(id, Now);
        contact.SetEmail(EmailAddress.Parse($"{name}@example.com"));
        db.Contacts.Add(contact);
        db.ConsentEntries.Add(new ConsentEntry
        {
            Id = Guid.CreateVersion7(Now),
            ContactId = id,
            State = consents ? ConsentState.Granted : ConsentState.None,
            Basis = ConsentBasis.OptIn,
            Source = "form",
            Actor = "person",
            At = Now.AddDays(-400),
        });
        for (var number = 0; number < 25; number++)
        {
            var at = number < 20 ? Now.AddDays(-10) : Now.AddDays(-number);
            db.LeadEvents.Add(new LeadEvent { Id = Guid.CreateVersion7(Now), Source = name, SourceId = $"{number}", Type = "page.viewed", ContactId = id, OccurredAt = at, ReceivedAt = Now });
        }
        for (var line = 0; line < 24; line++)
        {
            db.Purchases.Add(new Purchase
            {
                Id = Guid.CreateVersion7(Now),
                Source = name,
                OrderId = $"{line / 2}",
                Line = line % 2,
                ContactId = id,
                Date = new DateOnly(2026, 10, 20).AddDays(-(line / 8)),
                Net = 1_000,
            });
        }
        await db.SaveChangesAsync();
        var request = new MailRequest(
            MessageIdentity.OfBroadcast(Guid.CreateVersion7(Now), id), "newsletter/monthly", MessageClass.Marketing, Approach.A1, OverCap.Skip, Priority: 30, ValidUntil: null);
        await using var transaction = await db.BeginWriteAsync(default);
        await Outbox.RequestAsync(db, [request], SendingPolicy.Shop, "Asia/Tokyo", Now, default);
        await transaction.CommitAsync(default);
        return id;
    }

    private static string IdOf(TimelineEntry entry) => entry switch
    {
        TimelineEntry.Reported reported => $"e{reported.Event.Id}",
        TimelineEntry.Bought bought => $"p{bought.OrderId}",
        TimelineEntry.Mailed mailed => $"m{mailed.Message.Id}",
        TimelineEntry.Consented consented => $"c{consented.Entry.Id}",
        _ => throw new InvalidOperationException($"No {entry.GetType().Name} was made."),
    };
}
