using Automation.Templates.Rendering;
using Automation.Templates.Syntax;

namespace Automation.Templates.Functions;

/// <summary><c>include "name" args…</c>: renders a partial with locals of its own over the same globals.</summary>
internal sealed class IncludeFunction : TemplateFunction
{
    public override object? Invoke(TemplateContext context, Node site, ReadOnlySpan<object?> arguments, string?[]? names)
    {
        if (arguments.Length == 0)
        {
            throw new RenderFailure(site.At.Source.MessageAt(site.At.End, $"Invalid number of arguments `0` passed to `{site.At.Text}` while expecting `1` arguments"));
        }
        var name = Values.ToText(context, arguments[0], site.At);
        return context.AsWrittenValue(Render(context, site, name, LocalsFor(arguments, names)));
    }

    /// <summary>Renders a partial to text.</summary>
    /// <exception cref="RenderFailure">There is no such partial, it is faulty, or it fails.</exception>
    public static string Render(TemplateContext context, Node site, string name, Scope locals)
    {
        var partial = Find(context, site, name);
        var caller = context.EnterFunction(site);
        context.Locals = locals;
        context.Loop = caller.Loop;
        var outer = context.Output;
        using var inner = RenderOutput.Rent(sink: null, context);
        context.Output = inner;
        try
        {
            partial.Body.Execute(context);
            return inner.ToString();
        }
        finally
        {
            context.Output = outer;
            context.LeaveFunction(caller);
        }
    }

    private static Template Find(TemplateContext context, Node site, string name)
    {
        if (name.Length == 0) throw new RenderFailure(site.At, "Include template name cannot be null or empty");
        if (context.Options.Loader is null)
        {
            throw new RenderFailure(site.At, $"Unable to include <{name}>. No TemplateLoader registered in TemplateContext.TemplateLoader");
        }
        var partial = context.PartialOf(name) ?? throw new RenderFailure(site.At, $"The result of including `{name}` cannot be null");
        if (!partial.HasErrors) return partial;
        var messages = string.Concat(partial.Messages.Select(message => $"{message}\n"));
        throw new RenderFailure(site.At, $"Error while parsing template `{name}` Parser messages:\n {messages}");
    }

    private static Scope LocalsFor(ReadOnlySpan<object?> arguments, string?[]? names)
    {
        var all = new TemplateArray(arguments.Length);
        var locals = new Scope { Arguments = all };
        for (var i = 0; i < arguments.Length; i++)
        {
            if (names?[i] is { } name)
            {
                all.MembersForWrite.Set(name, arguments[i]);
                locals.Set(name, arguments[i]);
            }
            else
            {
                all.Add(arguments[i]);
            }
        }
        return locals;
    }
}

/// <summary><c>include_join [names] separator begin? end?</c>; each part may be <c>tpl:name</c> to come from a partial.</summary>
internal sealed class IncludeJoinFunction : TemplateFunction
{
    private const string FromPartial = "tpl:";

    public override object? Invoke(TemplateContext context, Node site, ReadOnlySpan<object?> arguments, string?[]? names)
    {
        if (arguments.Length < 2)
        {
            throw new RenderFailure(site.At.Source.MessageAt(site.At.End, $"Invalid number of arguments `{arguments.Length}` passed to `{site.At.Text}` while expecting `2` arguments"));
        }
        if (arguments[0] is not IEnumerable<object?> partials) throw new RenderFailure(site.At, "Names parameter must be a list of names");
        var separator = PartOf(context, site, arguments[1]);
        var begin = arguments.Length > 2 ? PartOf(context, site, arguments[2]) : "";
        var end = arguments.Length > 3 ? PartOf(context, site, arguments[3]) : "";
        var texts = Sequences.Counted(partials, context, site.At).Select(name => RenderOne(context, site, Values.ToText(context, name, site.At)));
        return context.AsWrittenValue(begin + string.Join(separator, texts) + end);
    }

    private static string PartOf(TemplateContext context, Node site, object? part)
    {
        var text = Values.ToText(context, part, site.At);
        return text.StartsWith(FromPartial, StringComparison.Ordinal) ? RenderOne(context, site, text[FromPartial.Length..]) : text;
    }

    private static string RenderOne(TemplateContext context, Node site, string name) =>
        IncludeFunction.Render(context, site, name, new Scope { Arguments = new TemplateArray { name } });
}
