using System.Globalization;
using System.Text.Json;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Days;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Deals;

/// <summary>A flow's wish to hand a person over.</summary>
/// <param name="Owner">Null or empty: nobody yet.</param>
/// <param name="Key">Makes the deal the same deal when it is asked for again.</param>
/// <param name="InstanceId">The run that hands over; it goes on.</param>
internal sealed record HandOffRequest(Guid ContactId, string? Owner, string Note, string Key, Guid InstanceId);

/// <summary>Marketing hands a person over to sales (brief §4.6), in the caller's transaction.</summary>
internal static class HandingOff
{
    private const int Touches = 10;
    private const string Stage = "引き渡し";

    public static async Task HandOffAsync(AutomationDb db, HandOffRequest request, TimeZoneInfo zone, DateTimeOffset now, CancellationToken cancellation)
    {
        var owner = string.IsNullOrWhiteSpace(request.Owner) ? null : request.Owner.Trim();
        var open = await db.QueryAsync(
            "SELECT owner FROM deals WHERE contact_id = @p0 AND status = 'Open' ORDER BY updated_at DESC LIMIT 1", row => row.TextOrNull(0), cancellation, request.ContactId);
        if (open.Count == 0) await AddDealAsync(db, request, owner, now, cancellation);
        else owner = open[0] ?? owner;
        await db.ExecuteAsync(
            "INSERT INTO notices (id, owner, contact_id, message, at) VALUES (@p0, @p1, @p2, @p3, @p4)", cancellation,
            Guid.CreateVersion7(now), owner, request.ContactId, await WordsAsync(db, request, zone, cancellation), now);
        // The answer is due on the next working day.
        await Tasks.AddAsync(
            db, request.ContactId, owner, "引き渡しを確認する / Accept or return this lead", WorkingDays.After(LocalTime.DayOf(now, zone)), "", now, cancellation);
        await HandingBack.SetSalesOwnedAsync(db, request.ContactId, cancellation);
        await Stimuli.WriteAsync(
            db, [new NewStimulus(Stimuli.MustEnd, "sales-owned", request.ContactId, JsonSerializer.Serialize(new { except = request.InstanceId }))], now, cancellation);
    }

    private static Task<int> AddDealAsync(AutomationDb db, HandOffRequest request, string? owner, DateTimeOffset now, CancellationToken cancellation) =>
        db.ExecuteAsync(
            """
            INSERT INTO deals (id, deal_key, contact_id, stage, status, owner, created_at, updated_at)
            VALUES (@p0, @p1, @p2, @p3, 'Open', @p4, @p5, @p5) ON CONFLICT (deal_key) DO NOTHING
            """,
            cancellation, Guid.CreateVersion7(now), "F-" + request.Key, request.ContactId, Stage, owner, now);

    // What the person did last, newest first: the salesperson's way into the talk.
    private static async Task<string> WordsAsync(AutomationDb db, HandOffRequest request, TimeZoneInfo zone, CancellationToken cancellation)
    {
        var touches = await db.LeadEvents.AsNoTracking().Where(touch => touch.ContactId == request.ContactId)
            .OrderByDescending(touch => touch.OccurredAt).Take(Touches).Select(touch => new { touch.Type, touch.OccurredAt }).ToListAsync(cancellation);
        var consent = (await ConsentLedger.StatesAsync(db, [request.ContactId], cancellation)).GetValueOrDefault(request.ContactId).State.ToString();
        return string.Join(" · ", new[] { request.Note, consent }
            .Concat(touches.Select(touch => $"{touch.Type} {LocalTime.DayOf(touch.OccurredAt, zone).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}"))
            .Where(part => part.Length > 0));
    }
}
