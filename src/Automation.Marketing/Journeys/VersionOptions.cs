using System.Globalization;
using System.Linq.Expressions;

namespace Automation.Marketing.Journeys;

/// <summary>Which versions of a flow are meant; the words are Elsa's.</summary>
public readonly record struct VersionOptions
{
    private readonly Kind kind;
    private readonly int number;

    private VersionOptions(Kind kind, int number = 0) => (this.kind, this.number) = (kind, number);

    private enum Kind { All, Latest, Published, LatestOrPublished, LatestAndPublished, Draft, Number }

    public static VersionOptions All => new(Kind.All);
    public static VersionOptions Latest => new(Kind.Latest);
    public static VersionOptions Published => new(Kind.Published);
    public static VersionOptions LatestOrPublished => new(Kind.LatestOrPublished);
    public static VersionOptions LatestAndPublished => new(Kind.LatestAndPublished);

    /// <summary>Not the published one.</summary>
    public static VersionOptions Draft => new(Kind.Draft);

    public static VersionOptions Number(int version) => new(Kind.Number, version);

    /// <param name="text">One of Elsa's words or a number; empty or null: every version.</param>
    public static bool TryParse(string? text, out VersionOptions options)
    {
        (var known, options) = text?.Trim().ToUpperInvariant() switch
        {
            null or "" or "ALLVERSIONS" or "ALL" => (true, All),
            "LATEST" => (true, Latest),
            "PUBLISHED" => (true, Published),
            "LATESTORPUBLISHED" => (true, LatestOrPublished),
            "LATESTANDPUBLISHED" => (true, LatestAndPublished),
            "DRAFT" => (true, Draft),
            var word => (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var version), Number(version)),
        };
        return known;
    }

    internal Expression<Func<FlowDefinition, bool>> Filter()
    {
        var version = number;
        return kind switch
        {
            Kind.Latest => definition => definition.IsLatest,
            Kind.Published => definition => definition.IsPublished,
            Kind.LatestOrPublished => definition => definition.IsLatest || definition.IsPublished,
            Kind.LatestAndPublished => definition => definition.IsLatest && definition.IsPublished,
            Kind.Draft => definition => !definition.IsPublished,
            Kind.Number => definition => definition.Version == version,
            _ => definition => true,
        };
    }
}
