using System.Globalization;

namespace Automation.Benchmarks;

/// <summary>A broadcast of the shipped newsletter to 20,000, beside its floor.</summary>
internal static class BroadcastBenchmark
{
    private const int People = 20_000;
    private const int Measured = 5;
    private const int PeopleAtATime = 10_000;

    public static async Task<int> RunAsync()
    {
        await using var app = await BenchmarkedApp.StartAsync();
        await app.AddPeopleAsync(People);
        using var run = new BroadcastRun(app, People, "newsletter/monthly");
        await Rounds.CompareAsync($"broadcast of {People:N0}", People, Measured, run.SendAsync, run.FloorAsync);
        Console.WriteLine(run.Describe());
        return 0;
    }

    /// <summary>One broadcast to so many people, from the request to the last acceptance on record: time, speed, memory, and its floor.</summary>
    public static async Task<int> OneAsync(string howMany)
    {
        if (!int.TryParse(howMany, NumberStyles.None, CultureInfo.InvariantCulture, out var people) || people < 1)
        {
            Console.Error.WriteLine($"'{howMany}' is not a number of people.");
            return 2;
        }
        await using var app = await BenchmarkedApp.StartAsync();
        for (var made = 0; made < people; made += PeopleAtATime) await app.AddPeopleAsync(Math.Min(PeopleAtATime, people - made), first: made);
        Console.WriteLine($"{people:N0} people are there");
        using var run = new BroadcastRun(app, people, "newsletter/monthly");
        var peak = MemoryPeak.Watch();
        var began = TimeProvider.System.GetTimestamp();
        await run.SendAsync(0);
        var took = TimeProvider.System.GetElapsedTime(began);
        await peak.DisposeAsync();
        var floorBegan = TimeProvider.System.GetTimestamp();
        await run.FloorAsync(0);
        var floor = TimeProvider.System.GetElapsedTime(floorBegan);
        Console.WriteLine($"broadcast of {people:N0}: {took.TotalSeconds:N1} s, {people / took.TotalSeconds:N0} mails/s; floor {floor.TotalSeconds:N1} s; {took / floor:F2} times the floor's time");
        Console.WriteLine($"peak memory: {peak.Private >> 20:N0} MiB private, {peak.WorkingSet >> 20:N0} MiB working set; {run.Describe()}");
        return 0;
    }
}
