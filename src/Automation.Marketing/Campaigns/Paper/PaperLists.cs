using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Campaigns.Paper;

/// <summary>One line of the list, with what is written on the card or dialled.</summary>
public sealed record PaperLine(
    Guid Id, Guid ContactId, PaperWay Way, PaperState State, string Rule, string? ExternalId, string? Name, string? Kana, string? Company, string? PostalCode,
    string? Prefecture, string? Address, string? Phone, DateTimeOffset? DoneAt, string? DoneBy);

/// <param name="LeftOut">People whom a rule kept off the list.</param>
public sealed record PaperTotals(int Listed, int Done, int LeftOut)
{
    public int People => Listed + Done + LeftOut;
}

/// <summary>The postcards and calls of a broadcast: whom they are for, and that they were done.</summary>
public static class PaperLists
{
    // A list longer than this is nobody's evening.
    private const int Most = 20_000;

    /// <summary>
    /// Puts the people of a stretch of the frozen audience on the list, or leaves them out by the rules that hold for mail: refusals,
    /// complaints, fixed partners, limits. Hours do not matter, and nobody must have agreed: a card may be sent until somebody says no.
    /// </summary>
    internal static async Task DecideAsync(
        AutomationDb db, Broadcast broadcast, string topics, Guid after, Guid upTo, string defaultZone, DateTimeOffset now, CancellationToken cancellation)
    {
        var people = await db.QueryAsync(
            """
            SELECT r.contact_id, c.address FROM broadcast_recipients r JOIN contacts c ON c.id = r.contact_id
            WHERE r.broadcast_id = @p0 AND r.contact_id > @p1 AND r.contact_id <= @p2 AND r.apart = 'OnPaper' ORDER BY r.contact_id
            """,
            row => (Id: row.Guid(0), HasAddress: !row.IsNull(1)), cancellation, broadcast.Id, after, upTo);
        if (people.Count == 0) return;
        var policy = (await db.SendingPolicyAsync(cancellation)) with { Quiet = null, OpenOn = null, Blackout = [] };
        await db.HoldAsync("contacts", people.Select(person => person.Id), cancellation);
        var standings = await Standings.LoadAsync(db, people.Select(person => person.Id).ToArray(), [topics], policy, defaultZone, hold: true, forLimits: true, now, cancellation);
        var question = new SendQuestion(MessageClass.Marketing, broadcast.Approach, OverCap.Skip, ValidUntil: null) { Topics = topics, Priority = broadcast.Priority };
        var rows = new List<object?[]>(people.Count);
        foreach (var (id, hasAddress) in people)
        {
            var decision = Decider.Decide(question, OnPaper(standings.Of(id, topics)), standings.SendsOf(id), policy, now);
            var listed = decision.State is MessageState.Queued;
            if (listed) standings.Count(id, new CountedSend(now, broadcast.Approach, topics));
            rows.Add([
                Guid.CreateVersion7(now), broadcast.Id, id, hasAddress ? PaperWay.Post : PaperWay.Phone, listed ? PaperState.Listed : PaperState.LeftOut, decision.Rule,
                broadcast.Approach, topics, now, listed ? now : null,
            ]);
        }
        await db.InsertManyAsync(
            "paper_sends", ["id", "broadcast_id", "contact_id", "way", "state", "rule", "approach", "topics", "listed_at", "slot_at"], rows, "ON CONFLICT DO NOTHING", cancellation);
    }

    public static async Task<PaperTotals> TotalsAsync(AutomationDb db, Guid broadcastId, CancellationToken cancellation)
    {
        var counts = (await db.QueryAsync(
            "SELECT state, COUNT(*) FROM paper_sends WHERE broadcast_id = @p0 GROUP BY state", row => (State: row.Enum<PaperState>(0), Count: row.Int(1)), cancellation, broadcastId))
            .ToDictionary(line => line.State, line => line.Count);
        return new PaperTotals(counts.GetValueOrDefault(PaperState.Listed), counts.GetValueOrDefault(PaperState.Done), counts.GetValueOrDefault(PaperState.LeftOut));
    }

    /// <summary>Everyone on the list, by postal code; those left out come last.</summary>
    public static async Task<IReadOnlyList<PaperLine>> ReadAsync(AutomationDb db, Guid broadcastId, CancellationToken cancellation) =>
        await db.QueryAsync(
            $"""
            SELECT s.id, s.contact_id, s.way, s.state, s.rule, c.external_id, c.name, c.kana, c.company, c.postal_code, c.prefecture, c.address, c.phone, s.done_at, s.done_by
            FROM paper_sends s JOIN contacts c ON c.id = s.contact_id WHERE s.broadcast_id = @p0
            ORDER BY CASE s.state WHEN 'LeftOut' THEN 1 ELSE 0 END, CASE s.way WHEN 'Post' THEN 0 ELSE 1 END, c.postal_code, c.kana, s.contact_id LIMIT {Most}
            """,
            row => new PaperLine(
                row.Guid(0), row.Guid(1), row.Enum<PaperWay>(2), row.Enum<PaperState>(3), row.Text(4), row.TextOrNull(5), row.TextOrNull(6), row.TextOrNull(7), row.TextOrNull(8),
                row.TextOrNull(9), row.TextOrNull(10), row.TextOrNull(11), row.TextOrNull(12), row.InstantOrNull(13), row.TextOrNull(14)),
            cancellation, broadcastId);

    /// <summary>It is posted, or the call was made; everything that still stands on the list when no one line is named.</summary>
    /// <param name="one">Null: all of this way.</param>
    /// <returns>How many were marked.</returns>
    public static Task<int> DoneAsync(AutomationDb db, Guid broadcastId, PaperWay way, Guid? one, string by, DateTimeOffset now, CancellationToken cancellation) =>
        db.ExecuteAsync(
            $"UPDATE paper_sends SET state = 'Done', done_at = @p2, done_by = @p3, slot_at = @p2 WHERE broadcast_id = @p0 AND way = @p1 AND state = 'Listed'{(one is null ? "" : " AND id = @p4")}",
            cancellation, one is { } id ? [broadcastId, way, now, by, id] : [broadcastId, way, now, by]);

    /// <summary>Takes a mark back: those of one moment together, as they were made.</summary>
    public static Task<int> UndoAsync(AutomationDb db, Guid broadcastId, DateTimeOffset doneAt, CancellationToken cancellation) =>
        db.ExecuteAsync(
            "UPDATE paper_sends SET state = 'Listed', slot_at = listed_at, done_at = NULL, done_by = NULL WHERE broadcast_id = @p0 AND state = 'Done' AND done_at = @p1",
            cancellation, broadcastId, doneAt);

    // What only mail needs is there: an address, and consent unless it was refused.
    private static PersonStanding OnPaper(PersonStanding person) => person with
    {
        Email = person.Email ?? "-",
        Consent = Unless(person.Consent),
        Topics = person.Topics.ToDictionary(line => line.Key, line => Unless(line.Value)),
        BasisAccepted = true,
    };

    private static ConsentState Unless(ConsentState state) => state is ConsentState.Withdrawn ? state : ConsentState.Granted;
}
