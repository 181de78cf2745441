using Automation.Marketing.Storage;

namespace Automation.Marketing.Contacts.Consent;

/// <summary>What holds for one person and topic, derived from the ledger.</summary>
/// <param name="At">Of the line that it follows from.</param>
public readonly record struct ConsentStanding(ConsentState State, ConsentBasis Basis, DateTimeOffset At);

/// <summary>
/// Reads and writes what people have said about being mailed. The newest line counts; at the same instant the refusal. A
/// question that is still open (<see cref="ConsentState.Pending"/>) changes nothing that was said before, and lapses.
/// </summary>
public static class ConsentLedger
{
    /// <summary>How long the link of a double opt-in works.</summary>
    public static readonly TimeSpan PendingLasts = TimeSpan.FromHours(72);

    private static readonly string[] Columns =
        ["id", "contact_id", "channel", "topic", "state", "basis", "source", "evidence", "wording", "ip_address", "user_agent", "actor", "at"];

    /// <summary>State and instant of what holds about all topics, per person who has a line.</summary>
    public static async Task<Dictionary<Guid, (ConsentState State, DateTimeOffset At)>> StatesAsync(
        AutomationDb db, IReadOnlyCollection<Guid> contactIds, CancellationToken cancellation) =>
        (await StandingsAsync(db, contactIds, [""], cancellation)).ToDictionary(line => line.Key.Contact, line => (line.Value.State, line.Value.At));

    /// <summary>What the ledger says of these people and topics (empty: all topics); pairs without a line are absent.</summary>
    public static async Task<Dictionary<(Guid Contact, string Topic), ConsentStanding>> StandingsAsync(
        AutomationDb db, IReadOnlyCollection<Guid> contactIds, IReadOnlyCollection<string> topics, CancellationToken cancellation)
    {
        var ids = contactIds.Distinct().ToArray();
        var standings = await NewestAsync(db, ids, topics, withPending: true, cancellation);
        var pending = standings.Where(line => line.Value.State is ConsentState.Pending).Select(line => line.Key).ToList();
        if (pending.Count == 0) return standings;
        // Rare: what was said before the open question.
        var before = await NewestAsync(db, [.. pending.Select(key => key.Contact).Distinct()], topics, withPending: false, cancellation);
        foreach (var key in pending)
        {
            if (before.TryGetValue(key, out var said)) standings[key] = said;
        }
        return standings;
    }

    /// <summary>What holds for a topic, of what was said about it and about all.</summary>
    public static ConsentState Effective(ConsentStanding? all, ConsentStanding? topic) => (all?.State, topic?.State) switch
    {
        (var only, null) => only ?? ConsentState.None,
        (null, var only) => only.Value,
        // Whoever stopped everything can ask for one topic again, by an own later act.
        (ConsentState.Withdrawn, ConsentState.Granted) => topic!.Value.At > all!.Value.At && topic.Value.Basis.IsOwnAct() ? ConsentState.Granted : ConsentState.Withdrawn,
        (ConsentState.Withdrawn, _) => ConsentState.Withdrawn,
        (_, var own) => own.Value,
    };

    /// <summary>Only the person's own later act lifts a withdrawal; a grant already given is not repeated.</summary>
    public static bool MayGrant((ConsentState State, DateTimeOffset At) standing, ConsentBasis basis, DateTimeOffset at) => standing.State switch
    {
        ConsentState.Granted => false,
        ConsentState.Withdrawn => basis.IsOwnAct() && at > standing.At,
        _ => true,
    };

    /// <summary>Writes lines in the caller's transaction.</summary>
    public static Task<int> WriteAsync(AutomationDb db, IReadOnlyCollection<ConsentEntry> lines, CancellationToken cancellation) =>
        db.InsertManyAsync(
            "consent_entries", Columns,
            [.. lines.Select(line => new object?[]
            {
                line.Id, line.ContactId, line.Channel, line.Topic, line.State, line.Basis, line.Source, line.Evidence, line.Wording, line.IpAddress,
                Cut(line.UserAgent), line.Actor, line.At,
            })],
            "", cancellation);

    /// <summary>One person carries on two people's records: the stricter of what each said holds.</summary>
    /// <param name="merged">Whose records the survivor takes over.</param>
    public static async Task MergeAsync(AutomationDb db, Guid survivor, Guid merged, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        var topics = await db.QueryAsync(
            "SELECT DISTINCT topic FROM consent_entries WHERE contact_id = @p0 OR contact_id = @p1", row => row.Text(0), cancellation, survivor, merged);
        var standings = await StandingsAsync(db, [survivor, merged], topics, cancellation);
        var refused = topics.Where(topic =>
            standings.TryGetValue((merged, topic), out var theirs) && theirs.State is ConsentState.Withdrawn
            && !(standings.TryGetValue((survivor, topic), out var own) && own.State is ConsentState.Withdrawn));
        await WriteAsync(
            db,
            [.. refused.Select(topic => new ConsentEntry
            {
                Id = RowId.New(now), ContactId = survivor, Topic = topic, State = ConsentState.Withdrawn, Basis = ConsentBasis.OwnWithdrawal,
                Source = "merge", Evidence = merged.ToString(), Actor = actor, At = now,
            })],
            cancellation);
    }

    // Each pair by its own descent of the index: a long ledger costs no more than a short one.
    private static async Task<Dictionary<(Guid Contact, string Topic), ConsentStanding>> NewestAsync(
        AutomationDb db, Guid[] contactIds, IReadOnlyCollection<string> topics, bool withPending, CancellationToken cancellation)
    {
        if (topics.Count == 0) return [];
        var values = new List<object?> { contactIds, DateTimeOffset.MinValue };
        var newest = topics.Select(topic =>
        {
            values.Add(topic);
            return db.Dialect.NewestOfEach(
                "@p0", "consent_entries", "contact_id", "id, topic, state, basis, at",
                $"channel = 'email' AND topic = @p{values.Count - 1}{(withPending ? "" : " AND state <> 'Pending'")}", "at", "@p1", most: 1);
        }).ToList();
        var lines = await db.QueryAsync(
            string.Join(" UNION ALL ", newest),
            row => (Key: (Contact: row.Guid(0), Topic: row.Text(2)), Id: row.Guid(1), Standing: new ConsentStanding(row.Enum<ConsentState>(3), row.Enum<ConsentBasis>(4), row.Instant(5))),
            cancellation, [.. values]);
        var standings = new Dictionary<(Guid Contact, string Topic), (Guid Id, ConsentStanding Standing)>(lines.Count);
        foreach (var (key, id, standing) in lines)
        {
            // Of several at one instant the refusal counts, then the one written last.
            if (!standings.TryGetValue(key, out var other) || Rank(id, standing).CompareTo(Rank(other.Id, other.Standing)) > 0) standings[key] = (id, standing);
        }
        return standings.ToDictionary(pair => pair.Key, pair => pair.Value.Standing);
    }

    private static (bool IsRefusal, Guid Id) Rank(Guid id, ConsentStanding standing) => (standing.State is ConsentState.Withdrawn, id);

    private static string? Cut(string? text) => text?.Length > ConsentEntry.MaxUserAgent ? text[..ConsentEntry.MaxUserAgent] : text;
}
