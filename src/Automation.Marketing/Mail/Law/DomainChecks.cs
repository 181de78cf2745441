using Automation.Marketing.Storage;

namespace Automation.Marketing.Mail.Law;

/// <summary>What is known of one record of the sending domain.</summary>
/// <param name="Actor">Who looked.</param>
public sealed record DomainRecord(LawState State, DateTimeOffset At, string Actor);

/// <summary>SPF, DKIM and DMARC of the sending domain, as somebody who looked at them says. Until then they are unknown.</summary>
public static class DomainChecks
{
    private const string SettingPrefix = "domain-checks:";

    public static readonly IReadOnlyList<string> Records = ["spf", "dkim", "dmarc"];

    /// <returns>By record; those nobody has looked at are absent.</returns>
    public static async Task<IReadOnlyDictionary<string, DomainRecord>> OfAsync(AutomationDb db, string domain, CancellationToken cancellation) =>
        await db.ReadSettingAsync<Dictionary<string, DomainRecord>>(SettingPrefix + domain, cancellation) ?? [];

    /// <exception cref="RuleBrokenException">There is no such record.</exception>
    public static async Task SetAsync(AutomationDb db, string domain, string record, LawState state, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        if (!Records.Contains(record)) throw new RuleBrokenException("Choose SPF, DKIM or DMARC.");
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var known = new Dictionary<string, DomainRecord>(await OfAsync(db, domain, cancellation), StringComparer.Ordinal);
        var before = known.GetValueOrDefault(record);
        known[record] = new DomainRecord(state, now, actor);
        await db.WriteSettingAsync(SettingPrefix + domain, known, now, cancellation);
        await Audit.WriteAsync(db, actor, "domain.checked", $"{domain} {record}", null, before, known[record], now, cancellation);
        await transaction.CommitAsync(cancellation);
    }
}
