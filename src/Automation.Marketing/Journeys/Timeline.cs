using System.Globalization;
using Automation.Marketing.Campaigns.Paper;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Deals;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Events;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Journeys;

/// <summary>One thing that happened to, by or for a person.</summary>
/// <param name="At">When. A purchase is known by its local day only: the day's beginning.</param>
public abstract record TimelineEntry(DateTimeOffset At)
{
    /// <summary>A source reported something the person did.</summary>
    public sealed record Reported(LeadEvent Event) : TimelineEntry(Event.OccurredAt);

    /// <param name="Lines">All lines of one order.</param>
    public sealed record Bought(DateTimeOffset At, string OrderId, IReadOnlyList<Purchase> Lines) : TimelineEntry(At);

    /// <param name="Flow">The flow's name.</param>
    public sealed record Stepped(FlowStep Step, string DefinitionId, string Flow) : TimelineEntry(Step.At);

    /// <summary>At the sending, or while there is none, at the request.</summary>
    /// <param name="Origin">The flow's or broadcast's name; empty when it is gone.</param>
    public sealed record Mailed(OutboxMessage Message, string Origin) : TimelineEntry(Message.SentAt ?? Message.RequestedAt);

    /// <param name="Subject">Of the mail, or its template; empty when the event names no mail of ours.</param>
    public sealed record Responded(DeliveryEvent Event, string Subject) : TimelineEntry(Event.At);

    public sealed record Consented(ConsentEntry Entry) : TimelineEntry(Entry.At);

    public sealed record HandedBack(HandBack HandBack, string DealKey) : TimelineEntry(HandBack.At);

    /// <summary>A postcard was posted or a call made; while neither is, the person stands on the list.</summary>
    public sealed record OnPaper(PaperSend Send, string Broadcast) : TimelineEntry(Send.DoneAt ?? Send.ListedAt);
}

/// <summary>Where the next page goes on: everything before <paramref name="At"/>, and of that very instant all but the first <paramref name="Shown"/>.</summary>
public sealed record TimelineCursor(DateTimeOffset At, int Shown)
{
    /// <returns>Null when <paramref name="text"/> is not what <see cref="ToString"/> writes.</returns>
    public static TimelineCursor? Parse(string? text) =>
        text?.Split('.') is [var at, var shown]
        && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var ms) && ms <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
        && int.TryParse(shown, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= Timeline.MostAtOnce
            ? new TimelineCursor(DateTimeOffset.FromUnixTimeMilliseconds(ms), count)
            : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{At.ToUnixTimeMilliseconds()}.{Shown}");
}

/// <param name="Next">Null: that was all.</param>
public sealed record TimelinePage(IReadOnlyList<TimelineEntry> Entries, TimelineCursor? Next);

/// <summary>Everything that is known to have happened with one person, newest first.</summary>
public static class Timeline
{
    /// <summary>Entries that one instant may have.</summary>
    internal const int MostAtOnce = 10_000;

    /// <summary>Reads one page. Each source is asked for no more than a page, by its index on the person.</summary>
    /// <param name="before">Null: from the newest.</param>
    /// <param name="size">1 to 200.</param>
    /// <param name="zone">In which purchases' days begin.</param>
    public static async Task<TimelinePage> PageAsync(
        AutomationDb db, Guid contactId, TimelineCursor? before, int size, TimeZoneInfo zone, CancellationToken cancellation)
    {
        var until = before?.At ?? DateTimeOffset.MaxValue;
        var take = Math.Clamp(size, 1, 200) + (before?.Shown ?? 0) + 1;
        var sources = new Source(db, contactId, until, take, cancellation);
        // Within one instant what follows stands above what it followed from.
        List<TimelineEntry> all =
        [
            .. await sources.ResponsesAsync(), .. await sources.MailsAsync(), .. await sources.StepsAsync(), .. await sources.ConsentsAsync(),
            .. await sources.HandBacksAsync(), .. await sources.PaperAsync(), .. await sources.EventsAsync(), .. await sources.PurchasesAsync(zone),
        ];
        var rest = all.Where(entry => entry.At <= until).OrderByDescending(entry => entry.At).ToList();
        var shown = before is null ? 0 : Math.Min(before.Shown, rest.TakeWhile(entry => entry.At == until).Count());
        var page = rest.Skip(shown).Take(Math.Clamp(size, 1, 200)).ToList();
        return new TimelinePage(page, rest.Count > shown + page.Count ? CursorAfter(page, before) : null);
    }

    private static TimelineCursor CursorAfter(List<TimelineEntry> page, TimelineCursor? before)
    {
        var last = page[^1].At;
        var ofThatInstant = page.Count(entry => entry.At == last) + (before?.At == last ? before.Shown : 0);
        return new TimelineCursor(last, ofThatInstant);
    }

    /// <summary>The sources of one page. Ids settle the order within one instant, so that pages neither repeat nor lose a row.</summary>
    private sealed class Source(AutomationDb db, Guid contactId, DateTimeOffset until, int take, CancellationToken cancellation)
    {
        public async Task<IEnumerable<TimelineEntry>> EventsAsync() =>
            (await db.LeadEvents.AsNoTracking().Where(e => e.ContactId == contactId && e.OccurredAt <= until)
                .OrderByDescending(e => e.OccurredAt).ThenByDescending(e => e.Id).Take(take).ToListAsync(cancellation))
            .Select(e => new TimelineEntry.Reported(e));

        public async Task<IEnumerable<TimelineEntry>> ConsentsAsync() =>
            (await db.ConsentEntries.AsNoTracking().Where(e => e.ContactId == contactId && e.At <= until)
                .OrderByDescending(e => e.At).ThenByDescending(e => e.Id).Take(take).ToListAsync(cancellation))
            .Select(e => new TimelineEntry.Consented(e));

        public async Task<IEnumerable<TimelineEntry>> HandBacksAsync() =>
            (await (from handBack in db.HandBacks.AsNoTracking()
                    where handBack.ContactId == contactId && handBack.At <= until
                    join deal in db.Deals on handBack.DealId equals deal.Id
                    orderby handBack.At descending, handBack.Id descending
                    select new { handBack, deal.DealKey }).Take(take).ToListAsync(cancellation))
            .Select(line => new TimelineEntry.HandedBack(line.handBack, line.DealKey));

        public async Task<IEnumerable<TimelineEntry>> PaperAsync() =>
            (await (from send in db.PaperSends.AsNoTracking()
                    where send.ContactId == contactId && (send.DoneAt ?? send.ListedAt) <= until
                    join broadcast in db.Broadcasts on send.BroadcastId equals broadcast.Id
                    orderby send.DoneAt ?? send.ListedAt descending, send.Id descending
                    select new { send, broadcast.Name }).Take(take).ToListAsync(cancellation))
            .Select(line => new TimelineEntry.OnPaper(line.send, line.Name));

        public async Task<IEnumerable<TimelineEntry>> StepsAsync() =>
            (await (from step in db.FlowSteps.AsNoTracking()
                    where step.ContactId == contactId && step.At <= until
                    join instance in db.FlowInstances on step.InstanceId equals instance.Id
                    join definition in db.FlowDefinitions on instance.DefinitionVersionId equals definition.Id into definitions
                    from definition in definitions.DefaultIfEmpty()
                    orderby step.At descending, step.Id descending
                    select new { step, instance.DefinitionId, Name = definition == null ? instance.DefinitionId : definition.Name })
                .Take(take).ToListAsync(cancellation))
            .Select(line => new TimelineEntry.Stepped(line.step, line.DefinitionId, line.Name));

        public async Task<IEnumerable<TimelineEntry>> MailsAsync()
        {
            var mails = await db.OutboxMessages.AsNoTracking().Where(m => m.ContactId == contactId && (m.SentAt ?? m.RequestedAt) <= until)
                .OrderByDescending(m => m.SentAt ?? m.RequestedAt).ThenByDescending(m => m.Id).Take(take).ToListAsync(cancellation);
            var names = await OriginNames.OfAsync(db, mails, cancellation);
            return mails.Select(m => new TimelineEntry.Mailed(m, names.GetValueOrDefault(m.OriginId, "")));
        }

        public async Task<IEnumerable<TimelineEntry>> ResponsesAsync() =>
            (await (from response in db.DeliveryEvents.AsNoTracking()
                    where response.ContactId == contactId && response.At <= until
                    join mail in db.OutboxMessages on response.MessageId equals mail.Id into mails
                    from mail in mails.DefaultIfEmpty()
                    orderby response.At descending, response.Id descending
                    select new { response, Subject = mail == null ? "" : mail.Subject ?? mail.Template }).Take(take).ToListAsync(cancellation))
            .Select(line => new TimelineEntry.Responded(line.response, line.Subject));

        // A page of lines may end within an order: the days it touches are read whole.
        public async Task<IEnumerable<TimelineEntry>> PurchasesAsync(TimeZoneInfo zone)
        {
            var last = until == DateTimeOffset.MaxValue ? DateOnly.MaxValue : LocalTime.DayOf(until, zone);
            var mine = db.Purchases.AsNoTracking().Where(p => p.ContactId == contactId && p.Date <= last);
            var days = await mine.Select(p => p.Date).Distinct().OrderByDescending(day => day).Take(take).ToListAsync(cancellation);
            if (days.Count == 0) return [];
            var first = days[^1];
            var lines = await mine.Where(p => p.Date >= first).ToListAsync(cancellation);
            return lines.GroupBy(p => (p.Date, p.Source, p.OrderId)).OrderByDescending(order => order.Key)
                .Select(order => new TimelineEntry.Bought(
                    LocalTime.InstantOf(order.Key.Date, TimeOnly.MinValue, zone), order.Key.OrderId, [.. order.OrderBy(p => p.Line)]));
        }
    }
}

/// <summary>What flows and broadcasts are called, for lists of mails.</summary>
public static class OriginNames
{
    /// <returns>Names by <see cref="OutboxMessage.OriginId"/>; those that are gone are absent.</returns>
    public static async Task<IReadOnlyDictionary<string, string>> OfAsync(
        AutomationDb db, IReadOnlyCollection<OutboxMessage> mails, CancellationToken cancellation)
    {
        var flows = mails.Where(m => m.Origin is MessageOrigin.Flow).Select(m => m.OriginId).Distinct().ToList();
        var broadcasts = mails.Where(m => m.Origin is MessageOrigin.Broadcast).Select(m => m.OriginId).Distinct()
            .Select(id => Guid.TryParse(id, out var parsed) ? parsed : default).ToList();
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        if (flows.Count > 0)
        {
            foreach (var flow in await db.FlowDefinitions.Where(d => flows.Contains(d.DefinitionId)).OrderBy(d => d.Version)
                         .Select(d => new { d.DefinitionId, d.Name }).ToListAsync(cancellation))
                names[flow.DefinitionId] = flow.Name;
        }
        if (broadcasts.Count > 0)
        {
            foreach (var broadcast in await db.Broadcasts.Where(b => broadcasts.Contains(b.Id)).Select(b => new { b.Id, b.Name }).ToListAsync(cancellation))
                names[broadcast.Id.ToString("N")] = broadcast.Name;
        }
        return names;
    }
}
