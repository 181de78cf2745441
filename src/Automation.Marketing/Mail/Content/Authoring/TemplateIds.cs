using System.Text.RegularExpressions;

namespace Automation.Marketing.Mail.Content.Authoring;

/// <summary>How templates and partials are named: a path such as <c>welcome/day-0</c> or <c>_partials/sender.html.ja</c>.</summary>
public static partial class TemplateIds
{
    public const int MaxLength = 100;

    private const string Partials = "_partials/";

    public static bool IsValid(string? id) => id is { Length: > 0 and <= MaxLength } && (Path().IsMatch(id) || PartialPath().IsMatch(id));

    public static bool IsPartial(string id) => id.StartsWith(Partials, StringComparison.Ordinal);

    /// <summary>The name by which <c>include</c> finds a partial.</summary>
    public static string NameOfPartial(string id) => id[Partials.Length..];

    /// <summary>The id of what <c>include</c> calls <paramref name="name"/>, with or without <c>.sbn</c>.</summary>
    public static string OfPartial(string name) => Partials + (name.EndsWith(".sbn", StringComparison.Ordinal) ? name[..^4] : name);

    [GeneratedRegex("^[a-z0-9]+(?:-[a-z0-9]+)*(?:/[a-z0-9]+(?:-[a-z0-9]+)*){0,4}$", RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex Path();

    [GeneratedRegex("^_partials/[a-z0-9]+(?:[.-][a-z0-9]+)*$", RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex PartialPath();
}
