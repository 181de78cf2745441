using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Marketing.Campaigns.Turns;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Campaigns;

/// <summary>What a new broadcast is made of.</summary>
/// <param name="SendAt">Null: now.</param>
/// <param name="Season">What templates see as <c>season</c>: a JSON object.</param>
/// <param name="Capacity">At most so many people, those who bought last first; null: all.</param>
public sealed record NewBroadcast(
    string Name, string Template, Audience Audience, DateTimeOffset? SendAt = null, DateTimeOffset? ValidUntil = null, OverCap OverCap = OverCap.Skip,
    Approach? Approach = null, int? Priority = null, string? CollapseKey = null, Guid? OccurrenceId = null, string Season = "{}",
    int? Capacity = null)
{
    /// <summary>With an hour of everyone's own clock, <see cref="SendAt"/> follows from it.</summary>
    public BroadcastOptions Options { get; init; } = BroadcastOptions.None;

    /// <summary>What its mails are made of: its own template, and the two of a test.</summary>
    public IReadOnlyList<string> Templates =>
        Options.Test is { Of: TestOf.Template } test ? [.. new[] { Template, test.A, test.B }.Distinct(StringComparer.Ordinal)] : [Template];
}

/// <summary>Makes broadcasts and carries them through: select, decide in batches, account for everyone. Killed at any moment, it goes on where it was.</summary>
public sealed class Broadcasts(IDbContextFactory<AutomationDb> dbs, TemplateCatalogue catalogue, MailSender sender, TimeProvider clock)
{
    /// <summary>0 to 100, where nothing else is asked for.</summary>
    public const int DefaultPriority = 30;

    private const int DecidedAtATime = 500;
    private const int MaxName = 200;

    /// <exception cref="BadInputException">A field is missing or names something that does not exist.</exception>
    public Broadcast Create(AutomationDb db, NewBroadcast wanted, string actor, DateTimeOffset now)
    {
        if (string.IsNullOrWhiteSpace(wanted.Name) || wanted.Name.Length > MaxName) throw new BadInputException("name", $"must have 1 to {MaxName} characters.");
        if (catalogue.Find(wanted.Template) is not { } template) throw new BadInputException("template", $"there is no template '{wanted.Template}'.");
        if (template.Class is MessageClass.Transactional) throw new BadInputException("template", "is transactional; a broadcast is marketing.");
        if (wanted.Priority is < 0 or > 100) throw new BadInputException("priority", "must be 0 to 100.");
        if (wanted.Capacity is < 1) throw new BadInputException("capacity", "must be 1 or more.");
        if (wanted.Approach is Approach.None) throw new BadInputException("approach", "must be A1, A2 or A3.");
        if (wanted.OverCap is OverCap.Exit) throw new BadInputException("overCap", "must be skip or defer: nobody leaves a broadcast as they leave a flow.");
        Audiences.Check(wanted.Audience, "audience");
        wanted.Options.Check(catalogue);
        if (wanted.Options.Local?.Last < now) throw new BadInputException("options.local.at", "is over on every clock.");
        if (wanted.Options.Local is { } local) wanted = wanted with { SendAt = local.First < now ? now : local.First };
        if (wanted.ValidUntil <= (wanted.SendAt ?? now)) throw new BadInputException("validUntil", "lies before the send time.");
        var broadcast = new Broadcast
        {
            Id = RowId.New(now),
            Name = wanted.Name,
            Template = wanted.Template,
            Audience = wanted.Audience.ToJson(),
            Approach = wanted.Approach ?? template.Approach,
            Priority = wanted.Priority ?? DefaultPriority,
            OverCap = wanted.OverCap,
            CollapseKey = wanted.CollapseKey,
            Season = wanted.Season,
            Capacity = wanted.Capacity,
            Options = wanted.Options.ToJson(),
            SendAt = wanted.SendAt ?? now,
            ValidUntil = wanted.ValidUntil,
            OccurrenceId = wanted.OccurrenceId,
            CreatedBy = actor,
            CreatedAt = now,
        };
        db.Broadcasts.Add(broadcast);
        return broadcast;
    }

    /// <summary>How many people the audience has, and how many of them have been decided.</summary>
    public static async Task<(int People, int Decided)> ProgressAsync(AutomationDb db, Broadcast broadcast, CancellationToken cancellation)
    {
        var isDecided = !broadcast.HasTurns ? "contact_id <= @p1" : broadcast.State is BroadcastState.Selecting ? "contact_id < @p1" : "contact_id > @p1 AND turn_at IS NULL";
        var counts = await db.QueryAsync(
            $"SELECT COUNT(*), SUM(CASE WHEN {isDecided} THEN 1 ELSE 0 END) FROM broadcast_recipients WHERE broadcast_id = @p0",
            row => (row.Int(0), row.IsNull(1) ? 0 : row.Int(1)), cancellation, broadcast.Id, broadcast.DecidedUpTo ?? Guid.Empty);
        return counts[0];
    }

    /// <summary>Nobody who has not been handed to the provider yet is mailed.</summary>
    public async Task StopAsync(Guid id, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        await using var transaction = await db.BeginWriteAsync(cancellation);
        // Held before it is read: a worker may be carrying it on, and may have finished it by then.
        await db.HoldAsync("broadcasts", [id], cancellation);
        var broadcast = await db.Broadcasts.SingleAsync(b => b.Id == id, cancellation);
        var now = clock.GetUtcNow();
        broadcast.Stop(now);
        await db.SaveChangesAsync(cancellation);
        await Outbox.CancelOfBroadcastAsync(db, id, now, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>A process begins: what it finds under way says so in its report.</summary>
    public async Task BeginAsync(CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        await using var transaction = await db.BeginWriteAsync(cancellation);
        await CarryingOn.NoteAsync(db, clock.GetUtcNow(), cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Does one step of the broadcast that is due first.</summary>
    /// <returns>0 when none is due.</returns>
    public async Task<int> WorkAsync(CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var now = clock.GetUtcNow();
        if (await NextAsync(db, now, lockIt: false, cancellation) is not { } due) return 0;
        if (await SendAtOnceAsync(db, due, cancellation) is > 0 and var sent) return sent;
        await using var transaction = await db.BeginWriteAsync(cancellation);
        if (await NextAsync(db, now, lockIt: true, cancellation) is not { } id) return 0;
        // Read under the lock: what was seen before it, another process may have carried on since.
        var broadcast = await db.Broadcasts.SingleAsync(one => one.Id == id, cancellation);
        var worked = await StepAsync(db, broadcast, now, cancellation);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return worked;
    }

    // Everybody in order, and nothing in the way: the mail need not wait in the outbox.
    private async Task<int> SendAtOnceAsync(AutomationDb db, Guid id, CancellationToken cancellation)
    {
        var broadcast = await db.Broadcasts.AsNoTracking().SingleAsync(one => one.Id == id, cancellation);
        if (broadcast.State is not BroadcastState.Sending || broadcast.HasTurns) return 0;
        return await sender.SendNewAsync(new BroadcastMail(broadcast, Requests(broadcast, broadcast.Template, subject: null)), cancellation);
    }

    private static async Task<Guid?> NextAsync(AutomationDb db, DateTimeOffset now, bool lockIt, CancellationToken cancellation)
    {
        var ids = await db.QueryAsync(
            $"SELECT id FROM broadcasts WHERE state IN ('Scheduled', 'Selecting', 'Sending') AND send_at <= @p0 AND (next_at IS NULL OR next_at <= @p0) ORDER BY COALESCE(next_at, send_at), id LIMIT 1{(lockIt ? db.Dialect.SkipLocked : "")}",
            row => row.Guid(0), cancellation, now);
        return ids.Count == 0 ? null : ids[0];
    }

    private async Task<int> StepAsync(AutomationDb db, Broadcast broadcast, DateTimeOffset now, CancellationToken cancellation)
    {
        var shop = await db.ShopAsync(cancellation);
        switch (broadcast.State)
        {
            case BroadcastState.Scheduled:
                broadcast.BeginSelecting(now);
                return 1;
            case BroadcastState.Selecting when broadcast.HasTurns:
                await Turns(db, broadcast, shop, now, cancellation).PlanNextAsync();
                return 1;
            case BroadcastState.Selecting:
                var today = LocalTime.DayOf(now, LocalTime.ZoneOr(shop.TimeZone, TimeZoneInfo.Utc));
                var audience = Audiences.Parse(broadcast.Audience, "audience");
                await Audiences.FreezeAsync(db, broadcast.Id, audience, today, broadcast.Capacity, cancellation);
                var heldOut = (await db.HoldOutAsync(cancellation)).Percent;
                if (heldOut == 0 && BroadcastOptions.FromJson(broadcast.Options) == BroadcastOptions.None) broadcast.BeginSending();
                else await Turns(db, broadcast, shop, now, cancellation).BeginAsync(audience, heldOut);
                return 1;
            case var _ when broadcast.HasTurns:
                return await DecideTurnsAsync(db, broadcast, shop, now, cancellation);
            default:
                return await DecideNextAsync(db, broadcast, shop, now, cancellation);
        }
    }

    private async Task<int> DecideNextAsync(AutomationDb db, Broadcast broadcast, ShopIdentity shop, DateTimeOffset now, CancellationToken cancellation)
    {
        var contacts = await BroadcastMail.RecipientsAsync(db, broadcast.Id, broadcast.DecidedUpTo ?? Guid.Empty, DecidedAtATime, cancellation);
        if (contacts.Count == 0)
        {
            broadcast.Finish(now);
            return 1;
        }
        var request = Requests(broadcast, broadcast.Template, subject: null);
        await Outbox.RequestAsync(db, [.. contacts.Select(request)], await db.SendingPolicyAsync(cancellation), shop.TimeZone, now, cancellation);
        broadcast.Decide(contacts[^1]);
        return contacts.Count;
    }

    private async Task<int> DecideTurnsAsync(AutomationDb db, Broadcast broadcast, ShopIdentity shop, DateTimeOffset now, CancellationToken cancellation)
    {
        var turns = Turns(db, broadcast, shop, now, cancellation);
        if (await turns.NextAsync(DecidedAtATime) is not { } due) return 1;
        var requests = (await turns.ListAsync(due)).GroupBy(one => turns.ContentOf(one.Version))
            .SelectMany(group => group.Select(one => one.ContactId).Select(Requests(broadcast, group.Key.Template, group.Key.Subject))).ToList();
        await Outbox.RequestAsync(db, requests, await db.SendingPolicyAsync(cancellation), shop.TimeZone, now, cancellation);
        await turns.PassAsync(due);
        return due.Count;
    }

    private TurnSteps Turns(AutomationDb db, Broadcast broadcast, ShopIdentity shop, DateTimeOffset now, CancellationToken cancellation) =>
        new(db, broadcast, shop, TopicsOf, now, cancellation);

    private string TopicsOf(string template) => string.Join(',', catalogue.Find(template)?.Topics ?? []);

    private Func<Guid, MailRequest> Requests(Broadcast broadcast, string template, string? subject)
    {
        var (context, topics) = (ContextOf(broadcast, subject), TopicsOf(template));
        return contact => new MailRequest(
            MessageIdentity.OfBroadcast(broadcast.Id, contact), template, MessageClass.Marketing, broadcast.Approach, broadcast.OverCap,
            broadcast.Priority, broadcast.ValidUntil, broadcast.CollapseKey, topics, context);
    }

    private static string ContextOf(Broadcast broadcast, string? subject)
    {
        var campaign = new JsonObject { ["name"] = broadcast.Name };
        if (subject is not null) campaign["tried_subject"] = subject;
        var context = new JsonObject { ["campaign"] = campaign, ["season"] = JsonNode.Parse(broadcast.Season) }.ToJsonString(JsonSerializerOptions.Web);
        return InNameOfContext.With(context, BroadcastOptions.FromJson(broadcast.Options).InNameOf ?? InNameOf.Shop);
    }
}
