using System.ComponentModel.DataAnnotations;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Complaints;
using Automation.Marketing.Deals;
using Automation.Marketing.Storage;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Pages.People;

/// <summary>Everyone of one company with their deals and complaints, and what holds for all of them.</summary>
public sealed class CompanyModel(AutomationDb db) : PageModel
{
    private const int Most = 200;

    [BindProperty(SupportsGet = true), Required, StringLength(Contact.MaxText)]
    public string Name { get; set; } = "";

    public IReadOnlyList<Contact> People { get; private set; } = [];
    public ILookup<Guid, Deal> Deals { get; private set; } = Array.Empty<Deal>().ToLookup(deal => deal.ContactId);
    public IReadOnlyList<(Complaint Complaint, string Person)> Complaints { get; private set; } = [];
    public ConnectionsCard Connections { get; private set; } = null!;
    public CompanyMark? Mark { get; private set; }
    public int Count { get; private set; }
    public decimal OpenAmount { get; private set; }

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (!ModelState.IsValid) return NotFound();
        var people = db.Contacts.AsNoTracking().Where(person => person.Company == Name);
        Count = await people.CountAsync(cancellation);
        if (Count == 0) return NotFound();
        People = await people.OrderBy(person => person.Name).ThenBy(person => person.Id).Take(Most).ToListAsync(cancellation);
        Deals = (await (from deal in db.Deals.AsNoTracking()
                        join person in people on deal.ContactId equals person.Id
                        orderby deal.UpdatedAt descending
                        select deal).Take(Most * 5).ToListAsync(cancellation)).ToLookup(deal => deal.ContactId);
        OpenAmount = Deals.SelectMany(ofPerson => ofPerson).Where(deal => deal.Status == DealStatus.Open).Sum(deal => deal.Amount ?? 0);
        var complaints = await (from complaint in db.Complaints.AsNoTracking()
                                join person in people on complaint.ContactId equals person.Id
                                orderby complaint.OpenedAt descending
                                select new { complaint, Name = person.Name ?? person.Email ?? "" }).Take(50).ToListAsync(cancellation);
        Complaints = [.. complaints.Select(line => (line.complaint, line.Name))];
        Mark = await db.CompanyMarks.AsNoTracking().SingleOrDefaultAsync(mark => mark.Company == Name, cancellation);
        Connections = await ConnectionsCard.OfCompanyAsync(db, Name, cancellation);
        return Page();
    }
}
