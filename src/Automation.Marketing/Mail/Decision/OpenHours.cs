namespace Automation.Marketing.Mail.Decision;

/// <summary>When marketing mail may leave for one person: the policy's hours and days in the person's zone.</summary>
internal readonly struct OpenHours(SendingPolicy policy, TimeZoneInfo zone, int spreadSeed)
{
    // More than a year of closed days is a policy that never opens.
    private const int MostClosedDays = 400;

    public bool AlwaysOpen => policy.Quiet is null && policy.OpenOn is null && policy.Blackout.Count == 0;

    /// <summary>Which rule closes at this instant, and until when; null when it is open.</summary>
    public (string Rule, DateTimeOffset? Opening, string? Window)? ClosedAt(DateTimeOffset at)
    {
        if (ClosedNow(at) is not { } closed) return null;
        return (closed.Rule, OpeningAfter(at), closed.Window);
    }

    /// <summary>The person's own moment after an opening.</summary>
    public DateTimeOffset Spread(DateTimeOffset opening)
    {
        var spread = policy.Quiet?.Spread ?? TimeSpan.Zero;
        if (spread <= TimeSpan.Zero) return opening;
        var room = ClosingAfter(opening) is { } closing && closing - opening < spread ? closing - opening : spread;
        return opening + TimeSpan.FromSeconds((uint)spreadSeed % (uint)Math.Max(1, room.TotalSeconds));
    }

    /// <summary>The opening whose spreading is still under way at this instant, if there was one after <paramref name="since"/>.</summary>
    public DateTimeOffset? SpreadingFrom(DateTimeOffset at, DateTimeOffset since)
    {
        if (policy.Quiet?.Spread is not { } spread || spread <= TimeSpan.Zero) return null;
        var day = LocalTime.DayOf(at, zone);
        foreach (var opening in OpeningsOf(day.AddDays(-1)).Concat(OpeningsOf(day)))
        {
            if (opening > since && opening <= at && at < Spread(opening)) return opening;
        }
        return null;
    }

    private (string Rule, string? Window)? ClosedNow(DateTimeOffset at)
    {
        if (policy.Quiet is { } quiet && quiet.OpeningAfter(at, zone) is not null) return (Rules.Quiet, $"{quiet.From:HH\\:mm}-{quiet.Until:HH\\:mm}");
        if (policy.OpenOn is null && policy.Blackout.Count == 0) return null;
        var day = LocalTime.DayOf(at, zone);
        if (IsBlackout(day)) return (Rules.Blackout, LocalTime.Iso(day));
        return IsClosedWeekday(day) ? (Rules.ClosedDay, LocalTime.Iso(day)) : null;
    }

    private DateTimeOffset? OpeningAfter(DateTimeOffset at)
    {
        for (var step = 0; step < MostClosedDays; step++)
        {
            if (policy.Quiet?.OpeningAfter(at, zone) is { } opening)
            {
                at = opening;
                continue;
            }
            var day = LocalTime.DayOf(at, zone);
            if (!IsClosed(day)) return at;
            at = StartOf(day.AddDays(1));
        }
        return null;
    }

    private DateTimeOffset? ClosingAfter(DateTimeOffset opening)
    {
        var day = LocalTime.DayOf(opening, zone);
        DateTimeOffset? closing = IsClosed(day.AddDays(1)) ? StartOf(day.AddDays(1)) : null;
        if (policy.Quiet is not { } quiet) return closing;
        for (var ahead = 0; ahead <= 1; ahead++)
        {
            var (from, _) = quiet.Of(day.AddDays(ahead), zone);
            if (from > opening && (closing is null || from < closing)) closing = from;
        }
        return closing;
    }

    // The moments of a day at which something that was closed opens.
    private IEnumerable<DateTimeOffset> OpeningsOf(DateOnly day)
    {
        var candidates = new List<DateTimeOffset>(2);
        if (policy.Quiet is { } quiet) candidates.Add(quiet.Of(day, zone).Until);
        if (IsClosed(day.AddDays(-1))) candidates.Add(StartOf(day));
        foreach (var candidate in candidates)
        {
            if (ClosedNow(candidate) is null && ClosedNow(candidate.AddMilliseconds(-1)) is not null) yield return candidate;
        }
    }

    private bool IsClosed(DateOnly day) => IsBlackout(day) || IsClosedWeekday(day);

    private bool IsBlackout(DateOnly day)
    {
        foreach (var days in policy.Blackout)
        {
            if (days.Contains(day)) return true;
        }
        return false;
    }

    private bool IsClosedWeekday(DateOnly day) => policy.OpenOn is { } open && !open.Contains(day.DayOfWeek);

    private DateTimeOffset StartOf(DateOnly day) => LocalTime.InstantOf(day, TimeOnly.MinValue, zone);
}
