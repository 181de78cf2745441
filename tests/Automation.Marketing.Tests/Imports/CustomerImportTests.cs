using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Imports;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Imports;

public sealed class CustomerImportTests
{
    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    private const string Japanese = """
        会員番号,メールアドレス,氏名,フリガナ,会社名,郵便番号,都道府県,住所,電話番号,生年月日,タグ
        K-1,Ada@Example.com,山田 花子,ﾔﾏﾀﾞ ﾊﾅｺ,㈱山田,〒060−0001,北海道,"札幌市,中央区",０１１-222-3333,1980/4/1,優良;贈答、蟹
        K-2,bob@example.com,鈴木 一郎,,,1500001,東京,,03(1234)5678,,
        """;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_Japanese_file_is_read_and_brought_into_one_form(DatabaseProvider provider)
    {
        await using var scene = await ImportScene.OnAsync(provider);
        var report = await scene.ImportAsync(ImportKind.Customers, Japanese);
        Assert.Equal((2, 2, 0, 0), (report.RowsRead, report.Taken, report.Changed, report.Refused));
        var hanako = await scene.PersonAsync("K-1");
        Assert.Equal(("Ada@Example.com", "ada@example.com", "ヤマダ ハナコ"), (hanako.Email, hanako.EmailKey, hanako.Kana));
        Assert.Equal(("060-0001", "北海道", "0112223333", new DateOnly(1980, 4, 1)), (hanako.PostalCode, hanako.Prefecture, hanako.Phone, hanako.BirthDate));
        Assert.Equal("札幌市,中央区", hanako.Address);
        Assert.Equal("東京都", (await scene.PersonAsync("K-2")).Prefecture);
        await using var db = scene.Open();
        Assert.Equal(["優良", "蟹", "贈答"], (await db.ContactTags.Select(tag => tag.Tag).ToListAsync()).Order(StringComparer.Ordinal));
        Assert.Equal(2, await db.ContactSources.CountAsync(source => source.Source == "import:file.csv"));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task The_same_file_again_changes_nothing(DatabaseProvider provider)
    {
        await using var scene = await ImportScene.OnAsync(provider);
        await scene.ImportAsync(ImportKind.Customers, Japanese);
        var before = await scene.DumpAsync();
        var report = await scene.ImportAsync(ImportKind.Customers, Japanese);
        Assert.Equal((0, 0, 2, 0), (report.Taken, report.Changed, report.Unchanged, report.Refused));
        Assert.Equal(before, await scene.DumpAsync());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_dry_run_reports_the_same_and_changes_nothing(DatabaseProvider provider)
    {
        await using var scene = await ImportScene.OnAsync(provider);
        var before = await scene.DumpAsync();
        var rehearsal = await scene.ImportAsync(ImportScene.WithConsent("external_id,email\n1,a@example.com\n2,wrong\n") with { DryRun = true });
        Assert.Equal(before, await scene.DumpAsync());
        var report = await scene.ImportAsync(ImportScene.WithConsent("external_id,email\n1,a@example.com\n2,wrong\n"));
        Assert.Equal((report.Taken, report.Refused, report.ConsentGranted), (rehearsal.Taken, rehearsal.Refused, rehearsal.ConsentGranted));
        Assert.Equal((1, 1, 1), (report.Taken, report.Refused, report.ConsentGranted));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Newer_data_replaces_older_but_a_blank_replaces_nothing(DatabaseProvider provider)
    {
        await using var scene = await ImportScene.OnAsync(provider);
        await scene.ImportAsync(ImportKind.Customers, "external_id,email,name,phone\n1,a@example.com,Old,0312345678\n");
        var report = await scene.ImportAsync(ImportKind.Customers, "external_id,email,name,phone\n1,b@example.com,New,\n");
        Assert.Equal((0, 1), (report.Taken, report.Changed));
        var person = await scene.PersonAsync("1");
        Assert.Equal(("b@example.com", "New", "0312345678"), (person.EmailKey, person.Name, person.Phone));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_person_known_by_address_alone_gets_the_number(DatabaseProvider provider)
    {
        await using var scene = await ImportScene.OnAsync(provider);
        await scene.ImportAsync(ImportKind.Customers, "email\na@example.com\n");
        var report = await scene.ImportAsync(ImportKind.Customers, "external_id,email\n7,A@EXAMPLE.com\n");
        Assert.Equal((0, 1), (report.Taken, report.Changed));
        Assert.Equal("a@example.com", (await scene.PersonAsync("7")).Email);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_row_that_joins_two_people_is_refused_and_the_others_are_taken(DatabaseProvider provider)
    {
        await using var scene = await ImportScene.OnAsync(provider);
        await scene.ImportAsync(ImportKind.Customers, "external_id,email\n1,a@example.com\n2,b@example.com\n");
        var report = await scene.ImportAsync(ImportKind.Customers, "external_id,email\n1,b@example.com\n3,a@example.com\n4,d@example.com\n");
        Assert.Equal((1, 2), (report.Taken, report.Refused));
        Assert.Equal("file.csv(2,2)/email: belongs to another person than the customer number.", report.Refusals[0].ToString());
        Assert.Equal("file.csv(3,1)/external_id: differs from the number that the person with this address already has.", report.Refusals[1].ToString());
        Assert.Equal("a@example.com", (await scene.PersonAsync("1")).EmailKey);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_address_can_move_between_people_within_a_file(DatabaseProvider provider)
    {
        await using var scene = await ImportScene.OnAsync(provider);
        await scene.ImportAsync(ImportKind.Customers, "external_id,email\n1,a@example.com\n2,b@example.com\n");
        var report = await scene.ImportAsync(ImportKind.Customers, "external_id,email\n1,c@example.com\n2,a@example.com\n3,b@example.com\n");
        Assert.Equal((1, 2, 0), (report.Taken, report.Changed, report.Refused));
        Assert.Equal("a@example.com", (await scene.PersonAsync("2")).EmailKey);
        Assert.Equal("b@example.com", (await scene.PersonAsync("3")).EmailKey);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_row_that_contradicts_an_earlier_one_is_refused_so_that_a_second_import_changes_nothing(DatabaseProvider provider)
    {
        await using var scene = await ImportScene.OnAsync(provider);
        const string File = "external_id,name,company\n1,First,\n1,Second,\n1,,Acme\n";
        var report = await scene.ImportAsync(ImportKind.Customers, File);
        Assert.Equal((1, 1, 1), (report.Taken, report.Changed, report.Refused));
        var before = await scene.DumpAsync();
        report = await scene.ImportAsync(ImportKind.Customers, File);
        Assert.Equal((0, 0, 2, 1), (report.Taken, report.Changed, report.Unchanged, report.Refused));
        Assert.Equal(before, await scene.DumpAsync());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Wrong_values_refuse_their_rows_by_field(DatabaseProvider provider)
    {
        await using var scene = await ImportScene.OnAsync(provider);
        var report = await scene.ImportAsync(ImportKind.Customers, """
            external_id,email,birth_date,postal_code,prefecture,phone
            1,not an address,,,,
            2,,2026-02-30,,,
            3,,,12,,
            4,,,,Atlantis,
            5,,,,,call me
            ,,,,,
            7,g@example.com,1999-12-31,,,
            """);
        Assert.Equal((1, 6), (report.Taken, report.Refused));
        Assert.Equal(
            ["email", "birth_date", "postal_code", "prefecture", "phone", "external_id"], report.Refusals.Select(refusal => refusal.Field));
        Assert.Equal([2L, 3, 4, 5, 6, 7], report.Refusals.Select(refusal => refusal.Line));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Without_basis_and_evidence_nobody_is_mailable_and_the_report_says_so(DatabaseProvider provider)
    {
        await using var scene = await ImportScene.OnAsync(provider);
        var report = await scene.ImportAsync(ImportKind.Customers, "external_id,email\n1,a@example.com\n2,b@example.com\n");
        Assert.Equal((0, 2), (report.ConsentGranted, report.ConsentMissing));
        await using var db = scene.Open();
        Assert.Equal(0, await db.ConsentEntries.CountAsync());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Basis_and_evidence_grant_once_to_those_of_whom_nothing_is_known(DatabaseProvider provider)
    {
        await using var scene = await ImportScene.OnAsync(provider);
        var report = await scene.ImportAsync(ImportScene.WithConsent("external_id,email\n1,a@example.com\n"));
        Assert.Equal((1, 0), (report.ConsentGranted, report.ConsentMissing));
        Assert.Equal(0, (await scene.ImportAsync(ImportScene.WithConsent("external_id,email\n1,a@example.com\n"))).ConsentGranted);
        await using var db = scene.Open();
        var entry = await db.ConsentEntries.SingleAsync();
        Assert.Equal((ConsentState.Granted, ConsentBasis.ExistingRelationship, "contract 12"), (entry.State, entry.Basis, entry.Evidence));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task No_import_lifts_a_withdrawal_not_even_an_opt_in(DatabaseProvider provider)
    {
        await using var scene = await ImportScene.OnAsync(provider);
        await scene.ImportAsync(ImportKind.Customers, "external_id,email\n1,a@example.com\n");
        await scene.WithdrawAsync("1");
        var report = await scene.ImportAsync(ImportScene.WithConsent("external_id,email\n1,a2@example.com\n", ConsentBasis.DoubleOptIn));
        Assert.Equal((0, 1), (report.ConsentGranted, report.WithdrawalsKept));
        await using var db = scene.Open();
        Assert.Equal(ConsentState.Withdrawn, (await db.ConsentEntries.SingleAsync()).State);
    }

    [Fact]
    public async Task A_basis_without_evidence_is_refused()
    {
        await using var scene = await ImportScene.OnAsync(DatabaseProvider.Sqlite);
        var fault = await Assert.ThrowsAsync<BadInputException>(
            () => scene.ImportAsync(ImportScene.WithConsent("external_id,email\n1,a@example.com\n") with { Evidence = " " }));
        Assert.Equal("--evidence", fault.Place);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Rows_without_recommended_fields_are_counted_by_field(DatabaseProvider provider)
    {
        await using var scene = await ImportScene.OnAsync(provider);
        var report = await scene.ImportAsync(ImportKind.Customers, "external_id,email,name,prefecture\n1,,A,東京都\n2,b@example.com,,\n");
        Assert.Equal([("email", 1L, 2L), ("name", 1L, 3L), ("prefecture", 1L, 3L)], report.Missing.Select(field => (field.Field, field.Rows, field.FirstLines[0])));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_import_starts_no_flow(DatabaseProvider provider)
    {
        await using var scene = await ImportScene.OnAsync(provider);
        await scene.ImportAsync(ImportKind.Customers, Japanese);
        await using var db = scene.Open();
        Assert.Equal((0, 0), (await db.Stimuli.CountAsync(), await db.LeadEvents.CountAsync()));
    }

    [Fact]
    public async Task All_47_prefectures_are_known_with_and_without_their_last_character()
    {
        await using var scene = await ImportScene.OnAsync(DatabaseProvider.Sqlite);
        string[] names = ["青森", "東京", "京都", "大阪", "神奈川", "和歌山", "鹿児島", "沖縄", "北海道", "京都府", "東京都"];
        var report = await scene.ImportAsync(
            ImportKind.Customers, "external_id,prefecture\n" + string.Join('\n', names.Select((name, at) => $"{at},{name}")));
        Assert.Equal(0, report.Refused);
        Assert.Equal("京都府", (await scene.PersonAsync("2")).Prefecture);
        Assert.Equal("鹿児島県", (await scene.PersonAsync("6")).Prefecture);
    }
}
