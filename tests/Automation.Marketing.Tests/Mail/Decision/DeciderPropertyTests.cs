using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;

namespace Automation.Marketing.Tests.Mail.Decision;

/// <summary>Engine and reference over random rules, histories, zones and wishes. At full scale: <c>tests/Automation.Benchmarks checks decision</c>.</summary>
public sealed class DeciderPropertyTests
{
    private const int Cases = 4_000;
    private const int Compared = 600;

    [Fact]
    public void A_decision_is_the_one_that_trying_every_moment_finds() =>
        Assert.Empty(Enumerable.Range(0, Compared).AsParallel().Select(DecisionCheck.Disagreement).OfType<string>().Take(3));

    [Fact]
    public void The_random_questions_have_every_kind_of_answer()
    {
        var answers = Enumerable.Range(0, Cases).Select(number => DecisionCase.Of(number)).Select(one => Decider.Decide(one.Question, one.Person, one.Sends, one.Policy, one.Now)).ToList();
        foreach (var state in new[] { MessageState.Queued, MessageState.Deferred, MessageState.Skipped, MessageState.Expired })
            Assert.InRange(answers.Count(answer => answer.State == state), Cases / 50, Cases);
        string[] rules = ["cap-0", "cap-1", "cap-2", Rules.MinGap, Rules.Cycle, Rules.LongCycle, Rules.Weekly, Rules.Monthly, Rules.Paused, Rules.ComplaintCooling, Rules.LookAhead, Rules.Quiet, Rules.Blackout, Rules.ClosedDay];
        Assert.All(rules, rule => Assert.Contains(answers, answer => answer.Rule == rule));
    }
}
