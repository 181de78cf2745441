using Automation.Benchmarks;

return args switch
{
    ["intake"] => await IntakeBenchmark.RunAsync(),
    ["broadcast", var people] => await BroadcastBenchmark.OneAsync(people),
    ["broadcast"] => await BroadcastBenchmark.RunAsync(),
    ["sending", .. var rest] => await SendingBenchmark.RunAsync(rest),
    ["webhook"] => await WebhookBenchmark.RunAsync(),
    ["templates", ..] => TemplatesBenchmark.Run(args),
    ["workflows", ..] => await WorkflowsBenchmark.RunAsync(args[1..]),
    ["checks", "decision", .. var cases] => ChecksDecision.Run(cases),
    ["decision", .. var sizes] => await DecisionBenchmark.RunAsync(sizes),
    ["checks", "kills"] => await ChecksFlows.KillsAsync(),
    ["checks", "drill", .. var howMany] => await ChecksSending.DrillAsync(howMany),
    ["checks", "million", .. var waiting] => await ChecksMillion.RunAsync(waiting),
    ["sales"] => await SalesBenchmark.RunAsync(),
    ["import", .. var rest] => await ImportBenchmark.RunAsync(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("Usage: dotnet run -c Release --project tests/Automation.Benchmarks -- intake|import|broadcast [PEOPLE]|sending|sales|webhook|templates|workflows|decision|checks decision|checks kills|checks drill|checks million");
    return 2;
}
