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

    /// <summary>An event was published by name to one person; the key is the hash under which it is waited for.</summary>
    public const string EventPublished = "Elsa.Event";

    /// <summary>The same, only for runs that wait for it.</summary>
    public const string EventForWaiting = "Elsa.Event.Waiting";

    public static Task<int> WriteAsync(
        AutomationDb db, IReadOnlyCollection<NewStimulus> stimuli, DateTimeOffset now, CancellationToken cancellation) =>
        db.InsertManyAsync(
            "stimuli", Columns, [.. stimuli.Select(s => new object?[] { s.Name, s.Key, s.ContactId, s.Payload, now, 0 })], "", cancellation);
}

/// <summary>A stimulus to be written.</summary>
public readonly record struct NewStimulus(string Name, string Key, Guid ContactId, string Payload = "{}");
