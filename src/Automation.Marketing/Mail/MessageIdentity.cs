namespace Automation.Marketing.Mail;

/// <summary>
/// What makes a message the same message: person, flow or broadcast, step, entry and visit. Asking twice for one
/// identity never mails twice, over crashes, replays and versions (architecture §3.1).
/// </summary>
public readonly record struct MessageIdentity(Guid ContactId, MessageOrigin Origin, string OriginId, string NodeId, int Entry, int Visit)
{
    public static MessageIdentity OfBroadcast(Guid broadcastId, Guid contactId) =>
        new(contactId, MessageOrigin.Broadcast, broadcastId.ToString("N"), "", 1, 1);

    public override string ToString() =>
        Origin is MessageOrigin.Broadcast
            ? $"b/{OriginId}/{ContactId:N}"
            : $"f/{OriginId}/{NodeId}/{ContactId:N}/{Entry}/{Visit}";
}
