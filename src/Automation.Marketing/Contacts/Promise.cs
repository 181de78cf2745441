namespace Automation.Marketing.Contacts;

/// <summary>What hangs on the day D on which a customer asked to be contacted again (brief §4.6). In days before D.</summary>
public static class Promise
{
    /// <summary>Selling is muted until then.</summary>
    public const int MuteLead = 14;

    /// <summary>The owner's task; on a weekend or holiday it is due on the next working day.</summary>
    public const int TaskLead = 7;

    /// <summary>The mail.</summary>
    public const int MailLead = 3;

    /// <summary>The first day on which selling is allowed again.</summary>
    public static DateOnly MutedUntil(DateOnly revisitOn) => revisitOn.AddDays(-MuteLead);
}
