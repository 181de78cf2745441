using Automation.Marketing.Contacts;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Storage;
using Automation.SendGrid;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Campaigns.Weekly;

/// <summary>Who gets the Monday mail.</summary>
/// <param name="Members">Ids of the team's members; one without an address gets none.</param>
public sealed record WeeklyMailSetting(bool On, IReadOnlyList<Guid> Members)
{
    public static readonly WeeklyMailSetting Off = new(false, []);
}

/// <summary>Words a summary for the shop.</summary>
public interface IWeeklyMailWriter
{
    RenderedMail Write(WeeklySummary summary, ShopIdentity shop);
}

/// <summary>Sends the Monday mail: from eight o'clock on in the shop's zone, once to each chosen member, that day only.</summary>
public sealed class WeeklyMails(IDbContextFactory<AutomationDb> dbs, IMailProvider provider, IWeeklyMailWriter writer, TimeProvider clock)
{
    private const string Key = "weekly-mail";
    private const int MaxProblem = 500;

    private static readonly TimeOnly From = new(8, 0);

    public static async Task<WeeklyMailSetting> SettingAsync(AutomationDb db, CancellationToken cancellation) =>
        await db.ReadSettingAsync<WeeklyMailSetting>(Key, cancellation) ?? WeeklyMailSetting.Off;

    public static async Task SaveAsync(AutomationDb db, WeeklyMailSetting wanted, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var before = await SettingAsync(db, cancellation);
        await db.WriteSettingAsync(Key, wanted, now, cancellation);
        await Audit.WriteAsync(db, who, "weekly-mail.set", Key, before, wanted, now, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>The next Monday at eight in the shop's zone; null: nobody gets it.</summary>
    public async Task<DateTimeOffset?> NextAsync(CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        if (await SettingAsync(db, cancellation) is not { On: true, Members.Count: > 0 }) return null;
        var zone = LocalTime.ZoneOr((await db.ShopAsync(cancellation)).TimeZone, TimeZoneInfo.Utc);
        var now = clock.GetUtcNow();
        var today = LocalTime.DayOf(now, zone);
        var monday = today.AddDays((DayOfWeek.Monday - today.DayOfWeek + 7) % 7);
        var at = LocalTime.InstantOf(monday, From, zone);
        return at > now ? at : LocalTime.InstantOf(monday.AddDays(7), From, zone);
    }

    /// <returns>Mails that left.</returns>
    public async Task<int> SendDueAsync(CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var setting = await SettingAsync(db, cancellation);
        if (!setting.On || setting.Members.Count == 0) return 0;
        var shop = await db.ShopAsync(cancellation);
        var local = TimeZoneInfo.ConvertTime(clock.GetUtcNow(), LocalTime.ZoneOr(shop.TimeZone, TimeZoneInfo.Utc));
        // On another day it would speak of a week that is under way.
        if (local.DayOfWeek is not DayOfWeek.Monday || TimeOnly.FromDateTime(local.DateTime) < From || shop.FromEmail.Length == 0) return 0;
        var monday = DateOnly.FromDateTime(local.DateTime);
        var members = await db.Users.AsNoTracking().Where(user => setting.Members.Contains(user.Id) && user.Email != null && user.DisabledAt == null).ToListAsync(cancellation);
        var had = await db.WeeklyMails.Where(mail => mail.Week == monday).Select(mail => mail.UserId).ToListAsync(cancellation);
        var waiting = members.Where(member => !had.Contains(member.Id)).ToList();
        if (waiting.Count == 0) return 0;
        var mail = writer.Write(await WeeklySummary.OfAsync(db, monday, cancellation), shop);
        var sent = 0;
        foreach (var member in waiting)
        {
            if (EmailAddress.TryParse(member.Email, out var address) && await SendAsync(db, monday, member.Id, address, mail, shop, cancellation)) sent++;
        }
        return sent;
    }

    // The row first: whoever finds it there, in whatever process, has not to send.
    private async Task<bool> SendAsync(AutomationDb db, DateOnly week, Guid userId, EmailAddress to, RenderedMail mail, ShopIdentity shop, CancellationToken cancellation)
    {
        if (await db.ExecuteAsync("INSERT INTO weekly_mails (week, user_id, begun_at) VALUES (@p0, @p1, @p2) ON CONFLICT DO NOTHING", cancellation, week, userId, clock.GetUtcNow()) == 0) return false;
        var result = await LoneMail.AttemptAsync(provider, shop, MessageClass.Transactional, to, mail, mark: "weekly", unsubscribe: null, CancellationToken.None);
        switch (result)
        {
            case SendResult.Accepted:
                await db.ExecuteAsync("UPDATE weekly_mails SET sent_at = @p2 WHERE week = @p0 AND user_id = @p1", CancellationToken.None, week, userId, clock.GetUtcNow());
                return true;
            case SendResult.TryLater:
                // Certainly not acted on: the next look asks again, as long as it is Monday.
                await db.ExecuteAsync("DELETE FROM weekly_mails WHERE week = @p0 AND user_id = @p1", CancellationToken.None, week, userId);
                return false;
            default:
                var problem = result switch { SendResult.Refused refused => refused.Reason, SendResult.Paused paused => paused.Reason, SendResult.Unknown unknown => unknown.Reason, _ => "" };
                await db.ExecuteAsync(
                    "UPDATE weekly_mails SET problem = @p2 WHERE week = @p0 AND user_id = @p1", CancellationToken.None, week, userId, problem.Length > MaxProblem ? problem[..MaxProblem] : problem);
                return false;
        }
    }
}
