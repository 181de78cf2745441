using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Content.Authoring;
using Automation.Marketing.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Automation.Server.Tests.Templates;

public sealed class SecondServerTests
{
    [Fact]
    public async Task A_server_takes_in_by_itself_what_another_one_publishes()
    {
        await using var app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-10-20 10:00");
        var folder = Directory.CreateTempSubdirectory("automation-second-").FullName;
        await using (var second = AutomationServer.Build(
            ["--urls", "http://127.0.0.1:0", $"--Database:Provider={DatabaseProvider.Sqlite}", $"--ConnectionStrings:Automation={app.Database.ConnectionString}", $"--DataFolder={folder}"],
            app.Clock))
        {
            await second.StartAsync();
            var (desk, seen) = (app.Server.App.Services.GetRequiredService<TemplateDesk>(), second.App.Services.GetRequiredService<TemplateCatalogue>());
            var open = (await desk.OpenAsync("welcome/day-0", default))!;
            var saved = (SaveResult.Saved)await desk.SaveAsync(open.Content, started: null, open.Number, "hanako", default);
            Assert.Equal(new PublishResult.Published(1), await desk.PublishAsync("welcome/day-0", saved.Stamp, "", asTransactional: false, "hanako", default));
            await RunningApp.EventuallyAsync(() => Task.FromResult(seen.Find("welcome/day-0")!.Version == 1));
        }
        Directory.Delete(folder, recursive: true);
    }
}
