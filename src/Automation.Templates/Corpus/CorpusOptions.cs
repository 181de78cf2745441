using System.Globalization;
using System.Text.Json;

namespace Automation.Templates.Corpus;

/// <summary>Options as the side files and the command line write them.</summary>
/// <param name="Options">What the engine takes.</param>
/// <param name="NumbersAsDecimal">Whether the model's fractions are read as decimals.</param>
public sealed record CorpusOptions(TemplateOptions Options, bool NumbersAsDecimal)
{
    /// <exception cref="FormatException">An option has a value of the wrong kind, or asks for what is not supported.</exception>
    public static CorpusOptions Read(JsonElement? json, TemplateOptions defaults)
    {
        var result = new CorpusOptions(defaults, NumbersAsDecimal: false);
        if (json is null) return result;
        if (json.Value.ValueKind != JsonValueKind.Object) throw new FormatException("Options must be a JSON object.");
        foreach (var option in json.Value.EnumerateObject())
        {
            try
            {
                result = result.With(option.Name, option.Value);
            }
            catch (Exception wrong) when (wrong is InvalidOperationException or CultureNotFoundException or FormatException)
            {
                throw new FormatException($"Option '{option.Name}': {wrong.Message}", wrong);
            }
        }
        return result;
    }

    private CorpusOptions With(string name, JsonElement value)
    {
        var (options, parse) = (Options, Options.ParseOptions);
        return name switch
        {
            "culture" => Of(options with { Culture = Functions.Cultures.Get(value.GetString() ?? "") }),
            "strict_variables" => Of(options with { StrictVariables = value.GetBoolean() }),
            "loop_limit" => Of(options with { LoopLimit = value.GetInt32() }),
            "recursive_limit" => Of(options with { RecursiveLimit = value.GetInt32() }),
            "limit_to_string" => Of(options with { LimitToString = value.GetInt32() }),
            "object_recursion_limit" => Of(options with { ObjectRecursionLimit = value.GetInt32() }),
            "regex_timeout_ms" => Of(options with { RegexTimeout = TimeSpan.FromMilliseconds(value.GetInt32()) }),
            "auto_indent" => Of(options with { AutoIndent = value.GetBoolean() }),
            "indent_on_empty_lines" => Of(options with { IndentOnEmptyLines = value.GetBoolean() }),
            "relaxed_target_access" => Of(options with { RelaxedTargetAccess = value.GetBoolean() }),
            "relaxed_member_access" => Of(options with { RelaxedMemberAccess = value.GetBoolean() }),
            "relaxed_function_access" => Of(options with { RelaxedFunctionAccess = value.GetBoolean() }),
            "relaxed_indexer_access" => Of(options with { RelaxedIndexerAccess = value.GetBoolean() }),
            "null_indexer" => Of(options with { NullIndexer = value.GetBoolean() }),
            "break_as_return" => Of(options with { BreakAsReturn = value.GetBoolean() }),
            "error_for_statement_function_as_expression" => Of(options with { ErrorForStatementFunctionAsExpression = value.GetBoolean() }),
            "render_exceptions" => Of(options with { RenderExceptions = value.GetBoolean() }),
            "escape_html" => Of(options with { EscapeHtml = value.GetBoolean(), HasRaw = true }),
            "mode" => Of(options with { ParseOptions = parse with { Mode = ModeOf(value.GetString()) } }),
            "float_as_decimal" => Of(options with { ParseOptions = parse with { FloatAsDecimal = value.GetBoolean() } }),
            "expression_depth_limit" => Of(options with { ParseOptions = parse with { ExpressionDepthLimit = value.GetInt32() } }),
            "numbers" => this with { NumbersAsDecimal = value.GetString() == "decimal" },
            "lang" => throw new FormatException("Only the language's default mode is supported."),
            _ => this,
        };
    }

    private CorpusOptions Of(TemplateOptions options) => this with { Options = options };

    private static TemplateMode ModeOf(string? name) => name switch
    {
        "script_only" => TemplateMode.ScriptOnly,
        "front_matter_and_content" => TemplateMode.FrontMatterAndContent,
        _ => TemplateMode.Text,
    };
}
