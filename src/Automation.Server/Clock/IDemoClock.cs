using Automation.Marketing;

namespace Automation.Server.Clock;

/// <summary>How far the demonstration's clock is moved at once.</summary>
public enum ClockStep { Day, Month, NextSeasonDay }

/// <summary>The clock that pages show. Where it can be moved, time is simulated and says so.</summary>
public interface IDemoClock
{
    /// <summary>False on a real clock: nothing of the demonstration is shown.</summary>
    bool CanMove { get; }

    DateTimeOffset Now { get; }

    /// <summary>The move under way, if any.</summary>
    MoveProgress? Moving { get; }

    /// <summary>Begins to move the clock and returns; <see cref="Moving"/> tells how far it is.</summary>
    Task StartMoveAsync(ClockStep step);
}

/// <summary>How far a move of the clock has come.</summary>
/// <param name="At">The simulated instant reached.</param>
/// <param name="MailsSent">Mails that left since <paramref name="From"/>.</param>
public sealed record MoveProgress(DateTimeOffset From, DateTimeOffset To, DateTimeOffset At, int MailsSent);

/// <summary>The ordinary case: the machine's own clock.</summary>
internal sealed class RealClock(TimeProvider clock) : IDemoClock
{
    public bool CanMove => false;
    public DateTimeOffset Now => clock.GetUtcNow();
    public MoveProgress? Moving => null;

    public Task StartMoveAsync(ClockStep step) => throw new RuleBrokenException("This clock is real and cannot be moved.");
}
