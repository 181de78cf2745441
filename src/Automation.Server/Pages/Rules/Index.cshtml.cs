using Automation.Marketing;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Automation.Server.Work;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Rules;

/// <summary>The sending policy in force, in words; its history; steps in alarm; sendings that pass over the limits.</summary>
public sealed class RulesModel(AutomationDb db, Show show, IStringLocalizer words, IServiceProvider services) : PageModel
{
    private const int Shown = 30;

    public SendingPolicy Policy { get; private set; } = SendingPolicy.Shop;
    public IReadOnlyList<PolicyVersion> Versions { get; private set; } = [];
    public IReadOnlyList<StepAlarm> Alarms { get; private set; } = [];
    public IReadOnlyList<CapExemption> Exemptions { get; private set; } = [];
    public IReadOnlyDictionary<string, string> Names { get; private set; } = new Dictionary<string, string>();

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        Policy = await db.SendingPolicyAsync(cancellation);
        Versions = await db.PolicyVersions.AsNoTracking().OrderByDescending(version => version.Version).Take(Shown).ToListAsync(cancellation);
        Alarms = await HeldBack.AlarmsAsync(db, Policy, originId: null, show.Now, cancellation);
        Exemptions = await db.CapExemptions.AsNoTracking().OrderByDescending(exemption => exemption.Id).Take(Shown).ToListAsync(cancellation);
        Names = await SendingNames.OfAsync(db, [.. Alarms.Select(alarm => alarm.OriginId), .. Exemptions.Select(exemption => exemption.OriginId)], cancellation);
    }

    /// <summary>An older version comes into force again, as a new one.</summary>
    public async Task<IActionResult> OnPostRevertAsync(int version, CancellationToken cancellation)
    {
        if (await db.PolicyVersions.AsNoTracking().SingleOrDefaultAsync(one => one.Version == version, cancellation) is not { } old) return NotFound();
        var inForce = await db.PolicyVersions.MaxAsync(one => one.Version, cancellation);
        try
        {
            var next = await PolicyVersions.PublishAsync(
                db, PolicyVersions.Read(old.Document), inForce, User.Identity!.Name!, words["Back to version {0}", version], show.Now, cancellation);
            services.GetRequiredService<WorkLoops>().Wake();
            this.Done(words["Version {0} is in force. Mails that wait are decided anew.", next.Version]);
        }
        catch (RuleBrokenException broken)
        {
            this.Refuse(broken, show);
        }
        return RedirectToPage();
    }
}
