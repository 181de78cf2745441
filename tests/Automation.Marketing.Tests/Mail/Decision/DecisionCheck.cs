using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;

namespace Automation.Marketing.Tests.Mail.Decision;

/// <summary>What the reference expects of the engine, in words that name the case.</summary>
internal static class DecisionCheck
{
    public static string Expected(DecisionCase one)
    {
        if (one.Question.ValidUntil < one.Now) return Say(one, MessageState.Expired, Rules.ValidUntil, null);
        var (rule, next) = new SlowDecider(one).Answer();
        if (rule is null) return Say(one, MessageState.Queued, "", null);
        var waits = one.Question.OverCap is OverCap.Defer || rule is Rules.Quiet or Rules.Blackout or Rules.ClosedDay;
        return Say(one, !waits ? MessageState.Skipped : next is null || next > one.Question.ValidUntil ? MessageState.Expired : MessageState.Deferred, rule, next);
    }

    /// <returns>Null when engine and reference agree on answer, rule and next instant.</returns>
    public static string? Disagreement(int number)
    {
        var one = DecisionCase.Of(number);
        var decision = Decider.Decide(one.Question, one.Person, one.Sends, one.Policy, one.Now);
        var (expected, actual) = (Expected(one), Say(one, decision.State, decision.Rule, decision.Reason.Next));
        return expected == actual ? null : $"case {number}:\n  reference {expected}\n  engine    {actual}";
    }

    public static string Say(DecisionCase one, MessageState state, string rule, DateTimeOffset? next) => $"{state} by {rule} until {next?.UtcDateTime:O} for {one}";
}
