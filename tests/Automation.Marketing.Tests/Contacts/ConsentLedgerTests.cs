using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;

namespace Automation.Marketing.Tests.Contacts;

public sealed class ConsentLedgerTests
{
    private static readonly DateTimeOffset Then = Scenario.Monday.AddDays(-3);

    [Theory]
    [InlineData(ConsentState.None, ConsentBasis.ExistingRelationship, 0, true)]
    [InlineData(ConsentState.Pending, ConsentBasis.DoubleOptIn, 0, true)]
    [InlineData(ConsentState.Granted, ConsentBasis.OptIn, 1, false)]               // not repeated
    [InlineData(ConsentState.Withdrawn, ConsentBasis.OptIn, 1, true)]
    [InlineData(ConsentState.Withdrawn, ConsentBasis.DoubleOptIn, 1, true)]
    [InlineData(ConsentState.Withdrawn, ConsentBasis.OptIn, 0, false)]
    [InlineData(ConsentState.Withdrawn, ConsentBasis.OptIn, -1, false)]
    [InlineData(ConsentState.Withdrawn, ConsentBasis.ExistingRelationship, 1, false)]
    [InlineData(ConsentState.Withdrawn, ConsentBasis.BusinessCard, 1, false)]
    [InlineData(ConsentState.Withdrawn, ConsentBasis.PublishedAddress, 1, false)]
    public void A_withdrawal_yields_only_to_the_persons_own_later_act(ConsentState standing, ConsentBasis basis, int hoursLater, bool may) =>
        Assert.Equal(may, ConsentLedger.MayGrant((standing, Then), basis, Then.AddHours(hoursLater)));

    [Theory]
    [MemberData(nameof(TestDatabases.Both), MemberType = typeof(TestDatabases))]
    public async Task The_newest_line_counts_whatever_the_order_of_writing(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoUnsubscribed(Then).WhoConsented(Then.AddDays(1)).WhoConsented(Then.AddDays(-9));
        var bob = await given.Contact("bob@example.com").WhoConsented(Then.AddDays(-1)).WhoUnsubscribed(Then);
        var eve = await given.Contact("eve@example.com");
        await using var db = given.Open();
        var states = await ConsentLedger.StatesAsync(db, [ada.Id, bob.Id, eve.Id, ada.Id], default);
        Assert.Equal((ConsentState.Granted, Then.AddDays(1)), states[ada.Id]);
        Assert.Equal((ConsentState.Withdrawn, Then), states[bob.Id]);
        Assert.DoesNotContain(eve.Id, states.Keys);
    }
}
