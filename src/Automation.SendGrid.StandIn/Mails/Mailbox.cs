using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Automation.SendGrid.StandIn;

/// <summary>Every mail taken, in the order it came. One lock guards all: what is done under it takes microseconds.</summary>
internal sealed class Mailbox : IDisposable
{
    private readonly Lock _gate = new();
    private readonly BodyArena _arena;
    private readonly DataFile? _file;
    private readonly List<RecordedMail> _mails = [];
    private readonly Dictionary<string, RecordedRequest> _requests = [];
    private readonly Dictionary<long, PendingEvent> _unposted = [];
    private long _lastEvent;

    public Mailbox(StandInOptions options)
    {
        _arena = new BodyArena(options.KeepBodyBytes);
        if (options.DataFile is null) return;
        _file = new DataFile(options.DataFile);
        try
        {
            _file.Load(Load);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>Events of an earlier run that were not taken yet, to be posted again.</summary>
    public IReadOnlyCollection<PendingEvent> Unposted
    {
        get { lock (_gate) return [.. _unposted.Values]; }
    }

    public int Count
    {
        get { lock (_gate) return _mails.Count; }
    }

    public RecordedMail[] Record(string id, DateTimeOffset now, RequestFacts facts, ReadOnlyMemory<byte> body)
    {
        var at = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds());   // as the file keeps it
        lock (_gate)
        {
            var place = _file is null
                ? _arena.Add(body.Span)
                : new BodyPlace(Block: null, Generation: 0, _file.Append("request", id, at, body), body.Length);
            return Add(new RecordedRequest(id, at, facts, place), facts);
        }
    }

    /// <summary>Notes an event on its mail and keeps it until <see cref="Posted"/>.</summary>
    public PendingEvent Add(RecordedMail mail, string type, DateTimeOffset due, Func<long, (RecordedEvent Event, byte[] Json)> make)
    {
        lock (_gate)
        {
            var number = ++_lastEvent;
            var (happened, json) = make(number);
            mail.Add(happened);
            var pending = new PendingEvent(number, type, due, json);
            if (_file is null || !_requests.ContainsKey(mail.Request.Id)) return pending;   // deleted meanwhile: not to be kept
            _file.Append("event", $"{mail.Id}/{number}", happened.At, json);
            _unposted.Add(number, pending);
            return pending;
        }
    }

    public void Posted(IEnumerable<PendingEvent> events)
    {
        if (_file is null) return;
        lock (_gate)
        {
            var numbers = events.Select(one => one.Number).Where(_unposted.Remove).ToArray();
            if (numbers.Length == 0) return;
            _file.Append("posted", "-", DateTimeOffset.UnixEpoch, Encoding.ASCII.GetBytes(string.Join(',', numbers)));
        }
    }

    public RecordedMail? Find(string id)
    {
        var dot = id.LastIndexOf('.');
        if (dot < 0 || !int.TryParse(id.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index)) return null;
        lock (_gate)
        {
            return _requests.TryGetValue(id[..dot], out var request) && index < request.Mails
                ? _mails[request.FirstMail + index]
                : null;
        }
    }

    /// <summary>The request as it came; null when memory no longer holds it.</summary>
    public byte[]? Body(RecordedRequest request)
    {
        lock (_gate)
        {
            return _file is null ? BodyArena.Read(request.Place) : _file.Read(request.Place.Offset, request.Place.Length);
        }
    }

    /// <summary>A copy of the list as it stands; the mails themselves go on changing.</summary>
    public RecordedMail[] All()
    {
        lock (_gate) return [.. _mails];
    }

    /// <summary>Reads of a mail that may gain an event meanwhile.</summary>
    public T Read<T>(Func<T> read)
    {
        lock (_gate) return read();
    }

    public void Clear()
    {
        lock (_gate)
        {
            _mails.Clear();
            _requests.Clear();
            _unposted.Clear();
            _arena.Clear();
            _file?.Clear();
        }
    }

    public void Dispose() => _file?.Dispose();

    private RecordedMail[] Add(RecordedRequest request, RequestFacts facts)
    {
        request.FirstMail = _mails.Count;
        _requests.Add(request.Id, request);
        var mails = new RecordedMail[facts.Mails.Length];
        for (var index = 0; index < mails.Length; index++) mails[index] = new RecordedMail(request, index, facts.Mails[index]);
        _mails.AddRange(mails);
        return mails;
    }

    private void Load(DataRecord record)
    {
        switch (record.Kind)
        {
            case "request": LoadRequest(record); break;
            case "event": LoadEvent(record); break;
            case "posted":
                foreach (var number in Encoding.ASCII.GetString(record.Payload).Split(','))
                    _unposted.Remove(long.Parse(number, CultureInfo.InvariantCulture));
                break;
            default: throw new InvalidDataException($"There are no records of kind '{record.Kind}'.");
        }
    }

    private void LoadRequest(DataRecord record)
    {
        using var json = JsonDocument.Parse(record.Payload);
        var facts = RequestFacts.Of(json.RootElement);
        Add(new RecordedRequest(record.Key, record.At, facts, new BodyPlace(null, 0, record.Offset, record.Payload.Length)), facts);
    }

    private void LoadEvent(DataRecord record)
    {
        var (mailId, number) = record.Key.Split('/') is [var left, var right] ? (left, long.Parse(right, CultureInfo.InvariantCulture)) : default;
        if (mailId is null || Find(mailId) is not { } mail) throw new InvalidDataException($"There is no mail for the event '{record.Key}'.");
        var read = WebhookEvents.Read(Encoding.UTF8.GetBytes($"[{Encoding.UTF8.GetString(record.Payload)}]")).Events[0];
        var type = EventKinds.Of(read);
        mail.Add(new RecordedEvent(type, record.At, number, read.Url));
        _unposted[number] = new PendingEvent(number, type, record.At, record.Payload);
        _lastEvent = Math.Max(_lastEvent, number);
    }
}
