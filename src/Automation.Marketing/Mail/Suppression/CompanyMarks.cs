using Automation.Marketing.Contacts;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Mail.Suppression;

/// <summary>Companies that are left out of mailings.</summary>
public static class CompanyMarks
{
    /// <summary>Leaves a company out, or takes it back in when neither is set. What waits for its people is withdrawn at dispatch.</summary>
    /// <exception cref="RuleBrokenException">No company is named, or nothing says why.</exception>
    public static async Task SetAsync(
        AutomationDb db, string? company, bool suppressed, bool fixedPartner, string? why, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(company) || company.Length > Contact.MaxText) throw new RuleBrokenException("Name the company as its people carry it.");
        if (string.IsNullOrWhiteSpace(why) || why.Length > AuditEntry.MaxReason) throw new RuleBrokenException($"Say why, in at most {AuditEntry.MaxReason} characters; it is kept.");
        var name = company.Trim();
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var mark = await db.CompanyMarks.SingleOrDefaultAsync(one => one.Company == name, cancellation);
        var before = mark is null ? null : new { mark.Suppressed, mark.FixedPartner };
        if (!suppressed && !fixedPartner)
        {
            if (mark is not null) db.CompanyMarks.Remove(mark);
        }
        else
        {
            if (mark is null) db.CompanyMarks.Add(mark = new CompanyMark { Company = name, Reason = "", Actor = "" });
            (mark.Suppressed, mark.FixedPartner, mark.Reason, mark.Actor, mark.At) = (suppressed, fixedPartner, why.Trim(), actor, now);
        }
        await db.SaveChangesAsync(cancellation);
        await Audit.WriteAsync(db, actor, "company.marked", name, why.Trim(), before, new { suppressed, fixedPartner }, now, cancellation);
        await transaction.CommitAsync(cancellation);
    }
}
