using Automation.Marketing.Contacts.Scoring;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace Automation.Server.Pages.Scoring;

/// <summary>A rule about what people do, as typed.</summary>
public sealed class TouchForm
{
    public string? Id { get; set; }

    /// <summary>Separated by commas, as all lists here.</summary>
    public string? Events { get; set; }

    public string? Contains { get; set; }
    public double Points { get; set; } = 10;
    public double HalfLifeDays { get; set; } = 30;
    public bool Immediate { get; set; }
}

/// <summary>A rule about who people are, as typed.</summary>
public sealed class FitForm
{
    public string? Field { get; set; }
    public FitOperator Operator { get; set; }
    public string? Value { get; set; }
    public int Points { get; set; } = 10;
}

/// <summary>What owners are told of, as typed.</summary>
public sealed class SignalForm
{
    public string? Id { get; set; }
    public string? Events { get; set; }
    public string? Contains { get; set; }
    public int WindowHours { get; set; } = 24;
}

/// <summary>All rules, as typed.</summary>
public sealed class ScoringForm
{
    public List<TouchForm> Touches { get; set; } = [];
    public List<FitForm> Fit { get; set; } = [];
    public List<SignalForm> Signals { get; set; } = [];
    public int FitBase { get; set; }
    public double HotAt { get; set; }
    public int FitAt { get; set; }
    public double CoolBelow { get; set; }
    public int AgainAfterDays { get; set; }
    public int DailyCap { get; set; }
    public double AfterHandBack { get; set; }

    public static ScoringForm Of(ScoringRules rules) => new()
    {
        Touches = [.. rules.Touches.Select(rule => new TouchForm
        {
            Id = rule.Id, Events = string.Join(", ", rule.Events), Contains = string.Join(", ", rule.Contains), Points = rule.Points, HalfLifeDays = rule.HalfLifeDays, Immediate = rule.Immediate,
        })],
        Fit = [.. rules.Fit.Select(rule => new FitForm { Field = rule.Field, Operator = rule.Operator, Value = rule.Value, Points = rule.Points })],
        Signals = [.. rules.Signals.Select(rule => new SignalForm { Id = rule.Id, Events = string.Join(", ", rule.Events), Contains = string.Join(", ", rule.Contains), WindowHours = rule.WindowHours })],
        FitBase = rules.FitBase,
        HotAt = rules.HotAt,
        FitAt = rules.FitAt,
        CoolBelow = rules.CoolBelow,
        AgainAfterDays = rules.AgainAfterDays,
        DailyCap = rules.DailyCap,
        AfterHandBack = rules.AfterHandBack,
    };

    public ScoringRules ToRules() => new(
        0,
        [.. Touches.Select(rule => new TouchRule(rule.Id?.Trim() ?? "", List(rule.Events), rule.Points, rule.HalfLifeDays) { Contains = List(rule.Contains), Immediate = rule.Immediate })],
        FitBase,
        [.. Fit.Select(rule => new FitRule(rule.Field?.Trim() ?? "", rule.Operator, rule.Value?.Trim() ?? "", rule.Points))])
    {
        Signals = [.. Signals.Select(rule => new SignalRule(rule.Id?.Trim() ?? "", List(rule.Events), rule.WindowHours) { Contains = List(rule.Contains) })],
        HotAt = HotAt,
        FitAt = FitAt,
        CoolBelow = CoolBelow,
        AgainAfterDays = AgainAfterDays,
        DailyCap = DailyCap,
        AfterHandBack = AfterHandBack,
    };

    /// <summary>Says at each field what is wrong with it.</summary>
    public void Check(ModelStateDictionary errors, Wording.Show show)
    {
        foreach (var problem in ScoringCheck.Problems(ToRules())) errors.AddModelError($"Form.{problem.Field}", show.Rule(problem.Problem));
    }

    private static string[] List(string? text) => [.. (text ?? "").Split([',', '、'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct()];
}
