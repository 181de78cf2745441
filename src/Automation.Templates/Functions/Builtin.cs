using System.Text.Json;
using System.Text.RegularExpressions;
using Automation.Templates.Parsing;
using Automation.Templates.Rendering;
using Automation.Templates.Syntax;

namespace Automation.Templates.Functions;

/// <summary>The body of a built-in function.</summary>
internal delegate object? BuiltinBody(in Call call);

/// <summary>The body of a built-in function that prints its result straight away.</summary>
internal delegate void BuiltinWriter(in Call call, RenderOutput output);

/// <summary>A function of the language itself.</summary>
/// <param name="name">Its full name.</param>
/// <param name="parameters">Names in order; <c>?</c> marks an optional one, <c>*</c> the rest.</param>
/// <param name="body">What it does.</param>
/// <param name="writer">How it prints its result without building a string, where that is worth while.</param>
internal sealed class Builtin(string name, string parameters, BuiltinBody body, BuiltinWriter? writer = null) : TemplateFunction
{
    /// <summary>Stands for an optional argument that was not given.</summary>
    public static readonly object Absent = new();

    private readonly string[] _names = [.. parameters.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(p => p.TrimEnd('?', '*'))];
    private readonly int _required = parameters.Split(' ', StringSplitOptions.RemoveEmptyEntries).Count(p => !p.EndsWith('?') && !p.EndsWith('*'));
    private readonly bool _isVariadic = parameters.EndsWith('*');

    public string Name { get; } = name;

    public ReadOnlySpan<string> ParameterNames => _names;

    public override object? Invoke(TemplateContext context, Node site, ReadOnlySpan<object?> arguments, string?[]? names)
    {
        var bound = new BoundArguments();
        var call = new Call(context, site, this, Bind(site, arguments, names, bound));
        try
        {
            context.Charge(WorkOf(arguments), site.At);
            var result = body(call);
            if (result is string text) context.ChargeText(text.Length, site.At);
            return result;
        }
        catch (Exception fault) when (IsOfTheCall(fault))
        {
            throw Placed(fault, call);
        }
    }

    public override void InvokeAndWrite(TemplateContext context, Node site, ReadOnlySpan<object?> arguments, string?[]? names)
    {
        if (writer is null || context.Options.EscapeHtml)
        {
            base.InvokeAndWrite(context, site, arguments, names);
            return;
        }
        var bound = new BoundArguments();
        var call = new Call(context, site, this, Bind(site, arguments, names, bound));
        try
        {
            context.Charge(WorkOf(arguments), site.At);
            writer(call, context.Output);
        }
        catch (Exception fault) when (IsOfTheCall(fault))
        {
            throw Placed(fault, call);
        }
    }

    private ReadOnlySpan<object?> Bind(Node site, ReadOnlySpan<object?> arguments, string?[]? names, Span<object?> bound)
    {
        CheckCount(site, arguments.Length);
        var size = Math.Max(_names.Length, arguments.Length);
        if (names is null && arguments.Length == size) return arguments;
        if (size > bound.Length) bound = new object?[size];
        bound = bound[..size];
        bound.Fill(Absent);
        if (names is null) arguments.CopyTo(bound);
        else PlaceNamed(arguments, names, bound);
        return bound;
    }

    private void PlaceNamed(ReadOnlySpan<object?> arguments, string?[] names, Span<object?> bound)
    {
        for (var i = 0; i < arguments.Length; i++)
        {
            if (names[i] is { } known && Array.IndexOf(_names, known) is var at and >= 0) bound[at] = arguments[i];
        }
        var next = 0;
        for (var i = 0; i < arguments.Length; i++)
        {
            if (names[i] is { } known && Array.IndexOf(_names, known) >= 0) continue;
            while (next < bound.Length && !ReferenceEquals(bound[next], Absent)) next++;
            if (next < bound.Length) bound[next] = arguments[i];
        }
    }

    private void CheckCount(Node site, int given)
    {
        if (given < _required)
        {
            throw new RenderFailure(site.At.Source.MessageAt(site.At.End, $"Invalid number of arguments `{given}` passed to `{site.At.Text}` while expecting `{_required}` arguments"));
        }
        if (given > _names.Length && !_isVariadic) throw new RenderFailure(site.At, $"Argument index must be < {_names.Length} (Parameter 'index')");
    }

    // Long texts are more work than short ones.
    private static long WorkOf(ReadOnlySpan<object?> arguments)
    {
        var work = 1L;
        foreach (var argument in arguments)
        {
            if (argument is string text) work += text.Length >> 8;
        }
        return work;
    }

    private static bool IsOfTheCall(Exception fault) => fault is
        CallFault or FormatException or OverflowException or RegexMatchTimeoutException or JsonException or ArgumentException or InvalidOperationException;

    private static RenderFailure Placed(Exception fault, in Call call)
    {
        var at = fault is CallFault { Argument: >= 0 } refused ? call.PlaceOf(refused.Argument) : call.Site.At;
        return new RenderFailure(at.Source.MessageAt(at.Start, fault.Message), inner: fault);
    }

    [System.Runtime.CompilerServices.InlineArray(8)]
    private struct BoundArguments
    {
        private object? _first;
    }
}

/// <summary>One call of a built-in function: its arguments, converted as the function asks for them.</summary>
internal readonly ref struct Call(TemplateContext context, Node site, Builtin function, ReadOnlySpan<object?> arguments)
{
    public readonly TemplateContext Context = context;
    public readonly Node Site = site;
    public readonly ReadOnlySpan<object?> Arguments = arguments;

    public int Count => Arguments.Length;

    public object? this[int index] => index < Arguments.Length && !ReferenceEquals(Arguments[index], Builtin.Absent) ? Arguments[index] : null;

    public bool Has(int index) => index < Arguments.Length && !ReferenceEquals(Arguments[index], Builtin.Absent);

    /// <summary>The printed form; empty for null.</summary>
    public string Text(int index) => this[index] switch
    {
        string text => text,
        var value => Values.ToText(Context, value, PlaceOf(index)),
    };

    public string? TextOrNull(int index) => this[index] is null ? null : Text(index);

    /// <exception cref="CallFault">The argument is no number.</exception>
    public int Int(int index, int otherwise = 0)
    {
        if (this[index] is not { } value) return otherwise;
        return Values.TryInt(value, out var number) ? number : throw CannotConvert(index, "int");
    }

    /// <exception cref="CallFault">The argument is no number.</exception>
    public double Double(int index) => Values.TryDouble(this[index], out var number) ? number : throw CannotConvert(index, "double");

    public bool Bool(int index) => Values.IsTrue(this[index]);

    /// <summary>Null for null.</summary>
    /// <exception cref="CallFault">The argument is not a list.</exception>
    public IEnumerable<object?>? List(int index) => this[index] switch
    {
        null => null,
        IEnumerable<object?> items and not TemplateObject => items,
        _ => throw CannotConvert(index, "array"),
    };

    /// <summary>The list's items, each step counted as a turn of a loop.</summary>
    public IEnumerable<object?> Items(int index) => List(index) is { } items ? Sequences.Counted(items, Context, Site.At) : [];

    /// <exception cref="CallFault">The argument is not a function.</exception>
    public TemplateFunction Function(int index) => this[index] as TemplateFunction
        ?? throw new CallFault($"The parameter `{PlaceOf(index).Text}` is not a function. Maybe prefix it with @? (Parameter '{ParameterName(index)}')", index);

    /// <exception cref="CallFault">The argument is no date.</exception>
    public DateTime? Date(int index) => this[index] switch
    {
        null => null,
        DateTime date => date,
        DateTimeOffset moment => moment.DateTime,
        _ => throw CannotConvert(index, "DateTime"),
    };

    public CallFault CannotConvert(int index, string type) => new($"Unable to convert type `{Values.NameOfType(this[index])}` to `{type}`", index);

    public string ParameterName(int index) => index < function.ParameterNames.Length ? function.ParameterNames[index] : "value";

    /// <summary>Where the argument stands; the call itself when it stands nowhere.</summary>
    public Span PlaceOf(int index)
    {
        if (Site is not CallExpression call) return Site.At;
        var name = index < function.ParameterNames.Length ? function.ParameterNames[index] : null;
        foreach (var argument in call.Arguments)
        {
            if (argument.Name is not null && argument.Name == name) return argument.Value.At;
        }
        return index < call.Arguments.Length ? call.Arguments[index].Value.At : Site.At;
    }
}

/// <summary>A group of functions, such as <c>string</c>; shared by all renders.</summary>
internal class FunctionGroup : TemplateObject
{
    protected FunctionGroup(int capacity) : base(capacity)
    {
    }

    public FunctionGroup(string name, params ReadOnlySpan<(string Name, string Parameters, BuiltinBody Body)> functions) : base(functions.Length)
    {
        foreach (var function in functions) Set(function.Name, new Builtin($"{name}.{function.Name}", function.Parameters, function.Body));
    }

    internal override bool IsShared => true;

    protected void Define(string group, string name, string parameters, BuiltinBody body, BuiltinWriter? writer = null) =>
        Set(name, new Builtin($"{group}.{name}", parameters, body, writer));
}
