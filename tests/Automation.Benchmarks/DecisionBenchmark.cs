namespace Automation.Benchmarks;

internal static class DecisionBenchmark
{
    public static Task<int> RunAsync(string[] sizes) => Task.FromResult(sizes.Length);
}
