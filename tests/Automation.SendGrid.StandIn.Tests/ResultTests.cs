using System.Net;

namespace Automation.SendGrid.StandIn.Tests;

/// <summary>Every outcome our client knows, made by the stand-in's faults, and what was recorded meanwhile.</summary>
public sealed class ResultTests
{
    [Theory]
    [InlineData("error-before=500", 0)]
    [InlineData("error-before=502", 0)]
    [InlineData("error-before=503", 0)]
    [InlineData("error-before=504", 0)]
    [InlineData("error-after=500", 1)]
    [InlineData("error-after=502", 1)]
    [InlineData("error-after=503", 1)]
    [InlineData("error-after=504", 1)]
    [InlineData("reset-before-reading", 0)]
    [InlineData("reset-after-reading", 0)]
    [InlineData("reset-after-recording", 1)]
    public async Task The_same_words_unknown_stand_for_a_mail_recorded_and_one_not(string fault, int recorded)
    {
        await using var standIn = await StandInHost.FailingAsync(fault);
        Assert.IsType<SendResult.Unknown>(await standIn.SendAsync("ada@example.com"));
        await Eventually.HoldsAsync(async () => await RecordedAsync(standIn) >= recorded, () => "the recording");
        Assert.Equal(recorded, await RecordedAsync(standIn));
    }

    [Theory]
    [InlineData("withhold")]
    [InlineData("delay=4000")]
    public async Task A_reply_that_does_not_come_in_time_is_unknown_and_the_mail_is_recorded(string fault)
    {
        var faults = new StandInFaults([new StandInFault(fault, To: "ada@")]);
        await using var standIn = await StandInHost.StartAsync(new StandInOptions { Faults = faults }, timeout: TimeSpan.FromSeconds(2));
        await standIn.SendAsync("first@example.com");   // so that the connection stands and only the reply is late
        Assert.Equal(new SendResult.Unknown("No answer in time."), await standIn.SendAsync("ada@example.com"));
        await Eventually.HoldsAsync(async () => await RecordedAsync(standIn) == 2, () => "the recording");
    }

    [Theory]
    [InlineData("status=404")]
    [InlineData("status=405")]
    public async Task A_wrong_address_of_the_provider_pauses_and_costs_nobody_their_mail(string fault)
    {
        await using var standIn = await StandInHost.FailingAsync(fault);
        Assert.IsType<SendResult.Paused>(await standIn.SendAsync("ada@example.com"));
        Assert.Equal(0, await RecordedAsync(standIn));
    }

    [Theory]
    [InlineData("status=400", 400)]
    [InlineData("status=413", 413)]
    [InlineData("status=415", 415)]
    public async Task A_refusal_records_nothing(string fault, int status)
    {
        await using var standIn = await StandInHost.FailingAsync(fault);
        Assert.Equal(status, Assert.IsType<SendResult.Refused>(await standIn.SendAsync("ada@example.com")).Status);
        Assert.Equal(0, await RecordedAsync(standIn));
    }

    [Theory]
    [InlineData("status=401")]
    [InlineData("status=403")]
    public async Task A_refused_key_pauses_and_records_nothing(string fault)
    {
        await using var standIn = await StandInHost.FailingAsync(fault);
        Assert.IsType<SendResult.Paused>(await standIn.SendAsync("ada@example.com"));
        Assert.Equal(0, await RecordedAsync(standIn));
    }

    [Fact]
    public async Task A_429_names_its_wait_by_the_shared_clock_and_records_nothing()
    {
        var options = new StandInOptions { Clock = new ManualClock(StandInHost.Start), Faults = StandInFaults.Always("429=40") };
        await using var standIn = await StandInHost.StartAsync(options);
        var later = Assert.IsType<SendResult.TryLater>(await standIn.SendAsync("ada@example.com"));
        Assert.InRange(later.Wait, TimeSpan.FromSeconds(40), TimeSpan.FromSeconds(41));
        Assert.True(later.WholeKey);
        Assert.Equal(0, await RecordedAsync(standIn));
    }

    [Fact]
    public async Task A_short_delay_is_only_slow()
    {
        await using var standIn = await StandInHost.FailingAsync("delay=50");
        Assert.IsType<SendResult.Accepted>(await standIn.SendAsync("ada@example.com"));
        Assert.Equal(1, await RecordedAsync(standIn));
    }

    [Fact]
    public async Task A_stand_in_that_is_gone_was_certainly_not_asked()
    {
        var standIn = await StandInHost.StartAsync();
        var client = standIn.Client;
        await standIn.DisposeAsync();
        Assert.IsType<SendResult.TryLater>(await client.SendAsync(Mail.To("ada@example.com"), CancellationToken.None));
    }

    [Theory]
    [InlineData("reset-before-reading")]
    [InlineData("reset-after-reading")]
    [InlineData("reset-after-recording")]
    [InlineData("error-after=500")]
    public async Task Over_connections_used_before_no_call_is_ever_made_twice(string fault)
    {
        var faults = new StandInFaults([new StandInFault(fault, Probability: 0.5)], Seed: 3);
        await using var standIn = await StandInHost.StartAsync(new StandInOptions { Faults = faults });
        var results = await Task.WhenAll(Enumerable.Range(0, 200).Select(n => standIn.SendAsync($"p{n}@example.com")));
        Assert.Contains(results, result => result is SendResult.Unknown);
        Assert.Contains(results, result => result is SendResult.Accepted);
        Assert.All((await standIn.CountsAsync()).Values, count => Assert.Equal(1, count));
        var status = await standIn.GetAsync("/stand-in/status");
        Assert.Equal(200, status.GetProperty("requests").GetInt64());
    }

    [Fact]
    public async Task A_header_asks_for_a_fault_of_one_request_only()
    {
        await using var standIn = await StandInHost.StartAsync();
        async Task<HttpStatusCode> PostAsync(string? fault)
        {
            using var content = new ByteArrayContent(Mail.To("ada@example.com").ToUtf8Json());
            content.Headers.ContentType = new("application/json");
            if (fault is not null) content.Headers.Add("X-StandIn-Fault", fault);
            using var response = await standIn.Http.PostAsync("/v3/mail/send", content);
            return response.StatusCode;
        }

        Assert.Equal(HttpStatusCode.BadGateway, await PostAsync("delay=1, error-after=502"));
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync("no-such-fault"));
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(null));
        Assert.Equal(2, await RecordedAsync(standIn));
    }

    private static async Task<int> RecordedAsync(StandInHost standIn) =>
        (await standIn.GetAsync("/stand-in/status")).GetProperty("mails").GetInt32();
}
