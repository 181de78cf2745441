using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Pages;

/// <summary>Why mails of one flow or broadcast did not go: totals per rule, the alarm, and the newest by person.</summary>
public sealed record HeldBackReport(
    string OriginId, IReadOnlyList<HeldBackTotal> Totals, IReadOnlyList<StepAlarm> Alarms, double AlarmPercent, IReadOnlyList<(OutboxMessage Mail, string Person)> Newest)
{
    private const int Shown = 20;

    public static async Task<HeldBackReport> OfAsync(AutomationDb db, string originId, DateTimeOffset now, CancellationToken cancellation)
    {
        var policy = await db.SendingPolicyAsync(cancellation);
        var newest = await HeldBack.NewestAsync(db, originId, Shown, cancellation);
        var people = newest.Select(mail => mail.ContactId).Distinct().ToList();
        var names = await db.Contacts.Where(c => people.Contains(c.Id)).Select(c => new { c.Id, Name = c.Name ?? c.Email ?? "" }).ToDictionaryAsync(c => c.Id, c => c.Name, cancellation);
        return new HeldBackReport(
            originId, await HeldBack.TotalsAsync(db, originId, cancellation), await HeldBack.AlarmsAsync(db, policy, originId, now, cancellation), Math.Round(policy.AlarmShare * 100),
            [.. newest.Select(mail => (mail, names.GetValueOrDefault(mail.ContactId, "")))]);
    }
}
