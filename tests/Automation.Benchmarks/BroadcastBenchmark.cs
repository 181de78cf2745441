namespace Automation.Benchmarks;

/// <summary>A broadcast of the shipped newsletter to 20,000, beside its floor.</summary>
internal static class BroadcastBenchmark
{
    private const int People = 20_000;
    private const int Measured = 5;

    public static async Task<int> RunAsync()
    {
        await using var app = await BenchmarkedApp.StartAsync();
        await app.AddPeopleAsync(People);
        using var run = new BroadcastRun(app, People, "newsletter/monthly");
        await Rounds.CompareAsync($"broadcast of {People:N0}", People, Measured, run.SendAsync, run.FloorAsync);
        Console.WriteLine(run.Describe());
        return 0;
    }
}
