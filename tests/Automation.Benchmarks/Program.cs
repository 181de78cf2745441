using Automation.Benchmarks;

return args switch
{
    ["intake"] => await IntakeBenchmark.RunAsync(),
    ["broadcast"] => await BroadcastBenchmark.RunAsync(),
    ["templates", ..] => TemplatesBenchmark.Run(args),
    ["workflows", ..] => await WorkflowsBenchmark.RunAsync(args[1..]),
    ["checks", "decision", .. var cases] => ChecksDecision.Run(cases),
    ["decision", .. var sizes] => await DecisionBenchmark.RunAsync(sizes),
    ["checks", "kills"] => await ChecksFlows.KillsAsync(),
    ["checks", "million", .. var waiting] => await ChecksMillion.RunAsync(waiting),
    ["import", .. var rest] => await ImportBenchmark.RunAsync(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("Usage: dotnet run -c Release --project tests/Automation.Benchmarks -- intake|import|broadcast|templates|workflows|decision|checks decision|checks kills|checks million");
    return 2;
}
