using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Contacts;

/// <summary>Writes stimuli in the caller's transaction.</summary>
public static class Stimuli
{
    private static readonly string[] Columns = ["name", "key", "contact_id", "payload", "created_at", "failures"];

    /// <summary>A lead event or something the provider reported.</summary>
    public const string EventReceived = "Automation.EventReceived";

    /// <summary>A mail of a flow came to an end; the key is its identity.</summary>
    public const string MailSettled = "Automation.SendEmail";

    /// <summary>Sales gave a deal back.</summary>
    public const string HandedBack = "Automation.HandedBack";

    /// <summary>A run must end, e.g. because its person unsubscribed; the key is the reason.</summary>
    public const string MustEnd = "Automation.MustEnd";

    /// <summary>Times a stimulus is tried before it is set apart.</summary>
    public const int MostFailures = 5;

    /// <summary>An event was published by name to one person; the key is the hash under which it is waited for.</summary>
    public const string EventPublished = "Elsa.Event";

    /// <summary>The same, only for runs that wait for it.</summary>
    public const string EventForWaiting = "Elsa.Event.Waiting";

    /// <summary>A person came into a segment; the key is the segment's.</summary>
    public const string SegmentEntered = "Automation.SegmentEntered";

    /// <summary>A person dropped out of a segment; the key is the segment's.</summary>
    public const string SegmentLeft = "Automation.SegmentLeft";

    /// <summary>A person's score rose.</summary>
    public const string ScoreCrossed = "Automation.ScoreCrossed";

    /// <summary>What all changes of a score are matched by; the thresholds are compared.</summary>
    public const string ScoreKey = "score";

    /// <summary>A person enters one flow, whatever else that event starts; the key is the flow's definition id.</summary>
    public const string Enter = "Automation.Enter";

    /// <summary>Something that was kept while a run was held wakes it; the key is the run's id.</summary>
    public const string Wake = "Automation.Wake";

    /// <summary>A request from outside that flows begin with or wait for; the key is its method and path, see <see cref="RequestKey"/>.</summary>
    public const string RequestReceived = "Elsa.HttpEndpoint";

    /// <summary>What became of a call that a flow made; the key is the call's id.</summary>
    public const string CallAnswered = "Elsa.SendHttpRequest";

    /// <summary>Longest path that a flow can be reached by.</summary>
    public const int MaxPath = 200;

    /// <summary>A date of the person is another one now: what hangs on it is planned anew.</summary>
    public const string DatesChanged = "Automation.DatesChanged";

    /// <summary>What requests are matched by, e.g. <c>POST orders/new</c>; upper and lower case of the path are one.</summary>
    public static string RequestKey(string method, string path) => $"{method.ToUpperInvariant()} {path.Trim('/').ToLowerInvariant()}";

    /// <summary>People came into a segment: to be called in the transaction that says so.</summary>
    public static Task<int> SegmentEnteredAsync(AutomationDb db, string segment, IReadOnlyCollection<Guid> contacts, DateTimeOffset now, CancellationToken cancellation) =>
        WriteAsync(db, [.. contacts.Select(contact => new NewStimulus(SegmentEntered, segment, contact, EventOf("segment.entered", now, new { segment })))], now, cancellation);

    /// <summary>People dropped out of a segment: to be called in the transaction that says so.</summary>
    public static Task<int> SegmentLeftAsync(AutomationDb db, string segment, IReadOnlyCollection<Guid> contacts, DateTimeOffset now, CancellationToken cancellation) =>
        WriteAsync(db, [.. contacts.Select(contact => new NewStimulus(SegmentLeft, segment, contact, EventOf("segment.left", now, new { segment })))], now, cancellation);

    /// <summary>A person's score changed: to be called in the transaction that says so. Only a rise can start a flow.</summary>
    public static Task<int> ScoreChangedAsync(AutomationDb db, Guid contact, double before, double after, DateTimeOffset now, CancellationToken cancellation) =>
        after <= before ? Task.FromResult(0)
            : WriteAsync(db, [new NewStimulus(ScoreCrossed, ScoreKey, contact, EventOf("score.rose", now, new { before, after }))], now, cancellation);

    /// <summary>Dates of people changed, e.g. a birthday: to be called in the transaction that changes them.</summary>
    public static Task<int> DatesChangedAsync(AutomationDb db, IReadOnlyCollection<Guid> contacts, DateTimeOffset now, CancellationToken cancellation) =>
        WriteAsync(db, [.. contacts.Select(contact => new NewStimulus(DatesChanged, "", contact))], now, cancellation);

    /// <summary>An event of our own, in the form in which flows see events.</summary>
    public static string EventOf(string type, DateTimeOffset at, object data) =>
        JsonSerializer.Serialize(new { type, occurred_at = at, source = "automation", id = RowId.New(at), data }, JsonSerializerOptions.Web);

    /// <summary>An event that somebody sent, in the form in which flows see events.</summary>
    /// <param name="id">The sender's id of it.</param>
    public static string EventOf(string type, DateTimeOffset at, string source, string id, JsonNode? data) => new JsonObject
    {
        ["type"] = type,
        ["occurred_at"] = at.ToString("O"),
        ["source"] = source,
        ["id"] = id,
        ["data"] = data,
    }.ToJsonString(JsonSerializerOptions.Web);

    public static Task<int> WriteAsync(
        AutomationDb db, IReadOnlyCollection<NewStimulus> stimuli, DateTimeOffset now, CancellationToken cancellation) =>
        db.InsertManyAsync(
            "stimuli", Columns, [.. stimuli.Select(s => new object?[] { s.Name, s.Key, s.ContactId, s.Payload, now, 0 })], "", cancellation);
}

/// <summary>A stimulus to be written.</summary>
public readonly record struct NewStimulus(string Name, string Key, Guid ContactId, string Payload = "{}");
