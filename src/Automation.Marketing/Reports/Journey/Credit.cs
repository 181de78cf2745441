namespace Automation.Marketing.Reports.Journey;

/// <summary>How the revenue of a deal is shared among the touches before it.</summary>
public enum CreditModel
{
    First,
    Last,

    /// <summary>All alike.</summary>
    Linear,

    /// <summary>40 % to the first, 40 % to the last, 20 % to those between; of two each has half.</summary>
    UShaped,
}

/// <summary>Shares whole units so that nothing is lost or added.</summary>
public static class Credit
{
    // Of a hundred parts; those between share theirs evenly.
    private const long Ends = 40;
    private const long Between = 20;

    /// <param name="units">Not negative.</param>
    /// <param name="touches">From 1.</param>
    /// <returns>One share for each touch, in order; their sum is <paramref name="units"/>.</returns>
    public static long[] Of(CreditModel model, long units, int touches) => Split(units, Weights(model, touches));

    /// <summary>Shares by weight: each gets its whole part, and what is left goes to the largest remainders, of equal ones to the first.</summary>
    /// <param name="weights">Not negative, and not all zero.</param>
    public static long[] Split(long units, IReadOnlyList<long> weights)
    {
        var all = weights.Aggregate(Int128.Zero, (sum, weight) => sum + weight);
        var exact = weights.Select(weight => (Int128)units * weight).ToArray();
        var shares = exact.Select(part => (long)(part / all)).ToArray();
        var left = units - shares.Sum();
        foreach (var at in Enumerable.Range(0, shares.Length).OrderByDescending(at => exact[at] % all).ThenBy(at => at).Take((int)left)) shares[at]++;
        return shares;
    }

    private static long[] Weights(CreditModel model, int touches) => model switch
    {
        CreditModel.First => [.. Enumerable.Range(0, touches).Select(at => at == 0 ? 1L : 0)],
        CreditModel.Last => [.. Enumerable.Range(0, touches).Select(at => at == touches - 1 ? 1L : 0)],
        CreditModel.UShaped when touches > 2 => [.. Enumerable.Range(0, touches).Select(at => at == 0 || at == touches - 1 ? Ends * (touches - 2) : Between)],
        _ => [.. Enumerable.Repeat(1L, touches)],
    };
}
