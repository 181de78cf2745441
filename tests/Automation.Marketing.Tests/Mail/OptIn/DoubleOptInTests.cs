using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.OptIn;
using Automation.Marketing.Mail.Suppression;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Mail.OptIn;

public sealed class DoubleOptInTests
{
    private static readonly Said Form = new("form:news", null, "192.0.2.7", "Mozilla/5.0");
    private static readonly Said Button = new("confirmation", null, "192.0.2.8", "Mozilla/5.0");

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Who_asks_to_be_mailed_is_mailed_only_after_the_button(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com");
        Assert.Equal(OptInAnswer.Asked, await AskAsync(given, ada));
        Assert.Equal("consent-pending", (await given.AskAsync(given.Mail(ada))).Single().Rule);
        await given.SendAllAsync();
        Assert.Contains("/confirm/", given.Provider.Attempts.Single().Content![0].Value, StringComparison.Ordinal);

        var entry = await PendingAsync(given, ada);
        Assert.Equal(Confirmation.Granted, await ConfirmAsync(given, ada, entry.Id));
        Assert.Equal("", (await given.AskAsync(given.Mail(ada))).Single().Rule);
        await using var db = given.Open();
        var granted = await db.ConsentEntries.SingleAsync(line => line.State == ConsentState.Granted);
        Assert.Equal(
            (ConsentBasis.DoubleOptIn, "form:news", "words-3", "192.0.2.8", "Mozilla/5.0", entry.Id.ToString()),
            (granted.Basis, granted.Source, granted.Wording, granted.IpAddress, granted.UserAgent, granted.Evidence));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task The_link_lapses_after_72_hours(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var (early, late) = (await given.Contact("early@example.com"), await given.Contact("late@example.com"));
        foreach (var person in new[] { early, late }) await AskAsync(given, person);
        given.Clock.Now += TimeSpan.FromHours(72);
        Assert.Equal(Confirmation.Granted, await ConfirmAsync(given, early, (await PendingAsync(given, early)).Id));
        given.Clock.Now += TimeSpan.FromSeconds(1);
        Assert.Equal(Confirmation.Lapsed, await ConfirmAsync(given, late, (await PendingAsync(given, late)).Id));
        Assert.Equal(Confirmation.Unknown, await ConfirmAsync(given, early, (await PendingAsync(given, late)).Id));
        Assert.Equal("consent-pending", (await given.AskAsync(given.Mail(late))).Single().Rule);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_open_question_lifts_no_withdrawal_and_lets_no_import_lift_it(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoUnsubscribed();
        await AskAsync(given, ada);
        Assert.Equal("consent-withdrawn", (await given.AskAsync(given.Mail(ada))).Single().Rule);
        await using (var db = given.Open())
        {
            var standing = (await ConsentLedger.StatesAsync(db, [ada.Id], default))[ada.Id];
            Assert.False(ConsentLedger.MayGrant(standing, ConsentBasis.ExistingRelationship, given.Clock.Now));
        }
        Assert.Equal(Confirmation.Granted, await ConfirmAsync(given, ada, (await PendingAsync(given, ada)).Id));
        Assert.Equal("", (await given.AskAsync(given.Mail(ada))).Single().Rule);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_refusal_after_the_question_outlasts_its_link(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com");
        await AskAsync(given, ada);
        given.Clock.Now += TimeSpan.FromHours(1);
        await given.UnsubscribeAsync(ada);
        given.Clock.Now += TimeSpan.FromHours(1);
        Assert.Equal(Confirmation.Lapsed, await ConfirmAsync(given, ada, (await PendingAsync(given, ada)).Id));
        Assert.Equal("consent-withdrawn", (await given.AskAsync(given.Mail(ada))).Single().Rule);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Nobody_can_flood_an_address_with_questions(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com");
        for (var attempt = 0; attempt < 40; attempt++)
        {
            await AskAsync(given, ada);
            given.Clock.Now += TimeSpan.FromMinutes(7);
            await given.SendAllAsync();
        }
        Assert.Equal(3, given.Provider.Attempts.Count);
        await using var db = given.Open();
        Assert.Equal(3, await db.ConsentEntries.CountAsync());
    }

    private static async Task<OptInAnswer> AskAsync(Scenario given, Contact who)
    {
        await using var db = given.Open();
        await using var transaction = await db.BeginWriteAsync(default);
        var answer = await DoubleOptIn.AskAsync(db, new MailLinks(new byte[32], new Uri("https://mail.example.com/")), who.Id, "", "words-3", Form, given.Clock.Now, default);
        await transaction.CommitAsync(default);
        return answer;
    }

    private static async Task<Confirmation> ConfirmAsync(Scenario given, Contact who, Guid entry)
    {
        await using var db = given.Open();
        return await DoubleOptIn.ConfirmAsync(db, who.Id, entry, Button, given.Clock.Now, default);
    }

    private static async Task<ConsentEntry> PendingAsync(Scenario given, Contact who)
    {
        await using var db = given.Open();
        return await db.ConsentEntries.AsNoTracking().Where(line => line.ContactId == who.Id && line.State == ConsentState.Pending).OrderByDescending(line => line.At).FirstAsync();
    }
}
