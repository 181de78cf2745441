using Automation.Benchmarks;

return args switch
{
    ["intake"] => await IntakeBenchmark.RunAsync(),
    ["broadcast"] => await BroadcastBenchmark.RunAsync(),
    ["templates", ..] => TemplatesBenchmark.Run(args),
    ["workflows", ..] => await WorkflowsBenchmark.RunAsync(args[1..]),
    ["import", .. var rest] => await ImportBenchmark.RunAsync(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("Usage: dotnet run -c Release --project tests/Automation.Benchmarks -- intake|import|broadcast|templates|workflows");
    return 2;
}
