using System.Text.Json.Nodes;
using Automation.Marketing.Accounts;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Connections;
using Automation.Marketing.Deals;

namespace Automation.Server.Tests.Sending;

/// <summary>Mails in a colleague's name, as they go over the line to the stand-in.</summary>
public sealed class InNameOfTests
{
    private static readonly DateTimeOffset Now = RunningApp.Tokyo("2026-11-16 10:00");

    [Fact]
    public async Task A_mail_shows_the_colleague_who_knows_the_person_best_and_answers_go_to_them()
    {
        await using var given = await SceneAsync();
        var (kojima, mori) = (await ColleagueAsync(given, "小島 里奈", "kojima@example.com"), await ColleagueAsync(given, "森; 健", "mori@example.com"));
        var people = await PeopleAsync(given, 6);
        await using (var db = given.Db())
        {
            var how = new KnownHow(ConnectionStrength.Knows, null, null);
            foreach (var person in people[..3]) await ConnectionDesk.KnowsPersonAsync(db, person.Id, kojima, how, "admin", Now, default);
            await ConnectionDesk.KnowsPersonAsync(db, people[2].Id, mori, how with { Strength = ConnectionStrength.Close }, "admin", Now, default);
            await ConnectionDesk.KnowsCompanyAsync(db, "港食堂", mori, how with { Strength = ConnectionStrength.Met }, "admin", Now, default);
        }
        await given.SendAsync("t", """{"in_name_of":"BestKnown","campaign":{"name":"春"}}""", people);

        // One request for each sender: two of Kojima's, four of Mori's by the company and by closeness.
        var shop = given.Shop;
        Assert.Equal(
            [
                ($"小島 里奈（{shop.FromName}）", shop.FromEmail, "kojima@example.com", 2),
                ($"森  健（{shop.FromName}）", shop.FromEmail, "mori@example.com", 4),
            ],
            given.Requests.Select(Sent).OrderBy(one => one.People));
        Assert.Equal(6, (await given.MailsAsync()).Count);
    }

    [Fact]
    public async Task The_owner_of_the_open_deal_comes_before_the_last_one_and_whoever_has_left_is_nobody()
    {
        await using var given = await SceneAsync();
        await ColleagueAsync(given, "小島 里奈", "kojima@example.com");
        await ColleagueAsync(given, "森 健", "mori@example.com");
        await ColleagueAsync(given, "去った人", "gone@example.com", leaves: true);
        await ColleagueAsync(given, "宛先なし", null);
        var people = await PeopleAsync(given, 5);
        await DealAsync(given, people[0], "A", "小島 里奈", isLost: false);
        await DealAsync(given, people[0], "B", "森 健", isLost: true);
        await DealAsync(given, people[1], "C", "mori@example.com", isLost: true);
        await DealAsync(given, people[2], "D", "去った人", isLost: false);
        await DealAsync(given, people[3], "E", "宛先なし", isLost: false);
        // Mail about orders: while a deal is open nothing is sold.
        await given.SendAsync("order", """{"in_name_of":"Owner"}""", people, Marketing.Mail.MessageClass.Transactional);

        var shop = given.Shop;
        Assert.Equal(
            [("kojima@example.com", 1), ("mori@example.com", 1), (shop.ReplyTo, 3)],
            given.Requests.Select(Sent).Select(one => (one.ReplyTo, one.People)).OrderBy(one => one.People).ThenBy(one => one.ReplyTo, StringComparer.Ordinal));
        Assert.Contains(given.Requests.Select(Sent), one => one.Name == shop.FromName && one.People == 3);
        Assert.All(given.Requests.Select(Sent), one => Assert.Equal(shop.OrderEmail ?? shop.FromEmail, one.From));
        // Who answers for the mail by law stays the shop.
        Assert.All(await given.MailsAsync(), mail => Assert.Contains(shop.LegalName, mail.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_wish_inside_what_a_person_sent_is_none()
    {
        await using var given = await SceneAsync();
        var kojima = await ColleagueAsync(given, "小島 里奈", "kojima@example.com");
        var people = await PeopleAsync(given, 2);
        await using (var db = given.Db()) await ConnectionDesk.KnowsPersonAsync(db, people[0].Id, kojima, new KnownHow(ConnectionStrength.Close, null, null), "admin", Now, default);
        await given.SendAsync("t", """{"event":{"type":"x","data":{"in_name_of":"BestKnown"}}}""", people);
        await given.SendAsync("t", """{"in_name_of":"Nobody at all"}""", people);
        Assert.All(given.Requests.Select(Sent), one => Assert.Equal((given.Shop.FromName, 2), (one.Name, one.People)));
    }

    private static async Task<SendingScene> SceneAsync()
    {
        var given = await SendingScene.StartAsync();
        given.AddTemplate("t", "S", "<p>{{ contact.name }}</p>", "{{ contact.name }}");
        given.AddTemplate("order", "S", "<p>{{ contact.name }}</p>", "{{ contact.name }}", """{"class":"transactional"}""");
        given.LoadTemplates();
        return given;
    }

    private static (string? Name, string? From, string? ReplyTo, int People) Sent(byte[] request)
    {
        var json = JsonNode.Parse(request)!;
        return (json["from"]!["name"]?.GetValue<string>(), json["from"]!["email"]!.GetValue<string>(), json["reply_to"]?["email"]?.GetValue<string>(), json["personalizations"]!.AsArray().Count);
    }

    private static async Task<Contact[]> PeopleAsync(SendingScene given, int count)
    {
        var people = new List<Contact>();
        for (var number = 0; number < count; number++) people.Add(await given.AddPersonAsync($"p{number}@example.com", $"客 {number}"));
        await using var db = given.Db();
        foreach (var person in people)
        {
            person.Company = "港食堂";
            db.Update(person);
        }
        await db.SaveChangesAsync();
        return [.. people];
    }

    private static async Task<Guid> ColleagueAsync(SendingScene given, string name, string? email, bool leaves = false)
    {
        await using var db = given.Db();
        var id = Guid.CreateVersion7(Now);
        db.Users.Add(new User { Id = id, UserName = id.ToString("N"), DisplayName = name, Email = email, PasswordHash = "none", Role = "sales", CreatedAt = Now, DisabledAt = leaves ? Now : null });
        await db.SaveChangesAsync();
        return id;
    }

    private static async Task DealAsync(SendingScene given, Contact person, string key, string owner, bool isLost)
    {
        await using var db = given.Db();
        var deal = await DealDesk.OpenAsync(db, new NewDeal(person.Id, key, new DealEdit("見積", owner, null, null, null)), "admin", Now.AddMinutes(key[0] - 'A' - 60), default);
        if (isLost) await DealDesk.LoseAsync(db, deal.Id, new Loss(HandBackReason.Budget, null, HandBack: false, null), "admin", Now.AddMinutes(-1), default);
    }
}
