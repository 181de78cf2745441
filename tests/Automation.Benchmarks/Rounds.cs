using System.Diagnostics;
using System.Globalization;

namespace Automation.Benchmarks;

/// <summary>Product and floor in turn, in one run; what counts is the median of the rounds' ratios.</summary>
internal static class Rounds
{
    public static async Task<double> CompareAsync(string what, int count, int rounds, Func<int, Task> product, Func<int, Task> floor)
    {
        var ratios = new List<double>();
        for (var round = -1; round < rounds; round++)
        {
            var ours = await TimeAsync(() => product(round + 1));
            var raw = await TimeAsync(() => floor(round + 1));
            // The first round warms both up.
            if (round < 0) continue;
            ratios.Add(ours / raw);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {what} round {round + 1}: product {count / ours,9:F0}/s, floor {count / raw,9:F0}/s, product takes {ours / raw:F2} times the floor's time"));
        }
        var median = ratios.Order().ElementAt(ratios.Count / 2);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: median {median:F2} times the floor's time"));
        return median;
    }

    private static async Task<double> TimeAsync(Func<Task> work)
    {
        GC.Collect();
        var watch = Stopwatch.StartNew();
        await work();
        return watch.Elapsed.TotalSeconds;
    }
}
