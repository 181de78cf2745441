using Automation.Marketing.Mail.Content.Authoring;

namespace Automation.Marketing.Tests.Mail.Authoring;

public sealed class TextDiffTests
{
    [Theory]
    [InlineData("", "", "")]
    [InlineData("a", "a", " a")]
    [InlineData("a\nb\nc", "a\nc", " a|-b| c")]
    [InlineData("a\nc", "a\nb\nc", " a|+b| c")]
    [InlineData("a\nb", "a\nx", " a|-b|+x")]
    [InlineData("", "a\nb", "+a|+b")]
    [InlineData("a\r\nb", "a\nb", " a| b")]
    public void A_difference_names_what_went_and_what_came(string before, string after, string expected) =>
        Assert.Equal(expected, string.Join('|', TextDiff.Of(before, after).Select(Written)));

    [Fact]
    public void Whatever_the_texts_the_lines_kept_and_removed_are_the_old_one_and_those_kept_and_added_the_new_one()
    {
        var random = new Random(20261122);
        for (var round = 0; round < 2_000; round++)
        {
            var (before, after) = (Text(random), Text(random));
            var lines = TextDiff.Of(before, after);
            Assert.Equal(before, string.Join('\n', lines.Where(line => line.Change is not LineChange.Added).Select(line => line.Text)));
            Assert.Equal(after, string.Join('\n', lines.Where(line => line.Change is not LineChange.Removed).Select(line => line.Text)));
            Assert.Equal(Longest(before.Split('\n'), after.Split('\n')), lines.Count(line => line.Change is LineChange.Same));
            Assert.All(lines.Where(line => line.Left > 0), line => Assert.Equal(before.Split('\n')[line.Left - 1], line.Text));
            Assert.All(lines.Where(line => line.Right > 0), line => Assert.Equal(after.Split('\n')[line.Right - 1], line.Text));
        }
    }

    [Fact]
    public void Texts_with_nothing_in_common_are_out_and_in_without_long_thought()
    {
        var lines = TextDiff.Of(Numbered("a", 20_000), Numbered("b", 20_000));
        Assert.Equal((20_000, 20_000), (lines.Count(line => line.Change is LineChange.Removed), lines.Count(line => line.Change is LineChange.Added)));
    }

    [Fact]
    public void Hunks_leave_out_what_is_far_from_any_change()
    {
        var hunks = TextDiff.Hunks(TextDiff.Of(Numbered("line", 20), Numbered("line", 20).Replace("line 10\n", "changed\n", StringComparison.Ordinal)), around: 1);
        Assert.Equal(["…", " line 9", "-line 10", "+changed", " line 11", "…"], hunks.Select(line => line is null ? "…" : Written(line)));
    }

    private static string Written(DiffLine line) => (line.Change switch { LineChange.Added => "+", LineChange.Removed => "-", _ => " " }) + line.Text;

    private static string Numbered(string word, int lines) => string.Join('\n', Enumerable.Range(0, lines).Select(number => $"{word} {number}"));

    // From one line on: an empty text has none, and Split would say one.
    private static string Text(Random random) => string.Join('\n', Enumerable.Range(0, random.Next(1, 12)).Select(_ => "abcd"[random.Next(4)].ToString()));

    private static int Longest(string[] left, string[] right)
    {
        var longest = new int[left.Length + 1, right.Length + 1];
        for (var x = 1; x <= left.Length; x++)
        {
            for (var y = 1; y <= right.Length; y++)
                longest[x, y] = left[x - 1] == right[y - 1] ? longest[x - 1, y - 1] + 1 : Math.Max(longest[x - 1, y], longest[x, y - 1]);
        }
        return longest[left.Length, right.Length];
    }
}
