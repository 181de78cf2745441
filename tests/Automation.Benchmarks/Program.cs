if (args is ["templates", ..]) return Automation.Benchmarks.TemplatesBenchmark.Run(args);
return 0;
