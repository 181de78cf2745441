using Automation.Marketing.Contacts;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Storage;
using Automation.SendGrid;

namespace Automation.Marketing.Mail.Delivery;

/// <summary>
/// Sends a mail to whoever writes it, on the way all mail goes and yet outside the books: no outbox row, no identity, no
/// caps, no statistics. What the provider reports about it is passed over.
/// </summary>
public sealed class TestMail(IMailProvider provider, LinkFactory links)
{
    /// <summary>The custom argument that marks a test mail, in place of our message id.</summary>
    public const string Argument = "automation_test";

    public const string Mark = "[TEST] ";

    private static readonly TrackingSettings Untracked = new()
    {
        ClickTracking = new ClickTracking(Enable: false, EnableText: false),
        OpenTracking = new OpenTracking(Enable: false),
        SubscriptionTracking = new SubscriptionTracking(Enable: false),
    };

    /// <exception cref="RuleBrokenException">The sender is not set up, or the provider did not take the mail.</exception>
    public async Task SendAsync(AutomationDb db, RenderedMail mail, MessageClass messageClass, EmailAddress to, CancellationToken cancellation)
    {
        var shop = await db.ShopAsync(cancellation);
        if (shop.FromEmail.Length == 0) throw new RuleBrokenException("The sender's address is not set, so nothing can be sent.");
        var unsubscribe = (await links.ForAsync(db, cancellation)).UnsubscribeUrl(MailLinks.Nobody, MailLinks.Nobody);
        switch (await provider.SendAsync(Request(shop, mail, messageClass, to, unsubscribe), cancellation))
        {
            case SendResult.Accepted:
                return;
            case SendResult.TryLater later:
                throw new RuleBrokenException($"The provider takes no mail at the moment: {later.Reason}. Try again in {Math.Ceiling(later.Wait.TotalSeconds):0} s.");
            case SendResult.Unknown unknown:
                throw new RuleBrokenException($"It is not known whether the test mail left: {unknown.Reason}. Look at your mail before you try again.");
            case SendResult.Refused refused:
                throw new RuleBrokenException($"The provider refused the test mail: {refused.Reason}");
            case SendResult.Paused paused:
                throw new RuleBrokenException($"The provider refused our key or sender: {paused.Reason}");
        }
    }

    private static MailSendRequest Request(ShopIdentity shop, RenderedMail mail, MessageClass messageClass, EmailAddress to, string unsubscribe)
    {
        var from = MailComposer.From(shop, messageClass);
        var recipient = new Personalization
        {
            To = [new MailAddress(to.Value)],
            Subject = Mark + mail.Subject,
            Headers = MailComposer.HeadersOf(messageClass, "", from, unsubscribe),
            CustomArgs = new Dictionary<string, string>(StringComparer.Ordinal) { [Argument] = "1" },
        };
        return MailComposer.Request(from, MailComposer.ReplyTo(shop), [recipient], mail.Text, mail.Html, "test", Untracked);
    }
}
