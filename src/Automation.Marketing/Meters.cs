using System.Diagnostics.Metrics;

namespace Automation.Marketing;

/// <summary>
/// What the service counts of itself while it works. Names and labels are what monitoring relies on and never change; no
/// label names a person.
/// </summary>
public static class Meters
{
    /// <summary>The meter that all of them belong to.</summary>
    public const string Name = "Automation";

    private static readonly Meter Meter = new(Name);

    private static readonly Counter<long> Decisions = Meter.CreateCounter<long>("automation.decisions", description: "Decisions about mails, by the state and the rule that decided.");
    private static readonly Counter<long> Attempts = Meter.CreateCounter<long>("automation.attempts", description: "Mails handed to the provider, by its answer.");
    private static readonly Counter<long> Reported = Meter.CreateCounter<long>("automation.webhook.events", description: "Events that the provider reported, by kind; each counted once.");
    private static readonly Histogram<double> Lag = Meter.CreateHistogram<double>("automation.webhook.lag", "s", "From a reported event's own time until it was worked off.");
    private static readonly Counter<long> Bursts = Meter.CreateCounter<long>("automation.flow.bursts", description: "Times a person's flow ran until its next wait or its end, by what came of it.");

    /// <param name="rule">Of a closed list of names; those of a shop's own limits too.</param>
    public static void Decided(string state, string rule) => Decisions.Add(1, new("state", state), new("rule", rule));

    public static void Attempted(string outcome, int mails) => Attempts.Add(mails, new KeyValuePair<string, object?>("outcome", outcome));

    /// <param name="lag">Below zero where clocks differ: counted as none.</param>
    public static void WorkedOff(string kind, TimeSpan lag)
    {
        Reported.Add(1, new KeyValuePair<string, object?>("kind", kind));
        Lag.Record(Math.Max(0, lag.TotalSeconds));
    }

    public static void Ran(string status) => Bursts.Add(1, new KeyValuePair<string, object?>("status", status));
}
