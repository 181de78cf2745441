using System.Collections.Frozen;

namespace Automation.SendGrid;

/// <summary>Bounds of one <c>mail/send</c> request, as SendGrid documents them.</summary>
public static class MailSendLimits
{
    public const int Personalizations = 1000;

    /// <summary>To, cc and bcc over all personalizations.</summary>
    public const int Recipients = 1000;
    public const int Categories = 10;
    public const int CategoryCharacters = 255;

    /// <summary>UTF-8 bytes of names and values.</summary>
    public const int CustomArgsBytes = 10_000;

    /// <summary>UTF-8 bytes of names and values, each personalization.</summary>
    public const int SubstitutionsBytes = 10_000;
    public const int AddressCharacters = 320;
    public const int GroupsToDisplay = 25;
    public const int PoolNameShortest = 2;
    public const int PoolNameLongest = 64;
    public const int RequestBytes = 30 * 1024 * 1024;
    public static readonly TimeSpan FurthestAhead = TimeSpan.FromHours(72);

    /// <summary>Headers that SendGrid sets itself and refuses from us; any letter case.</summary>
    public static readonly FrozenSet<string> ReservedHeaders = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "x-sg-id", "x-sg-eid", "received", "dkim-signature", "Content-Type", "Content-Transfer-Encoding",
        "To", "From", "Subject", "Reply-To", "CC", "BCC");
}
