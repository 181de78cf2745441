using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Automation.Marketing;

/// <summary>A person tried something that a rule forbids. The message is worded for that person.</summary>
public sealed class RuleBrokenException : Exception
{
    public RuleBrokenException(string message) : base(message) => (Phrase, Facts) = (message, []);

    /// <summary>Taken by <c>$"…"</c>: phrase and facts stay apart, so that a page can say them in another language.</summary>
    public RuleBrokenException(RulePhrase message) : base(message.ToString()) => (Phrase, Facts) = (message.Phrase, message.Facts);

    /// <summary>The message with <c>{0}</c>, <c>{1}</c>, … where the facts stand.</summary>
    public string Phrase { get; }

    public IReadOnlyList<object?> Facts { get; }
}

/// <summary>Collects an interpolated message.</summary>
[InterpolatedStringHandler]
public readonly struct RulePhrase(int literalLength, int formattedCount)
{
    private readonly StringBuilder phrase = new(literalLength + 3 * formattedCount);
    private readonly List<object?> facts = new(formattedCount);

    public string Phrase => phrase.ToString();

    public IReadOnlyList<object?> Facts => facts;

    public void AppendLiteral(string text) => phrase.Append(text.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));

    public void AppendFormatted<T>(T fact, string? format = null)
    {
        phrase.Append('{').Append(facts.Count).Append('}');
        facts.Add(format is not null && fact is IFormattable formattable ? formattable.ToString(format, CultureInfo.InvariantCulture) : fact);
    }

    public override string ToString() => string.Format(CultureInfo.InvariantCulture, Phrase, [.. facts]);
}
