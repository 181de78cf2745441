using System.Text;
using Automation.Marketing.Accounts;
using Automation.Marketing.Campaigns;
using Automation.Marketing.Campaigns.Turns;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Connections;
using Automation.Marketing.Imports;
using Automation.Marketing.Mail;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Deals;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Contacts;

public sealed class ConnectionTests
{
    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Who_knows_a_person_or_their_company_is_known_the_closest_first(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").At("港食堂");
        var ben = await given.Contact("ben@example.com").At("港食堂");
        var (kojima, mori, sato) = (await ColleagueAsync(given, "小島 里奈"), await ColleagueAsync(given, "森 健"), await ColleagueAsync(given, "佐藤 翼"));
        await using var db = given.Open();
        await ConnectionDesk.KnowsCompanyAsync(db, "港食堂", mori, new KnownHow(ConnectionStrength.Knows, new DateOnly(2019, 4, 1), "商工会"), "admin", given.Clock.Now, default);
        await ConnectionDesk.KnowsPersonAsync(db, ada.Id, kojima, new KnownHow(ConnectionStrength.Knows, null, null), "admin", given.Clock.Now, default);
        await ConnectionDesk.KnowsPersonAsync(db, ada.Id, sato, new KnownHow(ConnectionStrength.Met, null, " "), "admin", given.Clock.Now, default);
        Assert.Equal(["小島 里奈", "森 健", "佐藤 翼"], await NamesAsync(ada, "港食堂"));
        Assert.Equal(["小島 里奈", "佐藤 翼"], await NamesAsync(ada, null));
        Assert.Equal(["森 健"], await NamesAsync(ben, "港食堂"));
        // Said again, the newer words stand.
        await ConnectionDesk.KnowsPersonAsync(db, ada.Id, sato, new KnownHow(ConnectionStrength.Close, new DateOnly(2020, 1, 1), "大学の同期"), "admin", given.Clock.Now, default);
        Assert.Equal(["佐藤 翼", "小島 里奈", "森 健"], await NamesAsync(ada, "港食堂"));
        Assert.Equal(["佐藤 翼", "小島 里奈", "森 健"], (await ConnectionDesk.OfCompanyAsync(db, "港食堂", default)).Select(line => line.Colleague));
        Assert.Equal(["佐藤 翼"], (await ConnectionDesk.SearchAsync(db, "同期", default)).Select(line => line.Colleague));
        Assert.Equal(3, (await ConnectionDesk.SearchAsync(db, "港食", default)).Count);
        Assert.Empty(await ConnectionDesk.SearchAsync(db, "%", default));
        await ConnectionDesk.ForgetAsync(db, (await ConnectionDesk.SearchAsync(db, "同期", default))[0].Id, default);
        Assert.Equal(["小島 里奈", "森 健"], await NamesAsync(ada, "港食堂"));

        async Task<IEnumerable<string>> NamesAsync(Contact who, string? company) => (await ConnectionDesk.OfPersonAsync(db, who.Id, company, default)).Select(line => line.Colleague);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Only_colleagues_know_and_only_known_people_are_known(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").At("港食堂");
        var kojima = await ColleagueAsync(given, "小島 里奈");
        var how = new KnownHow(ConnectionStrength.Close, null, null);
        await using var db = given.Open();
        foreach (var (person, company, colleague, said) in new (Guid?, string?, Guid, KnownHow)[]
                 {
                     (Guid.NewGuid(), null, kojima, how), (null, "知らない会社", kojima, how), (ada.Id, null, Guid.NewGuid(), how), (ada.Id, null, kojima, how with { Note = new string('x', 501) }),
                 })
        {
            await Assert.ThrowsAsync<RuleBrokenException>(() => person is { } id
                ? ConnectionDesk.KnowsPersonAsync(db, id, colleague, said, "admin", given.Clock.Now, default)
                : ConnectionDesk.KnowsCompanyAsync(db, company!, colleague, said, "admin", given.Clock.Now, default));
        }
        await Assert.ThrowsAsync<RuleBrokenException>(() => ConnectionDesk.ForgetAsync(db, Guid.NewGuid(), default));
        Assert.Equal(0, await db.Connections.CountAsync());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_file_says_who_knows_whom_and_twice_changes_nothing(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.Contact("ada@example.com").At("港食堂").With(person => person.ExternalId = "C-1");
        await given.Contact("ben@example.com").At("港食堂");
        await ColleagueAsync(given, "小島 里奈");
        const string File = """
            担当者,会員番号,メールアドレス,会社,関係,いつから,メモ
            小島 里奈,C-1,,,親しい,2019/4/1,大学の同期
            kojima,,BEN@example.com,,,,
            小島 里奈,,,港食堂,面識あり,,
            小島 里奈,C-1,,,よく知る,,
            誰か,C-1,,,,,
            小島 里奈,C-9,,,,,
            小島 里奈,,,知らない会社,,,
            小島 里奈,,,,,,
            """;
        var first = await ImportAsync(given, File);
        Assert.Equal((3L, 0L, 5L), (first.Taken, first.Changed, first.Refused));
        Assert.Equal([(5L, "strength"), (6L, "colleague"), (7L, "external_id"), (8L, "company"), (9L, "")], first.Refusals.Select(refusal => (refusal.Line, refusal.Field)));
        await using var db = given.Open();
        Assert.Equal(
            [(ConnectionStrength.Close, "大学の同期"), (ConnectionStrength.Knows, null), (ConnectionStrength.Met, null)],
            (await db.Connections.ToListAsync()).OrderByDescending(one => one.Strength).Select(one => (one.Strength, one.Note)));
        var again = await ImportAsync(given, File);
        Assert.Equal((0L, 0L, 3L), (again.Taken, again.Changed, again.Unchanged));
        Assert.Equal(1, (await ImportAsync(given, File.Replace("大学の同期", "高校の同期", StringComparison.Ordinal))).Changed);
        Assert.Equal(3, await db.Connections.CountAsync());
    }

    [Fact]
    public async Task A_step_of_a_flow_asks_for_the_owners_name()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        await ColleagueAsync(given, "小島 里奈");
        await given.PublishAsync(
            new FlowSketch("thanks").Step("begin", "Automation.EventReceived", ("eventType", "visit.done"))
                .Step("mail", "Automation.SendEmail", ("template", "care/thanks-after-purchase"), ("inNameOf", "Owner")).Line("begin", "Done", "mail"),
            "thanks");
        var ada = await given.Contact("ada@example.com").WhoConsented().WhomSalesOwns("D-1", "小島 里奈");
        var ben = await given.Contact("ben@example.com").WhoConsented();
        foreach (var person in new[] { ada, ben }) await given.HappensAsync(person, "visit.done", id: person.Email);
        await given.ForAsync(TimeSpan.FromDays(1));
        Assert.Equal(
            [("ada@example.com", "小島 里奈（かに屋）", "kojima@example.com"), ("ben@example.com", "かに屋", null)],
            given.Provider.Attempts.SelectMany(request => request.Personalizations.Select(person => (person.To[0].Email, request.From.Name, request.ReplyTo?.Email))).Order());
    }

    [Fact]
    public async Task A_broadcast_asks_for_the_name_of_whoever_knows_each_person_best()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        var kojima = await ColleagueAsync(given, "小島 里奈");
        var people = await given.ConsentingContactsAsync(5);
        await using var db = given.Open();
        foreach (var person in people.Take(3)) await ConnectionDesk.KnowsPersonAsync(db, person, kojima, new KnownHow(ConnectionStrength.Met, null, null), "admin", given.Clock.Now, default);
        given.Workers.Broadcasts.Create(
            db, new NewBroadcast("News", "newsletter/monthly", new Audience()) { Options = new BroadcastOptions(InNameOf: InNameOf.BestKnown) }, "admin", given.Clock.Now);
        await db.SaveChangesAsync();
        await given.WorkAsync();
        Assert.Equal(
            [("kojima@example.com", 3), (null, 2)],
            given.Provider.Attempts.Select(request => (request.ReplyTo?.Email, request.Personalizations.Count)).OrderByDescending(one => one.Count));
    }

    private static Task<ImportReport> ImportAsync(Scenario given, string text) => Importer.ImportAsync(
        given.Databases, new ImportRequest { Kind = ImportKind.Connections, Content = new MemoryStream(Encoding.UTF8.GetBytes(text)), FileName = "who.csv", Actor = "admin" }, progress: null, given.Clock, default);

    private static async Task<Guid> ColleagueAsync(Scenario given, string name)
    {
        await using var db = given.Open();
        var id = Guid.CreateVersion7(given.Clock.Now);
        var userName = name == "小島 里奈" ? "kojima" : id.ToString("N");
        db.Users.Add(new User { Id = id, UserName = userName, DisplayName = name, Email = $"{userName}@example.com", PasswordHash = "none", Role = "sales", CreatedAt = given.Clock.Now });
        await db.SaveChangesAsync();
        return id;
    }
}
