using Automation.Marketing.Accounts;

namespace Automation.Marketing.Tests.Accounts;

public sealed class PasswordRulesTests
{
    private static readonly User Hanako = new() { UserName = "hanako@example.com", DisplayName = "Yamada", Role = "viewer" };

    [Theory]
    [InlineData("short words")]
    [InlineData("aaaaaaaaaaaaaaaa")]
    [InlineData("abababababababab")]
    [InlineData("Password12345")]
    [InlineData("123456789012345")]
    [InlineData("qwertyuiop[]asdf")]
    [InlineData("my hanako is great")]
    [InlineData("the yamada secret!")]
    public void A_password_that_is_short_common_or_says_ones_name_is_refused(string password) =>
        Assert.Throws<RuleBrokenException>(() => PasswordRules.Check(password, Hanako));

    [Theory]
    [InlineData("correct horse battery")]
    [InlineData("蟹は十一月に解禁されますので楽しみ")]
    [InlineData("          five kinds")]
    public void Length_is_enough_in_any_script(string password) => PasswordRules.Check(password, Hanako);

    [Fact]
    public void A_password_is_bounded_so_that_hashing_it_costs_little() =>
        Assert.Throws<RuleBrokenException>(() => PasswordRules.Check(string.Concat(Enumerable.Repeat("abcdefgz", 20)), Hanako));
}
