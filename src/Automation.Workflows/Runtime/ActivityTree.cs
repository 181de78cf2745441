using Automation.Workflows.Activities;

namespace Automation.Workflows.Runtime;

internal static class ActivityTree
{
    /// <summary>The activities embedded in one, in the order of its properties.</summary>
    public static IReadOnlyList<Activity> ChildActivities(this Activity activity) => activity switch
    {
        Workflow workflow => workflow.Root is null ? [] : [workflow.Root],
        WorkflowActivity inner => [inner.Workflow],
        _ => activity.Embedded,
    };
}
