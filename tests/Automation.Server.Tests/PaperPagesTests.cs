using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Automation.Marketing.Accounts;
using Automation.Marketing.Campaigns;
using Automation.Marketing.Campaigns.Paper;
using Automation.Marketing.Contacts;
using Automation.Marketing.Mail;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Server.Tests.SignIn;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Automation.Server.Tests;

/// <summary>The list of postcards as files and sheets: everyone, however many.</summary>
public sealed class PaperPagesTests
{
    private const int People = 3_000;

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task The_file_and_the_labels_hold_everyone_and_leave_as_they_are_made(DatabaseProvider provider)
    {
        await using var app = await RunningApp.StartAsync(provider, "2026-06-01 10:00");
        await using var db = app.Db();
        var id = await ListAsync(app, db);
        using var visitor = await Visitor.SignedInAsync(app.Server.Address, db, Roles.Designer);

        var file = await visitor.Http.GetAsync($"/broadcasts/{id}/paper?handler=File", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(("text/csv", null), (file.Content.Headers.ContentType!.MediaType, file.Content.Headers.ContentLength));
        Assert.Equal($"postcards-{id:N}.csv", file.Content.Headers.ContentDisposition!.FileName);
        Assert.Equal(1 + People - 10, (await file.Content.ReadAsStringAsync()).Count(sign => sign == '\n'));
        Assert.Equal(1 + 10, (await visitor.Http.GetStringAsync($"/broadcasts/{id}/paper?handler=File&leftOut=true")).Count(sign => sign == '\n'));

        var labels = await visitor.Http.GetAsync($"/broadcasts/{id}/labels", HttpCompletionOption.ResponseHeadersRead);
        Assert.Null(labels.Content.Headers.ContentLength);
        var sheets = await labels.Content.ReadAsStringAsync();
        Assert.Equal((People - 10, (People - 10 + 20) / 21), (Regex.Count(sheets, "label-card"), Regex.Count(sheets, "label-sheet")));
        Assert.EndsWith("</html>", sheets.TrimEnd(), StringComparison.Ordinal);

        var page = await visitor.Http.GetStringAsync($"/broadcasts/{id}/paper");
        Assert.Contains("2,990", page, StringComparison.Ordinal);
        Assert.Equal(100, Regex.Count(page, "name=\"line\""));
    }

    [Theory]
    [InlineData("en", "at least 72 hours, please", "40 people; among them", "¥6,000", "Those who take part are reached both ways")]
    [InlineData("ja", "72時間以上にしてください", "40人（この中で比べます）", "6,000円", "比べているのは、どちらでも届く方です")]
    public async Task Mail_against_postcards_is_tried_from_the_form_and_the_broadcasts_page_tells_what_each_brought(string language, string hours, string both, string revenue, string how)
    {
        await using var app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-06-01 10:00");
        await using var db = app.Db();
        await ReachedBothWaysAsync(app, db, 40);
        using var visitor = await Visitor.SignedInAsync(app.Server.Address, db, Roles.Admin);
        visitor.Http.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
        var people = (await db.Contacts.CountAsync(one => one.Email != null)).ToString(CultureInfo.InvariantCulture);
        (string, string)[] form = [("Form.Name", "Summer"), ("Form.Template", "newsletter/monthly"), ("Form.WaitDays", "7"), ("Form.Tried", "Channel"), ("Form.TestShare", "100"), ("Form.TestLeast", "5"), ("Typed", people)];
        const string New = "/broadcasts/new";
        Assert.Contains(hours, await TextAsync(await visitor.PostFormAsync(New, New + "?handler=Review", [.. form, ("Form.TestHours", "24")])), StringComparison.Ordinal);
        Assert.Contains(both, await TextAsync(await visitor.PostFormAsync(New, New + "?handler=Review", [.. form, ("Form.TestHours", "72")])), StringComparison.Ordinal);
        var made = await visitor.PostFormAsync(New, New + "?handler=Create", [.. form, ("Form.TestHours", "72")]);
        Assert.True(made.StatusCode is HttpStatusCode.Redirect, await made.Content.ReadAsStringAsync());
        await app.SettleAsync();
        var page = made.Headers.Location!.ToString();
        await visitor.PostFormAsync(page + "/paper", page + "/paper?handler=Done&way=Post");
        await BoughtAsync(app, db);

        var report = await visitor.Http.GetStringAsync(page);
        Assert.Contains(revenue, report, StringComparison.Ordinal);
        Assert.Contains(how, report, StringComparison.Ordinal);
        Assert.Contains("2.5", await visitor.Http.GetStringAsync(page + "?handler=Use"), StringComparison.Ordinal);
        var seen = await app.Http.GetFromJsonAsync<JsonObject>($"/api{page}");
        Assert.Equal(["mail", "paper", "channel"], new[] { "a", "b", "of" }.Select(field => seen!["options"]!["test"]![field]!.ToString()));
        var versions = seen!["report"]!["versions"]!.AsArray();
        Assert.Equal([("A", 0m), ("B", 6_000m)], versions.Select(one => (one!["version"]!.ToString(), one["net"]!.GetValue<decimal>())));
        Assert.Equal(40, versions.Sum(one => one!["sent"]!.GetValue<int>()));
    }

    private static async Task<string> TextAsync(HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
    }

    private static async Task ReachedBothWaysAsync(RunningApp app, AutomationDb db, int count)
    {
        var people = Enumerable.Range(0, count).Select(at => new { source = "test", id = $"p{at}", type = "imported.contact", contact = RunningApp.Person($"p{at}@example.com") });
        (await app.Http.PostAsJsonAsync("/api/events/batch", new { events = people })).EnsureSuccessStatusCode();
        await db.ExecuteAsync("UPDATE contacts SET address = '福井市1-1'", default);
        await app.SettleAsync();
    }

    // One who got a card, two days later.
    private static async Task BoughtAsync(RunningApp app, AutomationDb db)
    {
        var person = await db.PaperSends.Select(send => send.ContactId).FirstAsync();
        db.Purchases.Add(new Purchase { Id = Guid.CreateVersion7(), Source = "shop", OrderId = "O-1", Line = 1, ContactId = person, Date = DateOnly.FromDateTime(app.Clock.GetUtcNow().Date), Product = "かに", Quantity = 1, Net = 6_000 });
        await db.SaveChangesAsync();
    }

    private static async Task<Guid> ListAsync(RunningApp app, AutomationDb db)
    {
        var now = app.Clock.GetUtcNow();
        var broadcast = app.Server.App.Services.GetRequiredService<Broadcasts>().Create(db, new NewBroadcast("News", "newsletter/monthly", new Audience(), now.AddDays(1)), "admin", now);
        for (var at = 0; at < People; at++)
        {
            var person = Contact.Create(Guid.CreateVersion7(now), now);
            (person.Name, person.PostalCode, person.Address) = ("山田 花子", "910-0001", "福井市1-1");
            db.Contacts.Add(person);
            db.PaperSends.Add(new PaperSend { Id = Guid.CreateVersion7(now), BroadcastId = broadcast.Id, ContactId = person.Id, Approach = Approach.A1, ListedAt = now });
        }
        await db.SaveChangesAsync();
        await db.ExecuteAsync("UPDATE paper_sends SET state = 'LeftOut', rule = 'fixed-partner' WHERE id IN (SELECT id FROM paper_sends ORDER BY id LIMIT 10)", default);
        return broadcast.Id;
    }
}
