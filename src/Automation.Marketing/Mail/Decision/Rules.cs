namespace Automation.Marketing.Mail.Decision;

/// <summary>The rules that are not of the policy's making, by the names that decisions carry. A policy's own rules have other names.</summary>
public static class Rules
{
    public const string NoAddress = "no-address";
    public const string Suppressed = "suppressed-";
    public const string CompanySuppressed = "suppressed-company";
    public const string ValidUntil = "valid-until";
    public const string ConsentWithdrawn = "consent-withdrawn";
    public const string TopicWithdrawn = "topic-withdrawn";
    public const string ConsentPending = "consent-pending";
    public const string ConsentNone = "consent-none";
    public const string BasisNotAccepted = "basis-not-accepted";
    public const string FixedPartner = "fixed-partner";
    public const string SalesOwned = "sales-owned";
    public const string ComplaintOpen = "complaint-open";
    public const string SeasonalOnly = "preference-seasonal";

    public const string MinGap = "min-gap";
    public const string Cycle = "cycle";
    public const string LongCycle = "cycle-year";
    public const string Weekly = "preference-weekly";
    public const string Monthly = "preference-monthly";
    public const string Paused = "preference-paused";
    public const string ComplaintCooling = "complaint-cooling";

    /// <summary>The person asked to be contacted again later.</summary>
    public const string Revisit = "revisit";

    public const string LookAhead = "look-ahead";

    /// <summary>Its flow or run is paused.</summary>
    public const string FlowPaused = "paused";

    public const string Quiet = "quiet-hours";
    public const string Blackout = "blackout";
    public const string ClosedDay = "closed-day";

    private static readonly HashSet<string> NotOfThePolicy = new(StringComparer.Ordinal)
    {
        "", NoAddress, CompanySuppressed, ValidUntil, ConsentWithdrawn, TopicWithdrawn, ConsentPending, ConsentNone, BasisNotAccepted, FixedPartner, SalesOwned,
        ComplaintOpen, SeasonalOnly, Paused, FlowPaused, ComplaintCooling, Revisit, Quiet, Blackout, ClosedDay,
        // What became of a message after its decision.
        "suppressed-complaint", "suppressed-hardbounce", "suppressed-legal", "suppressed-manual", "suppressed-providerdropped", "collapsed", "stopped",
        "unsubscribed", "refused", "provider-later", "outcome-unknown", "dropped",
    };

    private static readonly HashSet<string> Own = new(StringComparer.Ordinal) { MinGap, Cycle, LongCycle, Weekly, Monthly, LookAhead };

    /// <summary>Only the hour or the day is wrong: puts off even what a limit would skip.</summary>
    public static bool IsOfHours(string rule) => rule is Quiet or Blackout or ClosedDay;

    /// <summary>A policy may not name a rule of its own like this.</summary>
    public static bool IsReserved(string id) => NotOfThePolicy.Contains(id) || Own.Contains(id) || id.StartsWith(Suppressed, StringComparison.Ordinal);

    /// <summary>Counts as held back by a limit: what the alarm is about.</summary>
    public static bool IsLimit(string rule) =>
        Own.Contains(rule) || (!NotOfThePolicy.Contains(rule) && !rule.StartsWith(Suppressed, StringComparison.Ordinal));
}
