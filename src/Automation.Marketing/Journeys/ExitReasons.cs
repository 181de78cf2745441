namespace Automation.Marketing.Journeys;

/// <summary>Why a run ended before its end; as kept with the run.</summary>
public static class ExitReasons
{
    public const string Goal = "goal";
    public const string ExitRule = "exit-rule";
    public const string Unsubscribed = "unsubscribed";
    public const string Complaint = "complaint";

    /// <summary>Sales works on the person; ends runs that sell, the others go on.</summary>
    public const string SalesOwned = "sales-owned";

    public const string Merged = "merged";
    public const string Erased = "erased";

    /// <summary>By hand.</summary>
    public const string Stopped = "stopped";

    /// <summary>A mail whose time ran out, where the step says that this ends the run.</summary>
    public const string Expired = "expired";

    /// <summary>A mail over a limit, where the step says that this ends the run.</summary>
    public const string OverCap = "over-cap";

    public const string Restarted = "restarted";
    public const string HandBackUndone = "hand-back-undone";
    public const string Fault = "fault";
}
