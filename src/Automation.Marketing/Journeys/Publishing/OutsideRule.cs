using System.Buffers;
using Automation.Marketing.Contacts;
using Automation.Workflows.Activities;
using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys.Publishing;

/// <summary>What a flow asks of the world outside can be had: hosts that may be called, paths that can be reached, and nothing that only other hosts of workflows do.</summary>
internal sealed class OutsideRule(HttpAccess http) : IWorkflowRule
{
    private static readonly SearchValues<char> OfPaths = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./");

    public IEnumerable<WorkflowFinding> Check(WorkflowGraph graph) => graph.Steps.SelectMany(Check);

    private IEnumerable<WorkflowFinding> Check(Activity step) => step switch
    {
        SendHttpRequest call => Call(call),
        HttpEndpoint endpoint => Path(endpoint),
        ExecuteWorkflow or DispatchWorkflow or BulkDispatchWorkflows or RunTask =>
            [WorkflowFinding.Error(step, "not-for-people", "A flow that people go through cannot do this step. Give a signal that the other flow begins with, or create a task for somebody.")],
        _ => [],
    };

    private IEnumerable<WorkflowFinding> Call(SendHttpRequest call)
    {
        if (http.Hosts.Count == 0)
            yield return WorkflowFinding.Error(call, "calls-closed", "Flows may call no address yet. List the hosts they may call in the setting Http:Hosts, or take this step out.");
        else if (call.Url is not null && call.Url.TryGetLiteral(out var url) && url is not null && !(url.IsAbsoluteUri && url.Scheme is "http" or "https" && http.Lists(url)))
            yield return WorkflowFinding.Error(call, "unlisted-host", "Flows may not call '{0}'. Add its host to the setting Http:Hosts, or call another.", url.OriginalString);
    }

    private static IEnumerable<WorkflowFinding> Path(HttpEndpoint endpoint)
    {
        if (endpoint.Path is not null && endpoint.Path.TryGetLiteral(out var path) && path is not null
            && (path.Trim('/').Length is 0 or > Stimuli.MaxPath || path.AsSpan().ContainsAnyExcept(OfPaths) || path.Contains("..", StringComparison.Ordinal)))
            yield return WorkflowFinding.Error(endpoint, "bad-path", "'{0}' is no path. Write it like orders/new: letters, digits, hyphens and slashes.", path);
    }
}
