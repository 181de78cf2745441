using Automation.Marketing;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Mail.Suppression;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Automation.Server.Work;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Recipients;

/// <summary>What a recipient can see and decide about our mail, without an account.</summary>
internal sealed class PreferencesModel(
    AutomationDb db, LinkFactory links, TemplateCatalogue catalogue, WorkLoops work, Show show, IStringLocalizer words) : PageModel
{
    public string Token { get; private set; } = "";
    public string Address { get; private set; } = "";
    public ConsentState Consent { get; private set; }
    public DateTimeOffset? Since { get; private set; }
    public IReadOnlyList<TopicChoice> Topics { get; private set; } = [];
    public MailFrequency Frequency { get; private set; }
    public DateOnly? PausedUntil { get; private set; }

    /// <summary>The address cannot be mailed whatever the person agrees to.</summary>
    public bool Suppressed { get; private set; }

    public async Task<IActionResult> OnGetAsync(string token, CancellationToken cancellation)
    {
        if (await Recipient.FindAsync(db, links, token, cancellation) is not { } person) return NotFound();
        (Token, Address) = (token, Recipient.Masked(person.Email));
        var states = await ConsentLedger.StatesAsync(db, [person.Id], cancellation);
        if (states.TryGetValue(person.Id, out var standing)) (Consent, Since) = (standing.State, standing.At);
        Suppressed = await db.SuppressedAddresses.AnyAsync(s => s.AddressKey == person.EmailKey, cancellation);
        Topics = await TopicsAsync(person.Id, cancellation);
        if (await db.MailPreferences.AsNoTracking().SingleOrDefaultAsync(p => p.ContactId == person.Id, cancellation) is { } wishes)
            (Frequency, PausedUntil) = (wishes.Frequency, wishes.PausedUntil > show.Today ? wishes.PausedUntil : null);
        return Page();
    }

    /// <summary>The person's own later act lifts a withdrawal (brief §4.3).</summary>
    public Task<IActionResult> OnPostResumeAsync(string token, CancellationToken cancellation) =>
        ActAsync(token, words["Thank you. We will write to you again."], async person =>
        {
            await using var transaction = await db.BeginWriteAsync(cancellation);
            await Wishes.GrantAsync(db, person.Id, "", Said(token), show.Now, cancellation);
            await transaction.CommitAsync(cancellation);
        }, cancellation);

    public Task<IActionResult> OnPostTopicsAsync(string token, string[] topics, CancellationToken cancellation) =>
        ActAsync(token, words["Saved. You get mail about the topics you chose."], async person =>
        {
            await using var transaction = await db.BeginWriteAsync(cancellation);
            foreach (var topic in await TopicsAsync(person.Id, cancellation))
            {
                var wanted = topics.Contains(topic.Key);
                if (wanted && !topic.IsOn) await Wishes.GrantAsync(db, person.Id, topic.Key, Said(token), show.Now, cancellation);
                if (!wanted && topic.IsOn) await Refusals.WithdrawAsync(db, person.Id, topic.Key, Said(token), show.Now, show.Now, cancellation);
            }
            await Outbox.ReplanAsync(db, [person.Id], show.Now, cancellation);
            await transaction.CommitAsync(cancellation);
        }, cancellation);

    public Task<IActionResult> OnPostWishesAsync(string token, MailFrequency frequency, DateOnly? pausedUntil, CancellationToken cancellation) =>
        ActAsync(
            token, words["Saved. We keep to it from now on."],
            person => Wishes.SetAsync(db, person, frequency, pausedUntil, show.Today, Said(token), show.Now, cancellation), cancellation);

    public Task<IActionResult> OnPostLaterAsync(string token, int months, CancellationToken cancellation) =>
        ActAsync(
            token, words["Thank you. Until then you get no marketing mail from us."],
            person => Wishes.ContactInMonthsAsync(db, person, months, show.Today, Said(token), show.Now, cancellation), cancellation);

    private async Task<IActionResult> ActAsync(string token, string done, Func<Contact, Task> act, CancellationToken cancellation)
    {
        if (await Recipient.FindAsync(db, links, token, cancellation) is not { } person) return NotFound();
        if (!ModelState.IsValid) return BadRequest();
        try
        {
            await act(person);
            work.Wake();
            this.Done(done);
        }
        catch (RuleBrokenException broken)
        {
            this.Refuse(broken, show);
        }
        return RedirectToPage(new { token });
    }

    private async Task<IReadOnlyList<TopicChoice>> TopicsAsync(Guid contactId, CancellationToken cancellation)
    {
        var topics = TopicWords.Offered(catalogue);
        var standings = await ConsentLedger.StandingsAsync(db, [contactId], [.. topics, ""], cancellation);
        return [.. topics.Select(topic => new TopicChoice(topic, ConsentLedger.Effective(Said(topic: ""), Said(topic)) is ConsentState.Granted))];

        ConsentStanding? Said(string topic) => standings.TryGetValue((contactId, topic), out var standing) ? standing : null;
    }

    private Said Said(string token) =>
        new("preference-center", token, HttpContext.Connection.RemoteIpAddress?.ToString(), Request.Headers.UserAgent);
}

public sealed record TopicChoice(string Key, bool IsOn);
