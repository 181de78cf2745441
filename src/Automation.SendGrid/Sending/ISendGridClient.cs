namespace Automation.SendGrid;

public interface ISendGridClient
{
    /// <summary>Checks the documented limits, then sends once. Nothing is ever retried here.</summary>
    /// <exception cref="OperationCanceledException">
    /// Cancelled before the body began to leave, so certainly not acted on. Later cancellation answers <see cref="SendResult.Unknown"/>.
    /// </exception>
    Task<SendResult> SendAsync(MailSendRequest request, CancellationToken cancellation);

    /// <summary>Sends prepared UTF-8 JSON once, unchecked but for its size.</summary>
    /// <param name="json">From <see cref="MailSendRequest.ToUtf8Json"/>; must not change until the task ends.</param>
    /// <param name="cancellation">As above.</param>
    /// <exception cref="OperationCanceledException">As above.</exception>
    Task<SendResult> SendAsync(ReadOnlyMemory<byte> json, CancellationToken cancellation);
}
