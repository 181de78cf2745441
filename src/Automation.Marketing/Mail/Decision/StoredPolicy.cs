using Automation.Marketing.Storage;

namespace Automation.Marketing.Mail.Decision;

/// <summary>The policy in force.</summary>
public static class StoredPolicy
{
    public static async Task<SendingPolicy> SendingPolicyAsync(this AutomationDb db, CancellationToken cancellation) =>
        await db.ReadSettingAsync<SendingPolicy>(SendingPolicy.SettingKey, cancellation) ?? SendingPolicy.Shop;

    public static Task SaveSendingPolicyAsync(this AutomationDb db, SendingPolicy policy, DateTimeOffset now, CancellationToken cancellation) =>
        db.WriteSettingAsync(SendingPolicy.SettingKey, policy, now, cancellation);
}
