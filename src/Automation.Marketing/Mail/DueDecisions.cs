using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Mail;

/// <summary>Decides deferred messages anew when their instant has come.</summary>
public sealed class DueDecisions(IDbContextFactory<AutomationDb> dbs, TimeProvider clock)
{
    private const int AtATime = 500;

    /// <returns>Messages decided; 0 when none was due.</returns>
    public async Task<int> WorkAsync(CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var shop = await db.ShopAsync(cancellation);
        var decided = await Outbox.DecideDueAsync(
            db, await db.SendingPolicyAsync(cancellation), shop.TimeZone, AtATime, clock.GetUtcNow(), cancellation);
        await transaction.CommitAsync(cancellation);
        return decided;
    }
}
