using Automation.Marketing.Contacts.Consent;

namespace Automation.Marketing.Mail.Decision;

/// <summary>
/// May this person get this mail now; if not, when; and why? Pure: the same question with the same facts has the same answer.
/// </summary>
public static class Decider
{
    /// <param name="counted">The person's counted sends within the policy's reach, oldest first.</param>
    public static SendDecision Decide(
        SendQuestion question, PersonStanding person, IReadOnlyList<CountedSend> counted, SendingPolicy policy, DateTimeOffset now)
    {
        if (Against(question, person, now) is { } final) return final;
        if (question.Class is MessageClass.Transactional) return SendDecision.Now;
        return new SendTiming(question, person, counted, policy, now).Decide();
    }

    /// <summary>The same question at dispatch: everything but the limits, in which the message holds its slot already.</summary>
    public static SendDecision DecideAtDispatch(SendQuestion question, PersonStanding person, SendingPolicy policy, DateTimeOffset now)
    {
        if (Against(question, person, now) is { } final) return final;
        if (question.Class is MessageClass.Transactional) return SendDecision.Now;
        var hoursOnly = policy with { Caps = [], MinGap = null, Cycle = null };
        var asItIsQueued = person with { Frequency = default, Holds = [] };
        return new SendTiming(question with { OverCap = OverCap.Defer }, asItIsQueued, [], hoursOnly, now).Decide();
    }

    // In the order of force: suppression, then withdrawal, then what else forbids the mail for good.
    private static SendDecision? Against(SendQuestion question, PersonStanding person, DateTimeOffset now)
    {
        if (person.Email is null) return Final(MessageState.Suppressed, Rules.NoAddress);
        if (person.Suppressed is { } reason) return Final(MessageState.Suppressed, Rules.Suppressed + reason.ToString().ToLowerInvariant());
        if (question.ValidUntil < now) return Final(MessageState.Expired, Rules.ValidUntil);
        if (question.Class is MessageClass.Transactional) return null;
        if (person.CompanySuppressed) return Final(MessageState.Suppressed, Rules.CompanySuppressed);
        if (ConsentRule(question.Topics, person) is { } missing) return Final(MessageState.Suppressed, missing);
        if (!person.BasisAccepted) return Final(MessageState.Suppressed, Rules.BasisNotAccepted);
        if (person.FixedPartner) return Final(MessageState.Skipped, Rules.FixedPartner);
        var sells = question.Approach is Approach.A1 or Approach.A2;
        if (sells && person.SalesOwned && !(person.SeasonalAllowed && MailTopics.Has(question.Topics, MailTopics.Season))) return Final(MessageState.Skipped, Rules.SalesOwned);
        if (sells && person.ComplaintOpen) return Final(MessageState.Skipped, Rules.ComplaintOpen);
        return person.Frequency is Contacts.MailFrequency.SeasonalOnly && !MailTopics.Has(question.Topics, MailTopics.Season)
            ? Final(MessageState.Skipped, Rules.SeasonalOnly)
            : null;
    }

    // Every topic of the mail must be allowed; a mail without topics needs consent to all.
    private static string? ConsentRule(string topics, PersonStanding person)
    {
        if (topics.Length == 0 || person.Topics.Count == 0) return RuleOf(person.Consent, Rules.ConsentWithdrawn);
        string? missing = null;
        foreach (var topic in topics.Split(','))
        {
            var own = person.Topics.TryGetValue(topic, out var state);
            if (!own) state = person.Consent;
            var rule = RuleOf(state, own && person.Consent is not ConsentState.Withdrawn ? Rules.TopicWithdrawn : Rules.ConsentWithdrawn);
            if (rule is Rules.TopicWithdrawn or Rules.ConsentWithdrawn) return rule;
            missing ??= rule;
        }
        return missing;
    }

    private static string? RuleOf(ConsentState state, string withdrawn) => state switch
    {
        ConsentState.Granted => null,
        ConsentState.Withdrawn => withdrawn,
        ConsentState.Pending => Rules.ConsentPending,
        _ => Rules.ConsentNone,
    };

    private static SendDecision Final(MessageState state, string rule) => new(state, rule, new DecisionReason());
}
