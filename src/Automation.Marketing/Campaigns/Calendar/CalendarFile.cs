using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Xml;

namespace Automation.Marketing.Campaigns.Calendar;

/// <summary>A season calendar: <c>workflows/calendars/*.calendar.json</c> (architecture §9).</summary>
/// <param name="About">One sentence on whom it mails when.</param>
/// <param name="Ready">Offered only: it is followed once somebody chooses it, see <see cref="CalendarShelf"/>.</param>
public sealed record CalendarFile(
    string Key, IReadOnlyList<CalendarFile.AnchorRow> Anchors, IReadOnlyList<CalendarFile.OccurrenceRow> Occurrences,
    string? Title = null, string? TitleEn = null, CalendarFile.SeasonRow? Season = null, string? About = null, string? AboutEn = null, bool Ready = false)
{
    public const string Standing = "standing", Each = "each";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    /// <param name="Kind">One of <see cref="AnchorRule.Kinds"/>.</param>
    /// <param name="Dates">By year; they win over the rule.</param>
    /// <param name="Rule">See <see cref="AnchorRule"/>.</param>
    public sealed record AnchorRow(string Key, string Kind, IReadOnlyDictionary<string, string>? Dates = null, string? NameEn = null, string? Rule = null);

    /// <summary>Which anchors begin and end the season that templates speak of.</summary>
    public sealed record SeasonRow(string Key, string Opens, string Ends);

    /// <param name="Adjust"><c>none</c>, <c>previous</c> or <c>next</c> working day.</param>
    /// <param name="Approval"><c>standing</c>: every year's goes out by itself; <c>each</c>: somebody approves each one.</param>
    /// <param name="Capacity">At most so many people, those who bought last first.</param>
    /// <param name="Guards">The product or category that must not be out of stock.</param>
    public sealed record OccurrenceRow(
        string Key, string When, JsonElement Audience, string Template, WindowRow? Window = null, string Adjust = "none", string Approach = "A2",
        int Priority = 60, string? Title = null, string? TitleEn = null, string? CollapseKey = null, string Approval = Standing,
        int? Capacity = null, string? Guards = null, string? Owner = null);

    /// <param name="Opens">Local time of day, default 10:00.</param>
    /// <param name="Closes">How long it may still go out: ISO 8601, default <c>P3D</c>.</param>
    public sealed record WindowRow(string? Opens = null, string? Closes = null);

    /// <exception cref="BadInputException">The file is at fault; file, line and field are named.</exception>
    public static CalendarFile Parse(string text, string file)
    {
        CalendarFile calendar;
        try
        {
            calendar = JsonSerializer.Deserialize<CalendarFile>(text, Json) ?? throw new BadInputException(file, "is empty.");
        }
        catch (JsonException broken)
        {
            throw new BadInputException($"{file}({broken.LineNumber + 1},{broken.BytePositionInLine + 1})", $"{broken.Path}: {FirstSentence(broken.Message)}");
        }
        calendar.Check(file);
        return calendar;
    }

    /// <summary>Each mailing with the next day on which it goes out; null: no date is known for it.</summary>
    public IEnumerable<(OccurrenceRow Row, DateOnly? Next)> ComingAfter(DateOnly today)
    {
        var days = AnchorDays.Of(AsAnchors(), [.. Anchors.SelectMany(DatesOf)], today.Year, today.Year + 2);
        foreach (var row in Occurrences)
        {
            var when = WhenRule.Parse(row.When, row.Key);
            var next = (days.GetValueOrDefault(when.Anchor) ?? []).Values.Select(day => (DateOnly?)SeasonCalendar.Adjust(day.AddDays(when.Days), row.Adjust)).Where(day => day > today).Min();
            yield return (row, next);
        }
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>The dates that the file gives for a day.</summary>
    internal static IEnumerable<AnchorDate> DatesOf(AnchorRow row) => (row.Dates ?? new Dictionary<string, string>())
        .Select(pair => new AnchorDate { AnchorKey = row.Key, Year = int.Parse(pair.Key, CultureInfo.InvariantCulture), Date = Date(pair.Value, row.Key) });

    private List<Anchor> AsAnchors() => [.. Anchors.Select(row => new Anchor { Key = row.Key, Kind = row.Kind, Rule = row.Rule })];

    private static DateOnly Date(string text, string place) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? date
            : throw new BadInputException(place, $"'{text}' is not a date like 2026-11-06.");

    internal static TimeSpan ClosesAfter(OccurrenceRow occurrence, string place)
    {
        var text = occurrence.Window?.Closes ?? "P3D";
        try
        {
            return XmlConvert.ToTimeSpan(text) is var window && window > TimeSpan.Zero
                ? window
                : throw new BadInputException(place, "the window must be longer than nothing.");
        }
        catch (FormatException)
        {
            throw new BadInputException(place, $"'window.closes' is not an ISO 8601 duration: '{text}'.");
        }
    }

    internal static TimeOnly OpensAt(OccurrenceRow occurrence, string place) =>
        occurrence.Window?.Opens is not { } text ? WhenRule.Parse(occurrence.When, place).Time
        : TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time
        : throw new BadInputException(place, $"'window.opens' is not a time like 10:00: '{text}'.");

    private void Check(string file)
    {
        if (string.IsNullOrWhiteSpace(Key)) throw new BadInputException(file, "'key' is missing.");
        if (Anchors is null) throw new BadInputException(file, "'anchors' is missing.");
        if (Occurrences is null) throw new BadInputException(file, "'occurrences' is missing.");
        if (Anchors.Contains(null!)) throw new BadInputException($"{file}: anchors", "one of them is null.");
        if (Occurrences.Contains(null!)) throw new BadInputException($"{file}: occurrences", "one of them is null.");
        foreach (var anchor in Anchors) CheckAnchor(anchor, $"{file}: anchors '{anchor.Key}'");
        if (Anchors.GroupBy(anchor => anchor.Key).FirstOrDefault(group => group.Count() > 1) is { } again)
            throw new BadInputException(file, $"anchor '{again.Key}' is given twice.");
        CheckHanging(file);
        var known = Anchors.Select(anchor => anchor.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var anchor in new[] { Season?.Opens, Season?.Ends }.OfType<string>())
        {
            if (!known.Contains(anchor)) throw new BadInputException($"{file}: season", $"there is no anchor '{anchor}'.");
        }
        foreach (var occurrence in Occurrences) CheckOccurrence(occurrence, known, $"{file}: occurrences '{occurrence.Key}'");
        if (Occurrences.GroupBy(row => row.Key).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new BadInputException(file, $"occurrence '{twice.Key}' is given twice.");
    }

    // That none hangs on itself, nor on one that is not here.
    private void CheckHanging(string file)
    {
        try
        {
            AnchorDays.Of(AsAnchors(), [], 0, -1);
        }
        catch (BadInputException broken)
        {
            throw new BadInputException($"{file}: anchors '{broken.Place}'", broken.Problem);
        }
    }

    private static void CheckAnchor(AnchorRow anchor, string place)
    {
        if (string.IsNullOrWhiteSpace(anchor.Key)) throw new BadInputException(place, "'key' is missing.");
        if (AnchorRule.Parse(anchor.Kind ?? "", anchor.Rule, place) is null && anchor.Dates is null) throw new BadInputException(place, "'dates' is missing.");
        if (anchor is { Kind: AnchorRule.Fixed, Rule: null, Dates.Count: 0 }) throw new BadInputException(place, "a fixed day needs a rule or at least one date.");
        foreach (var (year, date) in anchor.Dates ?? new Dictionary<string, string>())
        {
            if (!int.TryParse(year, CultureInfo.InvariantCulture, out var number)) throw new BadInputException(place, $"'{year}' is not a year.");
            // Last year's date under this year's number would mail on the wrong day.
            if (Date(date, place).Year != number) throw new BadInputException(place, $"{date} is not in {year}.");
        }
    }

    private static void CheckOccurrence(OccurrenceRow occurrence, HashSet<string> anchors, string place)
    {
        if (string.IsNullOrWhiteSpace(occurrence.Key)) throw new BadInputException(place, "'key' is missing.");
        var when = WhenRule.Parse(occurrence.When ?? "", place);
        if (!anchors.Contains(when.Anchor)) throw new BadInputException(place, $"there is no anchor '{when.Anchor}'.");
        if (string.IsNullOrWhiteSpace(occurrence.Template)) throw new BadInputException(place, "'template' is missing.");
        if (occurrence.Approach is not ("A1" or "A2" or "A3")) throw new BadInputException(place, "'approach' must be A1, A2 or A3.");
        if (occurrence.Adjust is not ("none" or "previous" or "next")) throw new BadInputException(place, "'adjust' must be none, previous or next.");
        if (occurrence.Priority is < 0 or > 100) throw new BadInputException(place, "'priority' must be 0 to 100.");
        if (occurrence.Approval is not (Standing or Each)) throw new BadInputException(place, "'approval' must be standing or each.");
        if (occurrence.Capacity is < 1) throw new BadInputException(place, "'capacity' must be 1 or more.");
        ClosesAfter(occurrence, place);
        OpensAt(occurrence, place);
        if (occurrence.Audience.ValueKind is not JsonValueKind.Object) throw new BadInputException(place, "'audience' must be an object.");
        Audiences.Parse(occurrence.Audience.GetRawText(), place + ": audience");
    }

    private static string FirstSentence(string message) => message.Split(". ")[0];
}
