namespace Automation.Marketing.Contacts.Outgoing;

/// <summary>What other programs can be told of. Names stay: receivers are written against them.</summary>
public static class OutgoingTypes
{
    public const string MessageSent = "message.sent";
    public const string MessageDelivered = "message.delivered";
    public const string MessageBounced = "message.bounced";
    public const string MessageClicked = "message.clicked";
    public const string MessageComplained = "message.complained";
    public const string MessageUnsubscribed = "message.unsubscribed";
    public const string MessageSuppressed = "message.suppressed";
    public const string MessageFailed = "message.failed";

    public const string DealOpened = "deal.opened";
    public const string DealChanged = "deal.changed";
    public const string DealWon = "deal.won";
    public const string DealLost = "deal.lost";

    /// <summary>Goes to one endpoint, when somebody tries it.</summary>
    public const string Test = "test.ping";

    /// <summary>All that an endpoint may ask for, in the order shown.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "lead.hot", "lead.handed_off", "lead.accepted", "lead.rejected", "lead.handed_back",
        DealOpened, DealChanged, DealWon, DealLost,
        MessageSent, MessageDelivered, MessageBounced, MessageClicked, MessageComplained, MessageUnsubscribed, MessageSuppressed, MessageFailed,
    ];
}
