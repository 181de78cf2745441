using Microsoft.Extensions.Logging;

namespace Automation.Marketing.Mail.Delivery;

internal static partial class DeliveryLog
{
    [LoggerMessage(2001, LogLevel.Debug, "{Attempts} mails attempted, {Accepted} accepted")]
    public static partial void BatchSent(this ILogger logger, int attempts, int accepted);

    [LoggerMessage(2002, LogLevel.Warning, "Sending pauses: {Reason}")]
    public static partial void SendingPaused(this ILogger logger, string reason);

    [LoggerMessage(2003, LogLevel.Warning, "{Count} mails were being sent when their process ended; their outcome is unknown until the provider reports")]
    public static partial void OutcomesUnknown(this ILogger logger, int count);

    [LoggerMessage(2004, LogLevel.Error, "A call to the provider failed; the outcome of {Mails} mails is unknown until the provider reports")]
    public static partial void ProviderFailed(this ILogger logger, Exception problem, int mails);

    [LoggerMessage(2005, LogLevel.Error, "The outcome of {Mails} mails could not be written down and is tried again")]
    public static partial void NotRecorded(this ILogger logger, Exception problem, int mails);
}
