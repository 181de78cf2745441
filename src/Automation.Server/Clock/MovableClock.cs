namespace Automation.Server.Clock;

/// <summary>
/// A clock that starts anywhere, runs at the machine's pace or stands, and can be moved ahead. Its timers fire when the clock passes
/// them, moved or not, so that everything that waits on it, Quartz included, notices a move at once.
/// </summary>
public sealed class MovableClock : TimeProvider
{
    private readonly Lock guard = new();
    private readonly HashSet<MovedTimer> timers = [];
    private readonly DateTimeOffset? stands;
    private TimeSpan ahead;

    /// <param name="stands">Whether it moves only when it is moved: then the same trial always gives the same instants.</param>
    public MovableClock(DateTimeOffset start, bool stands = false)
    {
        this.stands = stands ? start.ToUniversalTime() : null;
        ahead = start - Machine();
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (guard) return Machine() + ahead;
    }

    private DateTimeOffset Machine() => stands ?? System.GetUtcNow();

    /// <summary>Moves the clock ahead to an instant; one that has passed changes nothing.</summary>
    public void MoveTo(DateTimeOffset instant)
    {
        MovedTimer[] waiting;
        lock (guard)
        {
            var step = instant - (Machine() + ahead);
            if (step <= TimeSpan.Zero) return;
            ahead += step;
            waiting = [.. timers];
        }
        foreach (var timer in waiting) timer.Rearm();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new MovedTimer(this, callback, state);
        lock (guard) timers.Add(timer);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class MovedTimer : ITimer
    {
        private readonly MovableClock clock;
        private readonly ITimer inner;
        private readonly Lock guard = new();
        private DateTimeOffset? due;
        private TimeSpan period;

        public MovedTimer(MovableClock clock, TimerCallback callback, object? state)
        {
            this.clock = clock;
            inner = System.CreateTimer(
                _ =>
                {
                    lock (guard) due = period > TimeSpan.Zero ? clock.GetUtcNow() + period : null;
                    callback(state);
                },
                null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (guard)
            {
                this.period = period;
                due = dueTime == Timeout.InfiniteTimeSpan ? null : clock.GetUtcNow() + dueTime;
                return inner.Change(dueTime, period);
            }
        }

        public void Rearm()
        {
            lock (guard)
            {
                if (due is not { } at) return;
                var left = at - clock.GetUtcNow();
                inner.Change(left > TimeSpan.Zero ? left : TimeSpan.Zero, period);
            }
        }

        public void Dispose()
        {
            lock (clock.guard) clock.timers.Remove(this);
            inner.Dispose();
        }

        public async ValueTask DisposeAsync()
        {
            lock (clock.guard) clock.timers.Remove(this);
            await inner.DisposeAsync();
        }
    }
}
