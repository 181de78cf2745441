using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;

namespace Automation.Marketing.Tests.Mail.Decision;

/// <summary>The rules said as plainly as they can be, one minute after the other: for whole minutes only, and slow.</summary>
internal sealed class SlowDecider(SendingPolicy policy, TimeZoneInfo zone, IReadOnlyList<CountedSend> sends, Approach approach)
{
    private readonly Dictionary<(DateOnly, TimeOnly), DateTimeOffset> firstMoments = [];

    /// <summary>Every rule that says no at this minute.</summary>
    public IReadOnlySet<string> Objecting(DateTimeOffset at)
    {
        var objecting = new HashSet<string>(StringComparer.Ordinal);
        foreach (var cap in policy.Caps)
        {
            if (cap.Selling && approach is not (Approach.A1 or Approach.A2)) continue;
            var counted = sends.Count(send => (!cap.Selling || send.Approach is Approach.A1 or Approach.A2) && InWindow(cap, send.At, at));
            if (counted >= cap.Limit) objecting.Add(cap.Id);
        }
        if (policy.MinGap is { } gap && sends.Any(send => at - send.At < gap)) objecting.Add("min-gap");
        if (policy.Quiet is { } quiet && IsQuiet(quiet, at)) objecting.Add("quiet-hours");
        return objecting;
    }

    /// <summary>The first minute at which no rule says no; null when there is none within the horizon.</summary>
    public DateTimeOffset? FirstFree(DateTimeOffset from, TimeSpan horizon)
    {
        for (var at = from; at < from + horizon; at = at.AddMinutes(1))
        {
            if (Objecting(at).Count == 0) return at;
        }
        return null;
    }

    private bool InWindow(CapRule cap, DateTimeOffset sent, DateTimeOffset at)
    {
        var (then, today) = (Local(sent).Date, Local(at).Date);
        return cap.Period switch
        {
            CapPeriod.Rolling => sent > at - cap.Length!.Value && sent <= at,
            CapPeriod.Day => then == today,
            CapPeriod.Week => MondayOf(then) == MondayOf(today),
            _ => (then.Year, then.Month) == (today.Year, today.Month),
        };
    }

    private static DateTime MondayOf(DateTime day)
    {
        while (day.DayOfWeek is not DayOfWeek.Monday) day = day.AddDays(-1);
        return day;
    }

    private bool IsQuiet(QuietHours quiet, DateTimeOffset at)
    {
        var today = DateOnly.FromDateTime(Local(at));
        foreach (var evening in new[] { today.AddDays(-1), today })
        {
            var morning = quiet.From <= quiet.Until ? evening : evening.AddDays(1);
            if (at >= FirstMoment(evening, quiet.From) && at < FirstMoment(morning, quiet.Until)) return true;
        }
        return false;
    }

    // The first minute whose wall clock shows this time or a later one.
    private DateTimeOffset FirstMoment(DateOnly day, TimeOnly time)
    {
        if (firstMoments.TryGetValue((day, time), out var known)) return known;
        var wanted = day.ToDateTime(time, DateTimeKind.Unspecified);
        var at = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Unspecified), TimeSpan.Zero).AddHours(-15);
        while (Local(at) < wanted) at = at.AddMinutes(1);
        return firstMoments[(day, time)] = at;
    }

    private DateTime Local(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, zone).DateTime;
}
