using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Automation.Marketing.Mail.Delivery.Holds;
using Automation.Marketing.Storage;
using Automation.Server.Commands;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Tests;

/// <summary>The drill that an operator would do: a copy while serving, losses, and back. The copy knows nothing of what was sent after it.</summary>
public sealed class RestoreDrillTests
{
    [Theory]
    [InlineData(DatabaseProvider.Sqlite)]
    [InlineData(DatabaseProvider.PostgreSql)]
    public async Task What_was_sent_after_the_copy_is_not_sent_again(DatabaseProvider provider)
    {
        await using var app = await RunningApp.StartAsync(provider, "2026-03-02 10:00");
        var ada = await app.PostEventAsync("1", "lead.created", RunningApp.Person("ada@example.com"));
        var broadcast = await (await app.Http.PostAsJsonAsync("/api/broadcasts", new { name = "News", template = "newsletter/monthly", audience = new { }, sendAt = RunningApp.Tokyo("2026-03-12 10:00") }))
            .EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonObject>();
        await app.SettleAsync();
        Assert.Equal(["welcome/day-0 Sent"], await app.StoryAsync(ada));
        var file = Path.Combine(Path.GetTempPath(), $"drill-{Guid.NewGuid():N}");
        try
        {
            string[] settings = [$"--Database:Provider={provider}", $"--ConnectionStrings:Automation={app.Database.ConnectionString}"];
            Assert.Equal(CommandLine.Done, await CommandLine.RunAsync(["backup", file, .. settings]));
            Assert.Equal(CommandLine.InputAtFault, await CommandLine.RunAsync(["backup", file, .. settings]));
            await app.AdvanceToAsync("2026-03-14 10:00");
            var mailed = await MailedAsync(app);
            Assert.True(mailed.Length >= 3, $"Too little was sent for a drill: {string.Join(", ", mailed)}");

            await app.WhileStoppedAsync(async () => Assert.Equal(CommandLine.Done, await CommandLine.RunAsync(["restore", file, .. settings])));
            Assert.Equal(["welcome/day-0 Sent"], await app.StoryAsync(ada));
            await app.AdvanceToAsync("2026-03-20 10:00");
            Assert.Equal(mailed, await MailedAsync(app));

            // Somebody has looked at it, and lets sending go on: whoever comes now is mailed, what is doubtful is not.
            await using (var db = app.Db())
            {
                var hold = Assert.Single(await SendingHolds.InForceAsync(db, app.Clock.GetUtcNow(), default));
                Assert.True(await SendingHolds.ReleaseAsync(db, hold.Id, "admin", app.Clock.GetUtcNow(), default));
                Assert.Equal("restore", (await db.AuditEntries.AsNoTracking().SingleAsync(entry => entry.Action == "database.restored")).Actor);
            }
            var bob = await app.PostEventAsync("2", "lead.created", RunningApp.Person("bob@example.com"));
            await app.AdvanceAsync(TimeSpan.FromHours(2));
            Assert.Equal(["welcome/day-0 Sent"], await app.StoryAsync(bob));
            Assert.Equal(mailed, (await MailedAsync(app)).Where(to => to != "bob@example.com"));
            Assert.Equal("Stopped", (await app.Http.GetFromJsonAsync<JsonObject>($"/api/broadcasts/{broadcast!["id"]}"))!["state"]!.ToString());
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<string[]> MailedAsync(RunningApp app) =>
        [.. (await app.StandIn.GetFromJsonAsync<JsonObject>("/stand-in/mails"))!["mails"]!.AsArray().Select(mail => mail!["to"]!.ToString()).Order(StringComparer.Ordinal)];
}
