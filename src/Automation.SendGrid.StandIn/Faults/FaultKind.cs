using System.Globalization;

namespace Automation.SendGrid.StandIn;

internal enum FaultKind
{
    Delay,
    TooManyRequests,
    Status,
    ErrorBefore,
    ErrorAfter,
    ResetBeforeReading,
    ResetAfterReading,
    ResetAfterRecording,
    Withhold,
    EventsBeforeReply,
    EventsDuplicated,
    EventsReordered,
    EventsLate,
    EventsWithoutIds,
    EventsLost,
}

/// <summary>One fault with its number, as written in <see cref="StandInFault.Fault"/>.</summary>
internal sealed record Fault(FaultKind Kind, int Number)
{
    private static readonly Dictionary<string, (FaultKind Kind, int Number, int Least, int Most)> Names = new()
    {
        ["delay"] = (FaultKind.Delay, 1000, 0, int.MaxValue),
        ["429"] = (FaultKind.TooManyRequests, 1, 0, 86_400),
        ["status"] = (FaultKind.Status, 400, 400, 499),
        ["error-before"] = (FaultKind.ErrorBefore, 500, 500, 599),
        ["error-after"] = (FaultKind.ErrorAfter, 500, 500, 599),
        ["reset-before-reading"] = (FaultKind.ResetBeforeReading, 0, 0, 0),
        ["reset-after-reading"] = (FaultKind.ResetAfterReading, 0, 0, 0),
        ["reset-after-recording"] = (FaultKind.ResetAfterRecording, 0, 0, 0),
        ["withhold"] = (FaultKind.Withhold, 0, 0, 0),
        ["events-before-reply"] = (FaultKind.EventsBeforeReply, 0, 0, 0),
        ["events-duplicated"] = (FaultKind.EventsDuplicated, 0, 0, 0),
        ["events-reordered"] = (FaultKind.EventsReordered, 0, 0, 0),
        ["events-late"] = (FaultKind.EventsLate, 60_000, 0, int.MaxValue),
        ["events-without-ids"] = (FaultKind.EventsWithoutIds, 0, 0, 0),
        ["events-lost"] = (FaultKind.EventsLost, 0, 0, 0),
    };

    /// <exception cref="FormatException">A name is unknown or a number out of its range; the message says which.</exception>
    public static Fault[] Parse(string text) =>
        [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(One)];

    private static Fault One(string text)
    {
        var (name, given) = text.Split('=', 2) is [var left, var right] ? (left.Trim(), right.Trim()) : (text, null);
        if (!Names.TryGetValue(name, out var known))
            throw new FormatException($"There is no fault '{name}'; there are {string.Join(", ", Names.Keys)}.");
        if (given is null) return new Fault(known.Kind, known.Number);
        if (!int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || number < known.Least || number > known.Most)
            throw new FormatException($"The fault '{name}' takes a number from {known.Least} to {known.Most}, not '{given}'.");
        return new Fault(known.Kind, number);
    }
}
