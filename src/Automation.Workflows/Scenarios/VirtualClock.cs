namespace Automation.Workflows.Scenarios;

/// <summary>A clock that moves only when it is told to.</summary>
public sealed class VirtualClock(DateTimeOffset start) : TimeProvider
{
    private DateTimeOffset now = start;

    public override DateTimeOffset GetUtcNow() => now;

    /// <summary>Never backwards.</summary>
    public void MoveTo(DateTimeOffset instant) => now = instant > now ? instant : now;
}
