namespace Automation.Workflows.Runtime;

/// <summary>Saves an instance in the midst of a burst, where its commit strategy says so; a host that can do that puts it among the services.</summary>
/// <remarks>Without it an instance is saved at the end of each burst only, whatever its strategy.</remarks>
public interface IWorkflowCommits
{
    /// <param name="soFar">The instance with the steps that are still queued (see <see cref="WorkflowRunner.ContinueAsync"/>), and what of its journal
    /// and its requests was not handed over yet.</param>
    ValueTask CommitAsync(WorkflowResult soFar, CancellationToken cancellation);
}

[Flags]
internal enum CommitPoints
{
    None = 0,
    BeforeBurst = 1,
    BeforeActivity = 2,
    AfterActivity = 4,
}

/// <summary>The commit strategies a definition can name, as Elsa names them.</summary>
internal static class CommitStrategies
{
    public static readonly IReadOnlyList<string> OfWorkflows = ["WorkflowExecuting", "WorkflowExecuted", "ActivityExecuting", "ActivityExecuted"];
    public static readonly IReadOnlyList<string> OfActivities = ["CommitAlways", "CommitNever", "Executing", "Executed"];

    /// <summary>The end of a burst is always saved: that strategy adds nothing.</summary>
    public static CommitPoints OfWorkflow(string? name) => name switch
    {
        "WorkflowExecuting" => CommitPoints.BeforeBurst,
        "ActivityExecuting" => CommitPoints.BeforeActivity,
        "ActivityExecuted" => CommitPoints.AfterActivity,
        _ => CommitPoints.None,
    };

    /// <returns>Null when the activity does as its workflow says.</returns>
    public static CommitPoints? OfActivity(string? name) => name switch
    {
        "CommitAlways" => CommitPoints.BeforeActivity | CommitPoints.AfterActivity,
        "CommitNever" => CommitPoints.None,
        "Executing" => CommitPoints.BeforeActivity,
        "Executed" => CommitPoints.AfterActivity,
        _ => null,
    };
}

/// <summary>Commits one burst at the points its strategies name.</summary>
internal sealed class BurstCommits(WorkflowExecutionContext workflow, IWorkflowCommits host, CommitPoints usual)
{
    /// <returns>Null when nothing is to be committed but the end of the burst.</returns>
    public static BurstCommits? Of(WorkflowExecutionContext workflow)
    {
        if (!workflow.Graph.HasCommitPoints || workflow.Services.GetService(typeof(IWorkflowCommits)) is not IWorkflowCommits host) return null;
        return new BurstCommits(workflow, host, CommitStrategies.OfWorkflow(workflow.Definition.Options.CommitStrategyName));
    }

    public ValueTask BeginAsync() => usual.HasFlag(CommitPoints.BeforeBurst) ? CommitAsync() : default;

    public ValueTask BeforeAsync(Activity activity) => (activity.Commits ?? usual).HasFlag(CommitPoints.BeforeActivity) ? CommitAsync() : default;

    // Behind the last step comes the end of the burst, which is saved anyway.
    public ValueTask AfterAsync(Activity activity) =>
        (activity.Commits ?? usual).HasFlag(CommitPoints.AfterActivity) && workflow.TryPeek(out _) ? CommitAsync() : default;

    // What has faulted or finished is saved by the end of the burst: no state in between says more.
    private ValueTask CommitAsync() =>
        workflow.SubStatus is WorkflowSubStatus.Executing ? host.CommitAsync(workflow.Pause(), workflow.CancellationToken) : default;
}
