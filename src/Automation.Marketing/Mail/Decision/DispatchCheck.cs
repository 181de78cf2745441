using Automation.Marketing.Storage;

namespace Automation.Marketing.Mail.Decision;

/// <summary>Asks once more, in the transaction in which attempts begin: consent, suppression, hours and wishes may have changed since the decision.</summary>
internal static class DispatchCheck
{
    /// <summary>What speaks against queued messages now; messages that may go are absent. Their people are held until the transaction ends.</summary>
    public static async Task<Dictionary<Guid, SendDecision>> ObjectionsAsync(
        AutomationDb db, IReadOnlyCollection<Guid> messageIds, SendingPolicy policy, string defaultZone, DateTimeOffset now, CancellationToken cancellation)
    {
        var mails = await db.QueryAsync(
            $"SELECT id, contact_id, class, approach, valid_until, topics, priority FROM outbox_messages WHERE {db.Dialect.Among("id", "@p0")}",
            row => (Id: row.Guid(0), Contact: row.Guid(1), Question: new SendQuestion(row.Enum<MessageClass>(2), row.Enum<Approach>(3), OverCap.Defer, row.InstantOrNull(4))
            {
                Topics = row.Text(5),
                Priority = row.Int(6),
            }), cancellation, messageIds);
        var people = mails.Select(mail => mail.Contact).Distinct().ToArray();
        await db.HoldAsync("contacts", people, cancellation);
        var standings = await Standings.LoadAsync(
            db, people, mails.Select(mail => mail.Question.Topics), policy, defaultZone, hold: false, forLimits: false, now, cancellation);
        var objections = new Dictionary<Guid, SendDecision>();
        foreach (var (id, contact, question) in mails)
        {
            var decision = standings.Knows(contact)
                ? Decider.DecideAtDispatch(question, standings.Of(contact, question.Topics), policy, now)
                : new SendDecision(MessageState.Suppressed, Rules.NoAddress, new DecisionReason());
            if (decision.State is not MessageState.Queued) objections[id] = decision;
        }
        return objections;
    }
}
