using Automation.Marketing.Mail.Delivery;
using Automation.SendGrid;

namespace Automation.Server.Mailbox;

/// <summary>The way to SendGrid or the stand-in: known only when the stand-in listens, so connected at start.</summary>
internal sealed class MailCarrier : IMailProvider
{
    private SendGridProvider? provider;

    public StandInAddress StandIn { get; private set; } = new((Uri?)null);

    public void Connect(ISendGridClient client, StandInAddress standIn) => (provider, StandIn) = (new SendGridProvider(client), standIn);

    public Task<SendResult> SendAsync(MailSendRequest request, CancellationToken cancellation) =>
        provider is { } connected
            ? connected.SendAsync(request, cancellation)
            : Task.FromResult<SendResult>(new SendResult.TryLater(TimeSpan.FromSeconds(1), "the server is still starting", WholeKey: true));
}
