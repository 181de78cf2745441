using System.Collections.Concurrent;
using System.Reflection;

namespace Automation.Workflows.Runtime;

/// <summary>Callbacks over a suspend: stored as the name of a method of the activity's class, found again by that name.</summary>
internal static class CallbackNames
{
    private const BindingFlags Any = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;
    private static readonly ConcurrentDictionary<(Type, string), MethodInfo> Known = new();

    /// <exception cref="InvalidOperationException">The callback is a lambda or belongs to another class.</exception>
    public static string Of(Delegate callback, Activity owner)
    {
        var method = callback.Method;
        if (method.DeclaringType is not { } declaring || !declaring.IsInstanceOfType(owner) || method.Name.Contains('<'))
            throw new InvalidOperationException($"A callback of {owner.GetType().Name} must be a method of that class: only its name survives a suspend.");
        return method.Name;
    }

    public static ActivityCompletionCallback Completion(string name, Activity owner) => Bind<ActivityCompletionCallback>(name, owner);

    public static Func<ActivityExecutionContext, ValueTask> Resume(string name, Activity owner) =>
        Bind<Func<ActivityExecutionContext, ValueTask>>(name, owner);

    private static T Bind<T>(string name, Activity owner) where T : Delegate
    {
        var method = Known.GetOrAdd((owner.GetType(), name), static key => Find(key.Item1, key.Item2));
        return method.IsStatic ? method.CreateDelegate<T>() : method.CreateDelegate<T>(owner);
    }

    private static MethodInfo Find(Type? type, string name)
    {
        for (; type is not null; type = type.BaseType)
            if (type.GetMethod(name, Any) is { } method) return method;
        throw new InvalidOperationException($"The saved callback '{name}' no longer exists.");
    }
}
