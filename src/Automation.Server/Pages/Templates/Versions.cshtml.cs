using Automation.Marketing;
using Automation.Marketing.Journeys;
using Automation.Marketing.Mail.Content.Authoring;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Templates;

/// <summary>What a template said before, what changed between any two of its versions, and taking it out of use.</summary>
internal sealed class TemplateVersionsModel(AutomationDb db, TemplateDesk desk, TemplateUses uses, Show show, IStringLocalizer words) : PageModel
{
    /// <summary>Stands for the draft where versions are chosen.</summary>
    public const int TheDraft = int.MaxValue;

    /// <summary>The older of the two that are compared.</summary>
    [BindProperty(SupportsGet = true)]
    public int? Left { get; set; }

    [BindProperty(SupportsGet = true)]
    public int? Right { get; set; }

    public string Id { get; private set; } = "";
    public TemplateOnDesk Opened { get; private set; } = null!;
    public IReadOnlyList<VersionLine> Versions { get; private set; } = [];
    public IReadOnlyList<TemplateUse> Uses { get; private set; } = [];
    public IReadOnlyList<PartDifference> Differences { get; private set; } = [];

    public bool IsCompared => Left is not null && Right is not null;

    public async Task<IActionResult> OnGetAsync(string id, CancellationToken cancellation)
    {
        if (!ModelState.IsValid || await desk.OpenAsync(id, cancellation) is not { } opened) return NotFound();
        (Id, Opened, Versions) = (id, opened, await desk.HistoryAsync(id, cancellation));
        Uses = [.. (await uses.AllAsync(db, cancellation))[id].DistinctBy(use => use.Name)];
        int[] known = [.. opened.Draft is null ? [] : new[] { TheDraft }, .. Versions.Select(version => version.Number)];
        if ((Left is { } older && !known.Contains(older)) || (Right is { } newer && !known.Contains(newer))) return NotFound();
        if (known.Length < 2) return Page();
        (Right, Left) = (Right ?? known[0], Left ?? known[1]);
        if (await ContentAsync(Left.Value, cancellation) is not { } left || await ContentAsync(Right.Value, cancellation) is not { } right) return NotFound();
        Differences = [.. PartDifference.Between(left, right)];
        return Page();
    }

    public Task<IActionResult> OnPostRestoreAsync(string id, int number, CancellationToken cancellation) => ActAsync(
        id, () => desk.DraftOfAsync(id, number, User.Identity!.Name!, cancellation), words["Version {0} is the draft now. Look at it and publish it.", number], "/templates/edit/" + id);

    public Task<IActionResult> OnPostRetireAsync(string id, string? note, CancellationToken cancellation) => ActAsync(
        id, () => uses.RetireAsync(db, id, note ?? "", User.Identity!.Name!, cancellation), words["It is retired. Nothing offers or sends it any more."], "/templates");

    public Task<IActionResult> OnPostReturnAsync(string id, CancellationToken cancellation) => ActAsync(
        id, () => desk.ReturnAsync(id, User.Identity!.Name!, cancellation), words["It is in use again, as it was."], "/templates/edit/" + id);

    private async Task<IActionResult> ActAsync(string id, Func<Task> act, string done, string then)
    {
        if (!TemplateIds.IsValid(id)) return NotFound();
        try
        {
            await act();
            this.Done(done);
            return LocalRedirect(then);
        }
        catch (RuleBrokenException broken)
        {
            this.Refuse(broken, show);
            return LocalRedirect("/templates/versions/" + id);
        }
    }

    private async Task<TemplateContent?> ContentAsync(int number, CancellationToken cancellation) =>
        number == TheDraft ? (Opened.Draft is null ? null : Opened.Content) : await desk.VersionAsync(Id, number, cancellation);
}

/// <param name="Part"><c>settings</c>, <c>subject</c>, <c>html</c>, <c>text</c> or <c>partial</c>.</param>
/// <param name="Language">Empty where the part has none.</param>
/// <param name="Lines">A null stands for lines left out.</param>
internal sealed record PartDifference(string Part, string Language, int Added, int Removed, IReadOnlyList<DiffLine?> Lines)
{
    /// <summary>The parts that differ.</summary>
    public static IEnumerable<PartDifference> Between(TemplateContent left, TemplateContent right)
    {
        var (before, after) = (Texts(left), Texts(right));
        foreach (var place in before.Keys.Union(after.Keys).Order())
        {
            var (old, now) = (before.GetValueOrDefault(place, ""), after.GetValueOrDefault(place, ""));
            if (old == now) continue;
            var lines = TextDiff.Of(old, now);
            yield return new PartDifference(
                place.Part, place.Language, lines.Count(line => line.Change is LineChange.Added), lines.Count(line => line.Change is LineChange.Removed), TextDiff.Hunks(lines));
        }
    }

    private static Dictionary<(string Language, string Part), string> Texts(TemplateContent content)
    {
        if (content.Template is not { } template) return new() { [("", "partial")] = content.Partial! };
        var texts = new Dictionary<(string, string), string>
        {
            [("", "settings")] = $"class: {template.Class}\napproach: {template.Approach}\ntopics: {string.Join(", ", template.Topics)}\ndefaults: {template.DefaultsJson}",
        };
        foreach (var (language, parts) in template.Parts)
            (texts[(language, "subject")], texts[(language, "html")], texts[(language, "text")]) = (parts.Subject, parts.Html, parts.Text);
        return texts;
    }
}
