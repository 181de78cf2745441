using System.Globalization;
using System.Text;
using Automation.Marketing.Imports;
using Automation.Marketing.Storage;
using FsCheck;
using FsCheck.Fluent;

namespace Automation.Marketing.Tests.Imports;

public sealed class FileFaultTests
{
    private static readonly Encoding ShiftJis = CodePagesEncodingProvider.Instance.GetEncoding(932)!;

    [Theory]
    [InlineData("", "file.csv(1,1): the file is empty.")]
    [InlineData("external_id,shoe_size\n1,42\n", "file.csv(1,2): the column 'shoe_size' is not known; known are external_id, email, name, kana, company, postal_code, prefecture, address, phone, birth_date, tags.")]
    [InlineData("name\nAda\n", "file.csv(1,1): the column external_id or email is missing.")]
    [InlineData("external_id,会員番号\n1,2\n", "file.csv(1,2): the column '会員番号' is given twice.")]
    [InlineData("external_id,\n1,2\n", "file.csv(1,2): the column has no name.")]
    [InlineData("external_id,name\n1,Ada\n2\n", "file.csv(3,2): the row has 1 fields; the header has 2.")]
    [InlineData("external_id,name\n1,Ada,x\n", "file.csv(2,3): the row has 3 fields; the header has 2.")]
    [InlineData("external_id,name\n1,Ada\n2,\"Bob\n3,Cy\n", "file.csv(3,1): a quote is never closed.")]
    [InlineData("external_id,name\n1,\"Ada\"x\n", "file.csv(2,1): text follows a closing quote.")]
    [InlineData("external_id,name\n1,A\"da\n", "file.csv(2,1): a quote stands inside an unquoted field.")]
    [InlineData("external_id,name\n1,A\0da\n", "file.csv(2,1): holds a control character; it is not a text file.")]
    public async Task A_file_at_fault_is_refused_as_a_whole_with_its_place(string text, string expected)
    {
        await using var scene = await ImportScene.OnAsync(DatabaseProvider.Sqlite);
        Assert.Equal(expected, await scene.FaultAsync(ImportKind.Customers, text));
    }

    [Fact]
    public async Task A_fault_far_down_takes_back_everything_before_it()
    {
        await using var scene = await ImportScene.OnAsync(DatabaseProvider.Sqlite);
        var file = new StringBuilder("external_id,name\n");
        for (var row = 0; row < 5_000; row++) file.AppendLine(CultureInfo.InvariantCulture, $"{row},Ada");
        Assert.Equal("file.csv(5002,2): the row has 1 fields; the header has 2.", await scene.FaultAsync(ImportKind.Customers, file + "last\n"));
    }

    [Fact]
    public async Task A_header_alone_is_a_file_of_no_rows()
    {
        await using var scene = await ImportScene.OnAsync(DatabaseProvider.Sqlite);
        Assert.Equal(0, (await scene.ImportAsync(ImportKind.Customers, "external_id,email\n")).RowsRead);
    }

    [Theory]
    [InlineData("utf-8", false)]
    [InlineData("utf-8", true)]
    [InlineData("utf-16", true)]
    [InlineData("utf-16BE", true)]
    [InlineData("shift_jis", false)]
    public async Task Every_usual_encoding_gives_the_same_person(string name, bool mark)
    {
        await using var scene = await ImportScene.OnAsync(DatabaseProvider.Sqlite);
        var encoding = name == "shift_jis" ? ShiftJis : Encoding.GetEncoding(name);
        byte[] content = [.. mark ? encoding.GetPreamble() : [], .. encoding.GetBytes("会員番号,氏名,フリガナ\r\n1,髙橋 花子,ﾀｶﾊｼ\r\n")];
        await scene.ImportAsync(ImportKind.Customers, content);
        var person = await scene.PersonAsync("1");
        Assert.Equal(("髙橋 花子", "タカハシ"), (person.Name, person.Kana));
    }

    [Fact]
    public async Task A_file_of_two_encodings_is_refused_at_its_line()
    {
        await using var scene = await ImportScene.OnAsync(DatabaseProvider.Sqlite);
        byte[] content = [.. Encoding.UTF8.GetBytes("会員番号,氏名\n1,山田花子\n"), .. ShiftJis.GetBytes("2,鈴木一郎\n")];
        Assert.Equal("file.csv(3,1): the file mixes encodings: line 1 is UTF-8, line 3 is not.", await scene.FaultAsync(ImportKind.Customers, content));
    }

    [Fact]
    public async Task Bytes_of_no_encoding_are_refused_at_their_line()
    {
        await using var scene = await ImportScene.OnAsync(DatabaseProvider.Sqlite);
        byte[] content = [.. "external_id,name\n1,"u8, 0xFD, 0xFF, (byte)'\n'];
        Assert.Equal("file.csv(2,1): is neither UTF-8 nor Shift_JIS.", await scene.FaultAsync(ImportKind.Customers, content));
    }

    [Fact]
    public async Task A_record_without_end_is_refused_before_it_fills_the_memory()
    {
        await using var scene = await ImportScene.OnAsync(DatabaseProvider.Sqlite);
        var file = new StringBuilder("external_id,name\n1,\"");
        for (var row = 0; row < 100_000; row++) file.Append("2,Bob\n");
        Assert.StartsWith("file.csv(2,1): the record is longer than", await scene.FaultAsync(ImportKind.Customers, file.ToString()), StringComparison.Ordinal);
        Assert.StartsWith("file.csv(2,1): the line is longer than", await scene.FaultAsync(ImportKind.Customers, "external_id\n" + new string('x', 3_000_000)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_field_that_is_too_long_refuses_its_row()
    {
        await using var scene = await ImportScene.OnAsync(DatabaseProvider.Sqlite);
        var report = await scene.ImportAsync(ImportKind.Customers, $"external_id,name\n1,{new string('x', 201)}\n2,ok\n");
        Assert.Equal((1, 1), (report.Taken, report.Refused));
        Assert.Equal("file.csv(2,2)/name: is longer than 200 characters.", report.Refusals[0].ToString());
    }

    [Fact]
    public async Task Random_bytes_give_a_report_or_a_named_error_and_a_dry_run_never_changes_anything()
    {
        await using var scene = await ImportScene.OnAsync(DatabaseProvider.Sqlite);
        var before = await scene.DumpAsync();
        var kinds = Enum.GetValues<ImportKind>();
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), content =>
        {
            foreach (var kind in kinds) Try(scene, kind, content).GetAwaiter().GetResult();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(150));
        Assert.Equal(before, await scene.DumpAsync());
    }

    [Fact]
    public async Task Random_rows_are_taken_whole_or_refused_and_a_second_import_changes_nothing()
    {
        await using var scene = await ImportScene.OnAsync(DatabaseProvider.Sqlite);
        var cell = Gen.Elements("1", "2", "3", "a@example.com", "A@EXAMPLE.COM", "b@example.com", "", " ", "山田", "ｱ", "\"", "\"x\"", "\"a,b\"", "2026-02-29", "x\ty", "1,2", "☃", "\uFFFF", "\uFDFA", "東京");
        var row = cell.ListOf(3).Select(cells => string.Join(',', cells));
        var file = row.ListOf().Select(rows => "external_id,email,name\n" + string.Join('\n', rows));
        Prop.ForAll(file.ToArbitrary(), text =>
        {
            var before = scene.DumpAsync().GetAwaiter().GetResult();
            ImportReport report;
            try
            {
                report = scene.ImportAsync(ImportKind.Customers, text).GetAwaiter().GetResult();
            }
            catch (BadInputException)
            {
                Assert.Equal(before, scene.DumpAsync().GetAwaiter().GetResult());
                return;
            }
            Assert.Equal(report.RowsRead, report.Taken + report.Changed + report.Unchanged + report.Refused);
            var after = scene.DumpAsync().GetAwaiter().GetResult();
            var again = scene.ImportAsync(ImportKind.Customers, text).GetAwaiter().GetResult();
            Assert.Equal((0, 0), (again.Taken, again.Changed));
            Assert.Equal(after, scene.DumpAsync().GetAwaiter().GetResult());
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(150));
    }

    private static async Task Try(ImportScene scene, ImportKind kind, byte[] content)
    {
        try
        {
            await scene.ImportAsync(new ImportRequest { Kind = kind, Content = new MemoryStream(content), FileName = "file.csv", Actor = "import", DryRun = true });
        }
        catch (BadInputException bad)
        {
            Assert.NotEmpty(bad.Place);
        }
    }
}
