using System.Globalization;
using Automation.Marketing.Mail.Delivery;
using Automation.SendGrid;

namespace Automation.Server.Commands.FlowTrials;

/// <summary>Takes every mail at once and sends none, unless the script says that it refuses.</summary>
internal sealed class TrialProvider : IMailProvider
{
    private int taken;

    /// <summary>Why mails are refused from now on; null: they are taken.</summary>
    public string? Refusal { get; set; }

    public Task<SendResult> SendAsync(MailSendRequest request, CancellationToken cancellation) => Task.FromResult<SendResult>(
        Refusal is { } reason ? new SendResult.Refused(reason, 400, []) : new SendResult.Accepted("trial-" + (++taken).ToString(CultureInfo.InvariantCulture)));
}
