using System.Text.Json.Serialization;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Mail.Delivery.Speed;

/// <summary>How fast marketing mail may leave (brief §6). Data: kept as a workspace setting; nothing set is no limit. Domains in lower case.</summary>
/// <param name="From">By sending domain.</param>
/// <param name="ToPerMinute">Mails a minute to a recipient domain, e.g. <c>docomo.ne.jp</c>: 300.</param>
public sealed record SendingSpeed(IReadOnlyDictionary<string, DomainSpeed> From, IReadOnlyDictionary<string, int> ToPerMinute)
{
    public const string SettingKey = "sending-speed";

    public static readonly SendingSpeed Unlimited = new(new Dictionary<string, DomainSpeed>(), new Dictionary<string, int>());

    /// <summary>Whether any limit is set.</summary>
    [JsonIgnore]
    public bool IsLimited => From.Count > 0 || ToPerMinute.Count > 0;

    /// <exception cref="BadInputException">A domain or a number is at fault; the field is named.</exception>
    public void Check()
    {
        foreach (var (domain, speed) in From)
        {
            CheckDomain(domain, $"from.{domain}");
            if (speed.PerMinute < 1) throw new BadInputException($"from.{domain}.perMinute", "must be 1 or more.");
            if (speed.WarmUp is { } plan && (plan.Ceilings.Count is 0 or > 366 || plan.Ceilings.Any(ceiling => ceiling < 1)))
                throw new BadInputException($"from.{domain}.warmUp.ceilings", "must be 1 to 366 numbers of 1 or more.");
        }
        foreach (var (domain, perMinute) in ToPerMinute)
        {
            CheckDomain(domain, $"toPerMinute.{domain}");
            if (perMinute < 1) throw new BadInputException($"toPerMinute.{domain}", "must be 1 or more.");
        }
    }

    private static void CheckDomain(string domain, string field)
    {
        if (Uri.CheckHostName(domain) is not UriHostNameType.Dns || domain.Any(char.IsUpper))
            throw new BadInputException(field, "is not a domain in lower case.");
    }
}

/// <param name="PerMinute">Mails a minute; null: no limit.</param>
/// <param name="WarmUp">For a domain that receivers do not know yet.</param>
public sealed record DomainSpeed(int? PerMinute = null, WarmUp? WarmUp = null);

/// <summary>Mails on each day from the first on; afterwards without a ceiling.</summary>
/// <param name="From">The first day, local.</param>
/// <param name="Ceilings">One for each day.</param>
public sealed record WarmUp(DateOnly From, IReadOnlyList<int> Ceilings)
{
    /// <summary>Null: none.</summary>
    public int? CeilingOn(DateOnly day) =>
        day.DayNumber - From.DayNumber is var index and >= 0 && index < Ceilings.Count ? Ceilings[index] : null;
}

public static class StoredSpeed
{
    public static async Task<SendingSpeed> SendingSpeedAsync(this AutomationDb db, CancellationToken cancellation) =>
        await db.ReadSettingAsync<SendingSpeed>(SendingSpeed.SettingKey, cancellation) ?? SendingSpeed.Unlimited;

    /// <exception cref="BadInputException">A domain or a number is at fault.</exception>
    public static Task SaveSendingSpeedAsync(this AutomationDb db, SendingSpeed speed, DateTimeOffset now, CancellationToken cancellation)
    {
        speed.Check();
        return db.WriteSettingAsync(SendingSpeed.SettingKey, speed, now, cancellation);
    }
}
