using System.Text.Json;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Contacts.Lifecycle;
using Automation.Marketing.Contacts.Outgoing;
using Automation.Marketing.Contacts.Scoring;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Deals;

/// <summary>A wish to hand a person over.</summary>
/// <param name="Owner">Null or empty: by the rule of <see cref="LeadSettings"/>.</param>
/// <param name="Key">Makes the deal the same deal when it is asked for again.</param>
/// <param name="InstanceId">The run that hands over; it goes on. Null: no run does.</param>
internal sealed record HandOffRequest(Guid ContactId, string? Owner, string Note, string Key, Guid? InstanceId);

/// <summary>Marketing hands a person over to sales (brief §4.6), in the caller's transaction.</summary>
internal static class HandingOff
{
    /// <summary>The task by which sales answers.</summary>
    public const string TaskTitle = "引き渡しを確認する / Accept or return this lead";

    private const int Touches = 10;
    private const string Stage = "引き渡し";

    public static async Task HandOffAsync(AutomationDb db, HandOffRequest request, TimeZoneInfo zone, DateTimeOffset now, CancellationToken cancellation)
    {
        await db.HoldAsync("contacts", [request.ContactId], cancellation);
        var owner = string.IsNullOrWhiteSpace(request.Owner) ? null : request.Owner.Trim();
        var details = await DetailsAsync(db, request, zone, now, cancellation);
        var open = await db.QueryAsync(
            "SELECT owner FROM deals WHERE contact_id = @p0 AND status = 'Open' ORDER BY updated_at DESC LIMIT 1", row => row.TextOrNull(0), cancellation, request.ContactId);
        if (open.Count > 0) owner = open[0] ?? owner;
        else
        {
            var settings = await LeadSettings.ReadAsync(db, cancellation);
            owner ??= await LeadOwners.NextAsync(db, request.ContactId, settings, cancellation);
            await OpenAsync(db, request, owner, details, settings, zone, now, cancellation);
        }
        await Notices.AddAsync(
            db, owner, request.ContactId, Words(request, details, zone), await HandOffText.MailAsync(db, request.ContactId, details, zone, cancellation), now, cancellation);
        await HandingBack.SetSalesOwnedAsync(db, request.ContactId, cancellation);
        await Stimuli.WriteAsync(
            db, [new NewStimulus(Stimuli.MustEnd, "sales-owned", request.ContactId, JsonSerializer.Serialize(new { except = request.InstanceId }))], now, cancellation);
    }

    private static async Task OpenAsync(
        AutomationDb db, HandOffRequest request, string? owner, HandOffDetails details, LeadSettings settings, TimeZoneInfo zone, DateTimeOffset now, CancellationToken cancellation)
    {
        var deal = RowId.New(now);
        var isNew = await db.ExecuteAsync(
            """
            INSERT INTO deals (id, deal_key, contact_id, stage, status, owner, created_at, updated_at)
            VALUES (@p0, @p1, @p2, @p3, 'Open', @p4, @p5, @p5) ON CONFLICT (deal_key) DO NOTHING
            """,
            cancellation, deal, "F-" + request.Key, request.ContactId, Stage, owner, now) > 0;
        if (!isNew) return;
        var due = Sla.After(now, settings.AnswerDays, zone);
        await db.ExecuteAsync(
            """
            INSERT INTO hand_offs (id, contact_id, deal_id, at, owner, assigned_to, details, state, due_at, escalations)
            VALUES (@p0, @p1, @p2, @p3, @p4, @p4, @p5, 'Waiting', @p6, 0)
            """,
            cancellation, RowId.New(now), request.ContactId, deal, now, owner, details.ToJson(), due);
        await Tasks.AddAsync(db, request.ContactId, owner, TaskTitle, LocalTime.DayOf(due, zone), "", now, cancellation);
        // Who sells now has not allowed anything yet.
        await db.ExecuteAsync("UPDATE contacts SET seasonal_allowed_at = NULL, seasonal_allowed_by = NULL WHERE id = @p0", cancellation, request.ContactId);
        await QualifyAsync(db, request.ContactId, now, cancellation);
        await OutgoingEvents.TellAsync(
            db, [("lead.handed_off", request.ContactId, JsonSerializer.Serialize(new { deal_id = "F-" + request.Key, owner, score = Math.Round(details.Score, 1), fit = details.Fit, note = request.Note, complaints = details.Complaints }, JsonSerializerOptions.Web))],
            now, cancellation);
    }

    private static async Task QualifyAsync(AutomationDb db, Guid contactId, DateTimeOffset now, CancellationToken cancellation)
    {
        var stage = (await db.QueryAsync("SELECT stage FROM contacts WHERE id = @p0", row => row.Enum<LifecycleStage>(0), cancellation, contactId))[0];
        // A flow that hands over somebody who had been ruled out says that they no longer are.
        if (stage is LifecycleStage.Disqualified) await Stages.MoveAsync(db, contactId, LifecycleStage.Lead, Stages.Automatic, "handed-off", now, cancellation);
        await Stages.AdvanceAsync(db, contactId, LifecycleStage.Qualified, Stages.Automatic, "handed-off", now, cancellation);
    }

    private static async Task<HandOffDetails> DetailsAsync(AutomationDb db, HandOffRequest request, TimeZoneInfo zone, DateTimeOffset now, CancellationToken cancellation)
    {
        var rules = await db.ScoringRulesAsync(cancellation);
        var known = (await Scores.LoadAsync(db, [request.ContactId], rules, now, cancellation))[request.ContactId];
        var touches = known.Touches(rules, zone).Where(touch => touch.At <= now).ToList();
        var parts = touches.GroupBy(touch => touch.Rule).Select(group => new HandOffPart(group.Key, group.Count(), Math.Round(group.Sum(touch => touch.WorthAt(now)), 1)))
            .OrderByDescending(part => part.Worth).ToList();
        var consent = (await ConsentLedger.StatesAsync(db, [request.ContactId], cancellation)).GetValueOrDefault(request.ContactId).State.ToString();
        return new HandOffDetails(
            request.Note, Math.Round(Behaviour.ScoreAt(touches, now), 1), Fitness.Of(rules, known.Person, known.Tags), parts, await LastAsync(db, request.ContactId, now, cancellation), consent,
            await FlowsAsync(db, request.ContactId, cancellation), await HandOffText.ComplaintsAsync(db, request.ContactId, now, cancellation));
    }

    // What the person did, and clicks that no machine made.
    private static Task<List<HandOffTouch>> LastAsync(AutomationDb db, Guid contactId, DateTimeOffset now, CancellationToken cancellation) =>
        db.QueryAsync(
            $"""
            SELECT type, at FROM (
                SELECT type, occurred_at AS at FROM lead_events WHERE contact_id = @p0 AND occurred_at <= @p1
                UNION ALL SELECT '{TouchRule.Clicked}', at FROM delivery_events WHERE contact_id = @p0 AND kind = 'click' AND machine = false AND at <= @p1) AS touches
            ORDER BY at DESC LIMIT {Touches}
            """,
            row => new HandOffTouch(row.Text(0), row.Instant(1)), cancellation, contactId, now);

    private static Task<List<string>> FlowsAsync(AutomationDb db, Guid contactId, CancellationToken cancellation) =>
        db.QueryAsync(
            """
            SELECT DISTINCT d.name FROM flow_instances i JOIN flow_definitions d ON d.id = i.definition_version_id
            WHERE i.contact_id = @p0 AND i.status = 'Running' ORDER BY d.name LIMIT 20
            """,
            row => row.Text(0), cancellation, contactId);

    // What to mind first; then what the person did last, newest first: the salesperson's way into the talk.
    private static string Words(HandOffRequest request, HandOffDetails details, TimeZoneInfo zone) =>
        string.Join(" · ", (details.Complaints ?? []).Select(one => HandOffText.Line(one)).Append(request.Note).Append(details.Consent)
            .Concat(details.Touches.Select(touch => $"{touch.Type} {LocalTime.Iso(LocalTime.DayOf(touch.At, zone))}"))
            .Where(part => part.Length > 0));
}
