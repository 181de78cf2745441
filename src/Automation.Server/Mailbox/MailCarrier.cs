using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Mail.GoingLive;
using Automation.SendGrid;

namespace Automation.Server.Mailbox;

/// <summary>The way to SendGrid or the stand-in: known only when the stand-in listens, so connected at start.</summary>
internal sealed class MailCarrier(LiveGate gate) : IMailProvider
{
    private SendGridProvider? provider;

    public StandInAddress StandIn { get; private set; } = new((Uri?)null);

    public void Connect(ISendGridClient client, StandInAddress standIn) => (provider, StandIn) = (new SendGridProvider(client), standIn);

    public async Task<SendResult> SendAsync(MailSendRequest request, CancellationToken cancellation)
    {
        if (provider is not { } connected) return new SendResult.TryLater(TimeSpan.FromSeconds(1), "the server is still starting", WholeKey: true);
        return await gate.RefusalAsync(request, cancellation) ?? await connected.SendAsync(request, cancellation);
    }
}
