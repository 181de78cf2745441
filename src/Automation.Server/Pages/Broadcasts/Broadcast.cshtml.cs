using Automation.Marketing.Campaigns;
using Automation.Marketing.Campaigns.Turns;
using Automation.Marketing.Campaigns.Use;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Mail.Delivery.Holds;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Automation.Server.Work;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Broadcasts;

/// <summary>One broadcast: how far it is, and everyone it was for by what became of their mail.</summary>
public sealed class BroadcastModel(
    AutomationDb db, Marketing.Campaigns.Broadcasts broadcasts, WorkLoops work, TimeProvider clock, Show show, IStringLocalizer words) : PageModel
{
    public Broadcast Broadcast { get; private set; } = null!;
    public int People { get; private set; }
    public int Decided { get; private set; }
    public IReadOnlyList<AccountLine> Account { get; private set; } = [];
    public HeldBackReport? Held { get; private set; }
    public BroadcastOptions Options => BroadcastOptions.FromJson(Broadcast.Options);

    /// <summary>Null: it goes to everybody at once.</summary>
    public BroadcastReport? Report { get; private set; }

    /// <summary>How it was used by those whom it reached; null: nobody yet.</summary>
    public BroadcastUse? Use { get; private set; }

    /// <summary>The same of the calendar's mailing a year before, where nobody to speak of got nothing.</summary>
    public BroadcastUse? UseBefore { get; private set; }

    /// <summary>Processes that found it under way.</summary>
    public IReadOnlyList<CarriedOn> CarriedOn { get; private set; } = [];

    public CapExemption? Exemption { get; private set; }

    /// <summary>Nobody else could approve: who asks confirms alone.</summary>
    public bool ApprovesAlone { get; private set; }

    /// <summary>Keeps its mails back; null: nothing does but what keeps all mail back.</summary>
    public ActiveHold? Hold { get; private set; }

    public bool IsUnderWay => Broadcast.State is BroadcastState.Selecting or BroadcastState.Sending
        || (Broadcast.State is BroadcastState.Scheduled && Broadcast.SendAt <= show.Now)
        || Account.Any(line => line.State is MessageState.Queued or MessageState.Sending);

    public async Task<IActionResult> OnGetAsync(Guid id, CancellationToken cancellation)
    {
        if (await db.Broadcasts.AsNoTracking().SingleOrDefaultAsync(b => b.Id == id, cancellation) is not { } broadcast) return NotFound();
        Broadcast = broadcast;
        (People, Decided) = await Marketing.Campaigns.Broadcasts.ProgressAsync(db, broadcast, cancellation);
        var origin = id.ToString("N");
        var account = await db.OutboxMessages.Where(m => m.OriginId == origin).GroupBy(m => new { m.State, m.Rule })
            .Select(group => new { group.Key.State, group.Key.Rule, Count = group.Count() }).ToListAsync(cancellation);
        Hold = (await SendingHolds.InForceAsync(db, clock.GetUtcNow(), cancellation)).FirstOrDefault(hold => hold.Scope is HoldScope.Broadcast && hold.Key == origin);
        // What once made a mail wait does not matter once it is sent.
        Account = [.. account.GroupBy(line => (line.State, Rule: line.State is MessageState.Sent or MessageState.Queued or MessageState.Sending ? "" : line.Rule))
            .Select(group => new AccountLine(group.Key.State, group.Key.Rule, group.Sum(line => line.Count)))
            .OrderByDescending(line => line.State is MessageState.Sent).ThenByDescending(line => line.Count)];
        Held = await HeldBackReport.OfAsync(db, origin, show.Now, cancellation);
        Report = await BroadcastReport.OfAsync(db, broadcast, cancellation);
        CarriedOn = await CarryingOn.OfAsync(db, id, cancellation);
        Exemption = await db.CapExemptions.AsNoTracking().FirstOrDefaultAsync(exemption => exemption.OriginId == origin && exemption.RevokedAt == null, cancellation);
        ApprovesAlone = (await ApproversAsync(cancellation)).Count < 2;
        return this.IsHtmx() ? Partial("Broadcasts/_Account", this) : Page();
    }

    /// <summary>How many of those whom it reached bought: counted behind the page, for of many it takes a while.</summary>
    public async Task<IActionResult> OnGetUseAsync(Guid id, CancellationToken cancellation)
    {
        if (await db.Broadcasts.AsNoTracking().SingleOrDefaultAsync(b => b.Id == id, cancellation) is not { } broadcast) return NotFound();
        Broadcast = broadcast;
        Use = await MailUses.OfBroadcastAsync(db, id, show.Today, cancellation);
        if (Use is null) return Content("");
        Report = await BroadcastReport.OfAsync(db, broadcast, cancellation);
        if (Report?.HoldOut is not { IsEnough: true }) UseBefore = await MailUses.YearBeforeAsync(db, id, Use, cancellation);
        return Partial("Broadcasts/_Use", this);
    }

    /// <summary>Lets this broadcast pass over the limits, for a reason that a second person approves.</summary>
    public async Task<IActionResult> OnPostExemptAsync(Guid id, string? reason, string? approver, CancellationToken cancellation)
    {
        if (!await db.Broadcasts.AnyAsync(b => b.Id == id, cancellation)) return NotFound();
        var approvers = await ApproversAsync(cancellation);
        var alone = approvers.Count < 2;
        var approvedBy = alone ? User.Identity!.Name! : approvers.FirstOrDefault(name => name == approver) ?? "";
        await this.TryAsync(
            who => CapExemptions.GrantAsync(db, id.ToString("N"), who, approvedBy, alone, reason, show.Now, cancellation),
            words["This broadcast passes over the limits now. Its mails count all the same."], show);
        return RedirectToPage(new { id });
    }

    public async Task<IActionResult> OnPostPauseAsync(Guid id, CancellationToken cancellation) =>
        await HoldAsync(
            id, (who, now) => SendingHolds.PauseAsync(db, HoldScope.Broadcast, id.ToString("N"), who, now, cancellation), words["Paused. What waits stays in its place."], cancellation);

    public async Task<IActionResult> OnPostResumeAsync(Guid id, Guid hold, CancellationToken cancellation) =>
        await HoldAsync(
            id,
            async (who, now) =>
            {
                // Not any other: what a breaker holds is not the broadcast's to release.
                var own = (await SendingHolds.InForceAsync(db, now, cancellation)).Any(one => one.Id == hold && one.Scope is HoldScope.Broadcast && one.Key == id.ToString("N"));
                if (own) await SendingHolds.ReleaseAsync(db, hold, who, now, cancellation);
            },
            words["Sending goes on."], cancellation);

    public async Task<IActionResult> OnPostStopAsync(Guid id, CancellationToken cancellation)
    {
        if (!await db.Broadcasts.AnyAsync(b => b.Id == id, cancellation)) return NotFound();
        await this.TryAsync(_ => broadcasts.StopAsync(id, cancellation), words["Stopped. Nobody who was not handed to the provider yet is mailed."], show);
        return RedirectToPage(new { id });
    }

    private Task<List<string>> ApproversAsync(CancellationToken cancellation) =>
        db.Users.Where(user => user.Role == "approver" || user.Role == "admin").Select(user => user.UserName).ToListAsync(cancellation);

    private async Task<IActionResult> HoldAsync(Guid id, Func<string, DateTimeOffset, Task> what, string done, CancellationToken cancellation)
    {
        if (!ModelState.IsValid) return BadRequest();
        if (!await db.Broadcasts.AnyAsync(b => b.Id == id, cancellation)) return NotFound();
        await this.TryWriteAsync(db, work, who => what(who, clock.GetUtcNow()), done, show, cancellation);
        return RedirectToPage(new { id });
    }
}

public sealed record AccountLine(MessageState State, string Rule, int Count);
