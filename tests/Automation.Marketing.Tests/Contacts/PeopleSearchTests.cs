using Automation.Marketing.Contacts;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;

namespace Automation.Marketing.Tests.Contacts;

public sealed class PeopleSearchTests
{
    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_person_is_found_by_what_one_remembers(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.Contact("yoko.tanaka@example.com").Named("田中 陽子").ReadAs("タナカ ヨウコ").Numbered("C-042").Tagged("旅館");
        await given.Contact("emma@example.com").Named("Emma Clarke");
        foreach (var text in new[] { "田中", "田中陽子", "たなか", "ﾀﾅｶ", "yoko.", "ＹＯＫＯ", "c-042", "旅館", "田中 旅館", "タナカ example" })
            Assert.Equal(["田中 陽子"], await FoundAsync(given, text));
        foreach (var text in new[] { "C-04", "旅", "田中 emma", "%", "_", "!", "\0", "\ud800", "'; DROP TABLE contacts" })
            Assert.Empty(await FoundAsync(given, text));
        foreach (var text in new[] { null, "", "  ", "example.com" })
            Assert.Equal(2, (await FoundAsync(given, text)).Count);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Pages_neither_repeat_nor_lose_anybody(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var all = await given.ConsentingContactsAsync(25);
        await using var db = given.Open();
        var seen = new List<Guid>();
        Guid? next = null;
        do
        {
            var page = await PeopleSearch.PageAsync(db, "person", next, 10, default);
            seen.AddRange(page.People.Select(person => person.Id));
            next = page.Next;
        }
        while (next is not null);
        Assert.Equal(25, seen.Count);
        Assert.Equal(all.ToHashSet(), seen.ToHashSet());
    }

    private static async Task<IReadOnlyList<string>> FoundAsync(Scenario given, string? text)
    {
        await using var db = given.Open();
        return [.. (await PeopleSearch.PageAsync(db, text, before: null, 50, default)).People.Select(person => person.Name!)];
    }
}
