using Automation.Benchmarks;

if (args is ["workflows", ..]) return await WorkflowsBenchmark.RunAsync(args[1..]);
return 0;
