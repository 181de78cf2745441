using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Automation.Marketing;
using Automation.Marketing.Campaigns;
using Automation.Marketing.Campaigns.Turns;
using Automation.Marketing.Mail;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Broadcasts;

/// <summary>How a purchase condition is given.</summary>
public enum SpanKind { Any, LastDays, Between, Ever }

/// <summary>By whose clock it goes out.</summary>
public enum WhoseClock { Shop, Own }

/// <summary>What is tried in two versions.</summary>
public enum TriedOut { Nothing, Subject, Template, Time, Channel }

/// <summary>The fields of a new broadcast, as typed.</summary>
public sealed class BroadcastForm
{
    [Required(ErrorMessage = "Please give the broadcast a name."), StringLength(200, ErrorMessage = "The name may have at most {1} characters.")]
    public string? Name { get; set; }

    [Required(ErrorMessage = "Please choose a template."), StringLength(200)]
    public string? Template { get; set; }

    /// <summary>Separated by commas.</summary>
    [StringLength(500, ErrorMessage = "At most {1} characters, please.")]
    public string? Tags { get; set; }

    [StringLength(500, ErrorMessage = "At most {1} characters, please.")]
    public string? NotTags { get; set; }

    public List<string> Prefectures { get; set; } = [];

    /// <summary>Only customers who have heard nothing for long.</summary>
    public bool Silent { get; set; }

    public SpanKind Bought { get; set; }

    [Range(1, 3650, ErrorMessage = "Enter a number of days from {1} to {2}.")]
    public int? BoughtDays { get; set; }

    /// <summary>See <see cref="Broadcasts.BoughtGoods"/>.</summary>
    [StringLength(BoughtGoods.MaxLength)]
    public string? BoughtOf { get; set; }

    public DateOnly? BoughtFrom { get; set; }
    public DateOnly? BoughtTo { get; set; }

    public SpanKind NotBought { get; set; }

    [Range(1, 3650, ErrorMessage = "Enter a number of days from {1} to {2}.")]
    public int? NotBoughtDays { get; set; }

    /// <inheritdoc cref="BoughtOf"/>
    [StringLength(BoughtGoods.MaxLength)]
    public string? NotBoughtOf { get; set; }

    public DateOnly? NotBoughtFrom { get; set; }
    public DateOnly? NotBoughtTo { get; set; }

    /// <summary>Whom their own rhythm makes expect to buy again: a category as in <see cref="BoughtOf"/>, <see cref="BoughtGoods.Whatever"/>, or null: does not matter.</summary>
    [StringLength(BoughtGoods.MaxLength)]
    public string? DueOf { get; set; }

    [Range(0, RepurchaseDue.MostDays, ErrorMessage = "Enter a number of days from {1} to {2}.")]
    public int DueDays { get; set; } = 14;

    /// <summary>Local time of the workspace; empty: at once.</summary>
    public DateTime? SendAt { get; set; }

    public WhoseClock Clock { get; set; }
    public HourPast HourPast { get; set; } = HourPast.Tomorrow;
    public OverCap OverCap { get; set; } = OverCap.Skip;

    /// <summary>How long whoever is over a limit waits.</summary>
    [Range(1, 60, ErrorMessage = "Enter a number of days from {1} to {2}.")]
    public int WaitDays { get; set; } = 7;

    [Range(1, 100_000, ErrorMessage = "Between {1} and {2}, please.")]
    public int? Pace { get; set; }

    /// <summary>Whether <see cref="Pace"/> is for a minute or for an hour.</summary>
    public bool PaceIsPerHour { get; set; }

    public TriedOut Tried { get; set; }

    [StringLength(VersionTest.MaxSubject, ErrorMessage = "At most {1} characters, please.")]
    public string? SubjectA { get; set; }

    [StringLength(VersionTest.MaxSubject, ErrorMessage = "At most {1} characters, please.")]
    public string? SubjectB { get; set; }

    [StringLength(200)]
    public string? TemplateB { get; set; }

    public TimeOnly? TimeA { get; set; }
    public TimeOnly? TimeB { get; set; }

    [Range(VersionTest.LeastShare, 100, ErrorMessage = "Between {1} and {2}, please.")]
    public int TestShare { get; set; } = 20;

    [Range(1, VersionTest.MostHours, ErrorMessage = "Between {1} and {2}, please.")]
    public int TestHours { get; set; } = 24;

    public WinnerBy TestBy { get; set; }

    [Range(1, 1_000_000, ErrorMessage = "Between {1} and {2}, please.")]
    public int TestLeast { get; set; } = 100;

    [Range(0, BroadcastOptions.MostHeldOut, ErrorMessage = "Between {1} and {2}, please.")]
    public int HeldOut { get; set; }

    public bool OnPaper { get; set; }

    public InNameOf InNameOf { get; set; }

    public BroadcastOptions Options => new(
        Clock is WhoseClock.Own && SendAt is { } at ? new LocalHour(DateTime.SpecifyKind(at, DateTimeKind.Unspecified), HourPast) : null,
        Pace is { } pace ? PaceIsPerHour ? pace : pace * 60 : null, Test, HeldOut, OnPaper,
        InNameOf is InNameOf.Shop ? null : InNameOf);

    /// <param name="people">Whom it is for.</param>
    public NewBroadcast ToBroadcast(TimeZoneInfo zone, DateTimeOffset now, int people)
    {
        var options = Options;
        // Whoever waits at all also waits through the hours and the test that lie before.
        var begins = options.Local is null ? SendsAt(zone) ?? now : now > options.Local.First ? now : options.Local.First;
        return new NewBroadcast(Name!.Trim(), Template!, Audience, SendsAt(zone), OverCap is OverCap.Defer ? WaitsUntil(begins, people) : null, OverCap)
        {
            Options = options,
        };
    }

    /// <summary>How long whoever is over a limit may wait: days of waiting after the last turn.</summary>
    public DateTimeOffset WaitsUntil(DateTimeOffset begins, int people) =>
        begins.AddDays(WaitDays + (Clock is WhoseClock.Own ? 2 : 0)).AddHours(Tried is TriedOut.Nothing ? 0 : TestHours + 24).AddHours(Options.PerHour is { } pace ? people / pace : 0);

    public Audience Audience => new(
        Listed(Tags), Listed(NotTags), Prefectures.Count == 0 ? null : Prefectures,
        Span(Bought, BoughtDays, BoughtFrom, BoughtTo, BoughtOf), Span(NotBought, NotBoughtDays, NotBoughtFrom, NotBoughtTo, NotBoughtOf), Silent ? true : null,
        string.IsNullOrEmpty(DueOf) ? null : new RepurchaseDue(DueOf == BoughtGoods.Whatever ? "" : BoughtGoods.Parse(DueOf).Category ?? "", DueDays));

    public DateTimeOffset? SendsAt(TimeZoneInfo zone) => SendAt is { } local
        ? LocalTime.InstantOf(DateOnly.FromDateTime(local), TimeOnly.FromDateTime(local), zone)
        : null;

    /// <summary>The conditions that no single field can show to be wrong.</summary>
    public void Check(ModelStateDictionary errors, IStringLocalizer words, Show show)
    {
        CheckSpan(errors, words, Field(nameof(BoughtDays)), Field(nameof(BoughtFrom)), Bought, BoughtDays, BoughtFrom, BoughtTo);
        CheckSpan(errors, words, Field(nameof(NotBoughtDays)), Field(nameof(NotBoughtFrom)), NotBought, NotBoughtDays, NotBoughtFrom, NotBoughtTo);
        // What is not understood must not widen the audience.
        foreach (var (field, of) in new[] { (nameof(BoughtOf), BoughtOf), (nameof(NotBoughtOf), NotBoughtOf) })
        {
            if (!BoughtGoods.IsKnown(of)) errors.AddModelError(Field(field), words["Choose something from the list."]);
        }
        if (DueOf is { Length: > 0 } and not BoughtGoods.Whatever && BoughtGoods.Parse(DueOf).Category is null) errors.AddModelError(Field(nameof(DueOf)), words["Choose something from the list."]);
        // Arithmetic with zones ends where the calendar does.
        if (SendAt is { Year: < LocalHour.FirstYear or > LocalHour.LastYear })
        {
            errors.AddModelError(Field(nameof(SendAt)), words["Choose a day of these years."]);
            return;
        }
        if (Clock is WhoseClock.Own && Options.Local?.Last < show.Now) errors.AddModelError(Field(nameof(SendAt)), words["This hour is over on every clock. Choose a later one."]);
        if (Clock is WhoseClock.Own && SendAt is null) errors.AddModelError(Field(nameof(SendAt)), words["Say the day and the hour that everyone's own clock shows."]);
        CheckTest(errors, words);
        if (Clock is WhoseClock.Shop && SendsAt(show.Zone) < show.Now) errors.AddModelError(Field(nameof(SendAt)), words["This time has passed. Choose a later one or leave it empty to send at once."]);
    }

    /// <summary>Every field and its value, to carry the form from one step to the next.</summary>
    public IEnumerable<(string Name, string Value)> Fields()
    {
        foreach (var (name, value) in new (string, object?)[]
                 {
                     (nameof(Name), Name), (nameof(Template), Template), (nameof(Tags), Tags), (nameof(NotTags), NotTags), (nameof(Silent), Silent),
                     (nameof(Bought), Bought), (nameof(BoughtOf), BoughtOf), (nameof(BoughtDays), BoughtDays), (nameof(BoughtFrom), BoughtFrom), (nameof(BoughtTo), BoughtTo),
                     (nameof(NotBought), NotBought), (nameof(NotBoughtOf), NotBoughtOf), (nameof(NotBoughtDays), NotBoughtDays), (nameof(NotBoughtFrom), NotBoughtFrom), (nameof(NotBoughtTo), NotBoughtTo),
                     (nameof(DueOf), DueOf), (nameof(DueDays), DueDays),
                     (nameof(SendAt), SendAt), (nameof(Clock), Clock), (nameof(HourPast), HourPast), (nameof(OverCap), OverCap), (nameof(WaitDays), WaitDays),
                     (nameof(Pace), Pace), (nameof(PaceIsPerHour), PaceIsPerHour), (nameof(Tried), Tried), (nameof(SubjectA), SubjectA), (nameof(SubjectB), SubjectB),
                     (nameof(TemplateB), TemplateB), (nameof(TimeA), TimeA), (nameof(TimeB), TimeB), (nameof(TestShare), TestShare), (nameof(TestHours), TestHours),
                     (nameof(TestBy), TestBy), (nameof(TestLeast), TestLeast), (nameof(HeldOut), HeldOut), (nameof(OnPaper), OnPaper), (nameof(InNameOf), InNameOf),
                 })
        {
            if (value is not null) yield return (name, Text(value));
        }
        foreach (var prefecture in Prefectures) yield return (nameof(Prefectures), prefecture);
    }

    private VersionTest? Test => Tried switch
    {
        TriedOut.Subject => NewTest(TestOf.Subject, SubjectA?.Trim() ?? "", SubjectB?.Trim() ?? ""),
        TriedOut.Template => NewTest(TestOf.Template, Template ?? "", TemplateB ?? ""),
        TriedOut.Time => NewTest(TestOf.Time, Hour(TimeA), Hour(TimeB)),
        // Nobody clicks on a card: the two can be compared by what was bought only.
        TriedOut.Channel => NewTest(TestOf.Channel, VersionTest.ByMail, VersionTest.OnPaper) with { By = WinnerBy.Orders },
        _ => null,
    };

    private VersionTest NewTest(TestOf of, string a, string b) => new(of, a, b, TestShare, TestHours, TestBy, TestLeast);

    private static string Hour(TimeOnly? time) => time?.ToString("HH:mm", CultureInfo.InvariantCulture) ?? "";

    private void CheckTest(ModelStateDictionary errors, IStringLocalizer words)
    {
        switch (Tried)
        {
            case TriedOut.Subject when string.IsNullOrWhiteSpace(SubjectB):
                errors.AddModelError(Field(nameof(SubjectB)), words["Write the second subject."]);
                break;
            case TriedOut.Subject when (SubjectA + SubjectB).Contains("{{", StringComparison.Ordinal):
                errors.AddModelError(Field(nameof(SubjectB)), words["A subject that is tried is taken as it is and cannot hold {{ }}. Try two templates instead."]);
                break;
            case TriedOut.Subject when SubjectA?.Trim() == SubjectB?.Trim():
                errors.AddModelError(Field(nameof(SubjectB)), words["The two versions are the same."]);
                break;
            case TriedOut.Template when string.IsNullOrEmpty(TemplateB) || TemplateB == Template:
                errors.AddModelError(Field(nameof(TemplateB)), words["Choose another template as the second version."]);
                break;
            case TriedOut.Time when TimeA is null || TimeB is null || TimeA == TimeB:
                errors.AddModelError(Field(nameof(TimeB)), words["Give two different times."]);
                break;
            case TriedOut.Channel when TestHours < VersionTest.LeastPaperHours:
                errors.AddModelError(Field(nameof(TestHours)), words["A card needs days to arrive and to be read: at least {0} hours, please.", VersionTest.LeastPaperHours]);
                break;
        }
    }

    // As the page's inputs are named.
    private static string Field(string name) => $"{nameof(NewBroadcastModel.Form)}.{name}";

    private static void CheckSpan(
        ModelStateDictionary errors, IStringLocalizer words, string daysField, string fromField, SpanKind kind, int? days, DateOnly? from, DateOnly? to)
    {
        if (kind is SpanKind.LastDays && days is null) errors.AddModelError(daysField, words["Enter the number of days."]);
        if (kind is SpanKind.Between && from is null && to is null) errors.AddModelError(fromField, words["Enter at least one of the two dates."]);
        if (kind is SpanKind.Between && from > to) errors.AddModelError(fromField, words["The first day lies after the last. Swap the two."]);
    }

    private static PurchaseSpan? Span(SpanKind kind, int? days, DateOnly? from, DateOnly? to, string? of)
    {
        var (product, category) = BoughtGoods.Parse(of);
        return kind switch
        {
            SpanKind.LastDays => new PurchaseSpan(LastDays: days, Product: product, Category: category),
            SpanKind.Between => new PurchaseSpan(from, to, Product: product, Category: category),
            SpanKind.Ever => new PurchaseSpan(Product: product, Category: category),
            _ => null,
        };
    }

    private static string[]? Listed(string? text)
    {
        var words = (text ?? "").Split([',', '、', '，'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return words.Length == 0 ? null : words;
    }

    private static string Text(object value) => value switch
    {
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        TimeOnly time => Hour(time),
        DateTime local => local.ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
