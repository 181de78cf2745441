using System.Collections.Frozen;

namespace Automation.Marketing.Mail;

/// <summary>Every way a message can go from one state to another; drawn in <c>message-states.md</c> beside this file.</summary>
public static class MessageTransitions
{
    private static readonly FrozenSet<MessageState> First =
        [MessageState.Deferred, MessageState.Queued, MessageState.Skipped, MessageState.Expired, MessageState.Suppressed, MessageState.Cancelled];

    private static readonly FrozenDictionary<MessageState, MessageState[]> Next = new Dictionary<MessageState, MessageState[]>
    {
        [MessageState.Deferred] =
        [
            MessageState.Deferred, MessageState.Queued, MessageState.Skipped, MessageState.Expired, MessageState.Suppressed, MessageState.Cancelled,
        ],
        [MessageState.Queued] =
        [
            MessageState.Sending, MessageState.Deferred, MessageState.Skipped, MessageState.Expired, MessageState.Suppressed, MessageState.Cancelled,
            MessageState.Failed, MessageState.Sent,
        ],
        [MessageState.Sending] = [MessageState.Sent, MessageState.Queued, MessageState.Failed, MessageState.Uncertain],
        [MessageState.Uncertain] = [MessageState.Sent, MessageState.Failed, MessageState.Queued],
        [MessageState.Sent] = [MessageState.Failed],
        [MessageState.Failed] = [MessageState.Sent, MessageState.Failed],
    }.ToFrozenDictionary();

    /// <param name="from">Null: the message is asked for.</param>
    public static bool Allows(MessageState? from, MessageState to) =>
        from is { } state ? Next.TryGetValue(state, out var next) && next.Contains(to) : First.Contains(to);

    /// <summary>All of them; from null: the message is asked for.</summary>
    public static IEnumerable<(MessageState? From, MessageState To)> All =>
        First.Select(to => ((MessageState?)null, to)).Concat(Next.SelectMany(pair => pair.Value.Select(to => ((MessageState?)pair.Key, to))));
}
