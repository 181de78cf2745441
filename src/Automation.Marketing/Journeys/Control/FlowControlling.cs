using System.Text.Json;
using Automation.Marketing.Mail;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Journeys.Control;

/// <summary>What becomes of those who would have entered while a flow was held.</summary>
public enum HeldEntries { Enter, Drop }

/// <summary>
/// Stops, pauses and resumes flows and single runs, at any time. Paused: nobody enters, no wait ends, no mail leaves; events
/// are kept and goals, exits and opt-outs still end runs. Resumed: all of it goes on, in the order in which it was due.
/// </summary>
public sealed class FlowControlling(FlowEngine engine)
{
    /// <exception cref="RuleBrokenException">There is no such flow, or it is paused already.</exception>
    public async Task PauseAsync(AutomationDb db, string definitionId, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var control = await HoldAsync(db, definitionId, cancellation);
        if (control.PausedAt is not null) throw new RuleBrokenException("This flow is paused already.");
        (control.PausedAt, control.PausedBy) = (now, who);
        await db.SaveChangesAsync(cancellation);
        await AddJobAsync(db, definitionId, FlowJobKind.HoldMail, new { }, who, now, cancellation);
        await db.NoteAsync(definitionId, null, FlowAction.Paused, who, now, null, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <exception cref="RuleBrokenException">There is no such flow, or it is not paused.</exception>
    public async Task ResumeAsync(AutomationDb db, string definitionId, HeldEntries held, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var control = await HoldAsync(db, definitionId, cancellation);
        if (control.PausedAt is null) throw new RuleBrokenException("This flow is not paused.");
        (control.PausedAt, control.PausedBy, control.EntryHeldAt) = (null, null, null);
        await db.SaveChangesAsync(cancellation);
        await LetGoAsync(db, definitionId, held, who, FlowAction.Resumed, now, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>The guard held people back; somebody has looked: the flow is open again.</summary>
    /// <exception cref="RuleBrokenException">There is no such flow, or nothing is held.</exception>
    public async Task ReleaseEntriesAsync(AutomationDb db, string definitionId, HeldEntries held, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var control = await HoldAsync(db, definitionId, cancellation);
        if (control.EntryHeldAt is null) throw new RuleBrokenException("Entry into this flow is not held.");
        if (control.PausedAt is not null) throw new RuleBrokenException("This flow is paused; resume it instead.");
        control.EntryHeldAt = null;
        await db.SaveChangesAsync(cancellation);
        await LetGoAsync(db, definitionId, held, who, FlowAction.EntryReleased, now, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Ends every run of the flow that is live now; who enters later is not concerned.</summary>
    /// <exception cref="RuleBrokenException">There is no such flow.</exception>
    public async Task StopAsync(AutomationDb db, string definitionId, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        await HoldAsync(db, definitionId, cancellation);
        await AddJobAsync(db, definitionId, FlowJobKind.Stop, new { }, who, now, cancellation);
        await db.NoteAsync(definitionId, null, FlowAction.Stopped, who, now, null, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Ends one run; its waiting mail is withdrawn with it.</summary>
    /// <exception cref="RuleBrokenException">There is no such run, or it has ended.</exception>
    public async Task StopRunAsync(AutomationDb db, Guid instanceId, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var run = await HoldRunAsync(db, instanceId, cancellation);
        await engine.EndAsync(db, [new Occasion.MustEnd(instanceId, run.ContactId, ExitReasons.Stopped)], cancellation);
        await db.NoteAsync(run.DefinitionId, instanceId, FlowAction.Stopped, who, now, null, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <exception cref="RuleBrokenException">There is no such run, or it has ended, or is paused already.</exception>
    public async Task PauseRunAsync(AutomationDb db, Guid instanceId, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var run = await HoldRunAsync(db, instanceId, cancellation);
        if (run.PausedAt is not null) throw new RuleBrokenException("This run is paused already.");
        await db.ExecuteAsync("UPDATE flow_instances SET paused_at = @p1 WHERE id = @p0", cancellation, instanceId, now);
        await Outbox.HoldOfRunAsync(db, run.ContactId, instanceId, now, cancellation);
        await db.NoteAsync(run.DefinitionId, instanceId, FlowAction.Paused, who, now, null, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <exception cref="RuleBrokenException">There is no such run, or it has ended, or is not paused.</exception>
    public async Task ResumeRunAsync(AutomationDb db, Guid instanceId, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var run = await HoldRunAsync(db, instanceId, cancellation);
        if (run.PausedAt is null) throw new RuleBrokenException("This run is not paused.");
        await db.ExecuteAsync("UPDATE flow_instances SET paused_at = NULL WHERE id = @p0", cancellation, instanceId);
        await db.NoteAsync(run.DefinitionId, instanceId, FlowAction.Resumed, who, now, null, cancellation);
        // While the whole flow is paused, the run waits with the others.
        if (!await db.FlowControls.AnyAsync(control => control.DefinitionId == run.DefinitionId && control.PausedAt != null, cancellation))
        {
            await FlowRelease.WaitsAsync(db, [instanceId], cancellation);
            await Outbox.ReleaseOfRunAsync(db, run.ContactId, instanceId, now, cancellation);
            await FlowRelease.HeldOfRunAsync(db, run.DefinitionId, instanceId, now, cancellation);
        }
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Adds the work; <see cref="FlowJobs"/> does it.</summary>
    internal static async Task<FlowJob> AddJobAsync(
        AutomationDb db, string definitionId, FlowJobKind kind, object payload, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        var job = new FlowJob
        {
            Id = RowId.New(now),
            DefinitionId = definitionId,
            Kind = kind,
            Payload = JsonSerializer.Serialize(payload, JsonSerializerOptions.Web),
            Who = who,
            CreatedAt = now,
        };
        db.FlowJobs.Add(job);
        await db.SaveChangesAsync(cancellation);
        return job;
    }

    private static async Task LetGoAsync(
        AutomationDb db, string definitionId, HeldEntries held, string who, string what, DateTimeOffset now, CancellationToken cancellation)
    {
        await EnrolmentGuard.ForgetAsync(db, definitionId, cancellation);
        await AddJobAsync(db, definitionId, FlowJobKind.Release, new FlowRelease(held, now), who, now, cancellation);
        await db.NoteAsync(definitionId, null, what, who, now, new { held = held.ToString() }, cancellation);
    }

    private static async Task<FlowControl> HoldAsync(AutomationDb db, string definitionId, CancellationToken cancellation)
    {
        if (!await db.FlowDefinitions.AnyAsync(definition => definition.DefinitionId == definitionId, cancellation))
            throw new RuleBrokenException($"There is no flow '{definitionId}'.");
        return await db.HoldFlowAsync(definitionId, cancellation);
    }

    // The person is held first, as everywhere: whoever works on their runs has finished, and nobody begins.
    private static async Task<FlowInstance> HoldRunAsync(AutomationDb db, Guid instanceId, CancellationToken cancellation)
    {
        var contact = await db.FlowInstances.Where(one => one.Id == instanceId).Select(one => (Guid?)one.ContactId).SingleOrDefaultAsync(cancellation)
            ?? throw new RuleBrokenException("There is no such run.");
        await db.HoldAsync("contacts", [contact], cancellation);
        var run = await db.FlowInstances.AsNoTracking().SingleAsync(one => one.Id == instanceId, cancellation);
        if (run.Status is not FlowInstanceStatus.Running) throw new RuleBrokenException($"This run has ended: {run.Status}.");
        return run;
    }
}
