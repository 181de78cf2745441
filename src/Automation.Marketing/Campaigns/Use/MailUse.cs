using Automation.Marketing.Mail;

namespace Automation.Marketing.Campaigns.Use;

/// <summary>How mail was used by whom it reached: how likely they bought, and how often they buy (brief §5).</summary>
/// <param name="Mails">Mails that left; cards that were posted and calls that were made count as such.</param>
/// <param name="Reached">People whom they reached.</param>
/// <param name="Bought">Those of them who bought within <see cref="BroadcastReport.FollowDays"/> days from the day of a mail on.</param>
/// <param name="Active">Those of them who bought anything in the year up to the last day.</param>
/// <param name="Orders">The orders of these, in that year.</param>
public sealed record MailUse(int Mails, int Reached, int Bought, int Active, int Orders)
{
    public static readonly MailUse None = new(0, 0, 0, 0, 0);

    /// <summary>Days of the year by which frequency is counted.</summary>
    public const int YearDays = 365;

    /// <summary>Usage probability, 0 to 1; null: nobody was reached.</summary>
    public double? Probability => Reached == 0 ? null : (double)Bought / Reached;

    /// <summary>Orders of an active customer in a year; null: nobody is active.</summary>
    public double? Frequency => Active == 0 ? null : (double)Orders / Active;
}

/// <summary>How one broadcast was used.</summary>
/// <param name="First">The day on which it began.</param>
/// <param name="Last">The last day that counts.</param>
public sealed record BroadcastUse(MailUse Use, DateOnly First, DateOnly Last)
{
    /// <summary>Its buyers have had all their days.</summary>
    public bool IsOver => Last.DayNumber - First.DayNumber >= BroadcastReport.FollowDays;
}

/// <summary>What mailing brought beside not mailing, over all mailings of an approach that held people out.</summary>
/// <param name="Mailings">Mailings with people on both sides.</param>
/// <param name="For">People whom they were for, counted for each mailing.</param>
/// <param name="HeldOut">People who were held out, counted for each mailing.</param>
/// <param name="Difference">Of the shares of buyers, mailing by mailing, each weighed by whom it was for.</param>
/// <param name="Margin">Half the width of the 95 % interval of <paramref name="Difference"/>.</param>
/// <param name="Frequency">Orders a year of those held out who are active; null: none is.</param>
public sealed record UseBeside(int Mailings, int For, int HeldOut, double Difference, double Margin, double? Frequency)
{
    public bool IsEnough => For + HeldOut >= HoldOutComparison.LeastPeople;

    /// <param name="mailings">Those without people on either side say nothing.</param>
    /// <returns>Null: there is none to compare.</returns>
    public static UseBeside? Of(IEnumerable<HoldOutComparison> mailings, double? frequency)
    {
        var both = mailings.Where(one => one.For > 0 && one.HeldOut > 0).ToList();
        if (both.Count == 0) return null;
        // Mailings hold out different shares: adding up people would compare seasons instead of mail.
        var all = (double)both.Sum(one => one.For);
        var variance = both.Sum(one => Math.Pow(one.For / all, 2) * one.Variance);
        return new UseBeside(
            both.Count, (int)all, both.Sum(one => one.HeldOut), both.Sum(one => one.For / all * one.Difference), HoldOutComparison.Within95 * Math.Sqrt(variance), frequency);
    }
}

/// <summary>How one approach was used.</summary>
/// <param name="Before">The same a year before.</param>
/// <param name="Beside">Null: no mailing of the approach held anybody out.</param>
public sealed record ApproachUse(Approach Approach, MailUse Now, MailUse Before, UseBeside? Beside);
