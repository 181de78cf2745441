using System.Xml;

namespace Automation.Marketing.Journeys.Activities;

/// <summary>ISO 8601 durations as flows write them.</summary>
internal static class Durations
{
    /// <exception cref="InvalidOperationException">It is none; it is named.</exception>
    public static TimeSpan Parse(string text) => TryParse(text, out var span) ? span : throw new InvalidOperationException($"'{text}' is no ISO 8601 duration.");

    public static bool TryParse(string? text, out TimeSpan span)
    {
        span = default;
        try
        {
            if (string.IsNullOrWhiteSpace(text)) return false;
            span = XmlConvert.ToTimeSpan(text.Trim());
            return true;
        }
        catch (Exception broken) when (broken is FormatException or OverflowException)
        {
            return false;
        }
    }
}
