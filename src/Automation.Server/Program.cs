using Automation.Server.Commands;

return await CommandLine.RunAsync(args);
