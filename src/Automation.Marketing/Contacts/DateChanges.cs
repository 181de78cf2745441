using Automation.Marketing.Storage;

namespace Automation.Marketing.Contacts;

/// <summary>Says that dates of very many people may have changed at once, e.g. by an import: what hangs on them is planned anew for all.</summary>
internal static class DateChanges
{
    private const string SettingKey = "dates-changed";

    private sealed record Changed(DateTimeOffset At);

    public static Task NoteDatesOfManyAsync(this AutomationDb db, DateTimeOffset now, CancellationToken cancellation) =>
        db.WriteSettingAsync(SettingKey, new Changed(now), now, cancellation);

    public static async Task<DateTimeOffset?> DatesChangedAtAsync(this AutomationDb db, CancellationToken cancellation) =>
        (await db.ReadSettingAsync<Changed>(SettingKey, cancellation))?.At;
}
