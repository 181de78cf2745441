namespace Automation.Marketing.DemoData;

/// <summary>Chance that falls the same way every time: one seed gives one company, on every machine.</summary>
internal sealed class DemoDice(int seed)
{
    private readonly Random random = new(seed);

    /// <param name="from">Smallest value.</param>
    /// <param name="to">Largest value, included.</param>
    public int Between(int from, int to) => random.Next(from, to + 1);

    public double Fraction() => random.NextDouble();

    /// <param name="percent">From 0 to 100.</param>
    public bool Chance(double percent) => random.NextDouble() * 100 < percent;

    public T Pick<T>(IReadOnlyList<T> among) => among[random.Next(among.Count)];

    /// <summary>Picks by weight; at least one weight must be above zero.</summary>
    public T Pick<T>(IReadOnlyList<T> among, Func<T, double> weight)
    {
        var left = random.NextDouble() * among.Sum(weight);
        foreach (var item in among)
        {
            left -= weight(item);
            if (left < 0) return item;
        }
        return among.Last(item => weight(item) > 0);
    }

    /// <summary>A version 4 id from this chance, so that a second company has the same ones.</summary>
    public Guid NewId()
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        bytes[6] = (byte)(bytes[6] & 0x0F | 0x40);
        bytes[8] = (byte)(bytes[8] & 0x3F | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
