using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;

namespace Automation.Workflows.Runtime;

/// <summary>Turns a value into the type an input or a variable asks for.</summary>
public static class ValueConverter
{
    /// <exception cref="FormatException">The value is no <paramref name="target"/>; the message says so without naming where it came from.</exception>
    public static object? Convert(object? value, Type target)
    {
        var type = Nullable.GetUnderlyingType(target) ?? target;
        // An empty field of the designer means "not set".
        if (value is null || (value is "" && type != typeof(string) && type != typeof(object))) return DefaultOf(target);
        if (type.IsInstanceOfType(value)) return value;
        if (type == typeof(string)) return ToText(value);
        if (typeof(JsonNode).IsAssignableFrom(type)) return PlainValue.ToJson(value);
        try
        {
            return ToScalar(value, type) ?? ToShape(value, type);
        }
        catch (Exception broken) when (broken is FormatException or OverflowException or InvalidCastException or JsonException
            or ArgumentException or NotSupportedException)
        {
            throw new FormatException($"{Show(value)} is not a value of type {NameOf(type)}", broken);
        }
    }

    /// <summary>Text as workflows print it: JSON for lists and objects, invariant numbers.</summary>
    public static string? ToText(object? value) => value switch
    {
        null => null,
        string text => text,
        bool flag => flag ? "True" : "False",
        DateTimeOffset at => at.ToString("O", CultureInfo.InvariantCulture),
        DateTime at => at.ToString("O", CultureInfo.InvariantCulture),
        JsonNode node => node.ToJsonString(),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => PlainValue.ToJson(value)?.ToJsonString(),
    };

    private static object? DefaultOf(Type target) => target.IsValueType ? Activator.CreateInstance(target) : null;

    private static object? ToScalar(object value, Type type)
    {
        if (value is JsonNode node) value = PlainValue.FromJson(node) ?? "";
        if (type.IsInstanceOfType(value)) return value;
        if (type.IsEnum) return value is string name ? Enum.Parse(type, name, ignoreCase: true) : Enum.ToObject(type, value);
        if (type == typeof(TimeSpan)) return ToTimeSpan(value);
        if (type == typeof(DateTimeOffset)) return value is DateTime at ? Utc(at) : ParseInstant(value);
        if (type == typeof(DateTime)) return value is DateTimeOffset offset ? offset.UtcDateTime : ParseInstant(value).UtcDateTime;
        if (type == typeof(DateOnly)) return DateOnly.Parse(Text(value), CultureInfo.InvariantCulture);
        if (type == typeof(TimeOnly)) return TimeOnly.Parse(Text(value), CultureInfo.InvariantCulture);
        if (type == typeof(Guid)) return Guid.Parse(Text(value));
        if (type == typeof(Uri)) return new Uri(Text(value), UriKind.RelativeOrAbsolute);
        if (type == typeof(bool) && value is string flag) return bool.Parse(flag.Trim());
        return type.IsPrimitive || type == typeof(decimal) ? System.Convert.ChangeType(value, type, CultureInfo.InvariantCulture) : null;
    }

    private static object ToTimeSpan(object value)
    {
        if (value is not string text) throw new FormatException();
        text = text.Trim();
        return text.StartsWith('P') || text.StartsWith("-P", StringComparison.Ordinal)
            ? XmlConvert.ToTimeSpan(text)
            : TimeSpan.Parse(text, CultureInfo.InvariantCulture);
    }

    private static DateTimeOffset ParseInstant(object value) =>
        DateTimeOffset.Parse(Text(value), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static DateTimeOffset Utc(DateTime at) =>
        at.Kind == DateTimeKind.Unspecified ? new DateTimeOffset(at, TimeSpan.Zero) : new DateTimeOffset(at);

    private static string Text(object value) => value as string ?? throw new InvalidCastException();

    private static object? ToShape(object value, Type type)
    {
        if (value is string text && text.TrimStart() is ['[' or '{', ..]) value = PlainValue.FromJson(Definitions.JsonSoundness.Parse(text))!;
        if (type.IsInstanceOfType(value)) return value;
        if (ElementOf(type) is { } element) return ToList(value, type, element);
        if (value is string or bool || value.GetType().IsPrimitive) throw new InvalidCastException();
        if (type.IsAssignableFrom(typeof(Dictionary<string, object?>))) return PlainValue.FromJson(PlainValue.ToJson(value));
        return PlainValue.ToJson(value).Deserialize(type, PlainValue.ObjectOptions);
    }

    private static object ToList(object value, Type type, Type element)
    {
        // One value where a list is asked for is a list of one.
        var items = value is IEnumerable many and not string and not IDictionary ? many : new[] { value };
        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(element))!;
        foreach (var item in items) list.Add(Convert(item, element));
        if (!type.IsArray) return list;
        var array = Array.CreateInstance(element, list.Count);
        list.CopyTo(array, 0);
        return array;
    }

    private static Type? ElementOf(Type type)
    {
        if (type.IsArray) return type.GetElementType();
        if (!type.IsGenericType || type.GetGenericArguments() is not [var element]) return null;
        return type.IsAssignableFrom(typeof(List<>).MakeGenericType(element)) ? element : null;
    }

    private static string Show(object value)
    {
        var text = value is string plain ? $"\"{plain}\"" : ToText(value) ?? "null";
        return text.Length <= 60 ? text : text[..60] + "…";
    }

    private static string NameOf(Type type) => type.IsArray ? NameOf(type.GetElementType()!) + "[]" : type.Name.Split('`')[0];
}
