using System.Text;
using Automation.Marketing.Imports;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Suppression;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Mail.Suppression;

public sealed class SuppressionListTests
{
    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_address_added_by_hand_gets_nothing_and_can_be_taken_off_again(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var waiting = await given.QueuedAsync(given.Mail(ada));
        await using var db = given.Open();
        await SuppressionList.AddAsync(db, " ADA@example.com ", SuppressionReason.Manual, "電話で依頼", "kanri", given.Clock.Now, default);
        Assert.Equal((MessageState.Suppressed, "suppressed-manual"), ((await given.MessageAsync(waiting.Id)) is var message ? (message.State, message.Rule) : default));
        await SuppressionList.RemoveAsync(db, "ada@example.com", SuppressionReason.Manual, "誤り", isSteward: false, typed: null, "kanri", given.Clock.Now, default);
        await given.QueuedAsync(given.Mail(ada));
        Assert.Equal(["suppression.added", "suppression.removed"], await db.AuditEntries.OrderBy(entry => entry.At).ThenBy(entry => entry.Action).Select(entry => entry.Action).ToListAsync());
    }

    [Theory]
    [InlineData(SuppressionReason.Complaint)]
    [InlineData(SuppressionReason.HardBounce)]
    [InlineData(SuppressionReason.Legal)]
    public async Task What_does_harm_is_taken_off_by_a_steward_who_types_the_address_only(SuppressionReason reason)
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        await given.Contact("ada@example.com").WhoConsented().WhoseAddressIsSuppressed(reason);
        await using var db = given.Open();
        await Refused(isSteward: false, "ada@example.com", "確認済み");
        await Refused(isSteward: true, "ada@example.co", "確認済み");
        await Refused(isSteward: true, "ada@example.com", " ");
        Assert.Equal(1, await db.SuppressedAddresses.CountAsync());
        await SuppressionList.RemoveAsync(db, "ada@example.com", reason, "本人に確認", isSteward: true, "ada@example.com", "steward", given.Clock.Now, default);
        Assert.Equal(0, await db.SuppressedAddresses.CountAsync());
        Assert.Equal("本人に確認", (await db.AuditEntries.SingleAsync()).Reason);

        Task Refused(bool isSteward, string typed, string why) => Assert.ThrowsAsync<RuleBrokenException>(() =>
            SuppressionList.RemoveAsync(db, "ada@example.com", reason, why, isSteward, typed, "someone", given.Clock.Now, default));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_file_of_addresses_is_taken_once_and_comes_out_as_it_went_in(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var waiting = await given.QueuedAsync(given.Mail(ada));
        const string File = "メールアドレス,理由,備考,登録日\nADA@example.com,complaint,\"said \"\"no\"\"\",2026-01-02\nnobody@example.com,,=1+1,\nbroken,manual,,\nx@example.com,because,,\n";
        var dry = await ImportAsync(given, File, dryRun: true);
        Assert.Equal((2, 2), (dry.Taken, dry.Refused));
        Assert.Equal(MessageState.Queued, (await given.MessageAsync(waiting.Id)).State);

        var report = await ImportAsync(given, File, dryRun: false);
        Assert.Equal((2, 2), (report.Taken, report.Refused));
        Assert.Equal(["email", "reason"], report.Refusals.Select(refusal => refusal.Field));
        Assert.Equal((MessageState.Suppressed, "suppressed-complaint"), ((await given.MessageAsync(waiting.Id)) is var message ? (message.State, message.Rule) : default));
        Assert.Equal((0, 2), ((await ImportAsync(given, File, dryRun: false)) is var again ? (again.Taken, again.Unchanged) : default));

        await using var db = given.Open();
        await using var output = new StringWriter { NewLine = "\n" };
        await SuppressionList.ExportAsync(db, output, default);
        var exported = output.ToString();
        Assert.Equal("email,reason,detail,since\nada@example.com,complaint,\"said \"\"no\"\"\",2026-01-02\nnobody@example.com,manual,'=1+1,2026-11-16\n", exported);
        await db.SuppressedAddresses.ExecuteDeleteAsync();
        Assert.Equal((2, 0), ((await ImportAsync(given, exported, dryRun: false)) is var back ? (back.Taken, back.Refused) : default));
    }

    private static async Task<ImportReport> ImportAsync(Scenario given, string text, bool dryRun) => await Importer.ImportAsync(
        given.Databases,
        new ImportRequest { Kind = ImportKind.Suppressions, Content = new MemoryStream(Encoding.UTF8.GetBytes(text)), FileName = "list.csv", DryRun = dryRun, Actor = "test" },
        progress: null, given.Clock, default);
}
