using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Automation.Marketing;
using Automation.Marketing.Campaigns;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Broadcasts;

/// <summary>How a purchase condition is given.</summary>
public enum SpanKind { Any, LastDays, Between }

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

    public SpanKind Bought { get; set; }

    [Range(1, 3650, ErrorMessage = "Enter a number of days from {1} to {2}.")]
    public int? BoughtDays { get; set; }

    public DateOnly? BoughtFrom { get; set; }
    public DateOnly? BoughtTo { get; set; }

    public SpanKind NotBought { get; set; }

    [Range(1, 3650, ErrorMessage = "Enter a number of days from {1} to {2}.")]
    public int? NotBoughtDays { get; set; }

    public DateOnly? NotBoughtFrom { get; set; }
    public DateOnly? NotBoughtTo { get; set; }

    /// <summary>Local time of the workspace; empty: at once.</summary>
    public DateTime? SendAt { get; set; }

    public Audience Audience => new(
        Listed(Tags), Listed(NotTags), Prefectures.Count == 0 ? null : Prefectures,
        Span(Bought, BoughtDays, BoughtFrom, BoughtTo), Span(NotBought, NotBoughtDays, NotBoughtFrom, NotBoughtTo));

    public DateTimeOffset? SendsAt(TimeZoneInfo zone) => SendAt is { } local
        ? LocalTime.InstantOf(DateOnly.FromDateTime(local), TimeOnly.FromDateTime(local), zone)
        : null;

    /// <summary>The conditions that no single field can show to be wrong.</summary>
    public void Check(ModelStateDictionary errors, IStringLocalizer words, Show show)
    {
        CheckSpan(errors, words, Field(nameof(BoughtDays)), Field(nameof(BoughtFrom)), Bought, BoughtDays, BoughtFrom, BoughtTo);
        CheckSpan(errors, words, Field(nameof(NotBoughtDays)), Field(nameof(NotBoughtFrom)), NotBought, NotBoughtDays, NotBoughtFrom, NotBoughtTo);
        if (SendsAt(show.Zone) < show.Now) errors.AddModelError(Field(nameof(SendAt)), words["This time has passed. Choose a later one or leave it empty to send at once."]);
    }

    /// <summary>Every field and its value, to carry the form from one step to the next.</summary>
    public IEnumerable<(string Name, string Value)> Fields()
    {
        foreach (var (name, value) in new (string, object?)[]
                 {
                     (nameof(Name), Name), (nameof(Template), Template), (nameof(Tags), Tags), (nameof(NotTags), NotTags),
                     (nameof(Bought), Bought), (nameof(BoughtDays), BoughtDays), (nameof(BoughtFrom), BoughtFrom), (nameof(BoughtTo), BoughtTo),
                     (nameof(NotBought), NotBought), (nameof(NotBoughtDays), NotBoughtDays), (nameof(NotBoughtFrom), NotBoughtFrom), (nameof(NotBoughtTo), NotBoughtTo),
                     (nameof(SendAt), SendAt),
                 })
        {
            if (value is not null) yield return (name, Text(value));
        }
        foreach (var prefecture in Prefectures) yield return (nameof(Prefectures), prefecture);
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

    private static PurchaseSpan? Span(SpanKind kind, int? days, DateOnly? from, DateOnly? to) => kind switch
    {
        SpanKind.LastDays => new PurchaseSpan(LastDays: days),
        SpanKind.Between => new PurchaseSpan(from, to),
        _ => null,
    };

    private static string[]? Listed(string? text)
    {
        var words = (text ?? "").Split([',', '、', '，'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return words.Length == 0 ? null : words;
    }

    private static string Text(object value) => value switch
    {
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTime local => local.ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
