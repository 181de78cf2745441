using System.Net;
using Automation.Marketing.Accounts;
using Automation.Marketing.Mail.Delivery.Speed;
using Automation.Marketing.Storage;
using Automation.Server.Tests.SignIn;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Tests.Sending;

/// <summary>Limits on speed as an administrator sets them on their page.</summary>
public sealed class SpeedPageTests
{
    private const string Path = "/sending/speed";

    [Fact]
    public async Task An_administrator_sets_limits_and_a_warm_up_and_takes_them_away_again()
    {
        await using var app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-10-20 10:00");
        await using var db = app.Db();
        using var admin = await Visitor.SignedInAsync(app.Server.Address, db, Roles.Admin);
        using (var saved = await admin.PostFormAsync(
            Path, Path, ("Form.PerMinute", "600"), ("Form.WarmUpFrom", "2026-11-01"), ("Form.Ceilings", "500, 1000\n2000"), ("Form.Domains", "Docomo.ne.jp 300\nexample.com 60")))
            Assert.Equal(HttpStatusCode.Found, saved.StatusCode);
        var speed = await db.SendingSpeedAsync(default);
        var own = Assert.Single(speed.From).Value;
        Assert.Equal((600, new DateOnly(2026, 11, 1)), (own.PerMinute, own.WarmUp!.From));
        Assert.Equal([500, 1000, 2000], own.WarmUp.Ceilings);
        Assert.Equal(new Dictionary<string, int> { ["docomo.ne.jp"] = 300, ["example.com"] = 60 }, speed.ToPerMinute);
        Assert.Contains("500 1000 2000", await admin.Http.GetStringAsync(Path), StringComparison.Ordinal);
        Assert.Equal(1, await db.AuditEntries.CountAsync(entry => entry.Action == "sending-speed.changed"));

        using (await admin.PostFormAsync(Path, Path, ("Form.PerMinute", ""))) { }
        speed = await db.SendingSpeedAsync(default);
        Assert.Empty(speed.From);
        Assert.Empty(speed.ToPerMinute);
    }

    [Theory]
    [InlineData("Form.PerMinute", "0", "At least 1, or empty.")]
    [InlineData("Form.WarmUpFrom", "2026-11-01", "1 to 366 numbers")]
    [InlineData("Form.Ceilings", "500 many", "first day of the warm-up")]
    [InlineData("Form.Domains", "docomo.ne.jp", "is not a domain with a number")]
    [InlineData("Form.Domains", "<b>x</b> 10", "is not a domain with a number")]
    public async Task What_cannot_be_meant_is_said_at_its_field_and_changes_nothing(string field, string value, string said)
    {
        await using var app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-10-20 10:00");
        await using var db = app.Db();
        using var admin = await Visitor.SignedInAsync(app.Server.Address, db, Roles.Admin);
        using var answer = await admin.PostFormAsync(Path, Path, (field, value));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains(said, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Null(await db.ReadSettingAsync<SendingSpeed>(SendingSpeed.SettingKey, default));
    }

    [Fact]
    public async Task Nobody_else_sets_limits()
    {
        await using var app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-10-20 10:00");
        await using var db = app.Db();
        using var approver = await Visitor.SignedInAsync(app.Server.Address, db, Roles.Approver);
        using var answer = await approver.PostFormAsync(Path, Path, ("Form.PerMinute", "1"));
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Null(await db.ReadSettingAsync<SendingSpeed>(SendingSpeed.SettingKey, default));
    }
}
