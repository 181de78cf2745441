using System.ComponentModel.DataAnnotations;
using Automation.Marketing.Contacts;
using Automation.Marketing.Storage;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Pages.People;

public sealed class PeopleModel(AutomationDb db) : PageModel
{
    private const int PageSize = 50;

    private ILookup<Guid, string> tags = Array.Empty<ContactTag>().ToLookup(tag => tag.ContactId, tag => tag.Tag);

    [BindProperty(SupportsGet = true), StringLength(100)]
    public string? Search { get; set; }

    [BindProperty(SupportsGet = true)]
    public Guid? Before { get; set; }

    public new PeoplePage Page { get; private set; } = new([], null);

    public IEnumerable<string> TagsOf(Guid contactId) => tags[contactId].Order(StringComparer.Ordinal);

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        Page = await PeopleSearch.PageAsync(db, Search, Before, PageSize, cancellation);
        var shown = Page.People.Select(person => person.Id).ToList();
        tags = (await db.ContactTags.AsNoTracking().Where(t => shown.Contains(t.ContactId)).ToListAsync(cancellation)).ToLookup(t => t.ContactId, t => t.Tag);
        if (!this.IsHtmx()) return base.Page();
        return Partial(Before is null ? "People/_List" : "People/_Rows", this);
    }
}
