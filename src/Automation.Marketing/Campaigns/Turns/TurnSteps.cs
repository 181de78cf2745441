using Automation.Marketing.Campaigns.Paper;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Delivery.Holds;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Campaigns.Turns;

/// <summary>
/// Carries a broadcast through in which everybody has a turn of their own: gives the turns, spreads them, says whose turn it
/// is, chooses the better of two versions and lets the rest follow. All of it is in rows; a process that ends loses nothing.
/// </summary>
/// <param name="topics">Of a template, comma-separated.</param>
internal sealed class TurnSteps(AutomationDb db, Broadcast broadcast, ShopIdentity shop, Func<string, string> topics, DateTimeOffset now, CancellationToken cancellation)
{
    private const int PlannedAtATime = 2000;

    // Behind by more, what is left is spread anew: after an hour's standstill there must be no hour's worth at once.
    private static readonly TimeSpan MostBehind = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(1);

    private readonly BroadcastOptions options = BroadcastOptions.FromJson(broadcast.Options);
    private readonly TimeZoneInfo zone = LocalTime.ZoneOr(shop.TimeZone, TimeZoneInfo.Utc);

    private TurnPlan Plan => new(broadcast.Id, options, broadcast.HeldOutOfAll, broadcast.StartedAt!.Value, zone);

    /// <summary>The audience is frozen: whoever gets no mail is added, and turns are given from the next step on.</summary>
    public async Task BeginAsync(Audience audience, int heldOutOfAll)
    {
        broadcast.BeginPlanning(heldOutOfAll);
        if (options.OnPaper) await Audiences.FreezeOnPaperAsync(db, broadcast.Id, audience, LocalTime.DayOf(now, zone), cancellation);
    }

    /// <summary>Gives the next people their turns; after the last, sending begins.</summary>
    public async Task PlanNextAsync()
    {
        var from = broadcast.PlannedUpTo!.Value;
        if (await TurnRows.PlanNextAsync(db, broadcast.Id, Plan, from, PlannedAtATime, cancellation) is { } last)
        {
            if (options.OnPaper) await PaperLists.DecideAsync(db, broadcast, topics(broadcast.Template), from, last, shop.TimeZone, now, cancellation);
            broadcast.Planned(last);
            return;
        }
        await SpreadAsync(broadcast.StartedAt!.Value);
        broadcast.BeginSending();
        await WaitAsync();
    }

    /// <summary>Whose turn it is, at most so many; nobody when it is not anybody's yet.</summary>
    /// <returns>Null: nothing is to be sent now.</returns>
    public async Task<IReadOnlyList<(Guid ContactId, string? Version)>?> NextAsync(int atMost)
    {
        if (options.PerHour is not null && await IsHeldAsync())
        {
            broadcast.WaitUntil(now + LookAgain);
            return null;
        }
        if (broadcast is { TestEndsAt: { } end, Winner: null } && end <= now) await ChooseAsync();
        if (options.PerHour is not null && await TurnRows.NextAsync(db, broadcast.Id, cancellation) is { } first && now - first > MostBehind) await SpreadAsync(now);
        var due = await TurnRows.DueAsync(db, broadcast.Id, now, atMost, cancellation);
        if (due.Count > 0) return due;
        await WaitAsync();
        return null;
    }

    /// <summary>Whose version is the postcard or call goes on the list.</summary>
    /// <returns>Whom the mail is for: the others, and whoever cannot be reached on paper any more.</returns>
    public async Task<IReadOnlyList<(Guid ContactId, string? Version)>> ListAsync(IReadOnlyList<(Guid ContactId, string? Version)> due)
    {
        if (options.Test is not { Of: TestOf.Channel } test) return due;
        var onPaper = due.Where(one => test.IsOnPaper(one.Version ?? broadcast.Winner)).Select(one => one.ContactId).ToList();
        if (onPaper.Count == 0) return due;
        var listed = await PaperLists.DecideAsync(db, broadcast, topics(broadcast.Template), onPaper, shop.TimeZone, now, cancellation);
        await TurnRows.SetOnPaperAsync(db, broadcast.Id, listed, cancellation);
        return [.. due.Where(one => !listed.Contains(one.ContactId))];
    }

    /// <summary>These were decided.</summary>
    public async Task PassAsync(IReadOnlyList<(Guid ContactId, string? Version)> due)
    {
        await TurnRows.PassAsync(db, broadcast.Id, due.Select(one => one.ContactId), cancellation);
        if (options.Test is { } test && broadcast.TestEndsAt is null && await TurnRows.TestIsOutAsync(db, broadcast.Id, cancellation))
            broadcast.EndTestAt(now + TimeSpan.FromHours(test.Hours));
        await WaitAsync();
    }

    /// <summary>The template of a version, and the subject that stands in place of its own.</summary>
    /// <param name="version">Null: of those who take no part in a test, or come after it.</param>
    public (string Template, string? Subject) ContentOf(string? version) => options.Test is not { } test ? (broadcast.Template, null) : test.Of switch
    {
        TestOf.Template => (test.ValueOf(version ?? broadcast.Winner ?? VersionTest.First), null),
        TestOf.Subject when test.ValueOf(version ?? broadcast.Winner ?? VersionTest.First) is { Length: > 0 } subject => (broadcast.Template, subject),
        _ => (broadcast.Template, null),
    };

    private async Task ChooseAsync()
    {
        var figures = await VersionFigures.OfAsync(db, broadcast.Id, LocalTime.DayOf(broadcast.StartedAt!.Value, zone), cancellation);
        var (winner, because) = VersionFigures.Better(options.Test!, figures);
        broadcast.Choose(winner, because, now);
        await TurnRows.PlaceRestAsync(db, broadcast.Id, Plan, winner, now, cancellation);
        await SpreadAsync(now);
    }

    private async Task SpreadAsync(DateTimeOffset from)
    {
        if (options.PerHour is { } perHour) await TurnRows.SpreadAsync(db, broadcast.Id, perHour, from, cancellation);
    }

    // Until somebody's turn, or the end of the test; when neither comes, everyone had theirs.
    private async Task WaitAsync()
    {
        var next = await TurnRows.NextAsync(db, broadcast.Id, cancellation);
        if (options.Test is { } test && broadcast.Winner is null)
        {
            // Nobody took part: there is nothing to wait for.
            if (broadcast.TestEndsAt is null && await TurnRows.TestIsOutAsync(db, broadcast.Id, cancellation)) broadcast.EndTestAt(now + (next is null ? TimeSpan.Zero : TimeSpan.FromHours(test.Hours)));
            if (broadcast.TestEndsAt is { } end && (next is null || end < next)) next = end;
        }
        if (next is null) broadcast.Finish(now);
        else broadcast.WaitUntil(next);
    }

    private async Task<bool> IsHeldAsync() => (await SendingHolds.InForceAsync(db, now, cancellation)).Any(hold => hold.Scope switch
    {
        HoldScope.All or HoldScope.Marketing => true,
        HoldScope.Selling => broadcast.Approach is Approach.A1 or Approach.A2,
        _ => hold.Key == broadcast.Id.ToString("N"),
    });
}
