namespace Automation.Workflows.Runtime;

/// <summary>Names an activity type: <c>[Activity("Automation", "Mail", "…")]</c> on <c>SendEmail</c> gives <c>Automation.SendEmail</c>.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ActivityAttribute(string @namespace, string category, string? description = null) : Attribute
{
    public string Namespace { get; } = @namespace;
    public string Category { get; } = category;
    public string? Description { get; } = description;

    /// <summary>Type name behind the namespace; default the class name. Never changes once shipped.</summary>
    public string? Type { get; init; }
    public string? DisplayName { get; init; }
    public int Version { get; init; } = 1;
    public ActivityKind Kind { get; init; } = ActivityKind.Action;
}

public enum ActivityKind { Action, Trigger, Job, Task }

/// <summary>The outcomes an activity can have as a node of a flowchart.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class FlowNodeAttribute(params string[] outcomes) : Attribute
{
    public IReadOnlyList<string> Outcomes { get; } = outcomes;
}

/// <summary>A property that holds an embedded activity.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PortAttribute(string? name = null) : Attribute
{
    public string? Name { get; } = name;
    public string? DisplayName { get; init; }
}

[AttributeUsage(AttributeTargets.Property)]
public sealed class InputAttribute : Attribute
{
    public string? DisplayName { get; init; }
    public string? Description { get; init; }
    public string? Category { get; init; }
    public string? UIHint { get; init; }

    /// <summary>What a drop-down offers.</summary>
    public string[]? Options { get; init; }
    public object? DefaultValue { get; init; }
    public string? DefaultSyntax { get; init; }
    public float Order { get; init; }
    public bool IsBrowsable { get; init; } = true;

    /// <summary>False: the activity evaluates it itself, as often as it likes.</summary>
    public bool AutoEvaluate { get; init; } = true;
}

[AttributeUsage(AttributeTargets.Property)]
public sealed class OutputAttribute : Attribute
{
    public string? DisplayName { get; init; }
    public string? Description { get; init; }
    public bool IsBrowsable { get; init; } = true;
}

/// <summary>Leaves a payload property out of the hash, so that it may differ between what waits and what arrives.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ExcludeFromHashAttribute : Attribute;

/// <summary>Editors the designer offers for an input.</summary>
public static class InputUIHints
{
    public const string SingleLine = "singleline";
    public const string MultiLine = "multiline";
    public const string DropDown = "dropdown";
    public const string CheckBox = "checkbox";
    public const string CheckList = "checklist";
    public const string RadioList = "radiolist";
    public const string MultiText = "multitext";
    public const string CodeEditor = "code-editor";
    public const string ExpressionEditor = "expression-editor";
    public const string VariablePicker = "variable-picker";
    public const string OutcomePicker = "outcome-picker";
    public const string TypePicker = "type-picker";
    public const string WorkflowDefinitionPicker = "workflow-definition-picker";
    public const string OutputPicker = "output-picker";
    public const string DateTimePicker = "datetime-picker";
    public const string Json = "json-editor";
    public const string FlowSwitchEditor = "flow-switch-editor";
    public const string SwitchEditor = "switch-editor";
    public const string Dictionary = "dictionary";
}
