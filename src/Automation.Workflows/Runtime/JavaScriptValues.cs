using System.Collections;
using System.Globalization;
using System.Text.Json.Nodes;
using Jint;
using Jint.Native;
using Jint.Native.Array;
using Jint.Native.Object;
using Jint.Runtime;

namespace Automation.Workflows.Runtime;

/// <summary>Plain values in and out of a script. Objects are copied: no object of .NET is ever visible inside.</summary>
internal static class JavaScriptValues
{
    private const int MaxDepth = 32;
    private const int MaxItems = 100_000;

    public static JsValue FromClr(Engine engine, object? value) => FromClr(engine, value, 0);

    private static JsValue FromClr(Engine engine, object? value, int depth)
    {
        if (depth > MaxDepth) throw new JavaScriptFailedException($"A value is nested more than {MaxDepth} levels deep.");
        switch (value)
        {
            case null: return JsValue.Null;
            case string text: return new JsValue(text);
            case bool flag: return new JsValue(flag);
            case JsonNode node: return FromClr(engine, PlainValue.FromJson(node), depth);
            case DateTime at: return engine.Date.Construct(new DateTimeOffset(at.Kind == DateTimeKind.Unspecified ? DateTime.SpecifyKind(at, DateTimeKind.Utc) : at));
            case DateTimeOffset at: return engine.Date.Construct(at);
            case TimeSpan or Guid or Uri or Enum: return new JsValue(ValueConverter.ToText(value)!);
            case IEnumerable<KeyValuePair<string, object?>> pairs: return Shape(engine, pairs.Select(pair => (pair.Key, pair.Value)), depth);
            case IDictionary map: return Shape(engine, map.Keys.Cast<object>().Select(key => (Convert.ToString(key, CultureInfo.InvariantCulture)!, map[key])), depth);
            case IEnumerable list: return engine.Array.Construct([.. list.Cast<object?>().Select(item => FromClr(engine, item, depth + 1))]);
            case IConvertible number: return new JsValue(number.ToDouble(CultureInfo.InvariantCulture));
            default: return FromClr(engine, PlainValue.FromJson(PlainValue.ToJson(value)), depth);
        }
    }

    private static ObjectInstance Shape(Engine engine, IEnumerable<(string Name, object? Value)> members, int depth)
    {
        var shape = engine.Object.Construct(Arguments.Empty);
        foreach (var (name, value) in members) shape.FastAddProperty(name, FromClr(engine, value, depth + 1), true, true, true);
        return shape;
    }

    public static object? ToClr(JsValue value)
    {
        var left = MaxItems;
        return ToClr(value, 0, ref left);
    }

    private static object? ToClr(JsValue value, int depth, ref int left)
    {
        if (depth > MaxDepth || left-- <= 0) throw new JavaScriptFailedException("The script's value is too large, too deep or holds itself.");
        if (value.IsNull() || value.IsUndefined()) return null;
        if (value.IsString()) return value.AsString();
        if (value.IsBoolean()) return value.AsBoolean();
        if (value.IsNumber()) return Number(value.AsNumber());
        if (value.IsDate()) return new DateTimeOffset(value.AsDate().ToDateTime());
        var shape = value.AsObject();
        if (shape is ArrayInstance array) return List(array, depth, ref left);
        if (shape is Jint.Native.Function.FunctionInstance) return null;
        if (shape is IPrimitiveInstance wrapped) return ToClr(wrapped.PrimitiveValue, depth + 1, ref left);
        var result = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (name, property) in shape.GetOwnProperties())
            if (property.Enumerable == true) result[name] = ToClr(shape.Get(name), depth + 1, ref left);
        return result;
    }

    private static List<object?> List(ArrayInstance array, int depth, ref int left)
    {
        var length = TypeConverter.ToUint32(array.Get("length"));
        if (length > left) throw new JavaScriptFailedException("The script's value is too large.");
        var list = new List<object?>((int)length);
        for (var i = 0u; i < length; i++) list.Add(ToClr(array.Get(i.ToString(CultureInfo.InvariantCulture)), depth + 1, ref left));
        return list;
    }

    private static object Number(double number) =>
        number == Math.Floor(number) && Math.Abs(number) <= long.MaxValue / 2.0
            ? Math.Abs(number) <= int.MaxValue ? (int)number : (long)number
            : number;
}
