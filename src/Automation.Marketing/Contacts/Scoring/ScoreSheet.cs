using System.Diagnostics;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Contacts.Scoring;

/// <summary>A touch on a sheet.</summary>
/// <param name="Worth">Points at the sheet's instant.</param>
public readonly record struct SheetLine(Touch Touch, TimeSpan Age, double Worth);

/// <summary>A person's score laid open: every touch that counts, and what it is worth at an instant.</summary>
/// <param name="Lines">The newest first.</param>
/// <param name="IsCut">A hand-back has taken something off what was done before it.</param>
public sealed record ScoreSheet(double Score, int Fit, int FitBase, IReadOnlyList<FitPart> FitParts, bool IsHot, IReadOnlyList<SheetLine> Lines, bool IsCut, ContactScore? Stored)
{
    /// <returns>Null: there is no such person.</returns>
    public static async Task<ScoreSheet?> OfAsync(AutomationDb db, Guid contactId, ScoringRules rules, DateTimeOffset now, CancellationToken cancellation)
    {
        if (!(await Scores.LoadAsync(db, [contactId], rules, now, cancellation)).TryGetValue(contactId, out var known)) return null;
        var touches = known.Touches(rules, await Scores.ZoneAsync(db, cancellation));
        var heat = Heat.At(rules, touches, known.Cuts, Fitness.Of(rules, known.Person, known.Tags), known.Before, now);
        return new ScoreSheet(
            heat.Score, heat.Fit, rules.FitBase, Fitness.Parts(rules, known.Person, known.Tags), heat.IsHot,
            [.. touches.Where(touch => touch.At <= now).Reverse().Select(touch => new SheetLine(touch, now - touch.At, touch.WorthAt(now)))], known.Cuts.Any(cut => cut.Factor < 1), known.Stored);
    }
}

/// <summary>What rules would make of everybody, nothing of it kept.</summary>
/// <param name="People">Looked at.</param>
/// <param name="Hot">Of them, hot by these rules.</param>
/// <param name="New">Of those, sales would be told of.</param>
/// <param name="IsWhole">False: time ran out before everybody was looked at.</param>
public readonly record struct ScoringTrial(int People, int Hot, int New, bool IsWhole)
{
    private const int Batch = 200;

    /// <param name="budget">Time after which it stops.</param>
    public static async Task<ScoringTrial> RunAsync(AutomationDb db, ScoringRules rules, DateTimeOffset now, TimeSpan budget, CancellationToken cancellation)
    {
        var begun = Stopwatch.GetTimestamp();
        var zone = await Scores.ZoneAsync(db, cancellation);
        var trial = new ScoringTrial(0, 0, 0, true);
        foreach (var people in (await ScoreChecks.PeopleAsync(db, rules, now, cancellation)).Chunk(Batch))
        {
            if (Stopwatch.GetElapsedTime(begun) > budget) return trial with { IsWhole = false };
            foreach (var known in (await Scores.LoadAsync(db, people, rules, now, cancellation)).Values)
            {
                var heat = Heat.At(rules, known.Touches(rules, zone), known.Cuts, Fitness.Of(rules, known.Person, known.Tags), known.Before, now);
                trial = new ScoringTrial(trial.People + 1, trial.Hot + (heat.IsHot ? 1 : 0), trial.New + (heat.Alert ? 1 : 0), true);
            }
        }
        return trial;
    }
}
