using System.Globalization;
using System.Text.RegularExpressions;
using Automation.Workflows.Activities;
using Jint;
using Jint.Native;
using Jint.Native.Object;
using Jint.Runtime;
using Jint.Runtime.Interop;

namespace Automation.Workflows.Runtime;

/// <summary>Runs one script in an engine of its own. Nothing of .NET is reachable from it; values cross as plain JavaScript values.</summary>
internal static class JavaScriptSandbox
{
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(1);
    private const int MaxStatements = 100_000;
    private const int MaxRecursion = 100;

    /// <param name="outcomes">Receives what the script sets with <c>setOutcome(s)</c>; null when it may not.</param>
    public static object? Run(JavaScriptProgram program, ActivityExecutionContext context, List<string>? outcomes)
    {
        var engine = new Engine(options => options.TimeoutInterval(MaxTime).MaxStatements(MaxStatements).LimitRecursion(MaxRecursion)
            .DebugMode().Culture(CultureInfo.InvariantCulture).LocalTimeZone(TimeZoneInfo.Utc));
        new JavaScriptBounds(engine).Install();
        new JavaScriptGlobals(engine, context, program.Names).Install(outcomes);
        try
        {
            engine.Execute(program.Program);
            return JavaScriptValues.ToClr(engine.GetCompletionValue());
        }
        catch (JavaScriptException broken)
        {
            throw new JavaScriptFailedException(Describe(broken), broken);
        }
        catch (JavaScriptLimitException limit)
        {
            throw new JavaScriptFailedException($"The script was stopped: {limit.Message}.", limit);
        }
        catch (Exception limit) when (limit is StatementsCountOverflowException or RecursionDepthOverflowException or TimeoutException or RegexMatchTimeoutException)
        {
            throw new JavaScriptFailedException("The script was stopped: it runs too long.", limit);
        }
        catch (Exception broken) when (broken is not (JavaScriptFailedException or InputException or OperationCanceledException))
        {
            // Some natives of the engine fail with errors of .NET, e.g. on numbers they cannot print.
            throw new JavaScriptFailedException("The script failed: " + broken.Message, broken);
        }
    }

    // The engine gives most of its own errors a kind and a place, but no words.
    private static string Describe(JavaScriptException broken)
    {
        var kind = broken.Error.IsObject() ? broken.Error.AsObject().Get("name").ToString() : "Error";
        var words = string.IsNullOrEmpty(broken.Message) ? kind : broken.Message;
        return string.Create(CultureInfo.InvariantCulture, $"{words} (line {broken.LineNumber}, column {broken.Column + 1})");
    }
}

/// <summary>The functions and values a script sees.</summary>
internal sealed class JavaScriptGlobals(Engine engine, ActivityExecutionContext context, IReadOnlySet<string> names)
{
    public void Install(List<string>? outcomes)
    {
        Function("getVariable", arguments => From(context.GetVariable(Text(arguments, 0))));
        Function("setVariable", arguments => Do(() => context.SetVariable(Text(arguments, 0), JavaScriptValues.ToClr(At(arguments, 1)))));
        Function("getInput", arguments => From(context.InputNamed(Text(arguments, 0))));
        Function("getLastResult", _ => From(context.WorkflowExecutionContext.LastResult));
        Function("getResult", _ => From(context.WorkflowExecutionContext.LastResult));
        Function("getOutputFrom", arguments => From(OutputFrom(Text(arguments, 0), arguments.Length > 1 ? Text(arguments, 1) : "Result")));
        Function("getCorrelationId", _ => From(context.WorkflowExecutionContext.CorrelationId));
        Function("setCorrelationId", arguments => Do(() => context.WorkflowExecutionContext.CorrelationId = Text(arguments, 0)));
        Function("getWorkflowInstanceId", _ => From(context.WorkflowExecutionContext.Id));
        Function("getWorkflowInstanceName", _ => From(context.WorkflowExecutionContext.Name));
        Function("setWorkflowInstanceName", arguments => Do(() => context.WorkflowExecutionContext.SetName(Text(arguments, 0))));
        Function("getWorkflowDefinitionId", _ => From(context.WorkflowExecutionContext.Definition.DefinitionId));
        Function("getWorkflowDefinitionVersionId", _ => From(context.WorkflowExecutionContext.Definition.Id));
        Function("getWorkflowDefinitionVersion", _ => From(context.WorkflowExecutionContext.Definition.Version));
        Function("isNullOrEmpty", arguments => string.IsNullOrEmpty(TextOrNull(arguments)));
        Function("isNullOrWhiteSpace", arguments => string.IsNullOrWhiteSpace(TextOrNull(arguments)));
        Function("parseGuid", arguments => Text(arguments, 0));
        Function("newGuid", _ => engine.String.Construct([new JsValue(Guid.NewGuid().ToString())]));
        Function("newGuidString", _ => Guid.NewGuid().ToString());
        Function("newShortGuid", _ => Convert.ToBase64String(Guid.NewGuid().ToByteArray()).TrimEnd('=').Replace('+', '-').Replace('/', '_'));
        if (outcomes is not null) OutcomeFunctions(outcomes);
        Accessors();
        if (names.Contains("variables")) engine.SetValue("variables", Variables());
    }

    private void OutcomeFunctions(List<string> outcomes)
    {
        Function("setOutcome", arguments => Do(() => Replace(outcomes, [Text(arguments, 0)])));
        Function("setOutcomes", arguments => Do(() => Replace(outcomes,
            JavaScriptValues.ToClr(At(arguments, 0)) is IEnumerable<object?> many ? many.Select(item => ValueConverter.ToText(item) ?? "") : [Text(arguments, 0)])));
    }

    private static void Replace(List<string> list, IEnumerable<string> items)
    {
        list.Clear();
        list.AddRange(items);
    }

    // getX and setX for what the script mentions: a scope may hold hundreds of variables.
    private void Accessors()
    {
        foreach (var name in names)
        {
            if (name.Length <= 3) continue;
            var subject = name[3..];
            if (name.StartsWith("get", StringComparison.Ordinal)) Getter(name, subject);
            else if (name.StartsWith("set", StringComparison.Ordinal) && VariableNamed(subject) is { } variable)
                Function(name, arguments => Do(() => context.SetVariable(variable, JavaScriptValues.ToClr(At(arguments, 0)))));
        }
    }

    private void Getter(string name, string subject)
    {
        if (VariableNamed(subject) is { } variable) Function(name, _ => From(context.GetVariable(variable)));
        else if (InputNamed(subject) is { } input) Function(name, _ => From(context.InputNamed(input)));
        else if (subject.IndexOf("From", StringComparison.Ordinal) is var at and > 0 && ActivityNamed(subject[(at + 4)..]) is { } source)
            Function(name, _ => From(context.WorkflowExecutionContext.OutputOf(source, subject[..at])));
    }

    private string? VariableNamed(string subject) => context.VisibleVariables().FirstOrDefault(name => Pascal(name) == subject || name == subject);

    private string? InputNamed(string subject)
    {
        for (var parent = context.ParentContext; parent is not null; parent = parent.ParentContext)
            if (parent.Activity is WorkflowActivity inner) return inner.InputNames.FirstOrDefault(name => Pascal(name) == subject || name == subject);
        var declared = context.WorkflowExecutionContext.Definition.Inputs.Select(input => input.Name);
        return declared.Concat(context.WorkflowInput.Keys).FirstOrDefault(name => Pascal(name) == subject || name == subject);
    }

    private Activity? ActivityNamed(string name) =>
        context.WorkflowExecutionContext.Graph.Nodes.FirstOrDefault(node => node.Name is { } given && (given == name || Pascal(given) == name));

    private object? OutputFrom(string activity, string output) =>
        (ActivityNamed(activity) ?? context.WorkflowExecutionContext.Graph.FindById(activity)) is { } node
            ? context.WorkflowExecutionContext.OutputOf(node, output) : null;

    private ObjectInstance Variables()
    {
        var variables = engine.Object.Construct(Arguments.Empty);
        foreach (var name in context.VisibleVariables())
        {
            variables.FastAddProperty(name, JsValue.Undefined, true, true, true);
            variables.DefineOwnProperty(name, new Jint.Runtime.Descriptors.PropertyDescriptor(
                new ClrFunctionInstance(engine, (_, _) => From(context.GetVariable(name))),
                new ClrFunctionInstance(engine, (_, arguments) => Do(() => context.SetVariable(name, JavaScriptValues.ToClr(At(arguments, 0))))), true, true), false);
        }
        return variables;
    }

    private void Function(string name, Func<JsValue[], JsValue> body)
    {
        if (names.Contains(name)) engine.SetValue(name, new ClrFunctionInstance(engine, (_, arguments) => body(arguments)));
    }

    private JsValue From(object? value) => JavaScriptValues.FromClr(engine, value);

    private static JsValue Do(Action action)
    {
        action();
        return JsValue.Undefined;
    }

    private static JsValue At(JsValue[] arguments, int index) => index < arguments.Length ? arguments[index] : JsValue.Undefined;
    private static string Text(JsValue[] arguments, int index) => TypeConverter.ToString(At(arguments, index));
    private static string? TextOrNull(JsValue[] arguments) => At(arguments, 0) is var value && (value.IsNull() || value.IsUndefined()) ? null : TypeConverter.ToString(value);
    private static string Pascal(string name) => name.Length == 0 ? name : char.ToUpperInvariant(name[0]) + name[1..].Replace(" ", "", StringComparison.Ordinal);
}
