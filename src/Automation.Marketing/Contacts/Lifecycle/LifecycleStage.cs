namespace Automation.Marketing.Contacts.Lifecycle;

/// <summary>How far a person has come with us (brief §4.6). The diagram is in <c>lifecycle.md</c> beside this file.</summary>
public enum LifecycleStage
{
    /// <summary>We may know no more than an address.</summary>
    Subscriber,

    /// <summary>Has shown interest of their own.</summary>
    Lead,

    /// <summary>Marketing qualified (MQL): hot enough to be handed to sales.</summary>
    Qualified,

    /// <summary>Sales took the lead.</summary>
    Accepted,

    /// <summary>Sales works on a deal with the person.</summary>
    Deal,
    Won,
    Lost,

    /// <summary>Sales gave the person back to nurturing.</summary>
    Recycled,

    /// <summary>No purchase and no human engagement for long, or recycled three times without any.</summary>
    Dormant,

    /// <summary>Not somebody we can help, or somebody whom we know twice.</summary>
    Disqualified,
}
