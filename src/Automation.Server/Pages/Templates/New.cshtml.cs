using System.ComponentModel.DataAnnotations;
using Automation.Marketing;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content.Authoring;
using Automation.Marketing.Mail.Content.Lint;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Templates;

/// <summary>Begins a template: empty with what every mail must have, or as a copy.</summary>
internal sealed class NewTemplateModel(TemplateDesk desk, Show show, IStringLocalizer words) : PageModel
{
    [BindProperty, Required(ErrorMessage = "Please fill this in."), StringLength(TemplateIds.MaxLength)]
    public string? Path { get; set; }

    [BindProperty]
    public Approach Approach { get; set; } = Approach.A1;

    /// <summary>The template to copy; empty: none.</summary>
    [BindProperty(SupportsGet = true)]
    public string? From { get; set; }

    public IReadOnlyList<TemplateLine> Known { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        ModelState.Clear();
        Known = await desk.ListAsync(cancellation);
        if (From is not null) Path = From + "-2";
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        var path = Path?.Trim() ?? "";
        if (path.Length > 0 && !TemplateIds.IsValid(path))
            ModelState.AddModelError(nameof(Path), words["Use small letters, digits and hyphens, with / between folders, e.g. season/crab-opening."]);
        if (ModelState.IsValid && await CreateAsync(path, cancellation)) return Redirect("/templates/edit/" + path);
        Known = await desk.ListAsync(cancellation);
        return Page();
    }

    private async Task<bool> CreateAsync(string path, CancellationToken cancellation)
    {
        try
        {
            var content = string.IsNullOrEmpty(From) ? Starter.For(path, Approach) : (await desk.OpenAsync(From, cancellation))?.Content.As(path);
            if (content is null)
            {
                ModelState.AddModelError(nameof(From), words["This template no longer exists. Choose another one."]);
                return false;
            }
            await desk.CreateAsync(content, User.Identity!.Name!, cancellation);
            return true;
        }
        catch (RuleBrokenException broken)
        {
            ModelState.AddModelError(nameof(Path), show.Rule(broken));
        }
        catch (BadInputException)
        {
            ModelState.AddModelError(nameof(From), words["A template can only be copied to a template, and a shared part to a path that begins with _partials/."]);
        }
        return false;
    }

    /// <summary>What a new template begins with: the frame that the shipped ones have.</summary>
    private static class Starter
    {
        public static TemplateContent For(string id, Approach approach)
        {
            if (TemplateIds.IsPartial(id)) return TemplateContent.OfPartial(id, "");
            var sender = approach is Approach.None ? "sender-order" : "sender";
            var html = $$$"""
                {{ include "head.html" lang:"ja" title:"件名をここに" preheader:"一覧で件名の横に出る一文をここに" }}
                <p class="ink" style="margin:0 0 18px;font-size:16px;line-height:1.8;color:#22313f">{{ contact.name | string.strip | object.default "お客" }}様</p>
                <p class="ink" style="margin:0 0 18px;font-size:16px;line-height:1.8;color:#22313f">いつもありがとうございます。{{ shop.name }}です。</p>
                {{ include "{{{sender}}}.html.ja" }}

                """;
            var text = $$$"""
                {{ contact.name | string.strip | object.default "お客" }}様

                いつもありがとうございます。
                {{ shop.name }}です。

                {{ include "{{{sender}}}.text.ja" }}

                """;
            return TemplateContent.Of(new TemplateSource(
                id, approach is Approach.None ? MessageClass.Transactional : MessageClass.Marketing, approach, [], "{}",
                new Dictionary<string, PartsSource> { ["ja"] = new("件名をここに", html, text) }));
        }
    }
}
