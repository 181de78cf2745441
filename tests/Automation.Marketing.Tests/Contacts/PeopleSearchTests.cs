using Automation.Marketing.Contacts;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;

namespace Automation.Marketing.Tests.Contacts;

public sealed class PeopleSearchTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 1, 3, 0, 0, TimeSpan.Zero);

    [Theory]
    [MemberData(nameof(TestDatabases.Both), MemberType = typeof(TestDatabases))]
    public async Task People_are_found_by_anything_one_remembers_of_them(DatabaseProvider provider)
    {
        await using var database = await TestDatabases.CreateAsync(provider);
        await using var db = database.CreateDbContext();
        await AddAsync(db, "山田 花子", "ヤマダ ハナコ", "Hanako@Example.com", company: "みなと商店", number: "C-7", tag: "お得意様");
        await AddAsync(db, "佐藤　次郎", "サトウ ジロウ", "jiro@example.com");
        await AddAsync(db, "100%_John O'Neil", null, "john@example.com");

        foreach (var text in new[] { "山田", "山田花子", "花子 山田", "やまだ", "ﾔﾏﾀﾞ", "はなこ", "hanako", "HANAKO@EXAMPLE", "ｈａｎａｋｏ", "みなと", "c-7", "お得意様", "山田 お得意様" })
            Assert.Equal(["山田 花子"], await FoundAsync(db, text));
        Assert.Equal(["佐藤　次郎"], await FoundAsync(db, "佐藤次郎"));
        Assert.Equal(["100%_John O'Neil"], await FoundAsync(db, "100%_"));
        Assert.Equal(["100%_John O'Neil"], await FoundAsync(db, "o'neil"));
        foreach (var text in new[] { "山田 次郎", "お得意", "nobody", "';--", "\uD800", "\0", "!" }) Assert.Empty(await FoundAsync(db, text));
        Assert.Equal(3, (await FoundAsync(db, "  ")).Length);
    }

    [Theory]
    [MemberData(nameof(TestDatabases.Both), MemberType = typeof(TestDatabases))]
    public async Task Pages_together_hold_everyone_once(DatabaseProvider provider)
    {
        await using var database = await TestDatabases.CreateAsync(provider);
        await using var db = database.CreateDbContext();
        for (var number = 0; number < 23; number++) await AddAsync(db, $"会員 {number}", null, $"member{number}@example.com");
        var seen = new List<Guid>();
        Guid? before = null;
        do
        {
            var page = await PeopleSearch.PageAsync(db, "member", before, size: 5, default);
            seen.AddRange(page.People.Select(person => person.Id));
            before = page.Next;
        }
        while (before is not null);
        Assert.Equal(23, seen.Distinct().Count());
        Assert.Equal(23, seen.Count);
    }

    private static async Task<string[]> FoundAsync(AutomationDb db, string text) =>
        [.. (await PeopleSearch.PageAsync(db, text, before: null, size: 50, default)).People.Select(person => person.Name!)];

    private static async Task AddAsync(AutomationDb db, string name, string? kana, string email, string? company = null, string? number = null, string? tag = null)
    {
        var contact = Contact.Create(Guid.CreateVersion7(Now), Now);
        (contact.Name, contact.Kana, contact.Company, contact.ExternalId) = (name, kana, company, number);
        contact.SetEmail(EmailAddress.Parse(email));
        db.Contacts.Add(contact);
        if (tag is not null) db.ContactTags.Add(new ContactTag { ContactId = contact.Id, Tag = tag });
        await db.SaveChangesAsync();
    }
}
