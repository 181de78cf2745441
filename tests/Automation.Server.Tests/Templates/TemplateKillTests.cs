using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Automation.Marketing.Mail.Content.Authoring;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Microsoft.EntityFrameworkCore;
using Xunit.Abstractions;

namespace Automation.Server.Tests.Templates;

public sealed class TemplateKillTests(ITestOutputHelper output)
{
    private const string Template = "welcome/day-0";
    private const int Kills = 3;

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task A_service_killed_while_templates_are_saved_and_published_keeps_what_it_confirmed_and_nothing_by_halves(DatabaseProvider provider)
    {
        await using var database = await TestDatabases.CreateAsync(provider);
        await using (var db = database.CreateDbContext()) await db.SaveShopAsync(RunningApp.Shop, RunningApp.Tokyo("2026-10-20 10:00"), default);
        var folder = Directory.CreateTempSubdirectory("automation-kill-").FullName;
        var confirmed = new List<int>();
        var random = new Random(11);
        try
        {
            for (var kill = 0; kill < Kills; kill++)
            {
                var port = ServiceProcess.FreePort();
                await using var service = await ServiceProcess.StartAsync(
                    "listens", "serve", "--urls", $"http://127.0.0.1:{port}", $"--Database:Provider={provider}", $"--ConnectionStrings:Automation={database.ConnectionString}",
                    $"--DataFolder={folder}", $"--Setup:AdminPassword={RunningApp.Password}");
                using var editor = await EditorClient.SignInAsync($"http://127.0.0.1:{port}", RunningApp.Password);
                // What the killed one had confirmed is what the new one begins with.
                Assert.Equal(await NewestAsync(database), (await editor.OpenAsync(Template)).BasedOn);
                var writing = WriteAsync(editor, confirmed, kill);
                await RunningApp.EventuallyAsync(() => Task.FromResult(confirmed.Count >= 4 * (kill + 1)));
                await Task.Delay(random.Next(40));
                await service.KillAsync();
                await writing;
                await CheckAsync(database, confirmed);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        output.WriteLine($"{confirmed.Count} confirmed, {await NewestAsync(database)} written");
    }

    private static async Task WriteAsync(EditorClient client, List<int> confirmed, int round)
    {
        try
        {
            for (var turn = 0; ; turn++)
            {
                var editor = await client.OpenAsync(Template);
                using var saved = await client.AskAsync(
                    editor, "Save", new JsonObject { ["content"] = editor.Written($"{round}-{turn}"), ["stamp"] = editor.Stamp, ["basedOn"] = editor.BasedOn });
                var stamp = (await saved.Content.ReadFromJsonAsync<JsonObject>())!["stamp"]!.GetValue<string>();
                using var published = await client.AskAsync(editor, "Publish", new JsonObject { ["stamp"] = stamp, ["note"] = $"{round}-{turn}", ["asTransactional"] = false });
                Assert.Equal(HttpStatusCode.OK, published.StatusCode);
                confirmed.Add((await published.Content.ReadFromJsonAsync<JsonObject>())!["number"]!.GetValue<int>());
            }
        }
        catch (Exception cut) when (cut is HttpRequestException or IOException)
        {
            // Killed.
        }
    }

    private static async Task CheckAsync(TestDatabase database, List<int> confirmed)
    {
        await using var db = database.CreateDbContext();
        var versions = await db.TemplateVersions.AsNoTracking().OrderBy(version => version.Number).ToListAsync();
        Assert.Equal(Enumerable.Range(1, versions.Count), versions.Select(version => version.Number));
        Assert.Empty(confirmed.Except(versions.Select(version => version.Number)));
        Assert.Equal(confirmed.Count, confirmed.Distinct().Count());
        Assert.InRange(versions.Count, confirmed.Count, confirmed.Count + Kills);
        foreach (var version in versions)
            Assert.Equal(version.Note, TemplateContent.Read(Template, version.Content).Template!.Parts["ja"].Subject);
        // Published and drafted at once would be a publish by halves.
        foreach (var draft in await db.TemplateDrafts.AsNoTracking().ToListAsync())
            Assert.DoesNotContain(versions, version => version.Content == draft.Content);
    }

    private static async Task<int> NewestAsync(TestDatabase database)
    {
        await using var db = database.CreateDbContext();
        return await db.TemplateVersions.MaxAsync(version => (int?)version.Number) ?? 0;
    }
}
