using Automation.Templates.Functions;

namespace Automation.Templates.Analysis;

/// <summary>The known name somebody may have meant.</summary>
public static class Nearest
{
    private const int LongestName = 64;

    /// <summary>Every function of the language by its full name.</summary>
    internal static readonly IReadOnlyList<string> Functions =
        [.. Builtins.Shared.SelectMany(entry => entry.Value is FunctionGroup group ? group.Select(function => $"{entry.Key}.{function.Key}") : [entry.Key])];

    /// <returns>Empty when nothing is near.</returns>
    public static string Of(string name, IEnumerable<string> candidates)
    {
        var (best, bestDistance) = ("", Math.Max(1, name.Length / 3) + 1);
        foreach (var candidate in candidates)
        {
            if (Distance(name, candidate) is var distance && distance < bestDistance) (best, bestDistance) = (candidate, distance);
        }
        return best;
    }

    /// <summary>Among roots, and among their members: <c>name</c> may be meant for <c>contact.name</c>.</summary>
    internal static string Variable(string name, ModelShape model)
    {
        if (Of(name, model.Names) is { Length: > 0 } root) return root;
        var members = model.Names.SelectMany(owner => model.Find(owner)!.Names.Select(member => (Owner: owner, Member: member))).ToList();
        var near = Of(name, members.Select(each => each.Member));
        if (near.Length == 0) near = members.FirstOrDefault(each => each.Member.Length > 3 && name.EndsWith("_" + each.Member, StringComparison.OrdinalIgnoreCase)).Member ?? "";
        return near.Length == 0 ? "" : $"{members.First(each => each.Member == near).Owner}.{near}";
    }

    /// <summary>Of a name without its group: <c>upcase</c> may be meant for <c>string.upcase</c>.</summary>
    internal static string Function(string name)
    {
        var near = Of(name, Functions.Select(function => function[(function.IndexOf('.', StringComparison.Ordinal) + 1)..]));
        return near.Length == 0 ? "" : Functions.First(function => function == near || function.EndsWith("." + near, StringComparison.Ordinal));
    }

    private static int Distance(string left, string right)
    {
        if (left.Length > LongestName || right.Length > LongestName) return int.MaxValue;
        Span<int> row = stackalloc int[right.Length + 1];
        for (var j = 0; j <= right.Length; j++) row[j] = j;
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var cost = char.ToLowerInvariant(left[i - 1]) == char.ToLowerInvariant(right[j - 1]) ? 0 : 1;
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + cost));
            }
        }
        return row[right.Length];
    }
}
