using System.Diagnostics;
using System.Globalization;

namespace Automation.Benchmarks;

/// <summary>Product and floor in turn, in one run; what counts is the median of the rounds' ratios.</summary>
internal static class Rounds
{
    /// <param name="prepare">Done before each round and not measured.</param>
    public static async Task<double> CompareAsync(
        string what, int count, int rounds, Func<int, Task> product, Func<int, Task> floor, Func<int, Task>? prepare = null)
    {
        var ratios = new List<double>();
        for (var round = -1; round < rounds; round++)
        {
            if (prepare is not null) await prepare(round + 1);
            var ours = await CostOfAsync(() => product(round + 1));
            var raw = await CostOfAsync(() => floor(round + 1));
            // The first round warms both up.
            if (round < 0) continue;
            ratios.Add(ours.Seconds / raw.Seconds);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {what} round {round + 1}: product {ours.Of(count)}; floor {raw.Of(count)}; product takes {ours.Seconds / raw.Seconds:F2} times the floor's time"));
        }
        var median = ratios.Order().ElementAt(ratios.Count / 2);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: median {median:F2} times the floor's time"));
        return median;
    }

    private static async Task<Cost> CostOfAsync(Func<Task> work)
    {
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        var (cpu, bytes, watch) = (process.TotalProcessorTime, GC.GetTotalAllocatedBytes(), Stopwatch.StartNew());
        await work();
        var seconds = watch.Elapsed.TotalSeconds;
        process.Refresh();
        return new Cost(seconds, (process.TotalProcessorTime - cpu).TotalMilliseconds, GC.GetTotalAllocatedBytes() - bytes);
    }

    private readonly record struct Cost(double Seconds, double CpuMs, long Bytes)
    {
        public string Of(int count) => string.Create(
            CultureInfo.InvariantCulture, $"{count / Seconds,7:F0}/s {CpuMs / count:F3} CPU ms {Bytes / 1024.0 / count:F1} KiB");
    }
}
