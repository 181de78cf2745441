using Automation.Templates.Parsing;
using Automation.Templates.Syntax;

namespace Automation.Templates.Analysis;

/// <summary>What is known of a value before rendering.</summary>
internal sealed record Seen
{
    public const int MostSources = 16;

    // Values made of values made of values: beyond this only their sources are kept, so that no walk over them grows without end.
    private const int Heaviest = 200;

    public static readonly Seen Nothing = new();

    public static readonly Seen Null = new() { IsNull = true };

    public ModelShape Shape { get; init; } = ModelShape.Unknown;

    /// <summary>Where it stands in the model; null when it is not of the model.</summary>
    public string? Path { get; init; }

    /// <summary>Whether it may be null, so that reading a member of it fails.</summary>
    public bool MayBeNull { get; init; }

    /// <summary>Whether it is the literal null.</summary>
    public bool IsNull { get; init; }

    /// <summary>The reads that may leave it blank when printed.</summary>
    public IReadOnlyList<(string Path, Span At)> Blanks { get; init; } = [];

    /// <summary>The paths it is made of.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>The text, where it is known.</summary>
    public string? Literal { get; init; }

    public Span LiteralAt { get; init; }

    /// <summary>It is one of these.</summary>
    public Seen[]? Choices { get; init; }

    /// <summary>Of choices: whether later ones stand in for earlier ones that are missing.</summary>
    public bool IsFallback { get; init; }

    /// <summary>It is these, one after the other.</summary>
    public Seen[]? Sequence { get; init; }

    /// <summary>What it prints, where that was captured or included.</summary>
    public IReadOnlyList<TemplatePiece>? Pieces { get; init; }

    /// <summary>The members of an object made in the template, or the arguments of a partial or function.</summary>
    public IReadOnlyDictionary<string, Seen>? Members { get; init; }

    /// <summary>The items of a list made in the template.</summary>
    public Seen[]? Items { get; init; }

    /// <summary>A function written in the template.</summary>
    public FunctionNode? Function { get; init; }

    /// <summary>The full name of a function of the language.</summary>
    public string? Builtin { get; init; }

    /// <summary>The group of functions of that name.</summary>
    public TemplateObject? Group { get; init; }

    /// <summary>How many values it is made of.</summary>
    private int Weight { get; init; } = 1;

    public static Seen Of(ModelShape shape) => new() { Shape = shape };

    /// <summary>Several values, one after the other.</summary>
    public static Seen InOrder(Seen[] parts) => new()
    {
        Sequence = Total(parts) > Heaviest ? null : parts,
        Weight = Math.Min(Total(parts), Heaviest),
        Blanks = BlanksOf(parts),
        Sources = SourcesOf(parts),
    };

    /// <summary>One value out of several.</summary>
    public static Seen OneOf(bool isFallback, params Seen[] choices) => new()
    {
        Choices = Total(choices) > Heaviest ? null : choices,
        Weight = Math.Min(Total(choices), Heaviest),
        IsFallback = isFallback,
        Shape = ShapeOf(choices),
        MayBeNull = isFallback ? choices[^1].MayBeNull || choices[^1].IsNull : Array.Exists(choices, choice => choice.MayBeNull),
        Blanks = BlanksOf(isFallback ? [choices[^1]] : choices),
        Sources = SourcesOf(choices),
    };

    public static IReadOnlyList<(string Path, Span At)> BlanksOf(ReadOnlySpan<Seen> values)
    {
        if (values.Length == 1) return values[0].Blanks;
        var all = new List<(string Path, Span At)>();
        foreach (var value in values) all.AddRange(value.Blanks.Take(MostSources - all.Count));
        return all;
    }

    public static IReadOnlyList<string> SourcesOf(ReadOnlySpan<Seen> values)
    {
        if (values.Length == 1) return values[0].Sources;
        var all = new List<string>();
        foreach (var value in values)
        {
            foreach (var source in value.Sources)
            {
                if (all.Count < MostSources && !all.Contains(source)) all.Add(source);
            }
        }
        return all;
    }

    private static int Total(Seen[] values) => 1 + values.Sum(value => value.Weight);

    private static ModelShape ShapeOf(Seen[] choices)
    {
        var shape = choices[0].Shape;
        return Array.TrueForAll(choices, choice => ReferenceEquals(choice.Shape, shape)) ? shape : ModelShape.Unknown;
    }
}
