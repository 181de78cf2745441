using Automation.Marketing.Campaigns.Use;
using Automation.Marketing.Mail;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Reports.Use;

/// <summary>Which of the people whom mail reached.</summary>
public enum UseFigure { Reached, Bought, Active }

/// <summary>The people behind the figures of <see cref="MailUses"/>, whose newest mail left last first.</summary>
public static class UseRows
{
    /// <param name="today">As the figure was asked for.</param>
    public static async Task<List<BehindRow>> OfBroadcastAsync(AutomationDb db, Guid broadcastId, UseFigure figure, DateOnly today, int skip, int take, CancellationToken cancellation)
    {
        if (await MailUses.OfBroadcastAsync(db, broadcastId, today, cancellation) is not { } counted) return [];
        return await ReadAsync(db, await MailUses.OfBroadcastAsync(db, broadcastId, cancellation), figure, counted.Last, counted.Last, skip, take, cancellation);
    }

    /// <inheritdoc cref="OfBroadcastAsync"/>
    public static async Task<List<BehindRow>> OfApproachAsync(
        AutomationDb db, Approach approach, DateOnly first, DateOnly last, UseFigure figure, DateOnly today, int skip, int take, CancellationToken cancellation) =>
        await ReadAsync(db, await MailUses.OfDaysAsync(db, first, last, cancellation, approach), figure, last < today ? last : today, today, skip, take, cancellation);

    // The detail is the first purchase that followed, or how many orders there were in the year.
    private static Task<List<BehindRow>> ReadAsync(AutomationDb db, SentMails sent, UseFigure figure, DateOnly yearEnds, DateOnly lastDay, int skip, int take, CancellationToken cancellation)
    {
        var (columns, join) = figure switch
        {
            UseFigure.Bought => ("CAST(MIN(p.date) AS text)", $"JOIN purchases p ON {SentMails.Followed(db, sent.Place(lastDay))}"),
            UseFigure.Active => (
                "CAST(COUNT(DISTINCT p.source || ' ' || p.order_id) AS text)",
                $"JOIN purchases p ON p.contact_id = s.contact_id AND p.net > 0 AND p.date > {sent.Place(yearEnds.AddDays(-MailUse.YearDays))} AND p.date <= {sent.Place(yearEnds)}"),
            _ => ("''", ""),
        };
        return BehindRow.ReadAsync(
            db, $"WITH s AS ({sent.Sql}) SELECT s.contact_id, MAX(s.sent_at) AS at, {columns} AS detail FROM s {join} GROUP BY s.contact_id ORDER BY 2 DESC, s.contact_id", sent.Values, skip, take, cancellation);
    }
}
