namespace Automation.Templates.Rendering;

/// <summary>Boxed values that would otherwise be allocated over and over.</summary>
internal static class Boxes
{
    public static readonly object True = true;
    public static readonly object False = false;
    private const int Lowest = -16;
    private static readonly object[] s_small = [.. Enumerable.Range(Lowest, 1041).Select(i => (object)i)];

    public static object Of(bool value) => value ? True : False;

    public static object Of(int value)
    {
        var index = (uint)(value - Lowest);
        return index < (uint)s_small.Length ? s_small[index] : value;
    }
}
