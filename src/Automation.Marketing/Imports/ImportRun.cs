using System.Security.Cryptography;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Imports;

/// <summary>What the batches of one file share: its transaction, its counts, and which records it has met.</summary>
internal sealed class ImportRun(AutomationDb db, ImportRequest request, DateTimeOffset now)
{
    private const int MaxSource = 120;
    private const int LinesKept = 5;

    private readonly SortedDictionary<string, (long Rows, List<long> Lines)> missing = new(StringComparer.Ordinal);
    private readonly List<ImportRefusal> refusals = [];
    private bool hasMet;

    public AutomationDb Db => db;
    public ImportRequest Request => request;
    public DateTimeOffset Now => now;
    public RunIds Ids { get; } = new(now);

    /// <summary>Provenance, as <c>contact_sources</c> has it.</summary>
    public string Provenance { get; } = Cut("import:" + request.FileName);

    public long RowsRead { get; set; }
    public long Taken { get; set; }
    public long Changed { get; set; }
    public long Unchanged { get; set; }
    public long Refused { get; private set; }
    public long PeopleTaken { get; set; }
    public long ConsentGranted { get; set; }
    public long ConsentMissing { get; set; }
    public long WithdrawalsKept { get; set; }

    public void Refuse(ImportRow row)
    {
        Refused++;
        if (refusals.Count < Importer.RefusalsKept) refusals.Add(row.Fault!);
    }

    public void Misses(string field, long line)
    {
        var (rows, lines) = missing.TryGetValue(field, out var known) ? known : (0, new List<long>(LinesKept));
        if (lines.Count < LinesKept) lines.Add(line);
        missing[field] = (rows + 1, lines);
    }

    // Only a file that differs from the database needs these; in temporary tables the memory of a large file stays flat.
    public async Task OpenAsync(CancellationToken cancellation)
    {
        await db.ExecuteAsync("CREATE TEMP TABLE import_met AS SELECT id FROM contacts WHERE 1 = 0", cancellation);
        await db.ExecuteAsync("CREATE UNIQUE INDEX import_met_id ON import_met (id)", cancellation);
        await db.ExecuteAsync("CREATE TEMP TABLE import_ordinals (key TEXT PRIMARY KEY, ordinal INTEGER NOT NULL)", cancellation);
    }

    public async Task CloseAsync(CancellationToken cancellation)
    {
        await db.ExecuteAsync("DROP TABLE import_met", cancellation);
        await db.ExecuteAsync("DROP TABLE import_ordinals", cancellation);
    }

    /// <summary>Those of the records that an earlier batch of this file made or met.</summary>
    public async Task<HashSet<Guid>> MetAsync(IReadOnlyCollection<Guid> ids, CancellationToken cancellation)
    {
        var met = ids.Where(Ids.IsMine).ToHashSet();
        if (hasMet && ids.Count > met.Count)
            met.UnionWith(await db.QueryAsync($"SELECT id FROM import_met WHERE {db.Dialect.Among("id", "@p0")}", row => row.Guid(0), cancellation, ids));
        return met;
    }

    /// <summary>Remembers records that were there before this file.</summary>
    public async Task MeetAsync(IEnumerable<Guid> ids, CancellationToken cancellation)
    {
        var rows = ids.Where(id => !Ids.IsMine(id)).Distinct().Select(id => new object?[] { id }).ToList();
        if (rows.Count == 0) return;
        hasMet = true;
        await db.InsertManyAsync("import_met", ["id"], rows, "ON CONFLICT DO NOTHING", cancellation);
    }

    public async Task RecordProvenanceAsync(IReadOnlyCollection<Guid> touched, IReadOnlyCollection<Guid> unchanged, CancellationToken cancellation)
    {
        string[] columns = ["contact_id", "source", "first_seen_at", "last_seen_at"];
        await db.InsertManyAsync(
            "contact_sources", columns, [.. touched.Select(id => new object?[] { id, Provenance, now, now })],
            "ON CONFLICT (contact_id, source) DO UPDATE SET last_seen_at = excluded.last_seen_at", cancellation);
        await db.InsertManyAsync(
            "contact_sources", columns, [.. unchanged.Select(id => new object?[] { id, Provenance, now, now })], "ON CONFLICT DO NOTHING", cancellation);
    }

    /// <summary>Grants to those of whom nothing is known, when the request has basis and evidence.</summary>
    public async Task GrantAsync(IReadOnlyCollection<Guid> people, CancellationToken cancellation)
    {
        if (people.Count == 0) return;
        var standing = await ConsentLedger.StatesAsync(db, people, cancellation);
        var unknown = people.Where(id => !standing.ContainsKey(id)).ToList();
        WithdrawalsKept += standing.Values.Count(line => line.State is ConsentState.Withdrawn);
        if (request.Basis is not { } basis)
        {
            ConsentMissing += unknown.Count;
            return;
        }
        ConsentGranted += unknown.Count;
        await db.InsertManyAsync(
            "consent_entries", ["id", "contact_id", "channel", "topic", "state", "basis", "source", "evidence", "actor", "at"],
            [.. unknown.Select(id => new object?[]
            {
                Ids.Next(), id, ConsentEntry.Email, "", ConsentState.Granted, basis, Provenance, request.Evidence, request.Actor, now,
            })],
            "", cancellation);
    }

    public ImportReport Report(string encoding) => new()
    {
        Kind = request.Kind,
        FileName = request.FileName,
        Encoding = encoding,
        DryRun = request.DryRun,
        RowsRead = RowsRead,
        Taken = Taken,
        Changed = Changed,
        Unchanged = Unchanged,
        Refused = Refused,
        Refusals = refusals,
        PeopleTaken = PeopleTaken,
        ConsentGranted = ConsentGranted,
        ConsentMissing = ConsentMissing,
        WithdrawalsKept = WithdrawalsKept,
        Missing = [.. missing.Select(field => new MissingField(field.Key, field.Value.Rows, field.Value.Lines))],
    };

    private static string Cut(string text) => text.Length <= MaxSource ? text : text[..MaxSource];
}

/// <summary>Ids of version 7 that tell by their last 40 bits which run made them, and rise, so that indexes grow at their end.</summary>
internal sealed class RunIds(DateTimeOffset now)
{
    private const int MarkAt = 11;

    private readonly byte[] mark = RandomNumberGenerator.GetBytes(16 - MarkAt);
    private readonly long milliseconds = now.ToUnixTimeMilliseconds();
    private long made;

    public Guid Next()
    {
        var number = ++made;
        Span<byte> bytes =
        [
            (byte)(milliseconds >> 40), (byte)(milliseconds >> 32), (byte)(milliseconds >> 24), (byte)(milliseconds >> 16), (byte)(milliseconds >> 8), (byte)milliseconds,
            (byte)(0x70 | ((number >> 30) & 0xF)), (byte)(number >> 22), (byte)(0x80 | ((number >> 16) & 0x3F)), (byte)(number >> 8), (byte)number,
            .. mark,
        ];
        return new Guid(bytes, bigEndian: true);
    }

    public bool IsMine(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return bytes[MarkAt..].SequenceEqual(mark);
    }
}
