using Automation.Marketing;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Automation.Server.Work;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Rules;

/// <summary>Changes the sending policy in two steps: say what, then look at what it changes, and publish.</summary>
internal sealed class EditRulesModel(AutomationDb db, WorkLoops work, TimeProvider clock, PolicyWords policyWords, Show show, IStringLocalizer words) : PageModel
{
    private const int MostComment = 300;

    // Long enough for many people, short enough to see progress.
    private static readonly TimeSpan ReplayBudget = TimeSpan.FromSeconds(2);

    [BindProperty]
    public PolicyForm Form { get; set; } = new();

    /// <summary>The version that the change was made on.</summary>
    [BindProperty]
    public int BasedOn { get; set; }

    [BindProperty]
    public string? Comment { get; set; }

    /// <summary>What the publication would change; null while the form is shown.</summary>
    public IReadOnlyList<PolicyChange>? Changes { get; private set; }

    public async Task<IActionResult> OnGetAsync(string? preset, int? version, CancellationToken cancellation)
    {
        BasedOn = await PolicyVersions.InForceAsync(db, cancellation);
        if (preset is not null) return SendingPolicy.Presets.TryGetValue(preset, out var known) ? Shown(known) : NotFound();
        if (version is null) return Shown(await db.SendingPolicyAsync(cancellation));
        return await db.PolicyVersions.AsNoTracking().SingleOrDefaultAsync(one => one.Version == version, cancellation) is { } old ? Shown(PolicyVersions.Read(old.Document)) : NotFound();
    }

    public IActionResult OnPostAdd()
    {
        ModelState.Clear();
        Form.Caps.Add(CapForm.Of(new CapRule($"rule-{Form.Caps.Count + 1}", 1, CapPeriod.Rolling, TimeSpan.FromDays(30))));
        return Page();
    }

    public IActionResult OnPostRemove(int index)
    {
        ModelState.Clear();
        if (index >= 0 && index < Form.Caps.Count) Form.Caps.RemoveAt(index);
        return Page();
    }

    public IActionResult OnPostBack()
    {
        ModelState.Clear();
        return Page();
    }

    public async Task<IActionResult> OnPostReviewAsync(CancellationToken cancellation)
    {
        Form.Check(ModelState, show);
        if (ModelState.IsValid) await CompareAsync(cancellation);
        return Page();
    }

    public async Task<IActionResult> OnPostPublishAsync(CancellationToken cancellation)
    {
        Form.Check(ModelState, show);
        if (string.IsNullOrWhiteSpace(Comment) || Comment.Length > MostComment)
            ModelState.AddModelError(nameof(Comment), words["Say in at most {0} characters why the rules change; it stays in the history.", MostComment]);
        if (ModelState.IsValid)
        {
            try
            {
                var next = await PolicyVersions.PublishAsync(db, Form.ToPolicy(0), BasedOn, User.Identity!.Name!, Comment!.Trim(), show.Now, cancellation);
                work.Wake();
                this.Done(words["Version {0} is in force. Mails that wait are decided anew.", next.Version]);
                return RedirectToPage("Index");
            }
            catch (RuleBrokenException broken)
            {
                ModelState.AddModelError("", show.Rule(broken));
            }
        }
        await CompareAsync(cancellation);
        return Page();
    }

    /// <summary>Had these rules been in force last quarter: one stretch, with the sums of those before.</summary>
    public async Task<IActionResult> OnPostReplayAsync(ReplaySums sums, CancellationToken cancellation)
    {
        if (!Enum.IsDefined(sums.Span) || PolicyCheck.Problems(Form.ToPolicy(0)).Count > 0) return BadRequest();
        var until = sums.Until ?? show.Now;
        var part = await PolicyReplay.RunAsync(
            db, Form.ToPolicy(0), show.Shop.TimeZone, until - sums.Length, until, sums.After, ReplayBudget, clock is Clock.MovableClock ? TimeProvider.System : clock, cancellation);
        var next = sums.Plus(part, until);
        next.Names = await SendingNames.OfAsync(db, [.. next.ByOrigin.Keys], cancellation);
        return Partial("Rules/_Replay", next);
    }

    private PageResult Shown(SendingPolicy policy)
    {
        Form = PolicyForm.Of(policy);
        return Page();
    }

    private async Task CompareAsync(CancellationToken cancellation)
    {
        var before = policyWords.Lines(await db.SendingPolicyAsync(cancellation));
        var after = policyWords.Lines(Form.ToPolicy(0));
        Changes =
        [
            .. after.Where(line => !before.Contains(line))
                .Select(line => new PolicyChange(line.Name, before.Where(old => old.Name == line.Name).Select(old => old.Says).FirstOrDefault(), line.Says)),
            .. before.Where(old => after.All(line => line.Name != old.Name)).Select(old => new PolicyChange(old.Name, old.Says, null)),
        ];
    }
}

/// <param name="Before">Null: the rule is new.</param>
/// <param name="After">Null: the rule is gone.</param>
public sealed record PolicyChange(string Name, string? Before, string? After);

/// <summary>How far back a replay goes.</summary>
public enum ReplaySpan { Month, Quarter, Year }

/// <summary>What a replay has summed up so far; carried from stretch to stretch by the page.</summary>
public sealed class ReplaySums
{
    private const int MostLines = 200;

    public ReplaySpan Span { get; set; } = ReplaySpan.Quarter;
    public DateTimeOffset? Until { get; set; }
    public Guid? After { get; set; }
    public int People { get; set; }
    public int Really { get; set; }
    public int[] All { get; set; } = [0, 0, 0, 0];
    public Dictionary<string, int[]> ByRule { get; set; } = new(StringComparer.Ordinal);
    public Dictionary<string, int[]> ByOrigin { get; set; } = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, string> Names { get; set; } = new Dictionary<string, string>();

    public TimeSpan Length => Span switch { ReplaySpan.Month => TimeSpan.FromDays(30), ReplaySpan.Year => TimeSpan.FromDays(365), _ => TimeSpan.FromDays(91) };

    public ReplaySums Plus(ReplayPart part, DateTimeOffset until) => new()
    {
        Span = Span,
        Until = until,
        After = part.After,
        People = People + part.People,
        Really = Really + part.Really,
        All = Sum(All, part.All),
        ByRule = Merge(ByRule, part.ByRule),
        ByOrigin = Merge(ByOrigin, part.ByOrigin),
    };

    /// <summary>Every field and its value, for the next stretch.</summary>
    public IEnumerable<(string Name, string Value)> Fields()
    {
        yield return (nameof(Span), Span.ToString());
        yield return (nameof(Until), Until?.ToString("O", System.Globalization.CultureInfo.InvariantCulture) ?? "");
        yield return (nameof(After), After?.ToString() ?? "");
        yield return (nameof(People), Text(People));
        yield return (nameof(Really), Text(Really));
        foreach (var number in All) yield return (nameof(All), Text(number));
        foreach (var (name, tallies) in new[] { (nameof(ByRule), ByRule), (nameof(ByOrigin), ByOrigin) })
        {
            foreach (var (key, tally) in tallies)
            {
                foreach (var number in tally) yield return ($"{name}[{key}]", Text(number));
            }
        }
    }

    private static Dictionary<string, int[]> Merge(Dictionary<string, int[]> sums, IReadOnlyDictionary<string, ReplayTally> part)
    {
        var merged = new Dictionary<string, int[]>(sums, StringComparer.Ordinal);
        foreach (var (key, tally) in part)
        {
            if (merged.TryGetValue(key, out var known)) merged[key] = Sum(known, tally);
            else if (merged.Count < MostLines) merged[key] = Sum([0, 0, 0, 0], tally);
        }
        return merged;
    }

    private static int[] Sum(int[] sums, ReplayTally tally) => sums.Length != 4
        ? [tally.Asked, tally.OnTime, tally.Later, tally.HeldBack]
        : [sums[0] + tally.Asked, sums[1] + tally.OnTime, sums[2] + tally.Later, sums[3] + tally.HeldBack];

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
