using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Delivery.Holds;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Automation.Server.Work;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Sending;

/// <summary>What waits to leave and why, what keeps it back, and what receivers thought of what left.</summary>
public sealed class SendingModel(AutomationDb db, WorkLoops work, TimeProvider clock, Show show, IStringLocalizer words) : PageModel
{
    private const int NextShown = 20;

    public IReadOnlyList<ActiveHold> Holds { get; private set; } = [];
    public IReadOnlyDictionary<string, string> Broadcasts { get; private set; } = new Dictionary<string, string>();
    public IReadOnlyList<WaitingLine> Waiting { get; private set; } = [];
    public IReadOnlyList<WaitingMail> Next { get; private set; } = [];
    public SendingRecord Record { get; private set; } = null!;

    /// <summary>Since when the oldest mail could have left; null: none is late.</summary>
    public DateTimeOffset? OldestDue { get; private set; }

    public bool IsPaused => Holds.Any(hold => hold.Scope is HoldScope.All && hold.Reason is HoldReason.Person);

    public bool IsMarketingPaused => Holds.Any(hold => hold.Scope is HoldScope.Marketing && hold.Reason is HoldReason.Person);

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        Holds = await SendingHolds.InForceAsync(db, now, cancellation);
        Record = await Breakers.RecordAsync(db, now, cancellation);
        var lines = await db.QueryAsync(
            "SELECT state, rule, COUNT(*), MIN(due_at) FROM outbox_messages WHERE state IN ('Queued', 'Deferred', 'Sending', 'Uncertain') GROUP BY state, rule",
            row => new WaitingLine(row.Enum<MessageState>(0), row.Text(1), row.Int(2), row.Instant(3)), cancellation);
        Waiting = [.. lines.OrderBy(line => line.State is MessageState.Deferred).ThenByDescending(line => line.Count)];
        OldestDue = lines.Where(line => line.State is MessageState.Queued && line.Due < now).Select(line => (DateTimeOffset?)line.Due).Min();
        Next = await (from mail in db.OutboxMessages.AsNoTracking()
                      where mail.State == MessageState.Queued || mail.State == MessageState.Deferred
                      join person in db.Contacts on mail.ContactId equals person.Id
                      orderby mail.DueAt, mail.Id
                      select new WaitingMail(mail, person.Name ?? person.Email ?? "")).Take(NextShown).ToListAsync(cancellation);
        var held = Holds.Where(hold => hold.Scope is HoldScope.Broadcast).Select(hold => Guid.Parse(hold.Key)).ToList();
        Broadcasts = await db.Broadcasts.Where(one => held.Contains(one.Id)).ToDictionaryAsync(one => one.Id.ToString("N"), one => one.Name, cancellation);
        return Page();
    }

    public Task<IActionResult> OnPostPauseAsync(HoldScope scope, CancellationToken cancellation) =>
        scope is HoldScope.All or HoldScope.Marketing
            ? DoAsync((who, now) => SendingHolds.PauseAsync(db, scope, "", who, now, cancellation), words["Paused. What waits stays in its place."], cancellation)
            : Task.FromResult<IActionResult>(BadRequest());

    public Task<IActionResult> OnPostReleaseAsync(Guid id, CancellationToken cancellation) =>
        DoAsync((who, now) => SendingHolds.ReleaseAsync(db, id, who, now, cancellation), words["Sending goes on."], cancellation);

    public Task<IActionResult> OnPostCancelAsync(Guid id, CancellationToken cancellation) =>
        DoAsync((_, now) => Outbox.CancelAsync(db, id, now, cancellation), words["Cancelled. It is not sent."], cancellation);

    /// <summary>What a hold keeps back.</summary>
    public string What(ActiveHold hold) => hold.Scope switch
    {
        HoldScope.All => words["All mail"],
        HoldScope.Marketing => words["All marketing mail"],
        HoldScope.Selling => words["All selling mail"],
        _ => Broadcasts.GetValueOrDefault(hold.Key, hold.Key),
    };

    /// <summary>Who or what holds it.</summary>
    public string Why(ActiveHold hold) => hold.Reason switch
    {
        HoldReason.Person => words["paused by {0}", hold.HeldBy],
        HoldReason.Provider => words["the provider refuses our key or sender: {0}", hold.Detail],
        HoldReason.RateLimit => words["the provider takes no more for now"],
        HoldReason.Complaints => words["too many complaints: {0} mails", hold.Detail],
        _ => words["too many addresses that do not exist: {0} mails", hold.Detail],
    };

    private async Task<IActionResult> DoAsync(Func<string, DateTimeOffset, Task> what, string done, CancellationToken cancellation)
    {
        if (!ModelState.IsValid) return BadRequest();
        await this.TryWriteAsync(db, work, who => what(who, clock.GetUtcNow()), done, show, cancellation);
        return RedirectToPage();
    }
}

/// <param name="Due">The first of them.</param>
public sealed record WaitingLine(MessageState State, string Rule, int Count, DateTimeOffset Due);

public sealed record WaitingMail(OutboxMessage Mail, string Person);
