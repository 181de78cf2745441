using System.Text.RegularExpressions;
using Automation.Marketing.Accounts;
using Automation.Marketing.Campaigns;
using Automation.Marketing.Campaigns.Paper;
using Automation.Marketing.Contacts;
using Automation.Marketing.Mail;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Server.Tests.SignIn;
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
