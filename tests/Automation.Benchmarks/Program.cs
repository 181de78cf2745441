using Automation.Benchmarks;

return args switch
{
    ["templates", ..] => TemplatesBenchmark.Run(args),
    ["workflows", ..] => await WorkflowsBenchmark.RunAsync(args[1..]),
    ["import", .. var rest] => await ImportBenchmark.RunAsync(rest),
    _ => 0,
};
