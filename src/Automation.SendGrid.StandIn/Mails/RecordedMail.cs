namespace Automation.SendGrid.StandIn;

/// <summary>As far as a mail has come; a later one never goes back.</summary>
internal enum MailState
{
    Accepted,
    Processed,
    Deferred,
    Delivered,
    Opened,
    Clicked,
    Dropped,
    Blocked,
    Bounced,
    Unsubscribed,
    Complained,
}

/// <summary>What several mails of one request share.</summary>
internal sealed class RecordedRequest(string id, DateTimeOffset at, RequestFacts facts, BodyPlace place)
{
    public string Id { get; } = id;
    public DateTimeOffset At { get; } = at;
    public string From { get; } = facts.From;
    public string? Subject { get; } = facts.Subject;
    public byte[]? Categories { get; } = facts.Categories;
    public long? AsmGroupId { get; } = facts.AsmGroupId;
    public BodyPlace Place { get; } = place;

    /// <summary>Place of its first mail in the mailbox.</summary>
    public int FirstMail { get; set; }
    public int Mails { get; } = facts.Mails.Length;
}

/// <summary>One personalization that was taken. A few hundred bytes: a benchmark records millions.</summary>
internal sealed class RecordedMail(RecordedRequest request, int index, MailFacts facts)
{
    private List<RecordedEvent>? _events;

    public RecordedRequest Request { get; } = request;
    public int Index { get; } = index;
    public string To { get; } = facts.To;
    public string? Subject { get; } = facts.Subject ?? request.Subject;
    public byte[]? CustomArgs { get; } = facts.CustomArgs;

    public string Id => $"{Request.Id}.{Index}";

    public IReadOnlyList<RecordedEvent> Events => _events ?? (IReadOnlyList<RecordedEvent>)[];

    public void Add(RecordedEvent happened) => (_events ??= new(2)).Add(happened);

    /// <summary>Events of a scheduled mail are known before their time.</summary>
    public MailState StateAt(DateTimeOffset now)
    {
        var state = MailState.Accepted;
        foreach (var happened in Events)
            if (happened.At <= now && StateAfter(happened.Type) is var next && next > state) state = next;
        return state;
    }

    private static MailState StateAfter(string type) => type switch
    {
        "processed" => MailState.Processed,
        "deferred" => MailState.Deferred,
        "delivered" => MailState.Delivered,
        "open" => MailState.Opened,
        "click" => MailState.Clicked,
        "dropped" => MailState.Dropped,
        "blocked" => MailState.Blocked,
        "bounce" => MailState.Bounced,
        "unsubscribe" or "group_unsubscribe" => MailState.Unsubscribed,
        "spamreport" => MailState.Complained,
        _ => MailState.Accepted,
    };
}

/// <summary>Types are those of <see cref="EventKinds"/>; the number is the <see cref="PendingEvent"/>'s.</summary>
internal sealed record RecordedEvent(string Type, DateTimeOffset At, long Number, string? Url);
