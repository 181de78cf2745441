using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Automation.Server;

/// <summary>The database answers and is at this program's version.</summary>
internal sealed class DatabaseHealth(IDbContextFactory<AutomationDb> dbs) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellationToken);
        var missing = (await db.Database.GetPendingMigrationsAsync(cancellationToken)).Count();
        return missing == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy($"{missing} migrations are pending.");
    }
}

/// <summary>Mail leaves, or why it does not.</summary>
internal sealed class SendingHealth(MailSender sender) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(sender.PausedBecause is { } reason ? HealthCheckResult.Degraded($"Sending is paused: {reason}") : HealthCheckResult.Healthy());
}
