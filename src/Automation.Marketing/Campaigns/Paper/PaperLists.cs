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
public sealed record PaperTotals(int ToPost, int ToCall, int Done, int LeftOut)
{
    public int Listed => ToPost + ToCall;
    public int People => Listed + Done + LeftOut;
}

/// <summary>Lines that were marked in one moment, and are taken back together.</summary>
/// <param name="Name">Of one of them.</param>
public sealed record PaperMark(DateTimeOffset At, string By, int Lines, string? Name);

/// <summary>A part of the list that is read by itself.</summary>
public enum PaperPart { ToPost, ToCall, OnTheList, LeftOut, Everyone }

/// <summary>The postcards and calls of a broadcast: whom they are for, and that they were done.</summary>
public static class PaperLists
{
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
        await DecideAsync(db, broadcast, topics, people, OnPaper, defaultZone, now, cancellation);
    }

    /// <summary>
    /// The same for people for whom paper is tried instead of mail. What they said of mail holds as well: of two ways the better one is
    /// told apart only among people who might get either.
    /// </summary>
    /// <returns>Those who are reached on paper at all, on the list or left out.</returns>
    internal static async Task<IReadOnlySet<Guid>> DecideAsync(
        AutomationDb db, Broadcast broadcast, string topics, IReadOnlyCollection<Guid> contactIds, string defaultZone, DateTimeOffset now, CancellationToken cancellation)
    {
        var people = await db.QueryAsync(
            $"SELECT id, address FROM contacts WHERE {db.Dialect.Among("id", "@p0")} AND (address IS NOT NULL OR phone IS NOT NULL) ORDER BY id",
            row => (Id: row.Guid(0), HasAddress: !row.IsNull(1)), cancellation, contactIds.ToArray());
        await DecideAsync(db, broadcast, topics, people, standing => standing, defaultZone, now, cancellation);
        return people.Select(person => person.Id).ToHashSet();
    }

    private static async Task DecideAsync(
        AutomationDb db, Broadcast broadcast, string topics, IReadOnlyList<(Guid Id, bool HasAddress)> people, Func<PersonStanding, PersonStanding> seen, string defaultZone,
        DateTimeOffset now, CancellationToken cancellation)
    {
        if (people.Count == 0) return;
        var policy = (await db.SendingPolicyAsync(cancellation)) with { Quiet = null, OpenOn = null, Blackout = [] };
        await db.HoldAsync("contacts", people.Select(person => person.Id), cancellation);
        var standings = await Standings.LoadAsync(db, people.Select(person => person.Id).ToArray(), [topics], policy, defaultZone, hold: true, forLimits: true, now, cancellation);
        var question = new SendQuestion(MessageClass.Marketing, broadcast.Approach, OverCap.Skip, ValidUntil: null) { Topics = topics, Priority = broadcast.Priority };
        var rows = new List<object?[]>(people.Count);
        foreach (var (id, hasAddress) in people)
        {
            var decision = Decider.Decide(question, seen(standings.Of(id, topics)), standings.SendsOf(id), policy, now);
            var listed = decision.State is MessageState.Queued;
            if (listed) standings.Count(id, new CountedSend(now, broadcast.Approach, topics));
            rows.Add([
                RowId.New(now), broadcast.Id, id, hasAddress ? PaperWay.Post : PaperWay.Phone, listed ? PaperState.Listed : PaperState.LeftOut, decision.Rule,
                broadcast.Approach, topics, now, listed ? now : null,
            ]);
        }
        await db.InsertManyAsync(
            "paper_sends", ["id", "broadcast_id", "contact_id", "way", "state", "rule", "approach", "topics", "listed_at", "slot_at"], rows, "ON CONFLICT DO NOTHING", cancellation);
    }

    public static async Task<PaperTotals> TotalsAsync(AutomationDb db, Guid broadcastId, CancellationToken cancellation)
    {
        var counts = (await db.QueryAsync(
            "SELECT state, way, COUNT(*) FROM paper_sends WHERE broadcast_id = @p0 GROUP BY state, way",
            row => (State: row.Enum<PaperState>(0), Way: row.Enum<PaperWay>(1), Count: row.Int(2)), cancellation, broadcastId)).ToLookup(line => line.State);
        return new PaperTotals(
            counts[PaperState.Listed].Where(line => line.Way is PaperWay.Post).Sum(line => line.Count),
            counts[PaperState.Listed].Where(line => line.Way is PaperWay.Phone).Sum(line => line.Count),
            counts[PaperState.Done].Sum(line => line.Count), counts[PaperState.LeftOut].Sum(line => line.Count));
    }

    /// <summary>A part of the list, by postal code, one line after the other however long it is; those left out come last.</summary>
    /// <remarks>Until the last line was read the connection does nothing else.</remarks>
    public static IAsyncEnumerable<PaperLine> ReadAsync(AutomationDb db, Guid broadcastId, PaperPart part, CancellationToken cancellation) =>
        db.StreamAsync(Select(part), Line, cancellation, broadcastId);

    /// <summary>The first lines of a part, at most so many.</summary>
    public static async Task<IReadOnlyList<PaperLine>> FirstAsync(AutomationDb db, Guid broadcastId, PaperPart part, int most, CancellationToken cancellation) =>
        await db.QueryAsync($"{Select(part)} LIMIT {most}", Line, cancellation, broadcastId);

    /// <summary>The moments in which lines were marked, the last first.</summary>
    public static async Task<IReadOnlyList<PaperMark>> MarksAsync(AutomationDb db, Guid broadcastId, int most, CancellationToken cancellation) =>
        await db.QueryAsync(
            $"""
            SELECT s.done_at, s.done_by, COUNT(*), MIN(COALESCE(c.name, c.company)) FROM paper_sends s JOIN contacts c ON c.id = s.contact_id
            WHERE s.broadcast_id = @p0 AND s.state = 'Done' GROUP BY s.done_at, s.done_by ORDER BY s.done_at DESC LIMIT {most}
            """,
            row => new PaperMark(row.Instant(0), row.Text(1), row.Int(2), row.TextOrNull(3)), cancellation, broadcastId);

    /// <summary>Those left out, by the rule that kept them off the list.</summary>
    public static async Task<IReadOnlyList<(string Rule, int People)>> LeftOutAsync(AutomationDb db, Guid broadcastId, CancellationToken cancellation) =>
        await db.QueryAsync(
            "SELECT rule, COUNT(*) FROM paper_sends WHERE broadcast_id = @p0 AND state = 'LeftOut' GROUP BY rule ORDER BY 2 DESC, 1",
            row => (row.Text(0), row.Int(1)), cancellation, broadcastId);

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

    private static string Select(PaperPart part) =>
        $"""
        SELECT s.id, s.contact_id, s.way, s.state, s.rule, c.external_id, c.name, c.kana, c.company, c.postal_code, c.prefecture, c.address, c.phone, s.done_at, s.done_by
        FROM paper_sends s JOIN contacts c ON c.id = s.contact_id WHERE s.broadcast_id = @p0 AND {Among(part)}
        ORDER BY CASE s.state WHEN 'LeftOut' THEN 1 ELSE 0 END, CASE s.way WHEN 'Post' THEN 0 ELSE 1 END, c.postal_code, c.kana, s.contact_id
        """;

    private static PaperLine Line(SqlRow row) => new(
        row.Guid(0), row.Guid(1), row.Enum<PaperWay>(2), row.Enum<PaperState>(3), row.Text(4), row.TextOrNull(5), row.TextOrNull(6), row.TextOrNull(7), row.TextOrNull(8),
        row.TextOrNull(9), row.TextOrNull(10), row.TextOrNull(11), row.TextOrNull(12), row.InstantOrNull(13), row.TextOrNull(14));

    private static string Among(PaperPart part) => part switch
    {
        PaperPart.ToPost => "s.state = 'Listed' AND s.way = 'Post'",
        PaperPart.ToCall => "s.state = 'Listed' AND s.way = 'Phone'",
        PaperPart.OnTheList => "s.state <> 'LeftOut'",
        PaperPart.LeftOut => "s.state = 'LeftOut'",
        _ => "1 = 1",
    };

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
