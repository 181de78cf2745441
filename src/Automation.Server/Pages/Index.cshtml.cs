using Automation.Marketing.Accounts;
using Automation.Marketing.Campaigns;
using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Deals;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.GoingLive;
using Automation.Marketing.Storage;
using Automation.Server.Pages.Live;
using Automation.Server.Pages.Sender;
using Automation.Server.SignIn;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Pages;

/// <summary>What goes out next, what went out and what did not, who can be reached, what sales waits for.</summary>
internal sealed class IndexModel(AutomationDb db, LiveChecks checks, LiveGate gate, Settings settings, Show show) : PageModel
{
    private const int Lines = 6;
    private const int Days = 30;

    private static readonly MessageState[] Open = [MessageState.Queued, MessageState.Sending, MessageState.Deferred, MessageState.Uncertain];

    public IReadOnlyList<Occurrence> Coming { get; private set; } = [];
    public IReadOnlyList<Broadcast> Broadcasts { get; private set; } = [];
    public IReadOnlyDictionary<MessageState, int> Waiting { get; private set; } = new Dictionary<MessageState, int>();
    public DateTimeOffset? NextDue { get; private set; }
    public int SentIn7Days { get; private set; }
    public int SentIn30Days { get; private set; }
    public IReadOnlyList<DayCount> SentByDay { get; private set; } = [];
    public IReadOnlyList<RuleCount> NotSentBy { get; private set; } = [];
    public int OpenDeals { get; private set; }
    public IReadOnlyList<Deal> DueDeals { get; private set; } = [];

    /// <summary>What flows have asked people in sales to do, the next first.</summary>
    public IReadOnlyList<HomeTask> Tasks { get; private set; } = [];

    public IReadOnlyList<string> MissingIdentity { get; private set; } = [];
    public bool NobodyYet { get; private set; }

    /// <summary>What real sending needs; empty for whom it is not to put right.</summary>
    public IReadOnlyList<LiveCheck> Checks { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        // A salesperson's day begins with what waits for them.
        if (Access.RolesOf(User) is Roles.Sales && Request.Query.Count == 0) return RedirectToPage("/Sales/Index");
        var mayLive = Access.Allows(User, HttpMethods.Post, "/live", "Go");
        if (mayLive && await SenderDesk.NeedsGuideAsync(db, show.Shop, cancellation)) return RedirectToPage("/Start");
        // On a moved clock nothing real can be sent, and nobody need be told what it lacks.
        if (mayLive && settings.ClockStart is null && (gate.HoldsBack || !gate.IsReal)) Checks = await checks.AllAsync(db, cancellation);
        MissingIdentity = show.Shop.Missing;
        NobodyYet = !await db.Contacts.AnyAsync(cancellation);
        await ReadComingAsync(cancellation);
        await ReadMailsAsync(cancellation);
        await ReadDealsAsync(cancellation);
        return Page();
    }

    /// <summary>Counting everyone who may be mailed walks all people: it comes after the page.</summary>
    public async Task<IActionResult> OnGetReachAsync(CancellationToken cancellation) => Partial("_Reach", await CountReachAsync(cancellation));

    private async Task ReadComingAsync(CancellationToken cancellation)
    {
        Coming = await db.Occurrences.AsNoTracking().Where(o => o.State == OccurrenceState.Planned)
            .OrderBy(o => o.OpensAt).Take(Lines).ToListAsync(cancellation);
        Broadcasts = await db.Broadcasts.AsNoTracking()
            .Where(b => b.State == BroadcastState.Scheduled || b.State == BroadcastState.Selecting || b.State == BroadcastState.Sending)
            .OrderBy(b => b.SendAt).Take(Lines).ToListAsync(cancellation);
    }

    private async Task ReadMailsAsync(CancellationToken cancellation)
    {
        var now = show.Now;
        Waiting = await db.OutboxMessages.Where(m => Open.Contains(m.State)).GroupBy(m => m.State)
            .Select(group => new { group.Key, Count = group.Count() }).ToDictionaryAsync(line => line.Key, line => line.Count, cancellation);
        NextDue = await db.OutboxMessages.Where(m => m.State == MessageState.Deferred).OrderBy(m => m.DueAt)
            .Select(m => (DateTimeOffset?)m.DueAt).FirstOrDefaultAsync(cancellation);
        var first = show.Today.AddDays(1 - Days);
        var sent = await MailFigures.SentByDayAsync(db, show.StartOf(first), cancellation);
        SentByDay = [.. Enumerable.Range(0, Days).Select(day => new DayCount(first.AddDays(day), sent.GetValueOrDefault(day)))];
        SentIn30Days = SentByDay.Sum(day => day.Count);
        SentIn7Days = SentByDay.TakeLast(7).Sum(day => day.Count);
        NotSentBy = [.. (await MailFigures.NotSentAsync(db, now.AddDays(-Days), cancellation)).Take(Lines).Select(line => new RuleCount(line.Rule, line.Mails))];
    }

    private async Task ReadDealsAsync(CancellationToken cancellation)
    {
        OpenDeals = await db.Deals.CountAsync(d => d.Status == DealStatus.Open, cancellation);
        var today = show.Today;
        DueDeals = await db.Deals.AsNoTracking().Where(d => d.Status == DealStatus.Open && d.NextActionOn <= today)
            .OrderBy(d => d.NextActionOn).Take(Lines).ToListAsync(cancellation);
        Tasks = await (from task in db.Tasks.AsNoTracking()
                       where task.DoneAt == null
                       join person in db.Contacts on task.ContactId equals person.Id
                       orderby task.DueOn, task.Id
                       select new HomeTask(task.ContactId, person.Name ?? person.Email ?? "", task.Title, task.Owner, task.DueOn)).Take(Lines).ToListAsync(cancellation);
    }

    private async Task<ReachCount> CountReachAsync(CancellationToken cancellation)
    {
        var all = await db.Contacts.CountAsync(cancellation);
        var reachable = await db.QueryAsync("""
            SELECT COUNT(*) FROM contacts c WHERE c.email_key IS NOT NULL
              AND NOT EXISTS (SELECT 1 FROM suppressed_addresses s WHERE s.address_key = c.email_key)
              AND (SELECT e.state FROM consent_entries e WHERE e.contact_id = c.id AND e.channel = 'email' AND e.topic = ''
                   ORDER BY e.at DESC, CASE e.state WHEN 'Withdrawn' THEN 0 ELSE 1 END, e.id DESC LIMIT 1) = 'Granted'
            """, row => row.Int(0), cancellation);
        return new ReachCount(all, reachable[0]);
    }
}

/// <param name="Owner">Null: whoever in sales comes first.</param>
public sealed record HomeTask(Guid ContactId, string Person, string Title, string? Owner, DateOnly DueOn);

public sealed record DayCount(DateOnly Day, int Count);

public sealed record RuleCount(string Rule, int Count);

/// <param name="Reachable">Agreed, with an address that is not suppressed.</param>
public sealed record ReachCount(int All, int Reachable);
