using System.Text.Json.Nodes;
using Automation.Marketing;
using Automation.Marketing.Journeys;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Storage;
using Automation.Server.Studio;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Flows;

/// <summary>What holds for a flow beside its drawing: goal, exits, re-entry, approach, priority. Saved as a draft.</summary>
internal sealed class FlowSettingsModel(
    AutomationDb db, FlowDefinitions flows, ITemplateRenderer renderer, Pickers pickers, Show show, TimeProvider clock, IStringLocalizer words) : PageModel
{
    [BindProperty]
    public FlowSettingsForm Form { get; set; } = new();

    public FlowHead Head { get; private set; } = null!;

    /// <summary>Events that are known, for choosing.</summary>
    public IReadOnlyList<(string Name, string Value)> Events { get; private set; } = [];

    public bool MayEdit => FlowHead.MayEdit(User);

    public async Task<IActionResult> OnGetAsync(string definitionId, CancellationToken cancellation)
    {
        if (!await LoadAsync(definitionId, cancellation)) return NotFound();
        try
        {
            Form = FlowSettingsForm.Of(Head.Latest, FlowSettings.Of(Head.Latest.Definition()));
        }
        catch (BadInputException broken)
        {
            ModelState.AddModelError("", words["The settings of this flow could not be read; saving writes them anew. {0}", broken.Problem]);
            Form = FlowSettingsForm.Of(Head.Latest, FlowSettings.Default);
        }
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(string definitionId, CancellationToken cancellation)
    {
        if (!MayEdit) return Forbid();
        if (!await LoadAsync(definitionId, cancellation)) return NotFound();
        Form.Check(ModelState, renderer, words);
        if (ModelState.IsValid && await SaveAsync(definitionId, cancellation)) return Redirect(Head.Address + "/design");
        Form.AddRows();
        return Page();
    }

    private async Task<bool> SaveAsync(string definitionId, CancellationToken cancellation)
    {
        try
        {
            var settings = Form.ToJson(Head.Latest.Definition().CustomProperties["automation"] as JsonObject);
            var saved = await flows.SaveSettingsAsync(db, definitionId, settings, Form.Revision, User.Identity!.Name!, clock.GetUtcNow(), cancellation);
            this.Done(words["Saved in the draft of version {0}. Publish it, and it counts.", saved.Version]);
            return true;
        }
        catch (RuleBrokenException broken)
        {
            ModelState.AddModelError("", show.Rule(broken));
            return false;
        }
    }

    private async Task<bool> LoadAsync(string definitionId, CancellationToken cancellation)
    {
        if (await FlowHead.LoadAsync(db, definitionId, cancellation) is not { } head) return false;
        Head = head;
        Events = [.. (await pickers.ForAsync("", "EventType", null, cancellation)).Select(choice => (choice.Text, choice.Value))];
        return true;
    }
}
