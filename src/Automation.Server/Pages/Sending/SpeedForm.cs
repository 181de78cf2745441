using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Automation.Marketing.Mail.Delivery.Speed;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Sending;

/// <summary>How fast marketing mail may leave, as it is typed. What is left empty is no limit.</summary>
public sealed class SpeedForm
{
    private const int MostText = 4000;

    /// <summary>From our own domain.</summary>
    [Range(1, int.MaxValue, ErrorMessage = "At least {1}, or empty.")]
    public int? PerMinute { get; set; }

    public DateOnly? WarmUpFrom { get; set; }

    /// <summary>Mails of each day, separated by blanks, commas or line ends.</summary>
    [StringLength(MostText)]
    public string? Ceilings { get; set; }

    /// <summary>A domain and mails a minute on each line.</summary>
    [StringLength(MostText)]
    public string? Domains { get; set; }

    public static SpeedForm Of(SendingSpeed speed, string from)
    {
        var own = speed.From.GetValueOrDefault(from);
        return new SpeedForm
        {
            PerMinute = own?.PerMinute,
            WarmUpFrom = own?.WarmUp?.From,
            Ceilings = own?.WarmUp is { } plan ? string.Join(' ', plan.Ceilings) : null,
            Domains = string.Join('\n', speed.ToPerMinute.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value}"))),
        };
    }

    /// <returns>The limits with what was typed; those of other sending domains stay. Faults are in <paramref name="state"/>.</returns>
    public SendingSpeed On(SendingSpeed speed, string from, ModelStateDictionary state, IStringLocalizer words)
    {
        var plan = Plan(state, words);
        var own = new Dictionary<string, DomainSpeed>(speed.From, StringComparer.Ordinal);
        if (PerMinute is null && plan is null) own.Remove(from);
        else own[from] = new DomainSpeed(PerMinute, plan);
        return new SendingSpeed(own, Recipients(state, words));
    }

    private WarmUp? Plan(ModelStateDictionary state, IStringLocalizer words)
    {
        var days = Words(Ceilings);
        if (WarmUpFrom is null && days.Length == 0) return null;
        var ceilings = days.Select(day => int.TryParse(day, NumberStyles.None, CultureInfo.InvariantCulture, out var most) ? most : 0).ToList();
        if (WarmUpFrom is null) state.AddModelError("Form.WarmUpFrom", words["Please enter the first day of the warm-up."]);
        if (ceilings.Count is 0 or > 366 || ceilings.Any(most => most < 1))
            state.AddModelError("Form.Ceilings", words["Please enter 1 to 366 numbers of 1 or more, one for each day."]);
        return WarmUpFrom is { } first ? new WarmUp(first, ceilings) : null;
    }

    private Dictionary<string, int> Recipients(ModelStateDictionary state, IStringLocalizer words)
    {
        var limits = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var line in (Domains ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (Words(line) is [var domain, var number] && Uri.CheckHostName(domain) is UriHostNameType.Dns
                && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var most) && most > 0)
                limits[domain.ToLowerInvariant()] = most;
            else
                state.AddModelError("Form.Domains", words["'{0}' is not a domain with a number, such as docomo.ne.jp 300.", line]);
        }
        return limits;
    }

    private static string[] Words(string? text) => (text ?? "").Split([' ', ',', '、', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
}
