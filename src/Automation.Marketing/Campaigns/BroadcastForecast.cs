using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Campaigns;

/// <summary>People to whom the same would happen.</summary>
/// <param name="State">Queued: reached at once; Deferred: later; Skipped, Suppressed, Expired: not.</param>
/// <param name="Until">Of those who wait: the first day and the last on which it reaches them.</param>
public sealed record ForecastLine(MessageState State, string Rule, int People, DateTimeOffset? From, DateTimeOffset? Until);

/// <summary>What would become of a broadcast, decided person by person as it will be, without keeping anything.</summary>
/// <param name="People">Whom the rule reaches.</param>
/// <param name="Looked">Those of them who were decided; fewer than all: a fair sample, and the lines are reckoned up from it.</param>
/// <param name="ByLimit">People whom a limit leaves out, and whom waiting would still reach in time: 0 when the broadcast waits already.</param>
public sealed record BroadcastForecast(int People, int Looked, IReadOnlyList<ForecastLine> Lines, int ByLimit)
{
    /// <summary>Of more people than this a sample is looked at.</summary>
    public const int MostLooked = 5_000;

    private const int AtATime = 500;

    public int Reached => Sum(MessageState.Queued);
    public int Deferred => Sum(MessageState.Deferred);
    public int Not => Lines.Sum(line => line.People) - Reached - Deferred;
    public bool IsSample => Looked < People;

    /// <summary>When the last of those who wait is reached; null: nobody waits.</summary>
    public DateTimeOffset? LastAt => Lines.Where(line => line.State is MessageState.Deferred).Max(line => line.Until);

    /// <param name="at">When it goes out.</param>
    /// <param name="waitUntil">How long those whom a limit leaves out could wait, asked in <see cref="ByLimit"/>.</param>
    public static async Task<BroadcastForecast> OfAsync(
        AutomationDb db, Audience audience, SendQuestion question, DateTimeOffset waitUntil, DateTimeOffset at, CancellationToken cancellation)
    {
        var shop = await db.ShopAsync(cancellation);
        var policy = await db.SendingPolicyAsync(cancellation);
        var day = LocalTime.DayOf(at, LocalTime.ZoneOr(shop.TimeZone, TimeZoneInfo.Utc));
        var people = await Audiences.CountAsync(db, audience, day, cancellation);
        var looked = await Audiences.SampleAsync(db, audience, day, MostLooked, cancellation);
        var decided = new List<SendDecision>(looked.Count);
        var couldWait = 0;
        foreach (var some in looked.Chunk(AtATime))
        {
            var standings = await Standings.LoadAsync(db, some, [question.Topics], policy, shop.TimeZone, hold: false, forLimits: true, at, cancellation);
            foreach (var id in some.Where(standings.Knows))
            {
                var decision = Decider.Decide(question, standings.Of(id, question.Topics), standings.SendsOf(id), policy, at);
                decided.Add(decision);
                if (decision.State is MessageState.Skipped && decision.Reason.Next <= waitUntil) couldWait++;
            }
        }
        return new BroadcastForecast(people, decided.Count, LinesOf(decided, people), Up(couldWait, decided.Count, people));
    }

    private int Sum(MessageState state) => Lines.Where(line => line.State == state).Sum(line => line.People);

    private static IReadOnlyList<ForecastLine> LinesOf(List<SendDecision> decided, int people) =>
    [
        .. decided.GroupBy(one => (one.State, one.Rule))
            .Select(group => new ForecastLine(
                group.Key.State, group.Key.Rule, Up(group.Count(), decided.Count, people),
                group.Key.State is MessageState.Deferred ? group.Min(one => one.Reason.Next) : null,
                group.Key.State is MessageState.Deferred ? group.Max(one => one.Reason.Next) : null))
            .OrderByDescending(line => line.State is MessageState.Queued).ThenByDescending(line => line.State is MessageState.Deferred).ThenByDescending(line => line.People),
    ];

    private static int Up(int count, int of, int people) => of == 0 || of >= people ? count : (int)Math.Round((double)count * people / of);
}
