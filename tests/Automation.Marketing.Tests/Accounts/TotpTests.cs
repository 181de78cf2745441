using System.Text;
using Automation.Marketing.Accounts;

namespace Automation.Marketing.Tests.Accounts;

public sealed class TotpTests
{
    private static readonly string Secret = Totp.ToBase32(Encoding.ASCII.GetBytes("12345678901234567890"));

    // RFC 6238 appendix B, SHA-1; its eight digits end in our six.
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void Codes_are_those_of_the_standard(long seconds, string code) => Assert.Equal(code, Totp.CodeAt(Secret, At(seconds)));

    // RFC 4648 §10, without padding.
    [Theory]
    [InlineData("f", "MY")]
    [InlineData("fo", "MZXQ")]
    [InlineData("foo", "MZXW6")]
    [InlineData("foob", "MZXW6YQ")]
    [InlineData("fooba", "MZXW6YTB")]
    [InlineData("foobar", "MZXW6YTBOI")]
    public void Base32_is_that_of_the_standard_both_ways(string text, string encoded)
    {
        Assert.Equal(encoded, Totp.ToBase32(Encoding.ASCII.GetBytes(text)));
        Assert.Equal(text, Encoding.ASCII.GetString(Totp.FromBase32(encoded.ToLowerInvariant())));
    }

    [Theory]
    [InlineData(-60, false)]
    [InlineData(-30, true)]
    [InlineData(0, true)]
    [InlineData(30, true)]
    [InlineData(60, false)]
    public void A_code_is_taken_one_step_early_or_late_and_no_more(int secondsOff, bool taken)
    {
        var now = At(1_800_000_000);
        Assert.Equal(taken, Totp.Check(Secret, Totp.CodeAt(Secret, now.AddSeconds(secondsOff)), taken: 0, now) is not null);
    }

    [Fact]
    public void A_code_is_not_taken_twice()
    {
        var now = At(1_800_000_000);
        var code = Totp.CodeAt(Secret, now);
        var step = Totp.Check(Secret, code, taken: 0, now);
        Assert.NotNull(step);
        Assert.Null(Totp.Check(Secret, code, step.Value, now));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("12345")]
    [InlineData("1234567")]
    [InlineData("١٢٣٤٥٦")]
    public void What_is_no_code_is_refused(string? code) => Assert.Null(Totp.Check(Secret, code, taken: 0, At(59)));

    [Fact]
    public void A_code_may_be_typed_as_the_app_shows_it() => Assert.NotNull(Totp.Check(Secret, "287 082", taken: 0, At(59)));

    private static DateTimeOffset At(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds);
}
