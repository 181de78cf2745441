using System.Text;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Imports;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Imports;

/// <summary>One database and files that are imported into it at a fixed time.</summary>
internal sealed class ImportScene(TestDatabase database) : IAsyncDisposable
{
    public static readonly DateTimeOffset Now = new(2026, 11, 22, 3, 0, 0, TimeSpan.Zero);

    private static readonly string[] Tables = ["contacts", "contact_sources", "contact_tags", "purchases", "deals", "consent_entries", "stimuli", "lead_events", "settings"];

    public static async Task<ImportScene> OnAsync(DatabaseProvider provider) => new(await TestDatabases.CreateAsync(provider));

    public AutomationDb Open() => database.CreateDbContext();

    public IDbContextFactory<AutomationDb> Databases => database;

    public Task<ImportReport> ImportAsync(ImportKind kind, string text, string file = "file.csv") => ImportAsync(kind, Encoding.UTF8.GetBytes(text), file);

    public Task<ImportReport> ImportAsync(ImportKind kind, byte[] content, string file = "file.csv") =>
        ImportAsync(new ImportRequest { Kind = kind, Content = new MemoryStream(content), FileName = file, Actor = "import" });

    public Task<ImportReport> ImportAsync(ImportRequest request) => Importer.ImportAsync(database, request, progress: null, new StoppedClock(), CancellationToken.None);

    public static ImportRequest WithConsent(string text, ConsentBasis basis = ConsentBasis.ExistingRelationship) => new()
    {
        Kind = ImportKind.Customers,
        Content = new MemoryStream(Encoding.UTF8.GetBytes(text)),
        FileName = "file.csv",
        Actor = "import",
        Basis = basis,
        Evidence = "contract 12",
    };

    public async Task<string> FaultAsync(ImportKind kind, byte[] content)
    {
        var before = await DumpAsync();
        var fault = await Assert.ThrowsAsync<BadInputException>(() => ImportAsync(kind, content));
        Assert.Equal(before, await DumpAsync());
        return fault.Message;
    }

    public Task<string> FaultAsync(ImportKind kind, string text) => FaultAsync(kind, Encoding.UTF8.GetBytes(text));

    public async Task<Contact> PersonAsync(string externalId)
    {
        await using var db = Open();
        return await db.Contacts.AsNoTracking().SingleAsync(person => person.ExternalId == externalId);
    }

    public async Task WithdrawAsync(string externalId)
    {
        var person = await PersonAsync(externalId);
        await using var db = Open();
        db.ConsentEntries.Add(new ConsentEntry
        {
            Id = Guid.CreateVersion7(Now),
            ContactId = person.Id,
            State = ConsentState.Withdrawn,
            Basis = ConsentBasis.OwnWithdrawal,
            Source = "one-click",
            Actor = "person",
            At = Now.AddDays(-1),
        });
        await db.SaveChangesAsync();
    }

    /// <summary>Every value of every row that an import could touch.</summary>
    public async Task<string> DumpAsync()
    {
        await using var db = Open();
        await db.Database.OpenConnectionAsync();
        var dump = new StringBuilder();
        foreach (var table in Tables)
        {
            var rows = new List<string>();
            await using var command = db.Database.GetDbConnection().CreateCommand();
#pragma warning disable CA2100 // The table names are constants above.
            command.CommandText = "SELECT * FROM " + table;
#pragma warning restore CA2100
            await using var reader = await command.ExecuteReaderAsync();
            var values = new object[reader.FieldCount];
            while (await reader.ReadAsync())
            {
                reader.GetValues(values);
                rows.Add(string.Join('|', values));
            }
            rows.Sort(StringComparer.Ordinal);
            dump.AppendLine(table).AppendJoin('\n', rows).AppendLine();
        }
        return dump.ToString();
    }

    public ValueTask DisposeAsync() => database.DisposeAsync();

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
