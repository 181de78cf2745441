using Automation.Marketing.Mail.Content;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Mail.Delivery;

/// <summary>Makes <see cref="MailLinks"/> with the workspace's key.</summary>
public sealed class LinkFactory(PublicAddress address, TimeProvider clock)
{
    private byte[]? key;

    public async Task<MailLinks> ForAsync(AutomationDb db, CancellationToken cancellation)
    {
        key ??= await db.LinkKeyAsync(clock.GetUtcNow(), cancellation);
        return new MailLinks(key, address.Url);
    }
}

/// <summary>Setting <c>PublicUrl</c>: where links in mail lead; known at the latest when the server listens.</summary>
public sealed class PublicAddress
{
    public Uri Url { get; set; } = new("http://127.0.0.1/");
}
