using Automation.Marketing.Storage;

namespace Automation.Marketing.Mail.Delivery.Speed;

/// <summary>When a mail may leave by the limits on speed.</summary>
/// <param name="At">Null: now.</param>
/// <param name="Rule"><c>warm-up</c>, <c>sending-speed</c> or <c>recipient-speed</c>; empty for now.</param>
internal sealed record Pace(ClaimedMail Mail, DateTimeOffset? At, string Rule, DateOnly? BookedOn);

/// <summary>
/// Gives each mail its instant: a day of the warm-up plan, then a place in the token bucket of the sending and of the
/// recipient's domain. A bucket is one row, changed once for many mails; its places are given ahead, so that a mail that
/// has to wait is touched once and comes back at its own instant.
/// </summary>
internal sealed class Pacing(AutomationDb db, SendingSpeed speed, string from, TimeZoneInfo zone, TimeOnly opens, DateTimeOffset now)
{
    public const string WarmUpRule = "warm-up";
    public const string SendingRule = "sending-speed";
    public const string RecipientRule = "recipient-speed";

    // A bucket holds what ten seconds bring.
    private static readonly TimeSpan Burst = TimeSpan.FromSeconds(10);

    // A place that was missed by more, while nothing was sent, is given anew: else an outage would end in a flood.
    private static readonly TimeSpan Missed = TimeSpan.FromMinutes(1);

    private readonly DateOnly today = LocalTime.DayOf(now, zone);
    private readonly DomainSpeed? sender = speed.From.GetValueOrDefault(from);

    public bool IsUnlimited => sender is null && speed.ToPerMinute.Count == 0;

    /// <summary>Changes the buckets: the caller's transaction must also move the mails.</summary>
    public async Task<IReadOnlyList<Pace>> PlaceAsync(IReadOnlyList<ClaimedMail> mails, CancellationToken cancellation)
    {
        if (IsUnlimited || mails.Count == 0) return [.. mails.Select(mail => new Pace(mail, null, "", mail.BookedOn))];
        var booked = await BookAsync(mails, cancellation);
        var limits = Limits(booked.Where(pace => pace.At is null).Select(pace => pace.Mail));
        var next = await NextAsync(limits.Keys, cancellation);
        var paced = booked.Select(pace => pace.At is null && !KeepsItsPlace(pace.Mail) ? Place(pace, limits, next) : pace).ToList();
        await SaveAsync(next, cancellation);
        return paced;
    }

    public static string DomainOf(string address) => address[(address.LastIndexOf('@') + 1)..].ToLowerInvariant();

    private bool KeepsItsPlace(ClaimedMail mail) => mail.PacedFor is { } place && place <= now && now - place <= Missed;

    private async Task<List<Pace>> BookAsync(IReadOnlyList<ClaimedMail> mails, CancellationToken cancellation)
    {
        if (sender?.WarmUp is not { } plan || plan.CeilingOn(today) is null) return [.. mails.Select(mail => new Pace(mail, null, "", mail.BookedOn))];
        var counts = await BookedAsync(mails.Count, plan, cancellation);
        var day = today;
        var paces = new List<Pace>(mails.Count);
        var added = new Dictionary<DateOnly, int>();
        foreach (var mail in mails)
        {
            if (mail.BookedOn == today)
            {
                paces.Add(new Pace(mail, null, "", today));
                continue;
            }
            while (plan.CeilingOn(day) is { } ceiling && counts.GetValueOrDefault(day) >= ceiling) day = day.AddDays(1);
            counts[day] = counts.GetValueOrDefault(day) + 1;
            added[day] = added.GetValueOrDefault(day) + 1;
            paces.Add(day == today ? new Pace(mail, null, "", day) : new Pace(mail, LocalTime.InstantOf(day, opens, zone), WarmUpRule, day));
        }
        foreach (var (date, count) in added.OrderBy(pair => pair.Key))
        {
            await db.ExecuteAsync("""
                INSERT INTO sending_days (domain, day, booked, delivered, hard_bounces, complaints) VALUES (@p0, @p1, @p2, 0, 0, 0)
                ON CONFLICT (domain, day) DO UPDATE SET booked = sending_days.booked + @p2
                """, cancellation, from, date, count);
        }
        return paces;
    }

    // The first of the plan's rows is held, so that two workers do not fill one place.
    private async Task<Dictionary<DateOnly, int>> BookedAsync(int wanted, WarmUp plan, CancellationToken cancellation)
    {
        await db.ExecuteAsync(
            "INSERT INTO sending_days (domain, day, booked, delivered, hard_bounces, complaints) VALUES (@p0, @p1, 0, 0, 0, 0) ON CONFLICT DO NOTHING", cancellation, from, today);
        await db.QueryAsync(
            $"SELECT booked FROM sending_days WHERE domain = @p0 AND day = @p1{db.Dialect.ForUpdate}", row => row.Int(0), cancellation, from, today);
        var days = await db.QueryAsync(
            "SELECT day, booked FROM sending_days WHERE domain = @p0 AND day >= @p1", row => (Day: row.Date(0), Booked: row.Int(1)), cancellation, from, today);
        return days.ToDictionary(line => line.Day, line => line.Booked);
    }

    // Which buckets there are, and how much of a minute each mail takes of them.
    private Dictionary<string, TimeSpan> Limits(IEnumerable<ClaimedMail> mails)
    {
        var limits = new Dictionary<string, TimeSpan>(StringComparer.Ordinal);
        if (sender?.PerMinute is { } own) limits[SenderKey] = TimeSpan.FromMinutes(1) / own;
        foreach (var domain in mails.Select(mail => DomainOf(mail.Recipient)).Distinct())
        {
            if (speed.ToPerMinute.TryGetValue(domain, out var perMinute)) limits["to:" + domain] = TimeSpan.FromMinutes(1) / perMinute;
        }
        return limits;
    }

    private string SenderKey => "from:" + from;

    private async Task<Dictionary<string, DateTimeOffset>> NextAsync(IReadOnlyCollection<string> keys, CancellationToken cancellation)
    {
        foreach (var key in keys.Order(StringComparer.Ordinal))
            await db.ExecuteAsync("INSERT INTO sending_rates (key, next_at) VALUES (@p0, @p1) ON CONFLICT DO NOTHING", cancellation, key, now - Burst);
        var rows = await db.QueryAsync(
            $"SELECT key, next_at FROM sending_rates WHERE {db.Dialect.Among("key", "@p0")} ORDER BY key{db.Dialect.ForUpdate}",
            row => (Key: row.Text(0), At: row.Instant(1)), cancellation, keys.ToArray());
        return rows.ToDictionary(row => row.Key, row => row.At, StringComparer.Ordinal);
    }

    private Pace Place(Pace pace, Dictionary<string, TimeSpan> limits, Dictionary<string, DateTimeOffset> next)
    {
        var at = now;
        var rule = "";
        foreach (var (key, name) in new[] { (SenderKey, SendingRule), ("to:" + DomainOf(pace.Mail.Recipient), RecipientRule) })
        {
            if (!limits.TryGetValue(key, out var interval)) continue;
            var place = next[key] > now - Burst ? next[key] : now - Burst;
            next[key] = place + interval;
            if (place > at) (at, rule) = (place, name);
        }
        return rule.Length == 0 ? pace : pace with { At = at, Rule = rule };
    }

    private Task<int> SaveAsync(Dictionary<string, DateTimeOffset> next, CancellationToken cancellation) =>
        db.ExecuteManyAsync("UPDATE sending_rates SET next_at = @p1 WHERE key = @p0", [.. next.Select(pair => new object?[] { pair.Key, pair.Value })], cancellation);
}
