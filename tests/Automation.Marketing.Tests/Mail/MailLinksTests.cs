using System.Buffers.Text;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;

namespace Automation.Marketing.Tests.Mail;

public sealed class MailLinksTests
{
    private static readonly Uri Public = new("https://mail.example.com/");
    private static readonly MailLinks Links = new([.. Enumerable.Range(0, 32).Select(number => (byte)number)], Public);
    private static readonly Guid Contact = Guid.Parse("0198d3a0-0000-7000-8000-000000000001");
    private static readonly Guid Message = Guid.Parse("0198d3a0-0000-7000-8000-000000000002");

    [Fact]
    public void A_token_names_its_person_and_mail() => Assert.Equal((Contact, Message), Links.Read(Links.Token(Contact, Message)));

    [Fact]
    public void A_link_leads_to_the_public_address()
    {
        Assert.Equal("https://mail.example.com/u/" + Links.Token(Contact, Message), Links.UnsubscribeUrl(Contact, Message));
        Assert.Equal("https://mail.example.com/preferences/" + Links.Token(Contact, Message), Links.PreferencesUrl(Contact, Message));
    }

    [Fact]
    public void A_token_with_any_bit_changed_is_not_ours()
    {
        var bytes = Base64Url.DecodeFromChars(Links.Token(Contact, Message));
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var changed = bytes.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(Links.Read(Base64Url.EncodeToString(changed)));
        }
    }

    [Fact]
    public void A_token_signed_with_another_key_is_not_ours() =>
        Assert.Null(Links.Read(new MailLinks(new byte[32], Public).Token(Contact, Message)));

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("%%%")]
    [InlineData("../../etc/passwd")]
    public void What_is_no_token_is_not_ours(string token)
    {
        Assert.Null(Links.Read(token));
        Assert.Null(Links.Read(token + "A" + Links.Token(Contact, Message)));
        Assert.Null(Links.Read(new string('A', 10_000)));
    }

    [Theory]
    [MemberData(nameof(TestDatabases.Both), MemberType = typeof(TestDatabases))]
    public async Task Links_mailed_before_a_restart_work_after_it(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await using var db = given.Open();
        var before = (await new LinkFactory(new PublicAddress(), given.Clock).ForAsync(db, default)).Token(Contact, Message);
        var after = await new LinkFactory(new PublicAddress(), given.Clock).ForAsync(db, default);
        Assert.Equal((Contact, Message), after.Read(before));
    }
}
