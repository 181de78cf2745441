using System.Text.Json.Nodes;
using Automation.Workflows.Runtime;

namespace Automation.Server.Studio;

/// <summary>A list as the designer takes it.</summary>
internal sealed record Items<T>(IReadOnlyList<T> List)
{
    [System.Text.Json.Serialization.JsonPropertyName("items")]
    public IReadOnlyList<T> List { get; } = List;

    public int Count => List.Count;
}

internal sealed record ActivityDescriptorView(
    string TypeName, string Namespace, string Name, int Version, string Category, string DisplayName, string Description, string Kind,
    bool IsBrowsable, bool IsContainer, bool IsStart, bool IsTerminal,
    IReadOnlyList<InputView> Inputs, IReadOnlyList<OutputView> Outputs, IReadOnlyList<PortView> Ports, JsonObject CustomProperties, JsonObject ConstructionProperties);

internal sealed record InputView(
    string Name, string TypeName, string DisplayName, string Description, float Order, bool IsBrowsable, bool IsSynthetic, bool IsWrapped, string UiHint,
    string? DefaultValue, string DefaultSyntax, bool IsReadOnly, bool IsSensitive, JsonObject UiSpecifications);

internal sealed record OutputView(string Name, string TypeName, string DisplayName, string Description, bool IsBrowsable, bool IsSynthetic);

internal sealed record PortView(string Name, string DisplayName, string Type, bool IsBrowsable);

internal sealed record ExpressionDescriptorView(string Type, string DisplayName, bool IsSerializable, bool IsBrowsable, JsonObject Properties);

internal sealed record VariableTypeView(string TypeName, string DisplayName, string Category, string Description);

internal sealed record StorageDriverView(string TypeName, string DisplayName, int Priority, bool Deprecated);

internal sealed record StrategyView(string TypeName, string DisplayName, string Description);

internal sealed record FeatureView(string Name, string Namespace, string FullName, string DisplayName, string Description);

internal sealed record OptionsView(JsonObject Items);

/// <summary>Describes the activities of the registry to the designer.</summary>
internal sealed class ActivityCatalogue(ActivityRegistry registry, ActivityWords words, Pickers pickers)
{
    // What a marketer draws with. The rest is known, so that drawings with it open and run, but does not crowd the toolbox.
    private static readonly HashSet<string> General = new(StringComparer.Ordinal)
    {
        "Elsa.Delay", "Elsa.FlowDecision", "Elsa.FlowSwitch", "Elsa.FlowFork", "Elsa.FlowJoin", "Elsa.Finish", "Elsa.SetVariable", "Elsa.RunJavaScript",
    };

    public async Task<IReadOnlyList<ActivityDescriptorView>> AllAsync(CancellationToken cancellation)
    {
        // Each picker is asked once, not once for every activity that has it.
        var choices = new Dictionary<string, IReadOnlyList<Choice>>(StringComparer.Ordinal);
        foreach (var name in registry.Descriptors.SelectMany(activity => activity.Inputs).Select(input => input.Name).Where(Pickers.Feeds).Distinct(StringComparer.Ordinal))
            choices[name] = await pickers.ForAsync("", name, current: null, cancellation);
        return [.. registry.Descriptors.OrderBy(activity => activity.TypeName, StringComparer.Ordinal).Select(activity => View(activity, choices))];
    }

    public ActivityDescriptor? Find(string typeName) => registry.Describe(typeName);

    /// <summary>The editor that suits an input.</summary>
    public static string HintFor(InputDescriptor input) => input switch
    {
        { Name: "Reasons" } => InputUIHints.CheckList,
        // Nothing to choose from: what exists is typed.
        { UIHint: InputUIHints.DropDown, Options: null } when !Pickers.Feeds(input.Name) && !IsEnum(input.Type) => InputUIHints.SingleLine,
        _ when Pickers.Feeds(input.Name) => InputUIHints.DropDown,
        // A date picker writes the person's own date format without a zone; a line of ISO 8601 cannot be misread.
        { UIHint: InputUIHints.DateTimePicker } => InputUIHints.SingleLine,
        _ when IsEnum(input.Type) => InputUIHints.DropDown,
        _ when input.Type == typeof(bool) && input.Name != "Condition" => InputUIHints.CheckBox,
        _ when IsDictionary(input.Type) => InputUIHints.Json,
        _ => input.UIHint,
    };

    private ActivityDescriptorView View(ActivityDescriptor activity, IReadOnlyDictionary<string, IReadOnlyList<Choice>> choices) => new(
        activity.TypeName, activity.Namespace, activity.Name, activity.Version, words.Category(activity), words.Name(activity), words.Description(activity),
        activity.Kind.ToString(), IsBrowsable: activity.Namespace != "Elsa" || General.Contains(activity.TypeName), activity.IsContainer,
        IsStart: activity.TypeName == "Elsa.Start", activity.IsTerminal,
        [.. activity.Inputs.Select(input => View(activity.TypeName, input, choices.GetValueOrDefault(input.Name)))],
        [.. activity.Outputs.Select(output => new OutputView(output.Name, AliasOf(output.Type), words.Output(output), output.Description ?? "", output.IsBrowsable, IsSynthetic: false))],
        [.. Ports(activity)], [], FirstValues(activity));

    // What a step is born with: a question is asked in Scriban, not answered with true or false.
    private static JsonObject FirstValues(ActivityDescriptor activity) => activity.Inputs.Any(input => input is { Name: "Condition", IsWrapped: true })
        ? new JsonObject { ["Condition"] = new JsonObject { ["typeName"] = "Boolean", ["expression"] = new JsonObject { ["type"] = "Scriban", ["value"] = "" } } }
        : [];

    private InputView View(string type, InputDescriptor input, IReadOnlyList<Choice>? choices)
    {
        var hint = HintFor(input);
        return new(
            input.Name, AliasOf(input.Type), words.InputName(type, input), words.InputHint(type, input), input.Order, input.IsBrowsable, IsSynthetic: false, input.IsWrapped,
            hint, input.DefaultValue?.ToString(), input.Name == "Condition" ? "Scriban" : input.DefaultSyntax ?? "Literal",
            IsReadOnly: false, IsSensitive: false, Specification(hint, input, choices));
    }

    private JsonObject Specification(string hint, InputDescriptor input, IReadOnlyList<Choice>? choices)
    {
        if (choices is not null)
        {
            var fed = Pickers.Specification(hint, choices);
            fed["Refresh"] = true;
            return fed;
        }
        if (hint == InputUIHints.CodeEditor) return new() { ["code-editor"] = new JsonObject { ["language"] = "javascript", ["editorHeight"] = "Large", ["singleLineMode"] = false } };
        var values = input.Options ?? (IsEnum(input.Type) ? Enum.GetNames(Nullable.GetUnderlyingType(input.Type) ?? input.Type) : null);
        return values is null || hint is not (InputUIHints.DropDown or InputUIHints.CheckList or InputUIHints.RadioList)
            ? []
            : Pickers.Specification(hint, values.Select(value => new Choice(words.Choice(value), value)));
    }

    // Without a port of its own an activity has one, which the designer would call by its English name.
    private IEnumerable<PortView> Ports(ActivityDescriptor activity)
    {
        foreach (var port in activity.Ports) yield return new(port.Name, words.Port(port.Name), port.Type.ToString(), IsBrowsable: true);
        if (!activity.IsContainer && !activity.IsTerminal && activity.Ports.All(port => port.Type is not PortType.Flow)
            && activity.TypeName is not ("Elsa.FlowFork" or "Elsa.RunJavaScript" or "Elsa.NotFoundActivity"))
            yield return new("Done", words.Port("Done"), nameof(PortType.Flow), IsBrowsable: true);
    }

    private static bool IsEnum(Type type) => (Nullable.GetUnderlyingType(type) ?? type).IsEnum;

    private static bool IsDictionary(Type type) => type == typeof(IDictionary<string, object?>);

    private static string AliasOf(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var known when known == typeof(string) || known == typeof(Uri) || known.IsEnum => "String",
        var known when known == typeof(bool) || known == typeof(int) || known == typeof(TimeSpan) || known == typeof(DateTimeOffset) => known.Name,
        _ => "Object",
    };
}
