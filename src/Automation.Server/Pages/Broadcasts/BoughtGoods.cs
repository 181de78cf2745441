namespace Automation.Server.Pages.Broadcasts;

/// <summary>A product or a category as one value of a field.</summary>
public static class BoughtGoods
{
    public const int MaxLength = 220;

    /// <summary>Whatever it is.</summary>
    public const string Whatever = "any";

    private const string ProductMark = "product:", CategoryMark = "category:";

    public static string OfProduct(string name) => ProductMark + name;

    public static string OfCategory(string name) => CategoryMark + name;

    /// <returns>One of the two, or neither.</returns>
    public static (string? Product, string? Category) Parse(string? text) =>
        text is null ? default
        : text.StartsWith(ProductMark, StringComparison.Ordinal) ? (text[ProductMark.Length..], null)
        : text.StartsWith(CategoryMark, StringComparison.Ordinal) ? (null, text[CategoryMark.Length..])
        : default;

    /// <summary>A product, a category, or nothing asked for.</summary>
    public static bool IsKnown(string? text) => string.IsNullOrEmpty(text) || Parse(text) is not (null, null);
}

/// <summary>What a condition about purchases can be about.</summary>
/// <param name="Field">Name of the field.</param>
/// <param name="Chosen">Offered also when it is not among the others.</param>
public sealed record GoodsChoice(string Field, string? Chosen, IReadOnlyList<string> Categories, IReadOnlyList<string> Products);
