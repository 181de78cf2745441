using Automation.Benchmarks;

return args switch
{
    ["intake"] => await IntakeBenchmark.RunAsync(),
    ["broadcast"] => await BroadcastBenchmark.RunAsync(),
    ["sending", .. var rest] => await SendingBenchmark.RunAsync(rest),
    ["templates", ..] => TemplatesBenchmark.Run(args),
    ["workflows", ..] => await WorkflowsBenchmark.RunAsync(args[1..]),
    ["checks", "kills"] => await ChecksFlows.KillsAsync(),
    ["checks", "million", .. var waiting] => await ChecksMillion.RunAsync(waiting),
    ["import", .. var rest] => await ImportBenchmark.RunAsync(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("Usage: dotnet run -c Release --project tests/Automation.Benchmarks -- intake|import|broadcast|sending|templates|workflows|checks kills|checks million");
    return 2;
}
