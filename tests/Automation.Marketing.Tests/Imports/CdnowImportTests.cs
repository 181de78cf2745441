using System.Globalization;
using System.Text;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Imports;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Microsoft.EntityFrameworkCore;
using Xunit.Abstractions;

namespace Automation.Marketing.Tests.Imports;

public sealed class CdnowImportTests(ITestOutputHelper output)
{
    private const string Header = " customer_id  date number_of_cds  dollar_value\r\n";

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Generated_purchases_and_their_people_are_taken_once(DatabaseProvider provider)
    {
        await using var scene = await ImportScene.OnAsync(provider);
        var file = new StringBuilder(Header);
        // Every third row is there twice, and people's rows cross the edges of batches.
        var rows = 0;
        for (var person = 1; person <= 1_500; person++)
        {
            for (var order = 0; order < 3; order++)
            {
                for (var copy = 0; copy < (order == 0 ? 2 : 1); copy++, rows++)
                    file.Append(CultureInfo.InvariantCulture, $" {person:00000} 199701{order + 1:00}  1   {person % 50}.77\r\n");
            }
        }
        var report = await scene.ImportAsync(ImportKind.Cdnow, file.ToString(), "cdnow.txt");
        Assert.Equal((rows, 1_500L, 0L), (report.Taken, report.PeopleTaken, report.Refused));
        Assert.Equal(1_500, report.ConsentMissing);
        var first = await scene.PersonAsync("cdnow-00001");
        Assert.Equal("cdnow-00001@example.com", first.Email);
        await using (var db = scene.Open())
        {
            var line = await db.Purchases.FirstAsync(purchase => purchase.ContactId == first.Id);
            Assert.Equal(("cdnow", "USD", 1.77m), (line.Source, line.Currency, line.Net));
        }
        var before = await scene.DumpAsync();
        report = await scene.ImportAsync(ImportKind.Cdnow, file.ToString(), "cdnow.txt");
        Assert.Equal((0L, 0L, rows, 0L), (report.Taken, report.Changed, report.Unchanged, report.PeopleTaken));
        Assert.Equal(before, await scene.DumpAsync());
    }

    [Theory]
    [InlineData("a b c d\n", "file.csv(1,1): the header must be customer_id date number_of_cds dollar_value.")]
    [InlineData(Header + "00001 19970101 1\r\n", "file.csv(2,4): the row has 3 fields; the header has 4.")]
    public async Task A_file_of_another_form_is_refused(string text, string expected)
    {
        await using var scene = await ImportScene.OnAsync(DatabaseProvider.Sqlite);
        Assert.Equal(expected, await scene.FaultAsync(ImportKind.Cdnow, text));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task The_real_file_gives_its_known_counts(DatabaseProvider provider)
    {
        if (RealFile() is not { } path)
        {
            output.WriteLine("0 rows: the CDNOW file is not beside this repository.");
            return;
        }
        await using var scene = await ImportScene.OnAsync(provider);
        var content = await File.ReadAllBytesAsync(path);
        var report = await scene.ImportAsync(Request(content));
        output.WriteLine($"{provider}: {report.RowsRead} rows, {report.Taken} purchases, {report.PeopleTaken} people, {report.ConsentGranted} consents.");
        Assert.Equal((69_659L, 69_659L, 23_570L, 23_570L, 0L), (report.RowsRead, report.Taken, report.PeopleTaken, report.ConsentGranted, report.Refused));
        report = await scene.ImportAsync(Request(content));
        Assert.Equal((0L, 0L, 69_659L, 0L, 0L), (report.Taken, report.Changed, report.Unchanged, report.PeopleTaken, report.ConsentGranted));
    }

    private static ImportRequest Request(byte[] content) => new()
    {
        Kind = ImportKind.Cdnow,
        Content = new MemoryStream(content),
        FileName = "CDNOW_master.txt",
        Actor = "import",
        Basis = ConsentBasis.ExistingRelationship,
        Evidence = "trial data",
    };

    internal static string? RealFile()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Automation.sln"))) folder = folder.Parent;
        if (folder?.Parent is not { } beside) return null;
        var data = Path.Combine(beside.FullName, "shared", "data", "cdnow");
        return Directory.Exists(data) ? Path.Combine(data, "CDNOW_master.txt") : null;
    }
}
