using System.Diagnostics;
using System.Globalization;

namespace Automation.Benchmarks;

/// <summary>What the execution journal takes of a burst: the same bursts with and without it, in turn.</summary>
internal static partial class WorkflowsBenchmark
{
    private const double MaxJournalShare = 0.2;
    private const int JournalRounds = 11;

    private static async Task<bool> JournalAsync(int count) =>
        await ShareAsync("j  journal of Start, WriteLine, WriteLine", count, ThreeSteps(), ThreeSteps(keepsJournal: false))
        & await ShareAsync("j  journal of start, save, load, resume", count / 2, StartSuspendResume(), StartSuspendResume(keepsJournal: false));

    private static async Task<bool> ShareAsync(string what, int count, Func<ValueTask> with, Func<ValueTask> without)
    {
        var shares = new List<double>();
        for (var round = -1; round < JournalRounds; round++)
        {
            // Who goes first changes: neither always meets the warmer cache.
            var (first, second) = round % 2 == 0 ? (with, without) : (without, with);
            var (a, b) = (await CpuMsAsync(count, first), await CpuMsAsync(count, second));
            var (ours, bare) = round % 2 == 0 ? (a, b) : (b, a);
            if (round >= 0) shares.Add((ours - bare) / ours);
        }
        var share = shares.Order().ElementAt(JournalRounds / 2);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{what,-44} {share,8:P1} of the CPU time, at most {MaxJournalShare:P0} {(share <= MaxJournalShare ? "" : "TOO MUCH")}"));
        return share <= MaxJournalShare;
    }

    private static async Task<double> CpuMsAsync(int count, Func<ValueTask> work)
    {
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        for (var i = 0; i < count; i++) await work();
        process.Refresh();
        return (process.TotalProcessorTime - before).TotalMilliseconds;
    }
}
