using Automation.Marketing.Contacts;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Server.Tests.Sending;
using Xunit.Abstractions;

namespace Automation.Server.Tests;

public sealed class KillTests(ITestOutputHelper output)
{
    // So many that no kill comes too late.
    private const int People = 6000;

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task A_broadcast_killed_again_and_again_mails_nobody_twice_and_forgets_nobody(DatabaseProvider provider)
    {
        await using var database = await TestDatabases.CreateAsync(provider);
        await using (var db = database.CreateDbContext()) await FillAsync(db);
        await using var run = new KilledBroadcast(database, RunningApp.Tokyo("1998-07-01 10:00"), output);
        await run.RunAsync(new { }, People, kills: 4);
        await run.CheckAsync(People);
    }

    [Theory]
    [InlineData(DatabaseProvider.Sqlite, 240, 5)]
    [InlineData(DatabaseProvider.PostgreSql, 120, 2)]
    public async Task A_flow_killed_again_and_again_brings_everyone_through_once(DatabaseProvider provider, int people, int kills)
    {
        await using var database = await TestDatabases.CreateAsync(provider);
        await using var flows = new KilledFlows(provider, database.ConnectionString, database.CreateDbContext, seed: 20);
        var found = await flows.RunAsync(people, kills);
        output.WriteLine(found.ToString());
        Assert.True(found.IsSound, found.ToString());
    }

    [Theory]
    [InlineData(DatabaseProvider.Sqlite, 1)]
    [InlineData(DatabaseProvider.PostgreSql, 1)]
    [InlineData(DatabaseProvider.PostgreSql, 3)]
    public async Task Whatever_the_provider_and_the_machine_do_nobody_is_mailed_twice_and_nothing_waits_for_ever(DatabaseProvider provider, int processes)
    {
        await using var database = await TestDatabases.CreateAsync(provider);
        await using var drill = new SendingDrill(provider, database.ConnectionString, database.CreateDbContext, processes, seed: 7);
        var found = await drill.RunAsync(people: 150, kills: 3);
        output.WriteLine(found.ToString());
        Assert.True(found.IsSound, found.ToString());
    }

    private static async Task FillAsync(AutomationDb db)
    {
        var now = RunningApp.Tokyo("1998-06-30 10:00");
        await db.SaveShopAsync(RunningApp.Shop, now, default);
        for (var number = 0; number < People; number++)
        {
            var contact = Contact.Create(Guid.CreateVersion7(now), now);
            contact.SetEmail(EmailAddress.Parse($"p{number}@example.com"));
            contact.Name = $"山田 {number}";
            db.Contacts.Add(contact);
            db.ConsentEntries.Add(new Marketing.Contacts.Consent.ConsentEntry
            {
                Id = Guid.CreateVersion7(now),
                ContactId = contact.Id,
                State = Marketing.Contacts.Consent.ConsentState.Granted,
                Basis = Marketing.Contacts.Consent.ConsentBasis.OptIn,
                Source = "test",
                Actor = "test",
                At = now,
            });
        }
        await db.SaveChangesAsync();
    }
}
