using System.Text.Json.Nodes;
using Automation.Workflows.Activities;
using Automation.Workflows.Runtime;

namespace Automation.Workflows.Tests.Runtime;

public sealed class StimulusHashTests
{
    [Theory]
    [InlineData("Go", "873FF5128077BDEF78C71BD29BA4EF552645F085EE16E1F9806B92ED28A1F034")]
    [InlineData("Sig", "0F9600E4738D89C48C32130432A12AED92FCDF2C0A3BFCF25A5122B2076ED1DE")]
    [InlineData("Signup", "A4B0234ADA64EF2E0EF9C727C1897DA0C0F0B5BAB065C445A5372C5F6B9218C3")]
    public void An_event_has_the_recorded_hash(string name, string hash)
    {
        Assert.Equal(hash, Event.HashOf(name));
        Assert.Equal(hash, StimulusHash.Compute("Elsa.Event", new JsonObject { ["eventName"] = name, ["other"] = null }));
    }

    [Fact]
    public void A_cron_trigger_has_the_recorded_hash() =>
        Assert.Equal("0A5AC3FEBCE864D38845C80895DCB526C507CEAE5867C6BE8DEC04FDD3C65373", StimulusHash.Compute("Elsa.Cron", new CronTriggerPayload("0 0 * * * *")));

    [Fact]
    public void Event_names_are_case_sensitive() => Assert.NotEqual(Event.HashOf("go"), Event.HashOf("Go"));

    [Fact]
    public void A_hash_may_be_bound_to_one_execution() =>
        Assert.NotEqual(StimulusHash.Compute("a", null, "1"), StimulusHash.Compute("a", null, "2"));
}
