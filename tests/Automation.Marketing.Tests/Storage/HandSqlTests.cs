using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Storage;

/// <summary>What is written by hand, EF reads, and the other way round.</summary>
public sealed class HandSqlTests
{
    private static readonly Guid Id = Guid.Parse("0198d3a0-0000-7000-8000-00000000abcd");
    private static readonly DateTimeOffset Instant = new DateTimeOffset(2026, 11, 16, 10, 0, 0, 123, TimeSpan.FromHours(9)).AddTicks(4567);
    private static readonly DateTimeOffset Kept = new(2026, 11, 16, 1, 0, 0, 123, TimeSpan.Zero);
    private const string Words = "越前がに 🦀 'quoted' \"\\ \t\n";

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task One_parameter_holds_a_table_of_ids_with_a_word_each(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await using var db = given.Open();
        var rows = new[] { (Id, Words), (Guid.Parse("0198d3a0-0000-7000-8000-00000000abce"), "null"), (Guid.Parse("0198d3a0-0000-7000-8000-00000000abcf"), "") };
        var read = await db.QueryAsync(
            $"SELECT id, word FROM {db.Dialect.Rows("@p0")} AS given ORDER BY id", row => (row.Guid(0), row.Text(1)), default, db.Dialect.RowsOf(rows));
        Assert.Equal(rows, read);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Every_kind_of_value_written_by_hand_is_read_by_both(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await using var db = given.Open();
        await db.InsertManyAsync(
            "purchases", ["id", "source", "order_id", "line", "contact_id", "date", "product", "category", "quantity", "net", "cost", "currency"],
            [
                [Id, "a", "W1", 1, Id, new DateOnly(2026, 2, 28), Words, null, 0.0001m, -999_999_999_999.9999m, null, "JPY"],
                [Guid.NewGuid(), "a", "W1", 2, Id, new DateOnly(1926, 12, 25), null, "かに", 999_999_999_999.9999m, 0m, 12.5m, "USD"],
            ], "", default);
        await db.InsertManyAsync(
            "contacts", ["id", "custom", "sales_owned", "created_at", "updated_at", "birth_date"], [[Id, "{}", true, Instant, Instant, null]], "", default);
        await db.InsertManyAsync(
            "consent_entries", ["id", "contact_id", "channel", "topic", "state", "basis", "source", "actor", "at"],
            [[Id, Id, "email", "", ConsentState.Granted, ConsentBasis.DoubleOptIn, "form", "person", Instant]], "", default);
        byte[] body = [0, 1, 2, 255, 0];
        await db.ExecuteAsync("INSERT INTO webhook_batches (received_at, body) VALUES (@p0, @p1)", default, Instant, body);

        var lines = await db.QueryAsync(
            "SELECT id, line, date, product, category, quantity, net, cost FROM purchases ORDER BY line",
            row => (row.Guid(0), row.Int(1), row.Long(1), row.Date(2), row.TextOrNull(3), row.TextOrNull(4), row.Decimal(5), row.Decimal(6), row.IsNull(7)), default);
        Assert.Equal((Id, 1, 1L, new DateOnly(2026, 2, 28), Words, null, 0.0001m, -999_999_999_999.9999m, true), lines[0]);
        Assert.Equal((new DateOnly(1926, 12, 25), "かに", 999_999_999_999.9999m), (lines[1].Item4, lines[1].Item6, lines[1].Item7));
        var stored = await db.Purchases.SingleAsync(line => line.Id == Id);
        Assert.Equal((Words, 0.0001m, -999_999_999_999.9999m, null, new DateOnly(2026, 2, 28)), (stored.Product, stored.Quantity, stored.Net, stored.Cost, stored.Date));

        var contact = (await db.QueryAsync("SELECT sales_owned, created_at, birth_date, email FROM contacts WHERE id = @p0", row => (row.Bool(0), row.Instant(1), row.InstantOrNull(2), row.TextOrNull(3)), default, Id))[0];
        Assert.Equal((true, Kept, null, null), contact);
        Assert.Equal((true, Kept), ((await db.Contacts.SingleAsync()).SalesOwned, (await db.Contacts.SingleAsync()).CreatedAt));
        Assert.Equal((ConsentState.Granted, ConsentBasis.DoubleOptIn), ((await db.ConsentEntries.SingleAsync()).State, (await db.ConsentEntries.SingleAsync()).Basis));
        Assert.Equal(ConsentBasis.DoubleOptIn, (await db.QueryAsync("SELECT basis FROM consent_entries", row => row.Enum<ConsentBasis>(0), default))[0]);
        Assert.Equal(body, (await db.QueryAsync("SELECT body FROM webhook_batches", row => row.Bytes(0), default))[0]);
        Assert.Equal(body, (await db.WebhookBatches.SingleAsync()).Body);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task What_EF_writes_is_found_by_hand(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await using var db = given.Open();
        var contact = Contact.Create(Id, Instant);
        (contact.Name, contact.BirthDate, contact.SalesOwned) = (Words, new DateOnly(1990, 2, 28), true);
        db.Contacts.Add(contact);
        await db.SaveChangesAsync();
        var found = await db.QueryAsync(
            $"SELECT id, name, birth_date, sales_owned, created_at FROM contacts WHERE {db.Dialect.Among("id", "@p0")} AND created_at = @p1 AND sales_owned = @p2 AND birth_date = @p3 AND {db.Dialect.Among("name", "@p4")}",
            row => (row.GuidOrNull(0), row.Text(1), row.Date(2), row.Bool(3), row.Instant(4)), default,
            new[] { Id, Guid.NewGuid() }, Instant, true, new DateOnly(1990, 2, 28), new[] { "x", Words });
        Assert.Equal([(Id, Words, new DateOnly(1990, 2, 28), true, Kept)], found);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Many_rows_go_in_by_one_call_and_conflicts_as_they_are_told(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await using var db = given.Open();
        var rows = Enumerable.Range(0, 1203).Select(number => new object?[] { Id, "tag-" + number }).ToList();
        Assert.Equal(1203, await db.InsertManyAsync("contact_tags", ["contact_id", "tag"], rows, "ON CONFLICT DO NOTHING", default));
        Assert.Equal(1, await db.InsertManyAsync("contact_tags", ["contact_id", "tag"], [.. rows.Take(700), [Id, "new"]], "ON CONFLICT DO NOTHING", default));
        Assert.Equal(0, await db.InsertManyAsync("contact_tags", ["contact_id", "tag"], [], "", default));
        Assert.Equal(1204, (await db.QueryAsync("SELECT COUNT(*) FROM contact_tags", row => row.Int(0), default))[0]);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_transaction_that_is_not_committed_changes_nothing(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await using (var db = given.Open())
        {
            await using var transaction = await db.BeginWriteAsync(default);
            await db.InsertManyAsync("contact_tags", ["contact_id", "tag"], [[Id, "x"]], "", default);
        }
        await using var other = given.Open();
        Assert.Equal(0, await other.ContactTags.CountAsync());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Settings_come_back_as_they_were_saved(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await using var db = given.Open();
        var shop = await db.ShopAsync(default);
        await db.SaveShopAsync(shop with { Name = "かに \"屋\"", ReplyTo = null }, given.Clock.Now, default);
        Assert.Equal(shop with { Name = "かに \"屋\"", ReplyTo = null }, await db.ShopAsync(default));
    }

    [Fact]
    public void Ids_of_one_instant_count_on_and_are_of_version_7()
    {
        var ids = Enumerable.Range(0, 10_000).Select(_ => RowId.New(Instant)).ToList();
        Assert.Equal(ids.Order(), ids);
        Assert.Equal(ids.Select(id => id.ToString()).Order(StringComparer.Ordinal), ids.Select(id => id.ToString()));
        Assert.All(ids, id => Assert.Equal((7, 8), (id.Version, id.Variant & 0xC)));
        Assert.All(ids, id => Assert.StartsWith(Guid.CreateVersion7(Instant).ToString()[..13], id.ToString(), StringComparison.Ordinal));
        // Whoever shares an instant with others is told apart by the last 48 bits.
        Assert.Equal(ids.Count, ids.Select(id => id.ToString()[24..]).Distinct().Count());
        Assert.True(RowId.New(Instant.AddMilliseconds(1)).CompareTo(ids[^1]) > 0);
    }

    [Fact]
    public void Many_threads_never_make_the_same_id()
    {
        var ids = new System.Collections.Concurrent.ConcurrentBag<Guid>();
        Parallel.For(0, 8, _ =>
        {
            for (var number = 0; number < 20_000; number++) ids.Add(RowId.New(Instant.AddMilliseconds(number % 3)));
        });
        Assert.Equal(160_000, ids.Distinct().Count());
        Assert.Throws<ArgumentOutOfRangeException>(() => RowId.New(DateTimeOffset.MinValue));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_row_that_breaks_a_rule_stops_the_others_and_the_statement_goes_on_working(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await using var db = given.Open();
        string[] columns = ["contact_id", "tag"];
        object?[] one = [Id, "一"], two = [Id, new string('x', 2000) + "蟹"];
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(async () =>
        {
            await using var transaction = await db.BeginWriteAsync(default);
            await db.InsertManyAsync("contact_tags", columns, [one, one], "", default);
        });
        Assert.Equal(1, await db.InsertManyAsync("contact_tags", columns, [one, one], "ON CONFLICT DO NOTHING", default));
        Assert.Equal(0, await db.ExecuteManyAsync("UPDATE contact_tags SET tag = @p1 WHERE contact_id = @p0 AND tag = @p2", [[Id, "二", "三"]], default));
        Assert.Equal(1, await db.ExecuteManyAsync("UPDATE contact_tags SET tag = @p1 WHERE contact_id = @p0 AND tag = @p2", [[Id, "二", "一"], [Id, "二", "三"]], default));
        if (provider is DatabaseProvider.Sqlite) Assert.Equal(1, await db.InsertManyAsync("contact_tags", columns, [two], "", default));
        Assert.Contains("二", await db.QueryAsync("SELECT tag FROM contact_tags", row => row.Text(0), default));
    }
}
