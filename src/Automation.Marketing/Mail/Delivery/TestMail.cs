using Automation.Marketing.Contacts;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Mail.Delivery;

/// <summary>Sends a mail to whoever writes it, see <see cref="LoneMail"/>.</summary>
public sealed class TestMail(IMailProvider provider, LinkFactory links)
{
    /// <summary>The custom argument that marks a test mail, in place of our message id.</summary>
    public const string Argument = "automation_test";

    public const string Mark = "[TEST] ";

    /// <exception cref="RuleBrokenException">The sender is not set up, or the provider did not take the mail.</exception>
    public async Task SendAsync(AutomationDb db, RenderedMail mail, MessageClass messageClass, EmailAddress to, CancellationToken cancellation)
    {
        var shop = await db.ShopAsync(cancellation);
        LoneMail.RequireSender(shop);
        var unsubscribe = (await links.ForAsync(db, cancellation)).UnsubscribeUrl(MailLinks.Nobody, MailLinks.Nobody);
        await LoneMail.SendAsync(provider, shop, messageClass, to, mail with { Subject = Mark + mail.Subject }, mark: "1", unsubscribe, cancellation);
    }
}
