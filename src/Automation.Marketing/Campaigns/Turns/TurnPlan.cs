using System.Globalization;

namespace Automation.Marketing.Campaigns.Turns;

/// <summary>Why a person of the audience gets no mail by this broadcast.</summary>
public enum SetApart { HeldOut, HourPast, OnPaper }

/// <summary>One person's place in a broadcast.</summary>
/// <param name="At">When it is the person's turn; null: never.</param>
/// <param name="Version">Of a test: <c>A</c> or <c>B</c>; null: none, or the one that proves better.</param>
/// <param name="Zone">IANA id, as the person's hour was found.</param>
public readonly record struct Turn(DateTimeOffset? At, string? Version, SetApart? Apart, string Zone);

/// <summary>Gives people their turns. Pure: the same person always gets the same one.</summary>
/// <param name="held">So many of a hundred of all customers get no broadcast in that year.</param>
public sealed class TurnPlan(Guid broadcastId, BroadcastOptions options, int held, DateTimeOffset startedAt, TimeZoneInfo shopZone)
{
    /// <summary>Later than any clock: whoever waits for the better version.</summary>
    public static readonly DateTimeOffset NotYet = new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly string versions = $"versions:{broadcastId:N}", own = $"held:{broadcastId:N}";
    private readonly string year = "held:" + LocalTime.DayOf(startedAt, shopZone).Year.ToString(CultureInfo.InvariantCulture);

    /// <param name="hasPaper">A postcard or a call would reach the person, too.</param>
    public Turn Of(Guid contactId, string? zoneId, bool hasPaper = false)
    {
        var zone = LocalTime.ZoneOr(zoneId, shopZone);
        if (Draw.IsAmong(year, contactId, held) || Draw.IsAmong(own, contactId, options.HoldOutPercent)) return new Turn(null, null, SetApart.HeldOut, zone.Id);
        // Whom only mail reaches is no case for two channels, and need not wait for the better one.
        var takesPart = options.Test is { Of: not TestOf.Channel } || hasPaper;
        var version = takesPart ? VersionOf(contactId) : null;
        if (options.Test is not null && takesPart && version is null) return new Turn(NotYet, null, null, zone.Id);
        return TimeFor(version) is not { } time ? new Turn(startedAt, version, null, zone.Id)
            : At(options.Local?.Day ?? LocalTime.DayOf(startedAt, zone), time, zone) is { } at ? new Turn(at, version, null, zone.Id)
            : new Turn(null, null, SetApart.HourPast, zone.Id);
    }

    /// <summary>When it is the turn of those who waited for the better version, on clocks of this zone.</summary>
    /// <param name="from">Not before.</param>
    public DateTimeOffset RestAt(DateTimeOffset from, string winner, TimeZoneInfo zone) =>
        TimeFor(winner) is { } time ? Next(LocalTime.DayOf(from, zone), time, zone, from) : from;

    private TimeOnly? TimeFor(string? version) =>
        options.Test is { Of: TestOf.Time } test && version is not null ? test.TimeOf(version) : options.Local?.Time;

    // The first of a hundred lots take part, every other one in each version.
    private string? VersionOf(Guid contactId)
    {
        if (options.Test is not { } test) return null;
        var lot = Draw.Of(versions, contactId);
        return lot >= test.Share * (Draw.Lots / 100) ? null : lot % 2 == 0 ? VersionTest.First : VersionTest.Second;
    }

    private DateTimeOffset? At(DateOnly day, TimeOnly time, TimeZoneInfo zone)
    {
        var at = LocalTime.InstantOf(day, time, zone);
        if (at >= startedAt) return at;
        return options.Local?.Past switch
        {
            HourPast.SendNow => startedAt,
            HourPast.LeaveOut => null,
            // A test of times without a day of its own waits for the next of them, too.
            _ => Next(day, time, zone, startedAt),
        };
    }

    private static DateTimeOffset Next(DateOnly day, TimeOnly time, TimeZoneInfo zone, DateTimeOffset from)
    {
        var at = LocalTime.InstantOf(day, time, zone);
        if (at < from && LocalTime.DayOf(from, zone) is var today && today > day) at = LocalTime.InstantOf(day = today, time, zone);
        while (at < from) at = LocalTime.InstantOf(day = day.AddDays(1), time, zone);
        return at;
    }
}
