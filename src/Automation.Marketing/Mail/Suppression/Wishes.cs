using System.Text.Json;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Mail.Suppression;

/// <summary>What a person asks of us on the preference page. Each wish is an event of its own: on the timeline, and for flows to hear.</summary>
public static class Wishes
{
    public const int MostMonths = 24;

    /// <summary>The lead event that a wish to be contacted later becomes.</summary>
    public const string ContactLater = "preferences.contact-later";

    private const string Changed = "preferences.changed";

    /// <summary>How often, and from when on. What waits is decided anew.</summary>
    /// <exception cref="RuleBrokenException">The day has passed, or is too far.</exception>
    public static async Task SetAsync(
        AutomationDb db, Contact person, MailFrequency frequency, DateOnly? pausedUntil, DateOnly today, Said said, DateTimeOffset now, CancellationToken cancellation)
    {
        if (pausedUntil <= today) throw new RuleBrokenException("Choose a day after today.");
        if (pausedUntil > today.AddMonths(MostMonths)) throw new RuleBrokenException($"Choose a day within the next {MostMonths} months.");
        await using var transaction = await db.BeginWriteAsync(cancellation);
        await WriteAsync(db, person.Id, frequency, pausedUntil, Changed, said, now, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>No mail for some months, and then a word: flows and sales can take it up.</summary>
    /// <exception cref="RuleBrokenException">The number of months is not possible.</exception>
    public static async Task ContactInMonthsAsync(AutomationDb db, Contact person, int months, DateOnly today, Said said, DateTimeOffset now, CancellationToken cancellation)
    {
        if (months is < 1 or > MostMonths) throw new RuleBrokenException($"Enter a number of months from 1 to {MostMonths}.");
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var frequency = await db.MailPreferences.AsNoTracking().Where(p => p.ContactId == person.Id).Select(p => (MailFrequency?)p.Frequency).SingleOrDefaultAsync(cancellation);
        await WriteAsync(db, person.Id, frequency ?? default, today.AddMonths(months), ContactLater, said, now, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Agrees to a topic again, or to all (empty): the person's own act.</summary>
    public static async Task GrantAsync(AutomationDb db, Guid contactId, string topic, Said said, DateTimeOffset now, CancellationToken cancellation)
    {
        var standing = (await ConsentLedger.StandingsAsync(db, [contactId], [topic], cancellation)).GetValueOrDefault((contactId, topic));
        if (!ConsentLedger.MayGrant((standing.State, standing.At), ConsentBasis.OptIn, now)) return;
        await ConsentLedger.WriteAsync(
            db,
            [
                new ConsentEntry
                {
                    Id = RowId.New(now), ContactId = contactId, Topic = topic, State = ConsentState.Granted, Basis = ConsentBasis.OptIn, Source = said.Source,
                    Evidence = said.Evidence, Wording = PreferenceWording, IpAddress = said.IpAddress, UserAgent = said.UserAgent, Actor = said.Actor, At = now,
                },
            ],
            cancellation);
    }

    // Of the words on the preference page; grows when they change.
    private const string PreferenceWording = "preferences-1";

    private static async Task WriteAsync(
        AutomationDb db, Guid contactId, MailFrequency frequency, DateOnly? pausedUntil, string type, Said said, DateTimeOffset now, CancellationToken cancellation)
    {
        await db.HoldAsync("contacts", [contactId], cancellation);
        var row = await db.MailPreferences.SingleOrDefaultAsync(p => p.ContactId == contactId, cancellation);
        if (row is null) db.MailPreferences.Add(row = new MailPreference { ContactId = contactId });
        (row.Frequency, row.PausedUntil, row.UpdatedAt) = (frequency, pausedUntil, now);
        var data = JsonSerializer.Serialize(
            new { frequency = frequency.ToString(), paused_until = pausedUntil, ip_address = said.IpAddress, user_agent = said.UserAgent }, JsonSerializerOptions.Web);
        var heard = new LeadEvent
        {
            Id = RowId.New(now),
            Source = said.Source,
            SourceId = RowId.New(now).ToString("N"),
            Type = type,
            ContactId = contactId,
            OccurredAt = now,
            ReceivedAt = now,
            Data = data,
        };
        db.LeadEvents.Add(heard);
        await db.SaveChangesAsync(cancellation);
        var payload = JsonSerializer.Serialize(new { type, occurred_at = now, source = said.Source, id = heard.SourceId, data = JsonSerializer.Deserialize<JsonElement>(data) });
        await Stimuli.WriteAsync(db, [new NewStimulus(Stimuli.EventReceived, type, contactId, payload)], now, cancellation);
        await Outbox.ReplanAsync(db, [contactId], now, cancellation);
    }
}
