namespace Automation.Marketing.Contacts.Scoring;

/// <summary>What is wrong with rules that somebody wants to publish.</summary>
/// <param name="Field">As the form names it, e.g. <c>Touches[1].Points</c>.</param>
public sealed record ScoringProblem(string Field, RuleBrokenException Problem);

/// <summary>Finds what would make scoring meaningless or costly; each problem names its field and the remedy.</summary>
public static class ScoringCheck
{
    public const int MostRules = 50;
    private const int MostWords = 20;
    private const int MostPoints = 1000;
    private const int MostDays = 365;

    public static IReadOnlyList<ScoringProblem> Problems(ScoringRules rules) =>
        [.. Levels(rules), .. Touches(rules), .. Fits(rules), .. Signals(rules)];

    private static IEnumerable<ScoringProblem> Levels(ScoringRules rules)
    {
        if (!(rules.HotAt is > 0 and <= 10_000)) yield return new("HotAt", new RuleBrokenException("The level at which people are hot must be more than 0 and at most 10000 points."));
        if (!(rules.CoolBelow > 0 && rules.CoolBelow < rules.HotAt)) yield return new("CoolBelow", new RuleBrokenException("The level of cooling must lie between 0 and the level at which people are hot."));
        if (!(rules.AfterHandBack >= 0 && rules.AfterHandBack < rules.CoolBelow)) yield return new("AfterHandBack", new RuleBrokenException("After a hand-back behaviour must be worth less than the level of cooling."));
        if (rules.FitAt is < 0 or > 100) yield return new("FitAt", new RuleBrokenException("Fit goes from 0 to 100."));
        if (rules.FitBase is < 0 or > 100) yield return new("FitBase", new RuleBrokenException("Fit goes from 0 to 100."));
        if (rules.DailyCap is < 1 or > 100) yield return new("DailyCap", new RuleBrokenException("Between 1 and 100 touches of a kind can count on a day."));
        if (rules.AgainAfterDays is < 1 or > MostDays) yield return new("AgainAfterDays", new RuleBrokenException("Between 1 and 365 days, please."));
    }

    private static IEnumerable<ScoringProblem> Touches(ScoringRules rules)
    {
        if (rules.Touches.Count > MostRules) yield return new("Touches", new RuleBrokenException("There can be at most 50 rules of each kind."));
        if (rules.Touches.GroupBy(rule => rule.Id).Any(group => group.Count() > 1)) yield return new("Touches", new RuleBrokenException("Two rules have the same name."));
        foreach (var (rule, index) in rules.Touches.Select((rule, index) => (rule, index)))
        {
            if (rule.Id.Length is 0 or > 40) yield return new($"Touches[{index}].Id", new RuleBrokenException("Give the rule a name of at most 40 characters."));
            if (!AreWords(rule.Events) || rule.Events.Count == 0) yield return new($"Touches[{index}].Events", new RuleBrokenException("Name 1 to 20 types of events, separated by commas."));
            if (!AreWords(rule.Contains)) yield return new($"Touches[{index}].Contains", new RuleBrokenException("At most 20 words of up to 100 characters, please."));
            if (!(rule.Points is >= 0 and <= MostPoints)) yield return new($"Touches[{index}].Points", new RuleBrokenException("Points go from 0 to 1000."));
            if (!(rule.HalfLifeDays is >= 1 and <= MostDays)) yield return new($"Touches[{index}].HalfLifeDays", new RuleBrokenException("Between 1 and 365 days, please."));
        }
    }

    private static IEnumerable<ScoringProblem> Fits(ScoringRules rules)
    {
        if (rules.Fit.Count > MostRules) yield return new("Fit", new RuleBrokenException("There can be at most 50 rules of each kind."));
        foreach (var (rule, index) in rules.Fit.Select((rule, index) => (rule, index)))
        {
            if (rule.Field.Length is 0 or > 80) yield return new($"Fit[{index}].Field", new RuleBrokenException("Choose a field of the person."));
            if (rule.Points is < -100 or > 100) yield return new($"Fit[{index}].Points", new RuleBrokenException("Points of fit go from -100 to 100."));
            var wantsValue = rule.Operator is not (FitOperator.Present or FitOperator.Absent);
            if (rule.Value.Length > 500 || (wantsValue && string.IsNullOrWhiteSpace(rule.Value))) yield return new($"Fit[{index}].Value", new RuleBrokenException("Say with what the field is compared, in at most 500 characters."));
            else if (rule.Operator is FitOperator.AtLeast or FitOperator.AtMost && !decimal.TryParse(rule.Value, System.Globalization.CultureInfo.InvariantCulture, out _))
                yield return new($"Fit[{index}].Value", new RuleBrokenException("A comparison with more or less needs a number."));
        }
    }

    private static IEnumerable<ScoringProblem> Signals(ScoringRules rules)
    {
        if (rules.Signals.Count > MostRules) yield return new("Signals", new RuleBrokenException("There can be at most 50 rules of each kind."));
        if (rules.Signals.GroupBy(rule => rule.Id).Any(group => group.Count() > 1)) yield return new("Signals", new RuleBrokenException("Two rules have the same name."));
        foreach (var (rule, index) in rules.Signals.Select((rule, index) => (rule, index)))
        {
            if (rule.Id.Length is 0 or > 40) yield return new($"Signals[{index}].Id", new RuleBrokenException("Give the rule a name of at most 40 characters."));
            if (!AreWords(rule.Events) || rule.Events.Count == 0) yield return new($"Signals[{index}].Events", new RuleBrokenException("Name 1 to 20 types of events, separated by commas."));
            if (!AreWords(rule.Contains)) yield return new($"Signals[{index}].Contains", new RuleBrokenException("At most 20 words of up to 100 characters, please."));
            if (rule.WindowHours is < 1 or > 8760) yield return new($"Signals[{index}].WindowHours", new RuleBrokenException("Between 1 and 8760 hours, please."));
        }
    }

    private static bool AreWords(IReadOnlyList<string> words) => words.Count <= MostWords && words.All(word => word.Length is > 0 and <= LeadEvent.MaxName);
}
