using System.Security.Claims;
using Automation.Marketing.Deals;
using Automation.Marketing.Leads;
using Automation.Marketing.Mail;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Pages.Sales;

/// <summary>A salesperson's day: answers due, hot leads, promises, and what marketing sent to their people.</summary>
public sealed class SalesModel(AutomationDb db, Show show) : PageModel
{
    private const int Lines = 30;

    /// <summary>Everybody's instead of one's own; what is nobody's is shown either way.</summary>
    [BindProperty(SupportsGet = true)]
    public bool Everyone { get; set; }

    public IReadOnlyList<WaitingLead> Waiting { get; private set; } = [];
    public IReadOnlyList<HotLead> Hot { get; private set; } = [];
    public IReadOnlyList<HomeTask> Tasks { get; private set; } = [];
    public IReadOnlyList<DealLine> Due { get; private set; } = [];
    public IReadOnlyList<WithoutNextAction> Unplanned { get; private set; } = [];
    public IReadOnlyList<SentMail> Sent { get; private set; } = [];

    public bool IsQuiet => Waiting.Count + Hot.Count + Tasks.Count + Due.Count + Unplanned.Count == 0;

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        var own = Names();
        Waiting = [.. (await HotList.WaitingAsync(db, cancellation)).Where(lead => Mine(lead.Owner, own))];
        Hot = [.. (await HotList.ReadAsync(db, show.Now, cancellation)).Where(lead => !lead.IsWaiting && Mine(lead.Owner, own)).Take(Lines)];
        Unplanned = [.. (await Promises.WithoutNextActionAsync(db, HotList.Most, cancellation)).Where(line => Mine(line.Owner, own)).Take(Lines)];
        await ReadPromisesAsync(own, cancellation);
        await ReadSentAsync(own, cancellation);
    }

    // Whoever brings deals in from a sales system names owners as they please.
    private string[] Names() =>
        [.. new[] { User.Identity?.Name, User.FindFirst(ClaimTypes.GivenName)?.Value }.OfType<string>().Distinct()];

    private bool Mine(string? owner, string[] own) => Everyone || owner is null || own.Contains(owner);

    private async Task ReadPromisesAsync(string[] own, CancellationToken cancellation)
    {
        var today = show.Today;
        Tasks = await (from task in db.Tasks.AsNoTracking()
                       where task.DoneAt == null && task.DueOn <= today && (Everyone || task.Owner == null || own.Contains(task.Owner))
                       join person in db.Contacts on task.ContactId equals person.Id
                       orderby task.DueOn, task.Id
                       select new HomeTask(task.ContactId, person.Name ?? person.Email ?? "", task.Title, task.Owner, task.DueOn)).Take(Lines).ToListAsync(cancellation);
        Due = await (from deal in db.Deals.AsNoTracking()
                     where deal.Status == DealStatus.Open && deal.NextActionOn <= today && (Everyone || deal.Owner == null || own.Contains(deal.Owner))
                     join person in db.Contacts on deal.ContactId equals person.Id
                     orderby deal.NextActionOn, deal.Id
                     select new DealLine(deal.Id, person.Name ?? person.Email ?? "", deal.DealKey, deal.NextAction, deal.NextActionOn!.Value, deal.Owner)).Take(Lines).ToListAsync(cancellation);
    }

    private async Task ReadSentAsync(string[] own, CancellationToken cancellation)
    {
        var since = show.Now.AddDays(-7);
        var accounts = db.Deals.Where(deal => deal.Status == DealStatus.Open && (Everyone || deal.Owner == null || own.Contains(deal.Owner))).Select(deal => deal.ContactId);
        Sent = await (from mail in db.OutboxMessages.AsNoTracking()
                      where mail.State == MessageState.Sent && mail.SentAt >= since && mail.Class == MessageClass.Marketing && accounts.Contains(mail.ContactId)
                      join person in db.Contacts on mail.ContactId equals person.Id
                      orderby mail.SentAt descending
                      select new SentMail(mail.Id, mail.ContactId, person.Name ?? person.Email ?? "", mail.Template, mail.SentAt!.Value, mail.ClicksUnique > 0)).Take(Lines).ToListAsync(cancellation);
    }

    public sealed record DealLine(Guid Id, string Person, string DealKey, string? NextAction, DateOnly On, string? Owner);

    public sealed record SentMail(Guid Id, Guid ContactId, string Person, string Template, DateTimeOffset At, bool Clicked);
}
