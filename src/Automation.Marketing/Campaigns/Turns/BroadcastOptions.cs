using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;

namespace Automation.Marketing.Campaigns.Turns;

/// <summary>How a broadcast goes out when not to everybody at once. Nothing given: plainly, in one go.</summary>
/// <param name="Local">At this hour of everyone's own clock.</param>
/// <param name="PerHour">At most so many people an hour, evenly; null: as fast as mail leaves.</param>
/// <param name="Test">Two versions are tried on some before the rest get the better one.</param>
/// <param name="HoldOutPercent">So many of a hundred get nothing and are compared afterwards; 0: nobody.</param>
/// <param name="OnPaper">Whom no mail can reach goes on a list for postcards and calls.</param>
/// <param name="InNameOf">A colleague whose name it shows and who gets the answers; null: the shop.</param>
public sealed record BroadcastOptions(
    LocalHour? Local = null, int? PerHour = null, VersionTest? Test = null, int HoldOutPercent = 0, bool OnPaper = false, InNameOf? InNameOf = null)
{
    public const int MostPerHour = 10_000_000;
    public const int MostHeldOut = 50;

    public static readonly BroadcastOptions None = new();

    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    public static BroadcastOptions FromJson(string json) => JsonSerializer.Deserialize<BroadcastOptions>(json, Json) ?? None;

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <exception cref="BadInputException">A field does not fit; it is named.</exception>
    public void Check(TemplateCatalogue templates)
    {
        if (PerHour is < 1 or > MostPerHour) throw new BadInputException("options.perHour", $"must be 1 to {MostPerHour}.");
        if (HoldOutPercent is < 0 or > MostHeldOut) throw new BadInputException("options.holdOutPercent", $"must be 0 to {MostHeldOut}.");
        Local?.Check();
        Test?.Check(templates);
    }
}

/// <summary>What becomes of people on whose clocks the hour is over when the broadcast begins.</summary>
public enum HourPast { SendNow, Tomorrow, LeaveOut }

/// <summary>An hour of everyone's own clock.</summary>
/// <param name="At">Day and hour, without a zone.</param>
public sealed record LocalHour(DateTime At, HourPast Past = HourPast.Tomorrow)
{
    /// <summary>A day outside these is a slip of the pen.</summary>
    public const int FirstYear = 2000, LastYear = 2200;

    // Where a day begins first, UTC+14, and where it ends last, UTC-12.
    private static readonly TimeSpan FirstOnEarth = TimeSpan.FromHours(14), LastOnEarth = TimeSpan.FromHours(-12);

    [JsonIgnore]
    public DateOnly Day => DateOnly.FromDateTime(At);

    [JsonIgnore]
    public TimeOnly Time => TimeOnly.FromDateTime(At);

    /// <summary>When the hour comes first anywhere: by then it must be known whom the broadcast is for.</summary>
    [JsonIgnore]
    public DateTimeOffset First => Where(FirstOnEarth);

    /// <summary>When it comes last.</summary>
    [JsonIgnore]
    public DateTimeOffset Last => Where(LastOnEarth);

    internal void Check()
    {
        if (At.Kind is not DateTimeKind.Unspecified) throw new BadInputException("options.local.at", "is a time on everyone's own clock: write it without a zone, like 2026-11-06T10:00.");
        if (At.Year is < FirstYear or > LastYear) throw new BadInputException("options.local.at", $"must be a day and an hour from {FirstYear} to {LastYear}, like 2026-11-06T10:00.");
    }

    private DateTimeOffset Where(TimeSpan offset) => new DateTimeOffset(DateTime.SpecifyKind(At, DateTimeKind.Unspecified), offset).ToUniversalTime();
}

/// <summary>In what the two versions differ.</summary>
public enum TestOf { Subject, Template, Time, Channel }

/// <summary>What the better version has more of, in share of the mails sent: people who clicked themselves, or people who bought.</summary>
public enum WinnerBy { Clicks, Orders }

/// <summary>Why the rest got the version that they got.</summary>
public enum WinnerBecause { Better, Tie, TooSmall }

/// <summary>Two versions, tried on a share of the people for a fixed time.</summary>
/// <param name="A">
/// The subject, the template's id, or the local time as <c>HH:mm</c>; empty for a subject: the template's own. Of two channels the first is
/// <see cref="ByMail"/>, the second <see cref="OnPaper"/>.
/// </param>
/// <param name="Share">So many of a hundred take part, half each; the others get the better version. Of two channels only those take part whom both reach.</param>
/// <param name="Hours">From the last mail of the test until the better one is chosen.</param>
/// <param name="Least">Mails sent of each version below which nothing is said to be better.</param>
public sealed record VersionTest(TestOf Of, string A, string B, int Share = 20, int Hours = 24, WinnerBy By = WinnerBy.Clicks, int Least = 100)
{
    public const string First = "A", Second = "B";
    public const string ByMail = "mail", OnPaper = "paper";
    public const int LeastShare = 2, MostHours = 24 * 14, MaxSubject = 200;

    /// <summary>Of two channels: sooner no card has been read.</summary>
    public const int LeastPaperHours = 24 * 3;

    /// <summary>What the version stands for.</summary>
    /// <param name="version"><see cref="First"/> or <see cref="Second"/>.</param>
    public string ValueOf(string version) => version == Second ? B : A;

    /// <summary>Whether the version goes on the list for postcards and calls.</summary>
    /// <param name="version">Null: neither; the mail.</param>
    public bool IsOnPaper(string? version) => Of is TestOf.Channel && version == Second;

    public TimeOnly TimeOf(string version) => TimeOnly.ParseExact(ValueOf(version), "HH:mm", CultureInfo.InvariantCulture);

    internal void Check(TemplateCatalogue templates)
    {
        if (Share is < LeastShare or > 100) throw new BadInputException("options.test.share", $"must be {LeastShare} to 100.");
        if (Hours is < 1 or > MostHours) throw new BadInputException("options.test.hours", $"must be 1 to {MostHours}.");
        if (Least < 1) throw new BadInputException("options.test.least", "must be 1 or more.");
        CheckVersion(A, "options.test.a", templates);
        CheckVersion(B, "options.test.b", templates);
        if (Of is TestOf.Channel) CheckChannels();
        if (A == B) throw new BadInputException("options.test.b", "is the same as the first version.");
    }

    private void CheckChannels()
    {
        if (A != ByMail) throw new BadInputException("options.test.a", $"must be {ByMail}: the first of two channels.");
        if (B != OnPaper) throw new BadInputException("options.test.b", $"must be {OnPaper}: the list for postcards and calls.");
        if (By is not WinnerBy.Orders) throw new BadInputException("options.test.by", "must be orders: nobody clicks on a card.");
        if (Hours < LeastPaperHours) throw new BadInputException("options.test.hours", $"must be {LeastPaperHours} or more: a card needs days.");
    }

    private void CheckVersion(string? value, string place, TemplateCatalogue templates)
    {
        switch (Of)
        {
            case TestOf.Subject when value is null || value.Length > MaxSubject || value.Any(char.IsControl):
                throw new BadInputException(place, $"must be one line of at most {MaxSubject} characters.");
            // It is taken as it is: code in it would be mailed as code.
            case TestOf.Subject when value!.Contains("{{", StringComparison.Ordinal):
                throw new BadInputException(place, "is taken as it is and cannot hold {{ }}. Test two templates instead.");
            case TestOf.Template when templates.Find(value ?? "") is not { Class: MessageClass.Marketing }:
                throw new BadInputException(place, $"there is no marketing template '{value}'.");
            case TestOf.Time when !TimeOnly.TryParseExact(value, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out _):
                throw new BadInputException(place, "is not a time like 10:00.");
        }
    }
}
