using System.Globalization;
using System.Text.Json;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Contacts;

public sealed class EventIntakeTests
{
    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_event_about_somebody_new_creates_the_person_and_starts_flows(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var taken = await given.TakeAsync(Json("""
            {"source":"form","id":"1","type":"lead.created","occurredAt":"2026-11-15T12:00:00+09:00","contact":{"email":"Ada@example.com","name":"Ada","tags":["旅館","b2b"],
             "prefecture":"福井県","birthDate":"1990-02-28","language":"en","timeZone":"Europe/Rome"},"data":{"page":"/ryokan"}}
            """));
        Assert.False(Assert.Single(taken).Duplicate);
        await using var db = given.Open();
        var contact = await db.Contacts.SingleAsync();
        Assert.Equal((taken[0].ContactId, "Ada@example.com", "ada@example.com", "Ada", "福井県", new DateOnly(1990, 2, 28)),
            (contact.Id, contact.Email, contact.EmailKey, contact.Name, contact.Prefecture, contact.BirthDate!.Value));
        Assert.Equal(["b2b", "旅館"], await db.ContactTags.Select(tag => tag.Tag).OrderBy(tag => tag).ToListAsync());
        Assert.Equal("api:form", (await db.ContactSources.SingleAsync()).Source);
        var lead = await db.LeadEvents.SingleAsync();
        Assert.Equal((new DateTimeOffset(2026, 11, 15, 3, 0, 0, TimeSpan.Zero), given.Clock.Now), (lead.OccurredAt, lead.ReceivedAt));
        var stimulus = await db.Stimuli.SingleAsync(one => one.Name == Stimuli.EventReceived);
        Assert.Equal((Stimuli.EventReceived, "lead.created", contact.Id), (stimulus.Name, stimulus.Key, stimulus.ContactId));
        Assert.Equal("/ryokan", JsonDocument.Parse(stimulus.Payload).RootElement.GetProperty("data").GetProperty("page").GetString());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task What_an_event_does_not_say_stays_as_it_was(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.TakeAsync(Json("""{"source":"a","id":"1","type":"x","contact":{"email":"ada@example.com","name":"Ada","phone":"0776"}}"""));
        await given.TakeAsync(Json("""{"source":"a","id":"2","type":"x","contact":{"email":"ada@example.com","name":"Ada L.","company":null}}"""));
        await using var db = given.Open();
        var contact = await db.Contacts.SingleAsync();
        Assert.Equal(("Ada L.", "0776"), (contact.Name, contact.Phone));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Two_sources_that_mean_the_same_person_feed_one_profile(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.TakeAsync(
            Json("""{"source":"form","id":"1","type":"x","contact":{"email":"ADA@example.com"}}"""),
            Json("""{"source":"shop","id":"1","type":"x","contact":{"email":"ada@example.com","externalId":"C-1"}}"""),
            Json("""{"source":"pos","id":"1","type":"x","contact":{"externalId":"C-1","name":"Ada"}}"""));
        await using var db = given.Open();
        var contact = await db.Contacts.SingleAsync();
        Assert.Equal(("C-1", "Ada"), (contact.ExternalId, contact.Name));
        Assert.Equal(["api:form", "api:pos", "api:shop"], await db.ContactSources.Select(source => source.Source).OrderBy(source => source).ToListAsync());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_replayed_event_changes_nothing_and_starts_nothing(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var first = Json("""{"source":"a","id":"1","type":"lead.created","contact":{"email":"ada@example.com","name":"Ada"}}""");
        var again = Json("""{"source":"a","id":"1","type":"lead.created","contact":{"email":"ada@example.com","name":"Somebody else"}}""");
        var other = Json("""{"source":"b","id":"1","type":"lead.created","contact":{"email":"ada@example.com"}}""");
        var before = (await given.TakeAsync(first))[0];
        var taken = await given.TakeAsync(again, other, other);
        Assert.Equal([true, false, true], taken.Select(one => one.Duplicate));
        Assert.All(taken, one => Assert.Equal(before.ContactId, one.ContactId));
        await using var db = given.Open();
        Assert.Equal("Ada", (await db.Contacts.SingleAsync()).Name);
        Assert.Equal((2, 2), (await db.LeadEvents.CountAsync(), await db.Stimuli.CountAsync()));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task The_same_event_posted_many_times_at_once_is_taken_once(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var lead = Json("""{"source":"a","id":"1","type":"lead.created","contact":{"email":"ada@example.com"}}""");
        var taken = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => given.TakeAsync(lead)));
        Assert.Single(taken, one => !one[0].Duplicate);
        await using var db = given.Open();
        Assert.Equal((1, 1, 1), (await db.Contacts.CountAsync(), await db.LeadEvents.CountAsync(), await db.Stimuli.CountAsync()));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_event_that_would_join_two_people_is_refused_and_its_field_named(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.TakeAsync(
            Json("""{"source":"a","id":"1","type":"x","contact":{"email":"ada@example.com"}}"""),
            Json("""{"source":"a","id":"2","type":"x","contact":{"externalId":"C-2"}}"""));
        var joining = await Assert.ThrowsAsync<BadInputException>(() => given.TakeAsync(
            Json("""{"source":"a","id":"3","type":"x","contact":{"email":"new@example.com"}}"""),
            Json("""{"source":"a","id":"4","type":"x","contact":{"email":"ada@example.com","externalId":"C-2"}}""")));
        Assert.Equal("events[1].contact.externalId", joining.Place);
        await using var db = given.Open();
        Assert.Equal((2, 2), (await db.Contacts.CountAsync(), await db.LeadEvents.CountAsync()));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_person_keeps_one_customer_number(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.TakeAsync(Json("""{"source":"a","id":"1","type":"x","contact":{"email":"ada@example.com","externalId":"C-1"}}"""));
        var other = await Assert.ThrowsAsync<BadInputException>(() => given.TakeAsync(Json("""{"source":"a","id":"2","type":"x","contact":{"email":"ada@example.com","externalId":"C-9"}}""")));
        Assert.Equal("events[0].contact.externalId", other.Place);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_event_older_than_seven_days_updates_data_only(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.TakeAsync(Timed("1", given.Clock.Now.AddDays(-7)), Timed("2", given.Clock.Now.AddDays(-7).AddSeconds(-1)));
        await using var db = given.Open();
        Assert.Equal(2, await db.LeadEvents.CountAsync());
        Assert.Equal("person-1@example.com", await db.Contacts.Where(contact => contact.Id == db.Stimuli.Single().ContactId).Select(contact => contact.Email).SingleAsync());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_order_records_its_lines_once_on_the_shops_own_day(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        const string Order = """
            {"source":"shop","id":"%","type":"order.placed","occurredAt":"2026-11-15T15:30:00Z","contact":{"email":"ada@example.com"},
             "data":{"order_id":"W1","currency":"JPY","lines":[{"product":"越前がに","category":"かに","quantity":2,"net":29600.5,"cost":18000},{"product":"干物","net":4980}]}}
            """;
        await given.TakeAsync(Json(Order.Replace("%", "1", StringComparison.Ordinal)));
        await given.TakeAsync(Json(Order.Replace("%", "2", StringComparison.Ordinal)));
        await using var db = given.Open();
        var lines = await db.Purchases.OrderBy(line => line.Line).ToListAsync();
        Assert.Equal([("越前がに", 2m, 29600.5m, (decimal?)18000m), ("干物", 1m, 4980m, null)], lines.Select(line => (line.Product!, line.Quantity, line.Net, line.Cost)));
        Assert.All(lines, line => Assert.Equal(new DateOnly(2026, 11, 16), line.Date));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Consent_comes_with_its_basis_and_evidence(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.TakeAsync(Agreeing("1", "opt-in", "2026-11-15T12:00:00Z"), Agreeing("2", "business-card", "2026-11-15T13:00:00Z"));
        await using var db = given.Open();
        var line = await db.ConsentEntries.SingleAsync();
        Assert.Equal((ConsentState.Granted, ConsentBasis.OptIn, "api:form", "wording v3", "api-key"), (line.State, line.Basis, line.Source, line.Evidence, line.Actor));
    }

    [Theory]
    [InlineData(DatabaseProvider.Sqlite, "opt-in", 1, ConsentState.Granted)]
    [InlineData(DatabaseProvider.PostgreSql, "opt-in", 1, ConsentState.Granted)]
    [InlineData(DatabaseProvider.Sqlite, "opt-in", -1, ConsentState.Withdrawn)]
    [InlineData(DatabaseProvider.PostgreSql, "opt-in", -1, ConsentState.Withdrawn)]
    [InlineData(DatabaseProvider.Sqlite, "opt-in", 0, ConsentState.Withdrawn)]
    [InlineData(DatabaseProvider.PostgreSql, "opt-in", 0, ConsentState.Withdrawn)]
    [InlineData(DatabaseProvider.Sqlite, "existing-relationship", 1, ConsentState.Withdrawn)]
    [InlineData(DatabaseProvider.PostgreSql, "business-card", 1, ConsentState.Withdrawn)]
    public async Task A_withdrawal_is_lifted_only_by_the_persons_own_later_act(DatabaseProvider provider, string basis, int hoursAfter, ConsentState state)
    {
        await using var given = await Scenario.OnAsync(provider);
        var withdrawn = given.Clock.Now.AddDays(-1);
        var ada = await given.Contact("ada@example.com").WhoUnsubscribed(withdrawn);
        await given.TakeAsync(Agreeing("1", basis, withdrawn.AddHours(hoursAfter).ToString("O", CultureInfo.InvariantCulture)));
        await using var db = given.Open();
        Assert.Equal(state, (await ConsentLedger.StatesAsync(db, [ada.Id], default))[ada.Id].State);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_consent_dated_in_the_future_cannot_outlive_an_unsubscribe(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var taken = await given.TakeAsync(Agreeing("1", "opt-in", "2099-01-01T00:00:00Z"));
        given.Clock.Now = given.Clock.Now.AddMinutes(1);
        await using var db = given.Open();
        var contact = await db.Contacts.SingleAsync();
        await given.UnsubscribeAsync(contact);
        Assert.Equal(ConsentState.Withdrawn, (await ConsentLedger.StatesAsync(db, [taken[0].ContactId], default))[contact.Id].State);
    }

    [Fact]
    public async Task Data_that_arrives_while_sales_hands_a_deal_back_does_not_undo_it()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.PostgreSql);
        var ada = await given.Contact("ada@example.com").WhomSalesOwns();
        await using var db = given.Open();
        await using var transaction = await db.BeginWriteAsync(default);
        await db.ExecuteAsync("UPDATE contacts SET sales_owned = @p1 WHERE id = @p0", default, ada.Id, false);
        var taking = given.TakeAsync(Json("""{"source":"a","id":"1","type":"x","contact":{"email":"ada@example.com","name":"Ada"}}"""));
        await given.SomebodyWaitsAsync();
        await transaction.CommitAsync(default);
        await taking;
        var contact = await db.Contacts.AsNoTracking().SingleAsync();
        Assert.Equal(("Ada", false), (contact.Name, contact.SalesOwned));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Whatever_text_gets_in_can_be_read_by_flows(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.PublishShippedFlowsAsync();
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", LeadEventInput.MaxDataDepth - 1)) + "1" + new string('}', LeadEventInput.MaxDataDepth - 1);
        await given.TakeAsync(
            Json("""{"source":"a","id":"1","type":"lead.created","contact":{"email":"a@example.com"},"data":{"nul":"\u0000","twice":1,"twice":2,"emoji":"\ud83e\udd80"}}"""),
            Json($$"""{"source":"a","id":"2","type":"lead.created","contact":{"email":"b@example.com"},"data":{{deep}}}"""));
        await given.WorkAsync();
        await using var db = given.Open();
        Assert.Empty(await db.Stimuli.ToListAsync());
        Assert.Equal(2, await db.FlowInstances.CountAsync(instance => instance.DefinitionId == "welcome"));
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    private static JsonElement Timed(string id, DateTimeOffset at) =>
        Json($$$"""{"source":"a","id":"{{{id}}}","type":"lead.created","occurredAt":"{{{at:O}}}","contact":{"email":"person-{{{id}}}@example.com"} }""");

    private static JsonElement Agreeing(string id, string basis, string at) =>
        Json($$$"""{"source":"form","id":"{{{id}}}","type":"x","occurredAt":"{{{at}}}","contact":{"email":"ada@example.com","consent":{"basis":"{{{basis}}}","evidence":"wording v3"} } }""");
}
