using Automation.Marketing.Contacts;
using Automation.Marketing.Journeys;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Events;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Automation.Server.Work;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Mails;

/// <summary>One mail: what was decided and why, its history, what the recipient did.</summary>
public sealed class MailModel(AutomationDb db, WorkLoops work, TimeProvider clock, Show show, IStringLocalizer words) : PageModel
{
    public OutboxMessage Mail { get; private set; } = null!;
    public Contact? Person { get; private set; }
    public string Origin { get; private set; } = "";
    public IReadOnlyList<MessageChange> History { get; private set; } = [];
    public IReadOnlyList<DeliveryEvent> Events { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync(Guid id, CancellationToken cancellation)
    {
        if (await db.OutboxMessages.AsNoTracking().SingleOrDefaultAsync(m => m.Id == id, cancellation) is not { } mail) return NotFound();
        Mail = mail;
        Person = await db.Contacts.AsNoTracking().SingleOrDefaultAsync(c => c.Id == mail.ContactId, cancellation);
        Origin = (await OriginNames.OfAsync(db, [mail], cancellation)).GetValueOrDefault(mail.OriginId, "");
        History = await db.MessageChanges.AsNoTracking().Where(c => c.MessageId == id).OrderBy(c => c.Id).ToListAsync(cancellation);
        Events = await db.DeliveryEvents.AsNoTracking().Where(e => e.MessageId == id).OrderBy(e => e.At).ThenBy(e => e.Id).ToListAsync(cancellation);
        return Page();
    }

    public async Task<IActionResult> OnPostCancelAsync(Guid id, CancellationToken cancellation)
    {
        await this.TryWriteAsync(db, work, _ => Outbox.CancelAsync(db, id, clock.GetUtcNow(), cancellation), words["Cancelled. It is not sent."], show, cancellation);
        return RedirectToPage(new { id });
    }
}
