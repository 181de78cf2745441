using System.Reflection;
using Expression = Automation.Workflows.Definitions.Expression;
using Linq = System.Linq.Expressions.Expression;

namespace Automation.Workflows.Runtime;

/// <summary>The activity types a host knows.</summary>
public sealed class ActivityRegistry
{
    private readonly Dictionary<string, ActivityDescriptor> byType = new(StringComparer.Ordinal);

    public IReadOnlyCollection<ActivityDescriptor> Descriptors => byType.Values;

    /// <summary>With everything that needs no host of its own: control flow, variables, waits, events, children, JavaScript.</summary>
    public static ActivityRegistry WithGeneralActivities()
    {
        var registry = new ActivityRegistry();
        foreach (var type in GeneralTypes) registry.Add(type);
        return registry;
    }

    private static readonly Type[] GeneralTypes =
    [
        .. typeof(ActivityRegistry).Assembly.GetTypes()
            .Where(type => IsActivity(type) && type.Namespace == "Automation.Workflows.Activities" && type.GetCustomAttribute<ActivityAttribute>()!.Category != "HTTP"),
    ];

    /// <summary>Adds the activities that call and answer over HTTP; the host supplies <c>IHttpCaller</c>.</summary>
    public ActivityRegistry AddHttpActivities() =>
        Add<Activities.HttpEndpoint>().Add<Activities.WriteHttpResponse>().Add<Activities.SendHttpRequest>();

    public ActivityRegistry Add<T>() where T : Activity, new() => Add(typeof(T));

    /// <summary>Adds every public activity of an assembly that carries <see cref="ActivityAttribute"/>.</summary>
    public ActivityRegistry AddFrom(Assembly assembly)
    {
        foreach (var type in assembly.GetTypes().Where(IsActivity)) Add(type);
        return this;
    }

    /// <summary>The descriptor of a type; null when it is unknown. A version that is not known falls back to the one that is.</summary>
    public ActivityDescriptor? Describe(string typeName) => byType.GetValueOrDefault(typeName);

    public ActivityDescriptor Describe<T>() where T : Activity => byType.Values.First(descriptor => descriptor.ActivityType == typeof(T));

    private static bool IsActivity(Type type) =>
        type is { IsAbstract: false, IsClass: true } && type.IsSubclassOf(typeof(Activity)) && type.IsDefined(typeof(ActivityAttribute), inherit: false);

    private ActivityRegistry Add(Type type)
    {
        var descriptor = Known.GetOrAdd(type, Read);
        byType[descriptor.TypeName] = descriptor;
        return this;
    }

    // Reading a type by reflection costs more than building a small graph; types do not change.
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<Type, ActivityDescriptor> Known = new();

    private static ActivityDescriptor Read(Type type)
    {
        var named = type.GetCustomAttribute<ActivityAttribute>()
            ?? throw new ArgumentException($"{type.Name} lacks [Activity]: its type name would change with the class.");
        var name = named.Type ?? type.Name.Split('`')[0];
        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(IsOwn).OrderBy(property => Depth(property.DeclaringType!)).ToArray();
        var bindings = properties.Select(Bind).OfType<PropertyBinding>().ToArray();
        var create = Linq.Lambda<Func<Activity>>(Linq.New(type)).Compile();
        var sample = create();
        return new ActivityDescriptor(
            named.Namespace + "." + name, named.Version, name, named.Namespace, named.DisplayName ?? Words(name), named.Category, named.Description,
            typeof(ITrigger).IsAssignableFrom(type) ? ActivityKind.Trigger : named.Kind,
            [.. bindings.Where(binding => binding.Kind is BindingKind.Input or BindingKind.Plain).Select(binding => Input(binding, sample)).OrderBy(input => input.Order)],
            [.. bindings.Where(binding => binding.Kind == BindingKind.Output).Select(Output)],
            Ports(type, bindings), type)
        {
            Bindings = bindings,
            Create = create,
            IsTerminal = sample.IsTerminal,
        };
    }

    // What every activity has (id, name …) is read by the graph builder itself.
    private static bool IsOwn(PropertyInfo property) =>
        property.DeclaringType != typeof(Activity) && property.DeclaringType != typeof(object) && property.GetIndexParameters().Length == 0;

    private static int Depth(Type type) => type.BaseType is null ? 0 : 1 + Depth(type.BaseType);

    private static PropertyBinding? Bind(PropertyInfo property)
    {
        var type = property.PropertyType;
        var json = char.ToLowerInvariant(property.Name[0]) + property.Name[1..];
        PropertyBinding Make(BindingKind kind, Type value) => new(property, json, kind, value, property.GetCustomAttribute<InputAttribute>()?.AutoEvaluate ?? true)
        {
            Get = Getter(property),
            Set = property.CanWrite ? Setter(property) : (_, _) => { },
        };
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Input<>))
            return Make(BindingKind.Input, type.GetGenericArguments()[0]) with { NewInput = InputFactory(type) };
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Output<>))
            return Make(BindingKind.Output, type.GetGenericArguments()[0]) with { NewOutput = OutputFactory(type) };
        if (typeof(IActivity).IsAssignableFrom(type)) return Make(BindingKind.Port, type);
        if (typeof(ICollection<Activity>).IsAssignableFrom(type)) return Make(BindingKind.PortList, type);
        return property.IsDefined(typeof(InputAttribute)) && property.CanWrite ? Make(BindingKind.Plain, type) : null;
    }

    private static Func<Activity, object?> Getter(PropertyInfo property)
    {
        var owner = Linq.Parameter(typeof(Activity));
        var read = Linq.Property(Linq.Convert(owner, property.DeclaringType!), property);
        return Linq.Lambda<Func<Activity, object?>>(Linq.Convert(read, typeof(object)), owner).Compile();
    }

    private static Action<Activity, object?> Setter(PropertyInfo property)
    {
        var owner = Linq.Parameter(typeof(Activity));
        var value = Linq.Parameter(typeof(object));
        var write = Linq.Assign(
            Linq.Property(Linq.Convert(owner, property.DeclaringType!), property),
            Linq.Convert(value, property.PropertyType));
        return Linq.Lambda<Action<Activity, object?>>(write, owner, value).Compile();
    }

    private static Func<Expression?, Input> InputFactory(Type type)
    {
        var expression = Linq.Parameter(typeof(Expression));
        var constructor = type.GetConstructor([typeof(Expression)])!;
        return Linq.Lambda<Func<Expression?, Input>>(Linq.New(constructor, expression), expression).Compile();
    }

    private static Func<Output> OutputFactory(Type type) =>
        Linq.Lambda<Func<Output>>(Linq.New(type)).Compile();

    private static InputDescriptor Input(PropertyBinding binding, Activity sample)
    {
        var about = binding.Property.GetCustomAttribute<InputAttribute>() ?? new InputAttribute();
        var wrapped = binding.Kind == BindingKind.Input;
        var initial = binding.Get(sample);
        var isRequired = wrapped && initial is null && new NullabilityInfoContext().Create(binding.Property).WriteState != NullabilityState.Nullable;
        var initialValue = initial switch
        {
            Runtime.Input { IsConstant: true } given => given.ConstantValue(),
            Runtime.Input => null,
            string or bool or int or Enum => initial,
            _ => null,
        };
        return new(binding.Property.Name, binding.ValueType, wrapped, isRequired, about.DisplayName ?? Words(binding.Property.Name), about.Description, about.Category,
            about.UIHint ?? HintFor(binding.ValueType), about.Options, about.DefaultValue ?? initialValue, about.DefaultSyntax, about.Order, about.IsBrowsable, binding.AutoEvaluate);
    }

    private static string HintFor(Type type) =>
        type == typeof(bool) ? InputUIHints.CheckBox : type.IsEnum ? InputUIHints.DropDown : InputUIHints.SingleLine;

    private static OutputDescriptor Output(PropertyBinding binding)
    {
        var about = binding.Property.GetCustomAttribute<OutputAttribute>() ?? new OutputAttribute();
        return new(binding.Property.Name, binding.ValueType, about.DisplayName ?? Words(binding.Property.Name), about.Description, about.IsBrowsable);
    }

    private static PortDescriptor[] Ports(Type type, PropertyBinding[] bindings)
    {
        var embedded = bindings.Where(binding => binding.Kind == BindingKind.Port)
            .Select(binding => binding.Property.GetCustomAttribute<PortAttribute>() is { } port
                ? new PortDescriptor(port.Name ?? binding.Property.Name, port.DisplayName ?? Words(binding.Property.Name), PortType.Embedded)
                : new PortDescriptor(binding.Property.Name, Words(binding.Property.Name), PortType.Embedded));
        var flow = type.GetCustomAttribute<FlowNodeAttribute>()?.Outcomes ?? [];
        return [.. embedded, .. flow.Select(outcome => new PortDescriptor(outcome, outcome, PortType.Flow))];
    }

    /// <summary><c>SendEmail</c> reads as <c>Send Email</c>.</summary>
    private static string Words(string name)
    {
        var words = new System.Text.StringBuilder(name.Length + 4);
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i]) && !char.IsUpper(name[i - 1])) words.Append(' ');
            words.Append(name[i]);
        }
        return words.ToString();
    }
}
