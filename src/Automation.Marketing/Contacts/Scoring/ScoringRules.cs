using System.Text.Json;
using System.Text.Json.Serialization;

namespace Automation.Marketing.Contacts.Scoring;

/// <summary>When a person is worth a salesperson's call (brief §5). Data: versioned, edited on a page.</summary>
/// <param name="Version">Grows with each change.</param>
/// <param name="Touches">What people do, and what it is worth.</param>
/// <param name="FitBase">Points of fit that everybody has, 0–100.</param>
/// <param name="Fit">What makes a person fit more or less.</param>
public sealed record ScoringRules(int Version, IReadOnlyList<TouchRule> Touches, int FitBase, IReadOnlyList<FitRule> Fit)
{
    public static readonly ScoringRules Default = new(
        0,
        [
            new("form", ["form.submitted", "document.downloaded"], 20, 30),
            new("inquiry", ["quote.requested", "contact.requested"], 60, 30) { Immediate = true },
            new("reply", ["mail.replied"], 25, 30),
            new("seminar", ["seminar.attended"], 15, 30),
            new("price-page", ["page.viewed"], 10, 14) { Contains = ["price", "料金"] },
            new("click", [TouchRule.Clicked], 3, 14),
            new("open", ["mail.opened"], 0, 14),
        ],
        FitBase: 40,
        [
            new("company", FitOperator.Present, "", 30),
            new("phone", FitOperator.Present, "", 10),
            new("prefecture", FitOperator.Present, "", 10),
        ]);

    /// <summary>Behaviour at or above which a person is hot.</summary>
    public double HotAt { get; init; } = 60;

    /// <summary>Fit at or above which a person is hot.</summary>
    public int FitAt { get; init; } = 50;

    /// <summary>Behaviour below which a hot person has cooled.</summary>
    public double CoolBelow { get; init; } = 40;

    /// <summary>Whoever stays hot is told of again after this many days, at what they do next.</summary>
    public int AgainAfterDays { get; init; } = 30;

    /// <summary>Touches of one rule that count on one local day.</summary>
    public int DailyCap { get; init; } = 3;

    /// <summary>What behaviour is worth at most once sales has handed the person back.</summary>
    public double AfterHandBack { get; init; } = 20;

    /// <summary>What the owner of a person is told of.</summary>
    public IReadOnlyList<SignalRule> Signals { get; init; } =
    [
        new("reply", ["mail.replied"], 24),
        new("price-page", ["page.viewed"], 24) { Contains = ["price", "料金"] },
        new("inquiry", ["quote.requested", "contact.requested"], 24),
    ];

    // Twenty half-lives leave a millionth.
    [JsonIgnore]
    public TimeSpan Reach => TimeSpan.FromDays(20 * Touches.Select(rule => rule.HalfLifeDays).DefaultIfEmpty(1).Max());

    /// <summary>Whether this can change anything here: of a million looks at pages few are worth a look at the person.</summary>
    public bool Listens(RawTouch touch) => Touches.Any(rule => rule.Points > 0 && rule.Matches(touch)) || Signals.Any(rule => rule.Matches(touch));
}

/// <summary>Something that people do.</summary>
/// <param name="Id">What explanations name it by.</param>
/// <param name="Events">Types of lead events; <see cref="Clicked"/> is a click that a person made in one of our mails.</param>
/// <param name="Points">What it is worth when it happens.</param>
/// <param name="HalfLifeDays">After this many days it is worth half.</param>
public sealed record TouchRule(string Id, IReadOnlyList<string> Events, double Points, double HalfLifeDays)
{
    public const string Clicked = "mail.clicked";

    /// <summary>Makes hot at once, whatever the fit.</summary>
    public bool Immediate { get; init; }

    /// <summary>One of these words must stand in the event's data; empty: whatever stands there.</summary>
    public IReadOnlyList<string> Contains { get; init; } = [];

    public bool Matches(RawTouch touch) => Events.Contains(touch.Type) && (Contains.Count == 0 || Contains.Any(touch.Says));
}

/// <summary>Something that the owner of a person is told of, at most once in a while.</summary>
/// <param name="WindowHours">Least time between two notices of this kind about one person.</param>
public sealed record SignalRule(string Id, IReadOnlyList<string> Events, int WindowHours)
{
    /// <inheritdoc cref="TouchRule.Contains"/>
    public IReadOnlyList<string> Contains { get; init; } = [];

    public bool Matches(RawTouch touch) => Events.Contains(touch.Type) && (Contains.Count == 0 || Contains.Any(touch.Says));
}

public enum FitOperator { Present, Absent, Is, Contains, AtLeast, AtMost }

/// <summary>A property of a person, and what it is worth.</summary>
/// <param name="Field">A field of a person, <c>custom.…</c>, <c>tag</c> or <c>email</c>.</param>
/// <param name="Value">For <see cref="FitOperator.Is"/> one of several, separated by commas.</param>
/// <param name="Points">May be negative.</param>
public sealed record FitRule(string Field, FitOperator Operator, string Value, int Points);

/// <summary>Something that a person did, as it is on record.</summary>
/// <param name="Data">JSON text; empty where no rule asks for it.</param>
public readonly record struct RawTouch(string Type, DateTimeOffset At, string Data)
{
    /// <summary>Whether a word stands in the data, written plainly or as JSON escapes it; upper and lower case are one.</summary>
    public bool Says(string word) =>
        Data.Contains(word, StringComparison.OrdinalIgnoreCase) || Data.Contains(JsonEncodedText.Encode(word).Value, StringComparison.OrdinalIgnoreCase);
}
