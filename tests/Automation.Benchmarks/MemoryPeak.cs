using System.Diagnostics;

namespace Automation.Benchmarks;

/// <summary>The most memory that this process has while something runs, looked at five times a second.</summary>
internal sealed class MemoryPeak : IAsyncDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource ended = new();
    private readonly Task looking;

    private MemoryPeak() => looking = LookAsync();

    /// <summary>Bytes that only this process has.</summary>
    public long Private { get; private set; }

    /// <summary>Bytes in physical memory, shared ones too.</summary>
    public long WorkingSet { get; private set; }

    public static MemoryPeak Watch()
    {
        // What was needed to prepare must not count.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return new MemoryPeak();
    }

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        await looking;
        ended.Dispose();
    }

    private async Task LookAsync()
    {
        while (!ended.IsCancellationRequested)
        {
            using (var process = Process.GetCurrentProcess())
                (Private, WorkingSet) = (Math.Max(Private, process.PrivateMemorySize64), Math.Max(WorkingSet, process.WorkingSet64));
            await Task.Delay(LookEvery, TimeProvider.System, ended.Token).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }
}
