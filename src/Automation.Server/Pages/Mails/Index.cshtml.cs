using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Automation.Marketing.Contacts;
using Automation.Marketing.Journeys;
using Automation.Marketing.Mail;
using Automation.Marketing.Storage;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Pages.Mails;

/// <summary>Every mail that was asked for, newest first: sent, waiting or not sent.</summary>
public sealed class MailsModel(AutomationDb db) : PageModel
{
    private const int PageSize = 50;
    private const int MostPeople = 200;

    [BindProperty(SupportsGet = true)]
    public MessageState? State { get; set; }

    [BindProperty(SupportsGet = true), StringLength(200)]
    public string? Template { get; set; }

    [BindProperty(SupportsGet = true), StringLength(100)]
    public string? Search { get; set; }

    /// <summary>One person's mails.</summary>
    [BindProperty(SupportsGet = true)]
    public Guid? Person { get; set; }

    /// <summary>One flow's or broadcast's mails.</summary>
    [BindProperty(SupportsGet = true), StringLength(100)]
    public string? Origin { get; set; }

    [BindProperty(SupportsGet = true), StringLength(64)]
    public string? Rule { get; set; }

    [BindProperty(SupportsGet = true), StringLength(60)]
    public string? Before { get; set; }

    public IReadOnlyList<MailLine> Lines { get; private set; } = [];
    public IReadOnlyList<string> Templates { get; private set; } = [];

    /// <summary>Where the next page goes on; null: that was all.</summary>
    public string? Next { get; private set; }

    /// <summary>More people match the search than are looked at.</summary>
    public bool SearchTooWide { get; private set; }

    public string? OriginName { get; private set; }
    public string? PersonName { get; private set; }

    public bool IsFiltered => State is not null || !string.IsNullOrEmpty(Template) || !string.IsNullOrWhiteSpace(Search) || Person is not null || !string.IsNullOrEmpty(Origin) || !string.IsNullOrEmpty(Rule);

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (!ModelState.IsValid) return NotFound();
        var mails = await (await FilteredAsync(cancellation)).OrderByDescending(m => m.RequestedAt).ThenByDescending(m => m.Id)
            .Take(PageSize + 1).ToListAsync(cancellation);
        if (mails.Count > PageSize) Next = CursorOf(mails[PageSize - 1]);
        Lines = await LinesOfAsync([.. mails.Take(PageSize)], cancellation);
        if (this.IsHtmx()) return Partial(Before is null ? "Mails/_List" : "Mails/_Rows", this);
        Templates = await db.OutboxMessages.Select(m => m.Template).Distinct().OrderBy(t => t).ToListAsync(cancellation);
        if (!string.IsNullOrEmpty(Origin)) OriginName = Lines.Select(line => line.Origin).FirstOrDefault(name => name.Length > 0) ?? Origin;
        if (Person is { } id) PersonName = await db.Contacts.Where(c => c.Id == id).Select(c => c.Name ?? c.Email).SingleOrDefaultAsync(cancellation);
        return Page();
    }

    /// <returns>This list's address with another start, keeping the filters.</returns>
    public string After(string? before) => Url.Page(
        "/Mails/Index", new { State, Template, Search, Person, Origin, Rule, Before = before })!;

    private async Task<IQueryable<OutboxMessage>> FilteredAsync(CancellationToken cancellation)
    {
        var mails = db.OutboxMessages.AsNoTracking();
        if (State is { } state) mails = mails.Where(m => m.State == state);
        if (!string.IsNullOrEmpty(Template)) mails = mails.Where(m => m.Template == Template);
        if (!string.IsNullOrEmpty(Origin)) mails = mails.Where(m => m.OriginId == Origin);
        if (!string.IsNullOrEmpty(Rule)) mails = mails.Where(m => m.Rule == Rule);
        if (Person is { } person) mails = mails.Where(m => m.ContactId == person);
        if (!string.IsNullOrWhiteSpace(Search))
        {
            var found = await PeopleSearch.PageAsync(db, Search, before: null, MostPeople, cancellation);
            SearchTooWide = found.Next is not null;
            var people = found.People.Select(one => one.Id).ToList();
            mails = mails.Where(m => people.Contains(m.ContactId));
        }
        if (Cursor() is var (at, id)) mails = mails.Where(m => m.RequestedAt < at || (m.RequestedAt == at && m.Id.CompareTo(id) < 0));
        return mails;
    }

    private async Task<IReadOnlyList<MailLine>> LinesOfAsync(List<OutboxMessage> mails, CancellationToken cancellation)
    {
        var people = mails.Select(m => m.ContactId).Distinct().ToList();
        var names = await db.Contacts.Where(c => people.Contains(c.Id)).Select(c => new { c.Id, Name = c.Name ?? c.Email ?? "" })
            .ToDictionaryAsync(c => c.Id, c => c.Name, cancellation);
        var origins = await OriginNames.OfAsync(db, mails, cancellation);
        return [.. mails.Select(m => new MailLine(m, names.GetValueOrDefault(m.ContactId, ""), origins.GetValueOrDefault(m.OriginId, "")))];
    }

    private (DateTimeOffset At, Guid Id)? Cursor() =>
        Before?.Split('.') is [var at, var id]
        && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var ms) && ms <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
        && Guid.TryParse(id, out var last)
            ? (DateTimeOffset.FromUnixTimeMilliseconds(ms), last)
            : null;

    private static string CursorOf(OutboxMessage last) => $"{last.RequestedAt.ToUnixTimeMilliseconds()}.{last.Id:N}";
}

public sealed record MailLine(OutboxMessage Mail, string Person, string Origin);
