namespace Automation.Marketing.Mail.Content.Authoring;

public enum LineChange { Same, Removed, Added }

/// <param name="Left">Line number before, from 1; 0 for an added line.</param>
/// <param name="Right">Line number after, from 1; 0 for a removed line.</param>
public sealed record DiffLine(LineChange Change, int Left, int Right, string Text);

/// <summary>What changed between two texts, line by line.</summary>
public static class TextDiff
{
    // Beyond this many edits the two have little in common, and a shortest script would cost the square of it.
    private const int MostEdits = 2_000;

    /// <summary>Every line of both texts in order; a shortest script of edits (Myers 1986), or all out and all in when that would be too long.</summary>
    public static IReadOnlyList<DiffLine> Of(string before, string after)
    {
        var (left, right) = (Lines(before), Lines(after));
        var head = 0;
        while (head < left.Length && head < right.Length && left[head] == right[head]) head++;
        var tail = 0;
        while (tail < left.Length - head && tail < right.Length - head && left[^(tail + 1)] == right[^(tail + 1)]) tail++;
        var lines = new List<DiffLine>(left.Length + right.Length);
        for (var at = 0; at < head; at++) lines.Add(new DiffLine(LineChange.Same, at + 1, at + 1, left[at]));
        lines.AddRange(Middle(left[head..^tail], right[head..^tail], head));
        for (var at = tail; at > 0; at--) lines.Add(new DiffLine(LineChange.Same, left.Length - at + 1, right.Length - at + 1, left[^at]));
        return lines;
    }

    /// <summary>Only what changed, with so many lines around it; a null stands for lines left out.</summary>
    public static IReadOnlyList<DiffLine?> Hunks(IReadOnlyList<DiffLine> lines, int around = 3)
    {
        var near = new bool[lines.Count];
        for (var at = 0; at < lines.Count; at++)
        {
            if (lines[at].Change is LineChange.Same) continue;
            for (var other = Math.Max(0, at - around); other <= Math.Min(lines.Count - 1, at + around); other++) near[other] = true;
        }
        var shown = new List<DiffLine?>();
        for (var at = 0; at < lines.Count; at++)
        {
            if (near[at]) shown.Add(lines[at]);
            else if (shown.Count == 0 || shown[^1] is not null) shown.Add(null);
        }
        return shown;
    }

    private static string[] Lines(string text) => text.Length == 0 ? [] : text.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n');

    private static IEnumerable<DiffLine> Middle(string[] left, string[] right, int offset)
    {
        if (Trace(left, right) is not { } trace)
        {
            return left.Select((line, at) => new DiffLine(LineChange.Removed, offset + at + 1, 0, line))
                .Concat(right.Select((line, at) => new DiffLine(LineChange.Added, 0, offset + at + 1, line)));
        }
        return WalkBack(left, right, trace, offset);
    }

    // For each number of edits the furthest place reached on every diagonal; null when it takes too many.
    private static List<int[]>? Trace(string[] left, string[] right)
    {
        var most = Math.Min(left.Length + right.Length, MostEdits);
        var reached = new int[2 * most + 3];
        var trace = new List<int[]>();
        for (var edits = 0; edits <= most; edits++)
        {
            trace.Add(reached[(most + 1 - edits)..(most + 2 + edits)]);
            for (var diagonal = -edits; diagonal <= edits; diagonal += 2)
            {
                var at = most + 1 + diagonal;
                var x = diagonal == -edits || (diagonal != edits && reached[at - 1] < reached[at + 1]) ? reached[at + 1] : reached[at - 1] + 1;
                while (x < left.Length && x - diagonal < right.Length && left[x] == right[x - diagonal]) x++;
                reached[at] = x;
                if (x >= left.Length && x - diagonal >= right.Length) return trace;
            }
        }
        return null;
    }

    private static List<DiffLine> WalkBack(string[] left, string[] right, List<int[]> trace, int offset)
    {
        var lines = new List<DiffLine>();
        var (x, y) = (left.Length, right.Length);
        for (var edits = trace.Count - 1; edits >= 0; edits--)
        {
            var (fromX, fromY) = Before(trace[edits], edits, x - y);
            for (; x > fromX && y > fromY; x--, y--) lines.Add(new DiffLine(LineChange.Same, offset + x, offset + y, left[x - 1]));
            if (edits == 0) break;
            lines.Add(x == fromX
                ? new DiffLine(LineChange.Added, 0, offset + y, right[y - 1])
                : new DiffLine(LineChange.Removed, offset + x, 0, left[x - 1]));
            (x, y) = (fromX, fromY);
        }
        lines.Reverse();
        return lines;
    }

    // Where the script stood before its last edit.
    private static (int X, int Y) Before(int[] reached, int edits, int diagonal)
    {
        if (edits == 0) return (0, 0);
        var down = diagonal == -edits || (diagonal != edits && reached[diagonal - 1 + edits] < reached[diagonal + 1 + edits]);
        var from = down ? diagonal + 1 : diagonal - 1;
        return (reached[from + edits], reached[from + edits] - from);
    }
}
