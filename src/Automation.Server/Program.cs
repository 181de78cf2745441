using Automation.Marketing.Accounts;
using Automation.Marketing.Storage;
using Automation.Server.Pages;
using Automation.Server.SignIn;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddAutomationStorage(
    builder.Configuration.GetValue("Database:Provider", DatabaseProvider.Sqlite),
    builder.Configuration.GetConnectionString("Automation") ?? "Data Source=data/automation.db");
builder.Services.AddSignIn();
builder.Services.AddWebPages();

var app = builder.Build();
await using (var scope = app.Services.CreateAsyncScope())
{
    var db = scope.ServiceProvider.GetRequiredService<AutomationDb>();
    await db.Database.MigrateAsync();
    var first = await FirstStart.EnsureAsync(
        db, scope.ServiceProvider.GetRequiredService<IPasswordHasher<User>>().HashPassword,
        app.Configuration["Setup:AdminPassword"], app.Configuration["Setup:ApiKey"], TimeProvider.System.GetUtcNow());
    if (first.OneTimePassword is { } password) Console.WriteLine($"Sign in as '{FirstStart.AdministratorName}' with the password {password} (shown once).");
}
app.UseWebPages();
app.UseAuthentication();
app.UseAuthorization();
app.MapWebPages();
await app.RunAsync();
