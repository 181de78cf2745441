using System.Collections.Concurrent;

namespace Automation.Templates.Parsing;

/// <summary>One string per name over all templates: parsing allocates less and lookups mostly compare references.</summary>
internal static class NamePool
{
    private const int Capacity = 8192;    // hostile templates must not fill the memory with names

    private static readonly ConcurrentDictionary<string, string> s_names = new(StringComparer.Ordinal);
    private static int s_count;    // the dictionary's own count locks all of it

    private static readonly ConcurrentDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> s_bySpan = s_names.GetAlternateLookup<ReadOnlySpan<char>>();

    public static string Get(ReadOnlySpan<char> name)
    {
        if (s_bySpan.TryGetValue(name, out var known)) return known;
        var text = name.ToString();
        if (text.Length <= 64 && s_count < Capacity && s_names.TryAdd(text, text)) Interlocked.Increment(ref s_count);
        return text;
    }
}
