using Automation.Templates.Functions;

namespace Automation.Templates;

/// <summary>What the language itself defines, for editors that offer it.</summary>
public static class TemplateVocabulary
{
    /// <summary>Names of functions by their group, e.g. <c>date</c>: <c>format</c>, <c>parse</c>, …</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Functions { get; } = Builtins.Shared
        .Where(pair => pair.Value is TemplateObject)
        .ToDictionary(pair => pair.Key, pair => (IReadOnlyList<string>)[.. ((TemplateObject)pair.Value!).Select(function => function.Key).Order(StringComparer.Ordinal)], StringComparer.Ordinal);
}
