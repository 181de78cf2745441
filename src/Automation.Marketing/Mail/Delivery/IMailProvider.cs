using Automation.SendGrid;

namespace Automation.Marketing.Mail.Delivery;

/// <summary>The one way to whoever carries the mail.</summary>
public interface IMailProvider
{
    Task<SendResult> SendAsync(MailSendRequest request, CancellationToken cancellation);
}

/// <summary>SendGrid, or the stand-in at another address: the same client either way.</summary>
public sealed class SendGridProvider(ISendGridClient client) : IMailProvider
{
    public Task<SendResult> SendAsync(MailSendRequest request, CancellationToken cancellation) => client.SendAsync(request, cancellation);
}
