using Automation.Marketing.Contacts;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Storage;
using Automation.SendGrid;

namespace Automation.Marketing.Mail.Delivery;

/// <summary>
/// One mail to one address, on the way all mail goes and yet outside the books: no outbox row, no identity, no caps, no
/// statistics. It is not tracked, and what the provider reports about it is passed over.
/// </summary>
internal static class LoneMail
{
    private static readonly TrackingSettings Untracked = new()
    {
        ClickTracking = new ClickTracking(Enable: false, EnableText: false),
        OpenTracking = new OpenTracking(Enable: false),
        SubscriptionTracking = new SubscriptionTracking(Enable: false),
    };

    /// <exception cref="RuleBrokenException">The sender is not set up.</exception>
    public static void RequireSender(ShopIdentity shop)
    {
        if (shop.FromEmail.Length == 0) throw new RuleBrokenException("The sender's address is not set, so nothing can be sent.");
    }

    /// <param name="mark">What stands in the custom argument <see cref="TestMail.Argument"/>, in place of our message id.</param>
    /// <param name="unsubscribe">The way out that a marketing mail shows; null: it is none.</param>
    /// <exception cref="RuleBrokenException">The provider did not take the mail; the message says what to do.</exception>
    public static async Task SendAsync(
        IMailProvider provider, ShopIdentity shop, MessageClass messageClass, EmailAddress to, RenderedMail mail, string mark, string? unsubscribe, CancellationToken cancellation)
    {
        switch (await AttemptAsync(provider, shop, messageClass, to, mail, mark, unsubscribe, cancellation))
        {
            case SendResult.Accepted:
                return;
            case SendResult.TryLater later:
                throw new RuleBrokenException($"The provider takes no mail at the moment: {later.Reason}. Try again in {Math.Ceiling(later.Wait.TotalSeconds):0} s.");
            case SendResult.Unknown unknown:
                throw new RuleBrokenException($"It is not known whether the mail left: {unknown.Reason}. Look at your mail before you try again.");
            case SendResult.Refused refused:
                throw new RuleBrokenException($"The provider refused the mail: {refused.Reason}");
            case SendResult.Paused paused:
                throw new RuleBrokenException($"The provider refused our key or sender: {paused.Reason}");
        }
    }

    /// <summary>The same for whoever goes on with the provider's answer.</summary>
    public static Task<SendResult> AttemptAsync(
        IMailProvider provider, ShopIdentity shop, MessageClass messageClass, EmailAddress to, RenderedMail mail, string mark, string? unsubscribe, CancellationToken cancellation)
    {
        var from = MailComposer.From(shop, messageClass);
        var recipient = new Personalization
        {
            To = [new MailAddress(to.Value)],
            Subject = mail.Subject,
            Headers = unsubscribe is null ? null : MailComposer.HeadersOf(messageClass, "", from, unsubscribe),
            CustomArgs = new Dictionary<string, string>(StringComparer.Ordinal) { [TestMail.Argument] = mark },
        };
        var request = MailComposer.Request(from, MailComposer.ReplyTo(shop), [recipient], mail.Text, mail.Html, "test", Untracked);
        return provider.SendAsync(request, cancellation);
    }
}
