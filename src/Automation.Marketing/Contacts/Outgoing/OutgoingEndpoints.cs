using System.Text.Json;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Contacts.Outgoing;

/// <summary>What somebody enters of an endpoint.</summary>
public sealed record EndpointInput(string? Name, string? Url, IReadOnlyCollection<string> Types, bool WithAddress);

/// <summary>An endpoint with its secret, as it is shown once.</summary>
public sealed record NewEndpoint(Guid Id, string Name, string Secret);

/// <summary>Makes and changes endpoints; each change is in the audit trail.</summary>
public static class OutgoingEndpoints
{
    /// <summary>Who paused an endpoint that had failed for long.</summary>
    public const string ByItself = "automation";

    /// <summary>Every event is told to each that wants it: more would make what happens here slower.</summary>
    public const int Most = 20;

    /// <summary>How long the secret before the last change still signs.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromDays(1);

    /// <exception cref="RuleBrokenException">Something entered is at fault, the name is taken, or there are enough.</exception>
    public static async Task<NewEndpoint> AddAsync(AutomationDb db, OutgoingAccess access, EndpointInput input, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        var (name, url, types) = Read(access, input);
        await using var transaction = await db.BeginWriteAsync(cancellation);
        if (await db.OutgoingEndpoints.CountAsync(cancellation) >= Most) throw new RuleBrokenException($"There are {Most} endpoints already. Remove one first.");
        await RefuseTakenAsync(db, Guid.Empty, name, cancellation);
        var endpoint = new OutgoingEndpoint
        {
            Id = RowId.New(now),
            Name = name,
            Url = url,
            Types = types,
            WithAddress = input.WithAddress,
            Secret = OutgoingSignature.NewSecret(),
            CreatedBy = who,
            CreatedAt = now,
        };
        db.OutgoingEndpoints.Add(endpoint);
        await db.SaveChangesAsync(cancellation);
        await Audit.WriteAsync(db, who, "endpoint.made", name, before: null, Told(endpoint), now, cancellation);
        await transaction.CommitAsync(cancellation);
        return new NewEndpoint(endpoint.Id, name, endpoint.Secret);
    }

    /// <summary>What waits goes to the new address.</summary>
    /// <exception cref="RuleBrokenException">There is no such endpoint, or something entered is at fault.</exception>
    public static Task ChangeAsync(AutomationDb db, OutgoingAccess access, Guid id, EndpointInput input, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        var (name, url, types) = Read(access, input);
        return WriteAsync(
            db, id, "endpoint.changed", who,
            async endpoint =>
            {
                await RefuseTakenAsync(db, id, name, cancellation);
                (endpoint.Name, endpoint.Url, endpoint.Types, endpoint.WithAddress) = (name, url, types, input.WithAddress);
            },
            now, cancellation);
    }

    /// <summary>A new secret; the old one signs beside it for a day, so that the receiver can be changed meanwhile.</summary>
    /// <exception cref="RuleBrokenException">There is no such endpoint.</exception>
    public static async Task<NewEndpoint> RotateAsync(AutomationDb db, Guid id, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        var made = new NewEndpoint(id, "", OutgoingSignature.NewSecret());
        await WriteAsync(
            db, id, "endpoint.secret", who,
            endpoint =>
            {
                (endpoint.OldSecret, endpoint.OldSecretUntil, endpoint.Secret) = (endpoint.Secret, now + Overlap, made.Secret);
                made = made with { Name = endpoint.Name };
                return Task.CompletedTask;
            },
            now, cancellation);
        return made;
    }

    /// <exception cref="RuleBrokenException">There is no such endpoint, or it is paused.</exception>
    public static Task PauseAsync(AutomationDb db, Guid id, string who, DateTimeOffset now, CancellationToken cancellation) => WriteAsync(
        db, id, "endpoint.paused", who,
        endpoint =>
        {
            if (endpoint.State is EndpointState.Paused) throw new RuleBrokenException("This endpoint is paused already.");
            (endpoint.State, endpoint.PausedBy, endpoint.PausedAt) = (EndpointState.Paused, who, now);
            return Task.CompletedTask;
        },
        now, cancellation);

    /// <summary>What was kept meanwhile goes out, and has its three days anew.</summary>
    /// <exception cref="RuleBrokenException">There is no such endpoint, or it is not paused.</exception>
    public static Task ResumeAsync(AutomationDb db, Guid id, string who, DateTimeOffset now, CancellationToken cancellation) => WriteAsync(
        db, id, "endpoint.resumed", who,
        async endpoint =>
        {
            if (endpoint.State is EndpointState.Active) throw new RuleBrokenException("This endpoint is not paused.");
            (endpoint.State, endpoint.PausedBy, endpoint.PausedAt) = (EndpointState.Active, "", null);
            (endpoint.FailingSince, endpoint.Failures, endpoint.RetryAt) = (null, 0, null);
            await db.ExecuteAsync(
                "UPDATE outgoing_deliveries SET due_at = @p1, failures = 0, first_failed_at = NULL WHERE endpoint_id = @p0 AND state = 'Waiting' AND failures > 0", cancellation, id, now);
        },
        now, cancellation);

    /// <summary>It hears nothing any more, and what waited for it is dropped.</summary>
    /// <exception cref="RuleBrokenException">There is no such endpoint.</exception>
    public static async Task RemoveAsync(AutomationDb db, Guid id, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var endpoint = await LoadAsync(db, id, cancellation);
        db.OutgoingEndpoints.Remove(endpoint);
        await db.SaveChangesAsync(cancellation);
        await db.ExecuteAsync("DELETE FROM outgoing_deliveries WHERE endpoint_id = @p0", cancellation, id);
        await Audit.WriteAsync(db, who, "endpoint.removed", endpoint.Name, Told(endpoint), after: null, now, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Sends a <c>test.ping</c> on the way that all events take.</summary>
    /// <exception cref="RuleBrokenException">There is no such endpoint, or it is paused.</exception>
    public static async Task TryAsync(AutomationDb db, Guid id, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var endpoint = await LoadAsync(db, id, cancellation);
        if (endpoint.State is EndpointState.Paused) throw new RuleBrokenException("This endpoint is paused. Let it go on first.");
        var ping = new OutgoingEvent { Id = RowId.New(now), Type = OutgoingTypes.Test, ContactId = Guid.Empty, At = now, Data = JsonSerializer.Serialize(new { by = who }) };
        await OutgoingEvents.WriteAsync(db, [ping], _ => [id], cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Sends one event once more, whatever became of it, under its own id.</summary>
    /// <exception cref="RuleBrokenException">There is no such delivery.</exception>
    public static async Task ReplayAsync(AutomationDb db, long delivery, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var replayed = await db.ExecuteAsync(
            "UPDATE outgoing_deliveries SET state = 'Waiting', due_at = @p1, failures = 0, first_failed_at = NULL WHERE id = @p0", cancellation, delivery, now);
        if (replayed == 0) throw new RuleBrokenException("There is no such event any more.");
        await Audit.WriteAsync(db, who, "endpoint.replayed", delivery.ToString(System.Globalization.CultureInfo.InvariantCulture), before: null, after: null, now, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Sends all of a period once more, in their order: after the receiver lost what it had.</summary>
    /// <param name="from">When they happened, this instant included.</param>
    /// <param name="until">This instant not included.</param>
    /// <param name="onlyDead">Only those that were given up.</param>
    /// <returns>How many.</returns>
    /// <exception cref="RuleBrokenException">There is no such endpoint, or the period is empty.</exception>
    public static async Task<int> ReplayAsync(
        AutomationDb db, Guid id, DateTimeOffset from, DateTimeOffset until, bool onlyDead, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        if (until <= from) throw new RuleBrokenException("The period ends before it begins.");
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var endpoint = await LoadAsync(db, id, cancellation);
        var replayed = await db.ExecuteAsync(
            $"""
            UPDATE outgoing_deliveries SET state = 'Waiting', due_at = @p3, failures = 0, first_failed_at = NULL
            WHERE endpoint_id = @p0 AND state IN ({(onlyDead ? "'Dead'" : "'Dead', 'Delivered'")}) AND at >= @p1 AND at < @p2 AND type <> '{OutgoingTypes.Test}'
            """,
            cancellation, id, from, until, now);
        await Audit.WriteAsync(db, who, "endpoint.replayed", endpoint.Name, before: null, new { from, until, onlyDead, replayed }, now, cancellation);
        await transaction.CommitAsync(cancellation);
        return replayed;
    }

    private static (string Name, string Url, string Types) Read(OutgoingAccess access, EndpointInput input)
    {
        var name = (input.Name ?? "").Trim();
        if (name.Length is 0 or > OutgoingEndpoint.MaxName) throw new RuleBrokenException($"An endpoint needs a name of at most {OutgoingEndpoint.MaxName} characters.");
        var url = access.Parse(input.Url).OriginalString.Trim();
        var types = OutgoingTypes.All.Where(input.Types.Contains).ToList();
        if (types.Count == 0 || input.Types.Except(types).Any()) throw new RuleBrokenException("Choose at least one of the events.");
        return (name, url, string.Join(',', types));
    }

    private static async Task RefuseTakenAsync(AutomationDb db, Guid own, string name, CancellationToken cancellation)
    {
        if (await db.OutgoingEndpoints.AnyAsync(one => one.Name == name && one.Id != own, cancellation)) throw new RuleBrokenException($"There is an endpoint '{name}' already.");
    }

    private static async Task WriteAsync(
        AutomationDb db, Guid id, string action, string who, Func<OutgoingEndpoint, Task> change, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var endpoint = await LoadAsync(db, id, cancellation);
        var before = Told(endpoint);
        await change(endpoint);
        await db.SaveChangesAsync(cancellation);
        await Audit.WriteAsync(db, who, action, endpoint.Name, before, Told(endpoint), now, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    // Workers write to the row too: as it is now, and held until the change is in.
    private static async Task<OutgoingEndpoint> LoadAsync(AutomationDb db, Guid id, CancellationToken cancellation)
    {
        await db.HoldAsync("outgoing_endpoints", [id], cancellation);
        return await db.OutgoingEndpoints.SingleOrDefaultAsync(one => one.Id == id, cancellation) ?? throw new RuleBrokenException("There is no such endpoint.");
    }

    // Without the secret.
    private static object Told(OutgoingEndpoint endpoint) => new { endpoint.Url, endpoint.Types, endpoint.WithAddress, State = endpoint.State.ToString() };
}
