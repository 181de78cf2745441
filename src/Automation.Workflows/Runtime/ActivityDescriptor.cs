using System.Reflection;

namespace Automation.Workflows.Runtime;

/// <summary>What is known of an activity type: for the graph builder, the validator and the designer.</summary>
public sealed record ActivityDescriptor(
    string TypeName, int Version, string Name, string Namespace, string DisplayName, string Category, string? Description, ActivityKind Kind,
    IReadOnlyList<InputDescriptor> Inputs, IReadOnlyList<OutputDescriptor> Outputs, IReadOnlyList<PortDescriptor> Ports, Type ActivityType)
{
    public bool IsContainer => typeof(Container).IsAssignableFrom(ActivityType);
    public bool IsTrigger => typeof(ITrigger).IsAssignableFrom(ActivityType);
    public bool IsTerminal { get; init; }
    internal IReadOnlyList<PropertyBinding> Bindings { get; init; } = [];
    internal Func<Activity> Create { get; init; } = () => throw new InvalidOperationException();
}

/// <param name="IsWrapped">Whether it is an expression (<c>Input&lt;T&gt;</c>) or plain JSON.</param>
public sealed record InputDescriptor(
    string Name, Type Type, bool IsWrapped, bool IsRequired, string DisplayName, string? Description, string? Category, string UIHint,
    IReadOnlyList<string>? Options, object? DefaultValue, string? DefaultSyntax, float Order, bool IsBrowsable, bool AutoEvaluate);

public sealed record OutputDescriptor(string Name, Type Type, string DisplayName, string? Description, bool IsBrowsable);

public sealed record PortDescriptor(string Name, string DisplayName, PortType Type);

public enum PortType
{
    /// <summary>Holds an activity.</summary>
    Embedded,
    /// <summary>An outcome to connect from.</summary>
    Flow,
}

internal enum BindingKind { Input, Output, Port, PortList, Plain }

/// <summary>How one property of an activity is read from JSON.</summary>
internal sealed record PropertyBinding(PropertyInfo Property, string JsonName, BindingKind Kind, Type ValueType, bool AutoEvaluate)
{
    public Func<Definitions.Expression?, Input>? NewInput { get; init; }
    public Func<Output>? NewOutput { get; init; }
    public Func<Activity, object?> Get { get; init; } = _ => null;
    public Action<Activity, object?> Set { get; init; } = (_, _) => { };
}
