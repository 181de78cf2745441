namespace Automation.Marketing.Mail.Decision;

/// <summary>Topics as messages carry them: a list separated by commas, fixed when the mail is asked for.</summary>
public static class MailTopics
{
    /// <summary>Seasonal mail: what a person gets who asked for nothing else.</summary>
    public const string Season = "season";

    public static bool Has(string topics, string topic)
    {
        foreach (var range in topics.AsSpan().Split(','))
        {
            if (topics.AsSpan(range).SequenceEqual(topic)) return true;
        }
        return false;
    }

    public static bool HasAny(string topics, IEnumerable<string> wanted)
    {
        if (topics.Length == 0) return false;
        foreach (var topic in wanted)
        {
            if (Has(topics, topic)) return true;
        }
        return false;
    }
}
