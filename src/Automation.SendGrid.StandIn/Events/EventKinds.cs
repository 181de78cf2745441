namespace Automation.SendGrid.StandIn;

/// <summary>The kinds of event that can be made, by the words of the control API.</summary>
internal static class EventKinds
{
    /// <summary>Our word, SendGrid's <c>event</c>, and the switch for it in the webhook's settings.</summary>
    public static readonly Dictionary<string, (string Event, string Setting)> All = new()
    {
        ["processed"] = ("processed", "processed"),
        ["deferred"] = ("deferred", "deferred"),
        ["delivered"] = ("delivered", "delivered"),
        ["bounce"] = ("bounce", "bounce"),
        ["blocked"] = ("bounce", "bounce"),
        ["dropped"] = ("dropped", "dropped"),
        ["open"] = ("open", "open"),
        ["click"] = ("click", "click"),
        ["spamreport"] = ("spamreport", "spam_report"),
        ["unsubscribe"] = ("unsubscribe", "unsubscribe"),
        ["group_unsubscribe"] = ("group_unsubscribe", "group_unsubscribe"),
        ["group_resubscribe"] = ("group_resubscribe", "group_resubscribe"),
    };

    /// <summary>Our word for an event read back.</summary>
    public static string Of(WebhookEvent read)
    {
        var word = read.Kind is WebhookEventKind.Blocked ? "blocked" : read.Name;
        return All.ContainsKey(word) ? word : throw new InvalidDataException($"There are no events of type '{word}'.");
    }
}

/// <summary>One event on its way to the webhook.</summary>
/// <param name="Number">Grows over the life of a data file.</param>
/// <param name="Type">As in <see cref="EventKinds"/>.</param>
/// <param name="Due">Not posted before.</param>
/// <param name="Json">The element of the array.</param>
internal sealed record PendingEvent(long Number, string Type, DateTimeOffset Due, byte[] Json);
