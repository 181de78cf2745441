using Automation.Marketing.Storage;

namespace Automation.Marketing.Mail.Decision;

/// <summary>Answers without doing anything: what would be decided for one person.</summary>
public static class PolicyTrial
{
    /// <summary>What would happen to this person's mail at that time, under this policy, with what has been sent so far.</summary>
    /// <returns>Null: there is no such person.</returns>
    public static async Task<SendDecision?> AskAsync(
        AutomationDb db, Guid contactId, SendQuestion question, SendingPolicy policy, string defaultZone, DateTimeOffset at, CancellationToken cancellation)
    {
        var standings = await LoadAsync(db, contactId, question.Topics, policy, defaultZone, at, cancellation);
        return standings.Knows(contactId)
            ? Decider.Decide(question, standings.Of(contactId, question.Topics), standings.SendsOf(contactId), policy, at)
            : null;
    }

    /// <summary>When each kind of mail could reach the person next, and what stands before it.</summary>
    public static async Task<IReadOnlyList<(Approach Approach, SendDecision Decision)>> NextFreeAsync(
        AutomationDb db, Guid contactId, SendingPolicy policy, string defaultZone, DateTimeOffset now, CancellationToken cancellation)
    {
        var standings = await LoadAsync(db, contactId, "", policy, defaultZone, now, cancellation);
        if (!standings.Knows(contactId)) return [];
        var person = standings.Of(contactId, "");
        return
        [
            .. new[] { Approach.A1, Approach.A2, Approach.A3 }.Select(approach => (approach, Decider.Decide(
                new SendQuestion(MessageClass.Marketing, approach, OverCap.Defer, ValidUntil: null), person, standings.SendsOf(contactId), policy, now))),
        ];
    }

    private static Task<Standings> LoadAsync(
        AutomationDb db, Guid contactId, string topics, SendingPolicy policy, string defaultZone, DateTimeOffset at, CancellationToken cancellation) =>
        Standings.LoadAsync(db, [contactId], [topics], policy, defaultZone, hold: false, forLimits: true, at, cancellation);
}
