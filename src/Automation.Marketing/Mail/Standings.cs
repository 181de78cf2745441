using System.Buffers.Binary;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Mail.Suppression;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Mail;

/// <summary>What is known of many people at once, for deciding about their mails.</summary>
internal sealed class Standings
{
    // Counted sends of one person in a year, as a rule.
    private const int FewSends = 50;

    private readonly Dictionary<Guid, Person> people;
    private readonly Dictionary<Guid, List<CountedSend>> counted;
    private readonly Dictionary<string, List<CountedSend>> companies;
    private readonly Dictionary<(Guid Contact, string Topic), ConsentStanding> consents;
    private readonly ILookup<Guid, string> chosen;
    private readonly ILookup<Guid, string> segments;
    private readonly ILookup<Guid, HeldSlot> holds;
    private readonly PurchaseCycles? cycles;
    private readonly ConsentPolicy consentPolicy;

    private Standings(
        Dictionary<Guid, Person> people, Dictionary<Guid, List<CountedSend>> counted, Dictionary<string, List<CountedSend>> companies,
        Dictionary<(Guid Contact, string Topic), ConsentStanding> consents, ILookup<Guid, string> segments, ILookup<Guid, HeldSlot> holds, PurchaseCycles? cycles, ConsentPolicy consentPolicy)
    {
        (this.people, this.counted, this.companies, this.consents) = (people, counted, companies, consents);
        (this.segments, this.holds, this.cycles, this.consentPolicy) = (segments, holds, cycles, consentPolicy);
        chosen = consents.Where(line => line.Key.Topic.Length > 0 && line.Value.State is ConsentState.Granted).ToLookup(line => line.Key.Contact, line => line.Key.Topic);
    }

    /// <param name="topicLists">Those of the mails in question, each separated by commas.</param>
    /// <param name="hold">Keeps those who decide about colleagues off until the transaction ends; the people themselves are held by the caller.</param>
    /// <param name="forLimits">Whether limits are asked about, or only what dispatch asks once more.</param>
    public static async Task<Standings> LoadAsync(
        AutomationDb db, IReadOnlyCollection<Guid> contactIds, IEnumerable<string> topicLists, SendingPolicy policy, string defaultZone, bool hold, bool forLimits,
        DateTimeOffset now, CancellationToken cancellation)
    {
        var ids = contactIds.Distinct().Order().ToArray();
        var people = await PeopleAsync(db, ids, policy, LocalTime.ZoneOr(defaultZone, TimeZoneInfo.Utc), cancellation);
        var counted = forLimits ? await CountedAsync(db, ids, policy, now, cancellation) : [];
        var topics = topicLists.Concat(policy.Cycle is null ? [] : counted.Values.SelectMany(sends => sends.Select(send => send.Topics)))
            .Distinct().SelectMany(list => list.Split(',')).Append("").Distinct().ToList();
        return new Standings(
            people, counted,
            forLimits && policy.HasCompanyRules ? await CompanysAsync(db, people.Values, policy, hold, now, cancellation) : [],
            await ConsentLedger.StandingsAsync(db, ids, topics, cancellation),
            await SegmentMembers.AmongAsync(db, ids, forLimits ? [.. policy.Caps.Select(cap => cap.Segment).OfType<string>().Distinct()] : [], cancellation),
            await HoldsAsync(db, ids, forLimits ? policy.LookAhead : null, now, cancellation),
            forLimits && policy.Cycle is not null ? await PurchaseCycles.LoadAsync(db, ids, cancellation) : null,
            await db.ConsentPolicyAsync(cancellation));
    }

    public bool Knows(Guid contactId) => people.ContainsKey(contactId);

    public string? AddressOf(Guid contactId) => people[contactId].Email;

    /// <summary>The person as a mail with these topics meets them.</summary>
    public PersonStanding Of(Guid contactId, string topics)
    {
        var person = people[contactId];
        var all = Said(contactId, "");
        return new PersonStanding(person.Email, all?.State ?? ConsentState.None, person.Suppressed, person.SalesOwned, person.Zone, SpreadSeed(contactId))
        {
            Topics = TopicsOf(contactId, topics, all),
            BasisAccepted = topics.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(topic => Said(contactId, topic)).Append(all)
                .All(said => said is not { State: ConsentState.Granted } granted || consentPolicy.Accepts(person.Country, granted.Basis)),
            CompanySuppressed = person.CompanySuppressed,
            FixedPartner = person.FixedPartner,
            SeasonalAllowed = person.SeasonalAllowed,
            ComplaintOpen = person.ComplaintOpen,
            ComplaintClosedAt = person.ComplaintClosedAt,
            MutedUntil = person.RevisitOn is { } revisit ? Promise.MutedUntil(revisit) : null,
            Frequency = person.Frequency,
            PausedUntil = person.PausedUntil,
            Segments = segments.Contains(contactId) ? segments[contactId].ToHashSet(StringComparer.Ordinal) : NoWords,
            CycleDays = cycles?.DaysFor(contactId, topics),
            ChosenTopics = chosen.Contains(contactId) ? chosen[contactId].ToHashSet(StringComparer.Ordinal) : NoWords,
            Holds = [.. holds[contactId]],
            CompanySends = person.Company is { Length: > 0 } company ? companies.GetValueOrDefault(company) : null,
        };
    }

    /// <summary>Counted sends to the person within the policy's reach, oldest first.</summary>
    public List<CountedSend> SendsOf(Guid contactId) => counted.TryGetValue(contactId, out var sends) ? sends : counted[contactId] = [];

    /// <summary>A slot was reserved: whoever is decided next counts it.</summary>
    public void Count(Guid contactId, CountedSend send)
    {
        SendsOf(contactId).Add(send);
        if (people[contactId].Company is { Length: > 0 } company && companies.TryGetValue(company, out var sends)) sends.Add(send);
    }

    private static readonly IReadOnlySet<string> NoWords = new HashSet<string>();

    private ConsentStanding? Said(Guid contactId, string topic) => consents.TryGetValue((contactId, topic), out var standing) ? standing : null;

    private Dictionary<string, ConsentState> TopicsOf(Guid contactId, string topics, ConsentStanding? all)
    {
        var differing = new Dictionary<string, ConsentState>(StringComparer.Ordinal);
        foreach (var topic in topics.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (Said(contactId, topic) is { } own) differing[topic] = ConsentLedger.Effective(all, own);
        }
        return differing;
    }

    private static async Task<Dictionary<Guid, Person>> PeopleAsync(AutomationDb db, Guid[] ids, SendingPolicy policy, TimeZoneInfo shopZone, CancellationToken cancellation)
    {
        var colleagueComplains = policy.ComplaintHoldsCompany
            ? " OR EXISTS (SELECT 1 FROM contacts o WHERE o.company = c.company AND o.complaint_opened_at IS NOT NULL)"
            : "";
        // By the person's few deals, not by all that were handed back: an expression keeps SQLite from that index.
        // A complaint may hold the whole company by itself. The promise that counts is that of the deal touched last, as flows see it.
        var rows = await db.QueryAsync($"""
            SELECT c.id, c.email, c.time_zone, c.sales_owned, c.company, c.country,
                   c.complaint_opened_at IS NOT NULL OR EXISTS (SELECT 1 FROM complaints o WHERE o.company = c.company AND o.closed_at IS NULL){colleagueComplains},
                   c.complaint_closed_at,
                   (SELECT MIN(CASE s.reason WHEN 'Complaint' THEN 0 WHEN 'HardBounce' THEN 1 WHEN 'Legal' THEN 2 WHEN 'Manual' THEN 3 ELSE 4 END)
                    FROM suppressed_addresses s WHERE s.address_key = c.email_key),
                   p.frequency, p.paused_until, k.suppressed, k.fixed_partner,
                   (SELECT d.revisit_on FROM deals d WHERE d.contact_id = c.id AND d.status || '' = 'Recycled' AND d.revisit_on IS NOT NULL ORDER BY d.updated_at DESC, d.id DESC LIMIT 1),
                   (SELECT MAX(o.closed_at) FROM complaints o WHERE o.company = c.company), c.seasonal_allowed_at IS NOT NULL
            FROM contacts c LEFT JOIN mail_preferences p ON p.contact_id = c.id LEFT JOIN company_marks k ON k.company = c.company
            WHERE {db.Dialect.Among("c.id", "@p0")}
            """,
            row => (Id: row.Guid(0), Person: new Person(
                row.TextOrNull(1), LocalTime.ZoneOr(row.TextOrNull(2), shopZone), row.Bool(3), row.TextOrNull(4), row.TextOrNull(5), row.Bool(6), Later(row.InstantOrNull(7), row.InstantOrNull(14)),
                row.IsNull(8) ? null : (SuppressionReason)row.Int(8),
                row.IsNull(9) ? default : row.Enum<MailFrequency>(9), row.IsNull(10) ? null : row.Date(10),
                !row.IsNull(11) && row.Bool(11), !row.IsNull(12) && row.Bool(12), row.IsNull(13) ? null : row.Date(13), row.Bool(15))),
            cancellation, ids);
        return rows.ToDictionary(row => row.Id, row => row.Person);
    }

    private static DateTimeOffset? Later(DateTimeOffset? one, DateTimeOffset? other) => one is null || other > one ? other : one;

    // Neither a long history nor a large table is read. A bound for each person costs more than most people have got: first all
    // are read under one bound, and only where that is too low, no more of a kind for each than any rule can count.
    private static async Task<Dictionary<Guid, List<CountedSend>>> CountedAsync(
        AutomationDb db, Guid[] ids, SendingPolicy policy, DateTimeOffset now, CancellationToken cancellation)
    {
        var few = ids.Length * FewSends + CapRule.MostLimit;
        var sends = await SendsAsync($"{CountedSql(db, policy, mostOfEach: null)} LIMIT {few}");
        if (sends.Count == few) sends = await SendsAsync(CountedSql(db, policy, CapRule.MostLimit));
        var counted = new Dictionary<Guid, List<CountedSend>>(ids.Length);
        foreach (var (contact, send) in sends)
        {
            if (!counted.TryGetValue(contact, out var own)) counted[contact] = own = [];
            own.Add(send);
        }
        foreach (var own in counted.Values) own.Sort((one, other) => one.At.CompareTo(other.At));
        return counted;

        Task<List<(Guid Contact, CountedSend Send)>> SendsAsync(string sql) => db.QueryAsync(
            sql, row => (row.Guid(0), new CountedSend(AtLatest(now, row.Instant(1)), row.Enum<Approach>(2), row.Text(3))), cancellation, ids, now - policy.Reach);
    }

    private static string CountedSql(AutomationDb db, SendingPolicy policy, int? mostOfEach)
    {
        Approach[] kinds = policy.CountTransactional ? [Approach.A1, Approach.A2, Approach.A3, Approach.None] : [Approach.A1, Approach.A2, Approach.A3];
        var newest = kinds.Select(kind => db.Dialect.NewestOfEach(
            "@p0", "outbox_messages", "contact_id", "slot_at, approach, topics", $"approach = '{kind}' AND {OutboxMessageMapping.Counted}", "slot_at", "@p1", mostOfEach));
        // Postcards and calls reach the person, too.
        var onPaper = db.Dialect.NewestOfEach("@p0", "paper_sends", "contact_id", "slot_at, approach, topics", "slot_at IS NOT NULL", "slot_at", "@p1", mostOfEach);
        return string.Join(" UNION ALL ", newest.Append(onPaper));
    }

    // Another worker may have sent since this one read its clock, or its clock may be ahead: what was sent later was sent, and counts.
    private static DateTimeOffset AtLatest(DateTimeOffset now, DateTimeOffset slot) => slot > now ? now : slot;

    private static async Task<Dictionary<string, List<CountedSend>>> CompanysAsync(
        AutomationDb db, IEnumerable<Person> people, SendingPolicy policy, bool hold, DateTimeOffset now, CancellationToken cancellation)
    {
        var names = people.Select(person => person.Company).OfType<string>().Where(name => name.Length > 0).Distinct().Order(StringComparer.Ordinal).ToArray();
        if (names.Length == 0) return [];
        // After the people, in order: two deciders about colleagues wait for each other here.
        if (hold) await db.HoldWordsAsync(names, cancellation);
        var sends = await db.QueryAsync($"""
            SELECT c.company, m.slot_at, m.approach, m.topics FROM contacts c JOIN outbox_messages m ON m.contact_id = c.id
            WHERE {db.Dialect.Among("c.company", "@p0")} AND m.{OutboxMessageMapping.Counted} AND m.slot_at > @p1
            UNION ALL
            SELECT c.company, s.slot_at, s.approach, s.topics FROM contacts c JOIN paper_sends s ON s.contact_id = c.id
            WHERE {db.Dialect.Among("c.company", "@p0")} AND s.slot_at > @p1
            ORDER BY 2
            """,
            row => (Company: row.Text(0), Send: new CountedSend(AtLatest(now, row.Instant(1)), row.Enum<Approach>(2), row.Text(3))), cancellation, names, now - policy.Reach);
        var counted = names.ToDictionary(name => name, _ => new List<CountedSend>(), StringComparer.Ordinal);
        foreach (var (company, send) in sends)
        {
            if (policy.CountTransactional || send.Approach is not Approach.None) counted[company].Add(send);
        }
        return counted;
    }

    private static async Task<ILookup<Guid, HeldSlot>> HoldsAsync(AutomationDb db, Guid[] ids, TimeSpan? ahead, DateTimeOffset now, CancellationToken cancellation)
    {
        var rows = ahead is not { } far ? [] : await db.QueryAsync(
            $"SELECT contact_id, at, approach, topics, priority FROM slot_holds WHERE {db.Dialect.Among("contact_id", "@p0")} AND at > @p1 AND at <= @p2",
            row => (Contact: row.Guid(0), Hold: new HeldSlot(row.Instant(1), row.Enum<Approach>(2), row.Text(3), row.Int(4))), cancellation, ids, now, now + far);
        return rows.ToLookup(row => row.Contact, row => row.Hold);
    }

    // Random bits of the id: the front of a version 7 id is time.
    private static int SpreadSeed(Guid contactId) => BinaryPrimitives.ReadInt32LittleEndian(contactId.ToByteArray().AsSpan(12));

    private sealed record Person(
        string? Email, TimeZoneInfo Zone, bool SalesOwned, string? Company, string? Country, bool ComplaintOpen, DateTimeOffset? ComplaintClosedAt,
        SuppressionReason? Suppressed, MailFrequency Frequency, DateOnly? PausedUntil, bool CompanySuppressed, bool FixedPartner, DateOnly? RevisitOn, bool SeasonalAllowed);
}
