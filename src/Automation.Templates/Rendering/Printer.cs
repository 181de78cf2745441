using System.Globalization;
using System.Numerics;
using Automation.Templates.Functions;
using Automation.Templates.Parsing;

namespace Automation.Templates.Rendering;

/// <summary>The printed form of values.</summary>
internal static class Printer
{
    /// <exception cref="RenderFailure">The value nests deeper than the options allow.</exception>
    public static void Write(TemplateContext context, RenderOutput output, object? value, Span at)
    {
        switch (value)
        {
            case null:
                break;
            case string text:
                WriteText(context, output, text);
                break;
            case int number:
                output.WriteFormatted(number, format: null, context.Culture);
                break;
            case SafeText safe:
                WriteText(context, output, safe.Text);
                break;
            case TemplateObject or IEnumerable<object?> when value is not EmptyValue:
                WriteComposite(context, output, value, at);
                break;
            default:
                WriteScalar(context, output, value);
                break;
        }
    }

    /// <summary>The printed form with the five characters of HTML escaped, but for text that is HTML already.</summary>
    public static void WriteEscaped(TemplateContext context, object? value, Span at)
    {
        switch (value)
        {
            case null:
                break;
            case SafeText safe:
                context.Output.Write(safe.Text);
                break;
            case string text:
                HtmlFunctions.WriteEscaped(context.Output, text);
                break;
            case int or bool:
                WriteScalar(context, context.Output, value);
                break;
            default:
                using (var plain = RenderOutput.Rent(sink: null, budget: null))
                {
                    Write(context, plain, value, at);
                    HtmlFunctions.WriteEscaped(context.Output, plain.Text);
                }
                break;
        }
    }

    private static void WriteText(TemplateContext context, RenderOutput output, string text)
    {
        var limit = context.Options.LimitToString;
        if (limit == 0 || text.Length <= limit)
        {
            output.Write(text);
            return;
        }
        output.Write(text.AsSpan(0, limit));
        output.Write("...");
    }

    private static void WriteScalar(TemplateContext context, RenderOutput output, object value)
    {
        switch (value)
        {
            case bool truth: output.Write(truth ? "true" : "false"); break;
            case int number: output.WriteFormatted(number, format: null, context.Culture); break;
            case long number: output.WriteFormatted(number, format: null, context.Culture); break;
            case double number: output.WriteFormatted(number, format: null, context.Culture); break;
            case float number: output.WriteFormatted(number, format: null, context.Culture); break;
            case decimal number: output.WriteFormatted(number, format: null, context.Culture); break;
            case BigInteger number: output.WriteFormatted(number, format: null, context.Culture); break;
            case DateTime date: DateFormatter.Write(output, date, context.DateFormat ?? DateGroup.DefaultFormat, context.Culture); break;
            case DateTimeOffset moment: output.WriteFormatted(moment, format: null, context.Culture); break;
            case TimeSpan time: output.WriteFormatted(time, format: null, context.Culture); break;
            case TemplateFunction: output.Write("<function>"); break;
            case EmptyValue: break;
            default: output.Write(Convert.ToString(value, CultureInfo.InvariantCulture)); break;
        }
    }

    private static void WriteComposite(TemplateContext context, RenderOutput output, object value, Span at)
    {
        using var text = RenderOutput.Rent(sink: null, budget: null);
        WriteNested(context, text, value, at, depth: 1);
        var limit = context.Options.LimitToString;
        if (limit == 0 || text.Length <= limit)
        {
            output.Write(text.Text);
            return;
        }
        output.Write(text.Text[..limit]);
        output.Write("...");
    }

    private static void WriteNested(TemplateContext context, RenderOutput output, object? value, Span at, int depth)
    {
        var limit = context.Options.ObjectRecursionLimit is var set and > 0 and < 500 ? set : 500;
        if (depth > limit) throw new RenderFailure(at, "Structure is too deeply nested or contains reference loops.") { IsOfPrinting = true };
        context.Charge(1, at);
        if (output.Length > context.LongestText) return;
        switch (value)
        {
            case null: output.Write("null"); break;
            case string text: WriteQuoted(output, text); break;
            case SafeText text: WriteQuoted(output, text.Text); break;
            case IEnumerable<object?> items: WriteList(context, output, items, at, depth); break;
            case TemplateObject members: WriteMembers(context, output, members, at, depth); break;
            default: WriteScalar(context, output, value); break;
        }
    }

    private static void WriteList(TemplateContext context, RenderOutput output, IEnumerable<object?> items, Span at, int depth)
    {
        output.Write('[');
        var isFirst = true;
        foreach (var item in items)
        {
            if (!isFirst) output.Write(", ");
            isFirst = false;
            WriteNested(context, output, item, at, depth + 1);
            if (output.Length > context.LongestText) break;
        }
        output.Write(']');
    }

    private static void WriteMembers(TemplateContext context, RenderOutput output, TemplateObject members, Span at, int depth)
    {
        output.Write('{');
        for (var i = 0; i < members.Count; i++)
        {
            if (i > 0) output.Write(", ");
            var name = members.NameAt(i);
            if (IsIdentifier(name)) output.Write(name);
            else WriteQuoted(output, name);
            output.Write(": ");
            WriteNested(context, output, members.ValueAt(i), at, depth + 1);
        }
        output.Write('}');
    }

    private static bool IsIdentifier(string name)
    {
        if (name.Length == 0 || !(name[0] == '_' || char.IsLetter(name[0]))) return false;
        foreach (var c in name)
        {
            if (c != '_' && !char.IsLetterOrDigit(c)) return false;
        }
        return true;
    }

    private static void WriteQuoted(RenderOutput output, string text)
    {
        output.Write('"');
        output.Write(StringFunctions.Escaped(text));
        output.Write('"');
    }
}
