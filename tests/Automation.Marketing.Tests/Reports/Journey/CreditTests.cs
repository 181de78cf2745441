using Automation.Marketing.Reports.Journey;

namespace Automation.Marketing.Tests.Reports.Journey;

public sealed class CreditTests
{
    [Theory]
    [InlineData(CreditModel.First, 1000, 3, "1000,0,0")]
    [InlineData(CreditModel.Last, 1000, 3, "0,0,1000")]
    [InlineData(CreditModel.Linear, 1000, 3, "334,333,333")]
    [InlineData(CreditModel.UShaped, 1000, 1, "1000")]
    [InlineData(CreditModel.UShaped, 1000, 2, "500,500")]
    [InlineData(CreditModel.UShaped, 1000, 3, "400,200,400")]
    [InlineData(CreditModel.UShaped, 1000, 6, "400,50,50,50,50,400")]
    [InlineData(CreditModel.UShaped, 0, 4, "0,0,0,0")]
    public void Each_model_gives_its_shares(CreditModel model, long units, int touches, string shares) =>
        Assert.Equal(shares, string.Join(',', Credit.Of(model, units, touches)));

    [Fact]
    public void Whatever_is_shared_nothing_is_lost_and_nobody_is_more_than_one_unit_from_what_is_due()
    {
        var dice = new Random(5);
        for (var round = 0; round < 20_000; round++)
        {
            var units = dice.Next(4) == 0 ? dice.NextInt64(long.MaxValue / 2) : dice.NextInt64(10_000);
            var weights = Enumerable.Range(0, dice.Next(1, 40)).Select(_ => dice.Next(3) == 0 ? 0 : dice.NextInt64(1, 1_000_000)).ToArray();
            if (weights.Sum() == 0) weights[0] = 1;
            var shares = Credit.Split(units, weights);
            Assert.Equal(units, shares.Sum());
            for (var at = 0; at < weights.Length; at++)
            {
                var due = (Int128)units * weights[at] / weights.Sum();
                Assert.True(shares[at] >= due && shares[at] <= due + 1, $"{shares[at]} where {due} is due.");
            }
            foreach (var model in Enum.GetValues<CreditModel>()) Assert.Equal(units, Credit.Of(model, units, weights.Length).Sum());
        }
    }
}
