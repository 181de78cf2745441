using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Campaigns.Calendar;

/// <summary>The approved mailings as a calendar that other programs subscribe to (RFC 5545), under an address that only its owner knows.</summary>
public static class CalendarFeed
{
    private const string Key = "calendar-feed";
    private const int MaxOctets = 75;

    private sealed record Secret(string Token);

    /// <summary>The secret part of the address; made on first use.</summary>
    public static async Task<string> TokenAsync(AutomationDb db, DateTimeOffset now, CancellationToken cancellation) =>
        (await db.ReadSettingAsync<Secret>(Key, cancellation))?.Token ?? await RenewAsync(db, now, cancellation);

    /// <summary>A new secret: the old address answers nothing any more.</summary>
    public static async Task<string> RenewAsync(AutomationDb db, DateTimeOffset now, CancellationToken cancellation)
    {
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        await db.WriteSettingAsync(Key, new Secret(token), now, cancellation);
        return token;
    }

    /// <returns>Null when the token is not the secret.</returns>
    public static async Task<string?> ReadAsync(AutomationDb db, string token, DateTimeOffset now, CancellationToken cancellation)
    {
        if (await db.ReadSettingAsync<Secret>(Key, cancellation) is not { } secret
            || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(secret.Token), Encoding.UTF8.GetBytes(token))) return null;
        var since = now.AddYears(-1);
        var occurrences = await db.Occurrences.AsNoTracking()
            .Where(one => one.OpensAt >= since && (one.State == OccurrenceState.Launched || (one.State == OccurrenceState.Planned && (!one.NeedsApproval || one.ApprovedAt != null))))
            .OrderBy(one => one.OpensAt).ToListAsync(cancellation);
        return Write(occurrences, (await db.ShopAsync(cancellation)).Name, now);
    }

    private static string Write(List<Occurrence> occurrences, string shop, DateTimeOffset now)
    {
        var text = new StringBuilder();
        Line(text, "BEGIN:VCALENDAR");
        Line(text, "VERSION:2.0");
        Line(text, "PRODID:-//Automation//Season calendar//JA");
        Line(text, "X-WR-CALNAME:" + Escape(shop));
        foreach (var one in occurrences)
        {
            Line(text, "BEGIN:VEVENT");
            Line(text, $"UID:{one.Id:N}@automation");
            Line(text, "DTSTAMP:" + Instant(now));
            Line(text, "DTSTART:" + Instant(one.OpensAt));
            Line(text, "DTEND:" + Instant(one.OpensAt.AddHours(1)));
            Line(text, "SUMMARY:" + Escape(one.Title));
            Line(text, "DESCRIPTION:" + Escape($"{one.When} · {one.Template}"));
            Line(text, "STATUS:" + (one.State is OccurrenceState.Launched ? "CONFIRMED" : "TENTATIVE"));
            Line(text, "TRANSP:TRANSPARENT");
            Line(text, "END:VEVENT");
        }
        Line(text, "END:VCALENDAR");
        return text.ToString();
    }

    private static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    private static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(";", "\\;", StringComparison.Ordinal)
        .Replace(",", "\\,", StringComparison.Ordinal).Replace("\r", "", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    // A line has at most 75 octets; a longer one goes on after a line break and a space, never inside a character.
    private static void Line(StringBuilder text, string line)
    {
        var octets = 0;
        foreach (var rune in line.EnumerateRunes())
        {
            if (octets + rune.Utf8SequenceLength > MaxOctets)
            {
                text.Append("\r\n ");
                octets = 1;
            }
            text.Append(rune.ToString());
            octets += rune.Utf8SequenceLength;
        }
        text.Append("\r\n");
    }
}
