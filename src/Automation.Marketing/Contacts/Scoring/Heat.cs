namespace Automation.Marketing.Contacts.Scoring;

/// <summary>What was known of a person's heat before.</summary>
/// <param name="HotSince">Null: not hot.</param>
/// <param name="AlertedAt">When sales was told last; null: never.</param>
public readonly record struct HeatBefore(DateTimeOffset? HotSince, DateTimeOffset? AlertedAt);

/// <summary>Whether a person is hot, and whether sales is to be told of it.</summary>
/// <param name="Score">Behaviour.</param>
/// <param name="Cooled">Since sales was told last; true when it never was.</param>
public readonly record struct Heat(double Score, int Fit, bool IsHot, bool Alert, bool Cooled)
{
    // Sums of powers of two are not exact to the last bit.
    private const double Slack = 1e-9;

    /// <summary>Hot from the upper level on until below the lower one; told once, and again only after cooling or a while, at what the person does next.</summary>
    /// <param name="touches">Oldest first.</param>
    /// <param name="cuts">Hand-backs that stand.</param>
    public static Heat At(
        ScoringRules rules, IReadOnlyList<Touch> touches, IReadOnlyCollection<ScoreCut> cuts, int fit, HeatBefore before, DateTimeOffset instant)
    {
        var happened = touches.Where(touch => touch.At <= instant).ToList();
        var score = Behaviour.ScoreAt(happened, instant);
        var handedBack = cuts.Where(cut => cut.At <= instant).Select(cut => cut.At).DefaultIfEmpty(DateTimeOffset.MinValue).Max();
        var own = happened.Where(touch => touch.At > handedBack).ToList();
        var cooled = before.AlertedAt is not { } told || handedBack > told || Cooled(told);
        var immediate = own.Any(touch => touch.Immediate && !Cooled(touch.At));
        var reaches = own.Count > 0 && (immediate || (score >= rules.HotAt - Slack && fit >= rules.FitAt));
        var isHot = own.Count > 0 && (reaches || (before.HotSince is not null && !cooled));
        var alert = reaches && (before.AlertedAt is not { } last
            || (own.Any(touch => touch.At > last) && (cooled || instant - last >= TimeSpan.FromDays(rules.AgainAfterDays))));
        return new Heat(score, fit, isHot, alert, cooled);

        bool Cooled(DateTimeOffset since) => Behaviour.LeastBetween(happened, since, instant) < rules.CoolBelow - Slack;
    }
}
