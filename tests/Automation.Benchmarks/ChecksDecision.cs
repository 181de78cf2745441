using System.Diagnostics;
using System.Globalization;
using Automation.Marketing.Tests.Mail.Decision;

namespace Automation.Benchmarks;

/// <summary>The decision against its slow reference at full scale: 100,000 random questions, or as many as are asked for.</summary>
internal static class ChecksDecision
{
    private const int FullScale = 100_000;

    /// <returns>0: they agree on every answer, rule and next instant; 1: they do not, and the first that differ are named.</returns>
    public static int Run(string[] args)
    {
        var cases = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : FullScale;
        var watch = Stopwatch.StartNew();
        var differing = Enumerable.Range(0, cases).AsParallel().Select(DecisionCheck.Disagreement).OfType<string>().ToList();
        foreach (var one in differing.Take(5)) Console.Error.WriteLine(one);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"decision: {cases:N0} random questions, {differing.Count} on which engine and reference differ, {watch.Elapsed.TotalSeconds:F0} s"));
        return differing.Count == 0 ? 0 : 1;
    }
}
