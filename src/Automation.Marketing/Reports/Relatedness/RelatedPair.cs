using System.Globalization;

namespace Automation.Marketing.Reports.Relatedness;

/// <summary>What is looked at: single products, or their categories.</summary>
public enum RelatedKind { Product, Category }

/// <summary>Who buys the one soon buys the other.</summary>
/// <param name="Support">Buyers of <paramref name="Bought"/> who bought <paramref name="Then"/> on the same day or within <see cref="RelatedPairs.Days"/> days after.</param>
/// <param name="Buyers">Buyers of <paramref name="Bought"/>.</param>
/// <param name="ThenBuyers">Buyers of <paramref name="Then"/>.</param>
/// <param name="People">Buyers of anything.</param>
public sealed record RelatedPair(string Bought, string Then, int Support, int Buyers, int ThenBuyers, int People)
{
    /// <summary>Of those who bought the one, the share who then bought the other, 0 to 1.</summary>
    public double Confidence => (double)Support / Buyers;

    /// <summary>How many times as often as among all buyers; 1: the two have nothing to do with each other.</summary>
    public double Lift => (double)((long)Support * People) / ((long)Buyers * ThenBuyers);

    /// <summary>The pairs as a file.</summary>
    public static async Task WriteCsvAsync(IEnumerable<RelatedPair> pairs, TextWriter output)
    {
        await output.WriteAsync("bought,then,support,confidence,lift,buyers,then_buyers,people\r\n");
        foreach (var pair in pairs)
        {
            await output.WriteAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{BehindRow.Field(pair.Bought)},{BehindRow.Field(pair.Then)},{pair.Support},{pair.Confidence:0.####},{pair.Lift:0.###},{pair.Buyers},{pair.ThenBuyers},{pair.People}\r\n"));
        }
    }
}
