namespace Automation.SendGrid.StandIn;

/// <summary>What goes wrong, how often, repeatably.</summary>
/// <param name="Rules">Each is tried for each request, in this order.</param>
/// <param name="Seed">The same seed and the same order of requests give the same faults.</param>
public sealed record StandInFaults(IReadOnlyList<StandInFault> Rules, int Seed = 1)
{
    public static StandInFaults None { get; } = new([]);

    /// <summary>One fault for every request.</summary>
    /// <param name="fault">As in <see cref="StandInFault.Fault"/>.</param>
    /// <exception cref="FormatException">No such fault.</exception>
    public static StandInFaults Always(string fault) => new([new StandInFault(fault)]);
}

/// <param name="Fault">
/// A name, or <c>name=number</c>; several joined by commas. <c>delay=ms</c>, <c>429=seconds</c>, <c>status=4xx</c>,
/// <c>error-before=5xx</c>, <c>error-after=5xx</c>, <c>reset-before-reading</c>, <c>reset-after-reading</c>,
/// <c>reset-after-recording</c>, <c>withhold</c>, <c>events-before-reply</c>, <c>events-duplicated</c>, <c>events-reordered</c>,
/// <c>events-late=ms</c>, <c>events-without-ids</c>, <c>events-lost</c>. Before and after mean the recording of the mail.
/// </param>
/// <param name="Probability">0 to 1 for each request. Default 1.</param>
/// <param name="Times">Stops after so many; null goes on.</param>
/// <param name="To">Only for requests with this text in a recipient's address; not for <c>reset-before-reading</c>.</param>
public sealed record StandInFault(string Fault, double Probability = 1, int? Times = null, string? To = null);
