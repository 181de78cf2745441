using Automation.Benchmarks;

return args switch
{
    ["templates", ..] => TemplatesBenchmark.Run(args),
    ["workflows", ..] => await WorkflowsBenchmark.RunAsync(args[1..]),
    _ => 0,
};
