using System.ComponentModel.DataAnnotations;
using Automation.Marketing.Campaigns;
using Automation.Marketing.Deals;
using Automation.Marketing.Journeys.ReadyMade;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Flows;

public enum ReadyMadeKind { Welcome, HandBack, Season, Thanks }

/// <summary>The fields of a ready-made flow as typed; each kind uses some of them.</summary>
public sealed class ReadyMadeForm
{
    private const string At10 = "10:00";

    [Required(ErrorMessage = "Please give the flow a name."), StringLength(200, ErrorMessage = "The name may have at most {1} characters.")]
    public string? Name { get; set; }

    // ---- for whom ----

    [StringLength(200)]
    public string? Event { get; set; }

    [StringLength(100, ErrorMessage = "At most {1} characters, please.")]
    public string? Tag { get; set; }

    [StringLength(50, ErrorMessage = "At most {1} characters, please.")]
    public string? Prefecture { get; set; }

    [StringLength(100)]
    public string? Anchor { get; set; }

    [Range(1, 3650, ErrorMessage = "Enter a number of days from {1} to {2}.")]
    public int? BoughtDays { get; set; }

    [Range(1, 3650, ErrorMessage = "Enter a number of days from {1} to {2}.")]
    public int? NotBoughtDays { get; set; }

    // ---- when ----

    [Range(0, 365, ErrorMessage = "Enter a number of days from {1} to {2}.")]
    public int? FirstDays { get; set; }

    [Range(0, 365, ErrorMessage = "Enter a number of days from {1} to {2}.")]
    public int? SecondDays { get; set; }

    [Range(0, 365, ErrorMessage = "Enter a number of days from {1} to {2}.")]
    public int? ThirdDays { get; set; }

    [RegularExpression(@"([01]\d|2[0-3]):[0-5]\d", ErrorMessage = "Enter a time like 10:00.")]
    public string? Time { get; set; }

    [Range(1, 60, ErrorMessage = "Enter a number of days from {1} to {2}.")]
    public int? ValidDays { get; set; }

    [Range(1, 3650, ErrorMessage = "Enter a number of days from {1} to {2}.")]
    public int? CoolDownDays { get; set; }

    // ---- texts ----

    [StringLength(200)]
    public string? First { get; set; }

    [StringLength(200)]
    public string? Second { get; set; }

    [StringLength(200)]
    public string? Third { get; set; }

    [StringLength(200)]
    public string? TooEarly { get; set; }

    [StringLength(200)]
    public string? Budget { get; set; }

    [StringLength(200)]
    public string? Competitor { get; set; }

    [StringLength(200)]
    public string? NoContact { get; set; }

    public bool TellOwner { get; set; }

    /// <summary>Empty: none.</summary>
    [StringLength(200)]
    public string? Goal { get; set; }

    /// <summary>What suits most shops.</summary>
    public static ReadyMadeForm Usual(ReadyMadeKind kind, IStringLocalizer words) => kind switch
    {
        ReadyMadeKind.Welcome => new()
        {
            Name = words["Welcome"],
            Event = "newsletter.subscribed",
            First = "welcome/day-0",
            FirstDays = 0,
            Second = "welcome/day-3",
            SecondDays = 3,
            Third = "welcome/day-7",
            ThirdDays = 5,
            Goal = "order.placed",
        },
        ReadyMadeKind.HandBack => new()
        {
            Name = words["After a hand-back"],
            TooEarly = "nurture/too-early",
            Budget = "nurture/budget",
            Competitor = "nurture/competitor",
            NoContact = "nurture/no-contact",
            Time = At10,
            Second = "nurture/follow-up",
            SecondDays = 21,
            TellOwner = true,
            Goal = "quote.requested",
        },
        ReadyMadeKind.Season => new() { Name = words["Season mail"], FirstDays = 14, Time = At10, First = "season/crab-opening", ValidDays = 7, Goal = "order.placed" },
        _ => new() { Name = words["Thanks"], Event = "order.placed", FirstDays = 10, First = "care/thanks-after-purchase", CoolDownDays = 60 },
    };

    /// <summary>What no single field can show to be wrong.</summary>
    public void Check(ReadyMadeKind kind, ModelStateDictionary errors, TemplateCatalogue templates, IStringLocalizer words)
    {
        if (kind is ReadyMadeKind.Welcome or ReadyMadeKind.Thanks) Needs(nameof(Event), Event, words["Please choose what begins it."]);
        if (kind is ReadyMadeKind.Season) Needs(nameof(Anchor), Anchor, words["Please choose a day of the calendar."]);
        if (kind is not ReadyMadeKind.HandBack) Needs(nameof(First), First, words["Please choose a template."]);
        if (kind is ReadyMadeKind.HandBack && Reasons().Count == 0) errors.AddModelError("Form." + nameof(TooEarly), words["Choose a mail for at least one reason."]);
        if (kind is ReadyMadeKind.Welcome && string.IsNullOrEmpty(Second) && !string.IsNullOrEmpty(Third)) errors.AddModelError("Form." + nameof(Second), words["Choose the second mail, or leave out the third."]);
        if (kind is ReadyMadeKind.Season && !string.IsNullOrEmpty(Second) && (FirstDays ?? 0) - (SecondDays ?? 0) < SeasonFlow.LeastBetween)
            errors.AddModelError("Form." + nameof(SecondDays), words["The second mail must come at least {0} days after the first: fewer days before the season day.", SeasonFlow.LeastBetween]);
        if (string.IsNullOrEmpty(Goal) && Sells(kind, templates)) errors.AddModelError("Form." + nameof(Goal), words["A flow that sells needs a goal. A purchase is usual."]);

        void Needs(string field, string? value, string message)
        {
            if (string.IsNullOrWhiteSpace(value)) errors.AddModelError("Form." + field, message);
        }
    }

    public ReadyMadeFlow Flow(ReadyMadeKind kind, TemplateCatalogue templates)
    {
        var (name, goal, sells) = (Name!.Trim(), string.IsNullOrEmpty(Goal) ? null : Goal, Sells(kind, templates));
        return kind switch
        {
            ReadyMadeKind.Welcome => new WelcomeFlow(name, goal, sells, Event!, Tag, Prefecture, [.. Row()]),
            ReadyMadeKind.HandBack => new HandBackFlow(
                name, goal, sells, Reasons(), Time ?? At10, string.IsNullOrEmpty(Second) ? null : new MailInRow(Second, Math.Max(1, SecondDays ?? 1)), TellOwner),
            ReadyMadeKind.Season => new SeasonFlow(name, goal, sells, Anchor!, FirstDays ?? 0, Time ?? At10, Audience, First!, ValidDays ?? 7, string.IsNullOrEmpty(Second) ? null : new MailInRow(Second, SecondDays ?? 0)),
            _ => new ThanksFlow(name, goal, sells, Event!, Tag, Prefecture, FirstDays ?? 0, First!, CoolDownDays ?? 60),
        };
    }

    private Audience Audience => new(
        string.IsNullOrWhiteSpace(Tag) ? null : [Tag.Trim()], null, string.IsNullOrWhiteSpace(Prefecture) ? null : [Prefecture],
        BoughtDays is { } bought ? new PurchaseSpan(LastDays: bought) : null, NotBoughtDays is { } not ? new PurchaseSpan(LastDays: not) : null);

    private IEnumerable<MailInRow> Row()
    {
        yield return new MailInRow(First!, FirstDays ?? 0);
        if (!string.IsNullOrEmpty(Second)) yield return new MailInRow(Second, SecondDays ?? 0);
        if (!string.IsNullOrEmpty(Third)) yield return new MailInRow(Third, ThirdDays ?? 0);
    }

    private Dictionary<HandBackReason, string> Reasons() => new (HandBackReason Reason, string? Template)[]
        {
            (HandBackReason.TooEarly, TooEarly), (HandBackReason.Budget, Budget), (HandBackReason.Competitor, Competitor), (HandBackReason.NoContact, NoContact),
        }.Where(pair => !string.IsNullOrEmpty(pair.Template)).ToDictionary(pair => pair.Reason, pair => pair.Template!);

    private bool Sells(ReadyMadeKind kind, TemplateCatalogue templates) =>
        (kind switch
        {
            ReadyMadeKind.Welcome => [First, Second, Third],
            ReadyMadeKind.HandBack => [.. Reasons().Values, Second],
            ReadyMadeKind.Season => [First, Second],
            _ => new[] { First },
        }).Any(id => id is { Length: > 0 } && templates.Find(id)?.Approach is Approach.A1 or Approach.A2);
}
