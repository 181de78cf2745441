using Automation.Marketing.Storage;

namespace Automation.Marketing.Mail.Decision;

/// <summary>Asks once more, in the transaction in which attempts begin: consent, suppression, hours and wishes may have changed since the decision.</summary>
internal static class DispatchCheck
{
    // Beyond one of these a slot may have fallen out of a window by which others were measured since: in every zone days,
    // weeks and months begin with a quarter of an hour.
    private static readonly TimeSpan Quarter = TimeSpan.FromMinutes(15);

    /// <summary>What speaks against queued messages now; messages that may go are absent. Their people are held until the transaction ends.</summary>
    public static async Task<Dictionary<Guid, SendDecision>> ObjectionsAsync(
        AutomationDb db, IReadOnlyCollection<Guid> messageIds, SendingPolicy policy, string defaultZone, DateTimeOffset now, CancellationToken cancellation)
    {
        var mails = await db.QueryAsync(
            $"SELECT id, contact_id, class, approach, valid_until, topics, priority, over_cap, origin_id, slot_at FROM outbox_messages WHERE {db.Dialect.Among("id", "@p0")}",
            row => new QueuedMail(
                row.Guid(0), row.Guid(1),
                new SendQuestion(row.Enum<MessageClass>(2), row.Enum<Approach>(3), row.Enum<OverCap>(7), row.InstantOrNull(4)) { Topics = row.Text(5), Priority = row.Int(6) },
                row.Text(8), row.InstantOrNull(9)),
            cancellation, messageIds);
        var people = mails.Select(mail => mail.Contact).Distinct().ToArray();
        await db.HoldAsync("contacts", people, cancellation);
        var standings = await Standings.LoadAsync(
            db, people, mails.Select(mail => mail.Question.Topics), policy, defaultZone, hold: false, forLimits: false, now, cancellation);
        var objections = new Dictionary<Guid, SendDecision>();
        foreach (var (id, contact, question, _, _) in mails)
        {
            var decision = standings.Knows(contact)
                ? Decider.DecideAtDispatch(question, standings.Of(contact, question.Topics), policy, now)
                : new SendDecision(MessageState.Suppressed, Rules.NoAddress, new DecisionReason());
            if (decision.State is not MessageState.Queued) objections[id] = decision;
        }
        await AskLimitsAsync(
            db, [.. mails.Where(mail => mail.SlotAt is { } slot && !IsInOneQuarter(slot, now) && !objections.ContainsKey(mail.Id))], objections, policy, defaultZone, now, cancellation);
        return objections;
    }

    private static bool IsInOneQuarter(DateTimeOffset slot, DateTimeOffset now) => slot.UtcTicks / Quarter.Ticks == now.UtcTicks / Quarter.Ticks;

    // Rare: what waited long, held back or put off by the provider, or into the next quarter of an hour.
    private static async Task AskLimitsAsync(
        AutomationDb db, IReadOnlyList<QueuedMail> mails, Dictionary<Guid, SendDecision> objections, SendingPolicy policy, string defaultZone, DateTimeOffset now,
        CancellationToken cancellation)
    {
        if (mails.Count == 0) return;
        var standings = await Standings.LoadAsync(
            db, [.. mails.Select(mail => mail.Contact).Distinct()], mails.Select(mail => mail.Question.Topics), policy, defaultZone, hold: true, forLimits: true, now, cancellation);
        var exempt = await CapExemptions.AmongAsync(db, [.. mails.Select(mail => mail.Origin).Distinct()], cancellation);
        foreach (var mail in mails)
        {
            var others = standings.SendsOf(mail.Contact).ToList();
            if (others.FindIndex(send => send.At == mail.SlotAt && send.Approach == mail.Question.Approach) is var own and >= 0) others.RemoveAt(own);
            var decision = Decider.Decide(
                mail.Question with { IsExempt = exempt.Contains(mail.Origin) }, standings.Of(mail.Contact, mail.Question.Topics), others, policy, now);
            if (decision.State is not MessageState.Queued) objections[mail.Id] = decision;
        }
    }

    private sealed record QueuedMail(Guid Id, Guid Contact, SendQuestion Question, string Origin, DateTimeOffset? SlotAt);
}
