using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using Automation.Templates.Rendering;
using Automation.Templates.Syntax;

namespace Automation.Templates.Functions;

/// <summary>The group <c>object</c>.</summary>
internal sealed class ObjectFunctions : FunctionGroup
{
    private const int DeepestJson = 64;

    private static readonly TemplateParseOptions s_script = new() { Mode = TemplateMode.ScriptOnly };

    public ObjectFunctions() : base(16)
    {
        Define("object", "default", "value default", static (in Call call) => call[0] is null or "" or SafeText { Text: "" } ? call[1] : call[0]);
        Define("object", "eval", "value", static (in Call call) => Eval(call));
        Define("object", "eval_template", "value", static (in Call call) => EvalTemplate(call));
        Define("object", "format", "value format culture?", static (in Call call) => Format(call));
        Define("object", "has_key", "value key", static (in Call call) => Boxes.Of(call[0] is TemplateObject members && call.TextOrNull(1) is { } key && members.Contains(key)));
        Define("object", "has_value", "value key", static (in Call call) => Boxes.Of(call[0] is TemplateObject members && call.TextOrNull(1) is { } key && members[key] is not null));
        Define("object", "keys", "value", static (in Call call) => Listed(call, static pair => pair.Key));
        Define("object", "size", "value", static (in Call call) => Boxes.Of(SizeOf(call[0])));
        Define("object", "typeof", "value", static (in Call call) => TypeOf(call[0]));
        Define("object", "kind", "value", static (in Call call) => call[0] is null ? null : Values.NameOfType(call[0]));
        Define("object", "values", "value", static (in Call call) => Listed(call, static pair => pair.Value));
        Define("object", "from_json", "json", static (in Call call) => call.TextOrNull(0) is { } json ? FromJson(json) : null);
        Define("object", "to_json", "value", static (in Call call) => ToJson(call));
    }

    private static string? TypeOf(object? value) => value switch
    {
        null => null,
        string or SafeText => "string",
        bool => "boolean",
        NumberRange or LazySequence => "iterator",
        IEnumerable<object?> and not TemplateObject => "array",
        _ => Values.IsNumber(value) ? "number" : "object",
    };

    private static int SizeOf(object? value) => value switch
    {
        string text => text.Length,
        SafeText text => text.Text.Length,
        TemplateObject members => members.Count,
        IEnumerable<object?> items => Sequences.CountOf(items),
        _ => 0,
    };

    private static TemplateArray Listed(in Call call, Func<KeyValuePair<string, object?>, object?> part)
    {
        var result = new TemplateArray();
        if (call[0] is not TemplateObject members) return result;
        call.Context.CountInternalBatch(call.Site.At, members.Count);
        foreach (var pair in members) result.Add(part(pair));
        return result;
    }

    private static object? Format(in Call call)
    {
        var value = call[0];
        if (value is null) return "";
        var culture = MathFunctions.CultureOf(call, 2);
        return value is IFormattable formattable ? formattable.ToString(call.TextOrNull(1), culture) : call.Text(0);
    }

    private static object? Eval(in Call call)
    {
        if (call[0] is null) return null;
        var template = Template.Parse(call.Text(0), "<input>", s_script);
        if (template.HasErrors) throw Refused(template);
        var (context, site) = (call.Context, call.Site);
        context.EnterCall(site);
        try
        {
            return ValueOf(context, template.Body);
        }
        catch (RenderFailure failure) when (!failure.IsFinal)
        {
            throw new CallFault($"{failure.Place} (Parameter 'value')", 0);
        }
        finally
        {
            context.LeaveCall();
        }
    }

    // Like a function without `ret`, but the last expression is the value and nothing is printed.
    private static object? ValueOf(TemplateContext context, Block script)
    {
        if (script.Statements.Length == 0) return null;
        var outer = context.Output;
        using var discarded = RenderOutput.Rent(sink: null, context);
        context.Output = discarded;
        try
        {
            var last = script.Statements[^1] as ExpressionStatement;
            var flow = Block.Execute(context, script.Statements.AsSpan(0, script.Statements.Length - (last is null ? 0 : 1)));
            if (flow == Flow.Return) return context.ReturnValue;
            return last?.Evaluate(context);
        }
        finally
        {
            context.Output = outer;
        }
    }

    private static object? EvalTemplate(in Call call)
    {
        if (call[0] is null) return null;
        var template = Template.Parse(call.Text(0), "<input>", call.Context.Options.ParseOptions);
        if (template.HasErrors) throw Refused(template);
        var (context, site) = (call.Context, call.Site);
        context.EnterCall(site);
        try
        {
            return context.AsWrittenValue(context.Capture(() => template.Body.Execute(context)));
        }
        catch (RenderFailure failure) when (!failure.IsFinal)
        {
            throw new CallFault($"{failure.Place} (Parameter 'value')", 0);
        }
        finally
        {
            context.LeaveCall();
        }
    }

    private static CallFault Refused(Template template) => new($"{string.Join('\n', template.Messages)} (Parameter 'value')", 0);

    private static object? FromJson(string json)
    {
        using var document = JsonDocument.Parse(json);
        return PlainFromJson(document.RootElement);
    }

    // Unlike in a model, `$date` and its like mean nothing here, and every number is exact.
    private static object? PlainFromJson(JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                var members = new TemplateObject();
                foreach (var property in json.EnumerateObject()) members.Set(property.Name, PlainFromJson(property.Value));
                return members;
            case JsonValueKind.Array:
                return new TemplateArray(json.EnumerateArray().Select(PlainFromJson));
            case JsonValueKind.Number:
                return json.TryGetDecimal(out var exact) ? exact : json.GetDouble();
            default:
                return TemplateObject.ValueFromJson(json);
        }
    }

    private static string ToJson(in Call call)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer)) WriteJson(call, json, call[0], depth: 0);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteJson(in Call call, Utf8JsonWriter json, object? value, int depth)
    {
        if (depth > DeepestJson) throw new CallFault("Structure is too deeply nested or contains reference loops.");
        switch (value)
        {
            case null or EmptyValue: json.WriteNullValue(); break;
            case bool truth: json.WriteBooleanValue(truth); break;
            case int number: json.WriteNumberValue(number); break;
            case long number: json.WriteNumberValue(number); break;
            case float number: json.WriteNumberValue(number); break;
            case double number: json.WriteNumberValue(number); break;
            case decimal number: json.WriteNumberValue(number); break;
            case BigInteger number: json.WriteRawValue(number.ToString(CultureInfo.InvariantCulture)); break;
            case string text: json.WriteStringValue(text); break;
            case SafeText text: json.WriteStringValue(text.Text); break;
            case DateTime date: json.WriteStringValue(date); break;
            case DateTimeOffset moment: json.WriteStringValue(moment); break;
            case TimeSpan time: json.WriteStringValue(time.ToString("c", CultureInfo.InvariantCulture)); break;
            case TemplateFunction: throw new CallFault("Can not serialize functions to JSON. (Parameter 'value')", 0);
            case TemplateObject members: WriteMembers(call, json, members, depth); break;
            case IEnumerable<object?> items: WriteItems(call, json, items, depth); break;
            default: json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture)); break;
        }
    }

    private static void WriteMembers(in Call call, Utf8JsonWriter json, TemplateObject members, int depth)
    {
        json.WriteStartObject();
        foreach (var (name, value) in members)
        {
            call.Context.Charge(1, call.Site.At);
            json.WritePropertyName(name);
            WriteJson(call, json, value, depth + 1);
        }
        json.WriteEndObject();
    }

    private static void WriteItems(in Call call, Utf8JsonWriter json, IEnumerable<object?> items, int depth)
    {
        json.WriteStartArray();
        foreach (var item in Sequences.Counted(items, call.Context, call.Site.At)) WriteJson(call, json, item, depth + 1);
        json.WriteEndArray();
    }
}
