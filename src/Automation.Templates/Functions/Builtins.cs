using Automation.Templates.Rendering;

namespace Automation.Templates.Functions;

/// <summary>Every name the language defines.</summary>
internal static class Builtins
{
    public static readonly TemplateObject Shared = Create();

    public static bool IsName(string name) => name == "raw" || Shared.Contains(name);

    private static TemplateObject Create() => new(16)
    {
        { "string", new StringFunctions() },
        { "array", new ArrayFunctions() },
        { "math", new MathFunctions() },
        { "html", new HtmlFunctions() },
        { "date", new DateGroup() },
        { "object", new ObjectFunctions() },
        { "regex", new RegexFunctions() },
        { "timespan", new TimeSpanFunctions() },
        { "include", new IncludeFunction() },
        { "include_join", new IncludeJoinFunction() },
        { "empty", EmptyValue.Instance },
        { "blank", EmptyValue.Instance },
    };
}

/// <summary>What mail adds to the language.</summary>
internal static class MailFunctions
{
    private static readonly Builtin s_raw = new("raw", "text", static (in Call call) => call[0] is SafeText safe ? safe : call.Context.AsWrittenValue(call.Text(0)));

    public static bool TryGet(string name, out object? value)
    {
        value = name == "raw" ? s_raw : null;
        return value is not null;
    }
}
