namespace Automation.SendGrid.StandIn;

/// <summary>Makes <c>processed</c> and <c>delivered</c> for mails just taken, and any other event on request.</summary>
internal sealed class AutomaticEvents(StandInOptions options, Mailbox mailbox, WebhookPump pump, WebhookState webhook)
{
    /// <summary>Due after the delays of the options, or after the mail's own <c>send_at</c>.</summary>
    public void Queue(RecordedMail[] mails, RequestFacts facts, ActiveFaults faults)
    {
        var events = Make(mails, facts, faults);
        if (events.Count == 0) return;
        var late = TimeSpan.FromMilliseconds(faults.Number(FaultKind.EventsLate) ?? 0);
        pump.Add(events, late);
        if (faults.Has(FaultKind.EventsDuplicated)) pump.Add(events, late);
    }

    public async Task PostNowAsync(RecordedMail[] mails, RequestFacts facts, ActiveFaults faults, CancellationToken cancellation)
    {
        var events = Make(mails, facts, faults);
        if (events.Count > 0) await pump.PostNowAsync(events, cancellation);
        if (events.Count > 0 && faults.Has(FaultKind.EventsDuplicated)) pump.Add(events);
    }

    /// <summary>One event on request, posted as soon as the webhook takes it.</summary>
    public RecordedEvent Make(RecordedMail mail, EventWish wish)
    {
        RecordedEvent? made = null;
        var pending = mailbox.Add(mail, wish.Type, wish.At, number =>
        {
            var (happened, json) = EventMaker.Make(mail, wish, number);
            made = happened;
            return (happened, json);
        });
        pump.Add([pending]);
        return made!;
    }

    private List<PendingEvent> Make(RecordedMail[] mails, RequestFacts facts, ActiveFaults faults)
    {
        var events = new List<PendingEvent>();
        if (!options.AutomaticEvents || webhook.Url is null || faults.Has(FaultKind.EventsLost)) return events;
        for (var index = 0; index < mails.Length; index++) Make(mails[index], facts.Mails[index].SendAt ?? facts.SendAt, faults, events);
        if (faults.Has(FaultKind.EventsReordered)) Reorder(events);
        return events;
    }

    private void Make(RecordedMail mail, long? sendAt, ActiveFaults faults, List<PendingEvent> events)
    {
        var from = mail.Request.At;
        if (sendAt is { } scheduled && scheduled > from.ToUnixTimeSeconds()) from = DateTimeOffset.FromUnixTimeSeconds(scheduled);
        var withoutIds = faults.Has(FaultKind.EventsWithoutIds);
        foreach (var (type, after) in ((string, TimeSpan)[])[("processed", options.ProcessedAfter), ("delivered", options.DeliveredAfter)])
        {
            var wish = new EventWish(type, from + after, WithoutIds: withoutIds);
            events.Add(mailbox.Add(mail, type, wish.At, number => EventMaker.Make(mail, wish, number)));
        }
    }

    // Last first, and none before the last is due.
    private static void Reorder(List<PendingEvent> events)
    {
        var last = events.Max(one => one.Due);
        events.Reverse();
        for (var index = 0; index < events.Count; index++) events[index] = events[index] with { Due = last };
    }
}
