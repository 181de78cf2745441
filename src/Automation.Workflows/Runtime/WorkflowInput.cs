using Automation.Workflows.Definitions;

namespace Automation.Workflows.Runtime;

/// <summary>An input of a workflow used as an activity: its type is known only from the definition.</summary>
internal sealed class WorkflowInput(Type type, Expression? expression) : Input(type, expression);
