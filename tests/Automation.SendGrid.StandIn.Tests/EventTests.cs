using System.Net.Http.Json;
using System.Text;

namespace Automation.SendGrid.StandIn.Tests;

public sealed class EventTests : IAsyncLifetime
{
    private WebhookReceiver _receiver = null!;

    public async Task InitializeAsync() => _receiver = await WebhookReceiver.StartAsync();

    public async Task DisposeAsync() => await _receiver.DisposeAsync();

    [Fact]
    public async Task A_mail_taken_is_followed_by_signed_processed_and_delivered()
    {
        await using var standIn = await StartAsync();
        var accepted = Assert.IsType<SendResult.Accepted>(await standIn.SendAsync(Mail.To("ada@example.com") with
        {
            Categories = ["spring"],
            Asm = new(7),
        }));
        var events = await _receiver.EventsAsync(2);
        Assert.Equal([WebhookEventKind.Processed, WebhookEventKind.Delivered], events.Select(one => one.Kind));
        Assert.All(events, one =>
        {
            Assert.Equal("ada@example.com", one.Email);
            Assert.StartsWith(accepted.MessageId + ".", one.ProviderMessageId, StringComparison.Ordinal);
            Assert.Equal("m-ada@example.com", one.CustomArgs["automation_message_id"]);
            Assert.Equal((7, "spring"), (one.AsmGroupId, Assert.Single(one.Categories)));
            Assert.Matches("^[A-Za-z0-9_-]{1,100}$", one.EventId);
        });
        Assert.Equal(2, events.Select(one => one.EventId).Distinct().Count());
    }

    [Fact]
    public async Task Every_post_verifies_and_has_the_form_of_a_real_one()
    {
        await using var standIn = await StartAsync();
        for (var n = 0; n < 20; n++) await standIn.SendAsync(Mail.To($"a{n}@example.com", $"b{n}@example.com"));
        await _receiver.EventsAsync(80);
        Assert.All(_receiver.Posts, post =>
        {
            Assert.Equal(SignatureCheck.Valid, WebhookSignature.Verify([standIn.Key], post.Timestamp, post.Signature, post.Body));
            Assert.Equal("application/json; charset=utf-8", post.ContentType);
            var text = Encoding.UTF8.GetString(post.Body);
            var count = WebhookEvents.Read(post.Body).Events.Count;
            Assert.StartsWith("[{", text, StringComparison.Ordinal);
            Assert.EndsWith("}]\r\n", text, StringComparison.Ordinal);
            Assert.Equal(count, text.Split("\r\n").Length - 1);
        });
    }

    [Fact]
    public async Task Each_personalization_is_a_mail_with_events_of_its_own()
    {
        await using var standIn = await StartAsync();
        await standIn.SendAsync(Mail.To("ada@example.com", "bob@example.com", "eve@example.com"));
        var events = await _receiver.EventsAsync(6);
        Assert.Equal(3, events.Select(one => one.ProviderMessageId).Distinct().Count());
        Assert.All(events, one => Assert.Equal($"m-{one.Email}", one.CustomArgs["automation_message_id"]));
    }

    [Fact]
    public async Task A_custom_argument_with_a_reserved_name_loses()
    {
        await using var standIn = await StartAsync();
        var person = new Personalization
        {
            To = [new("ada@example.com")],
            CustomArgs = new Dictionary<string, string> { ["email"] = "mallory@example.com", ["event"] = "click", ["mine"] = "é" },
        };
        await standIn.SendAsync(Mail.To("x@example.com") with { Personalizations = [person] });
        var processed = (await _receiver.EventsAsync(2))[0];
        Assert.Equal(("ada@example.com", "processed"), (processed.Email, processed.Name));
        Assert.Equal([new("mine", "é")], processed.CustomArgs);
    }

    [Theory]
    [InlineData("open", WebhookEventKind.Open)]
    [InlineData("click", WebhookEventKind.Click)]
    [InlineData("bounce", WebhookEventKind.Bounce)]
    [InlineData("blocked", WebhookEventKind.Blocked)]
    [InlineData("dropped", WebhookEventKind.Dropped)]
    [InlineData("spamreport", WebhookEventKind.SpamReport)]
    [InlineData("unsubscribe", WebhookEventKind.Unsubscribe)]
    [InlineData("deferred", WebhookEventKind.Deferred)]
    [InlineData("group_unsubscribe", WebhookEventKind.GroupUnsubscribe)]
    public async Task An_event_can_be_asked_for_and_arrives_signed(string type, WebhookEventKind kind)
    {
        await using var standIn = await StartAsync(new StandInOptions { AutomaticEvents = false });
        await standIn.SendAsync("ada@example.com");
        var id = await standIn.OnlyMailIdAsync();
        using var answer = await standIn.Http.PostAsJsonAsync(
            $"/stand-in/mails/{id}/events", new { type, url = "https://example.org/a?b=1&c=日本", machine = true });
        Assert.Equal(System.Net.HttpStatusCode.Accepted, answer.StatusCode);
        var made = Assert.Single(await _receiver.EventsAsync(1));
        Assert.Equal(kind, made.Kind);
        Assert.Equal("m-ada@example.com", made.CustomArgs["automation_message_id"]);
        if (type == "click") Assert.Equal("https://example.org/a?b=1&c=日本", made.Url);
        if (type == "open") Assert.True(made.MachineOpen);
        var post = Assert.Single(_receiver.Posts);
        Assert.Equal(SignatureCheck.Valid, WebhookSignature.Verify([standIn.Key], post.Timestamp, post.Signature, post.Body));
    }

    [Fact]
    public async Task Events_refused_by_the_webhook_are_posted_again_at_growing_intervals()
    {
        var clock = new ManualClock(StandInHost.Start);
        await using var receiver = await WebhookReceiver.StartAsync(refusals: 3);
        await using var standIn = await StandInHost.StartAsync(new StandInOptions { Clock = clock, WebhookUrl = receiver.Address });
        await standIn.SendAsync("ada@example.com");
        foreach (var seconds in (int[])[1, 2, 4])
        {
            var before = receiver.Posts.Count;
            await Eventually.HoldsAsync(() => clock.Waiting == 1 && receiver.Posts.Count > 0, () => "a wait");
            clock.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            Assert.Equal(Math.Max(before, 1), receiver.Posts.Count);
            await Eventually.HoldsAsync(() => clock.Waiting == 1, () => "a wait");
            clock.Advance(TimeSpan.FromMilliseconds(1));
            await Eventually.HoldsAsync(() => receiver.Posts.Count > Math.Max(before, 1), () => "another post");
        }

        Assert.Equal(2, (await receiver.EventsAsync(2)).Count);
        Assert.Equal([503, 503, 503, 204], receiver.Posts.Select(post => post.Status));
        Assert.Equal(["1767225600", "1767225601", "1767225603", "1767225607"], receiver.Posts.Select(post => post.Timestamp!));
    }

    [Fact]
    public async Task Events_nobody_takes_are_given_up_after_24_hours()
    {
        var clock = new ManualClock(StandInHost.Start);
        await using var receiver = await WebhookReceiver.StartAsync(refusals: int.MaxValue);
        await using var standIn = await StandInHost.StartAsync(new StandInOptions { Clock = clock, WebhookUrl = receiver.Address });
        await standIn.SendAsync("ada@example.com");
        async Task<int> Lost() => (await standIn.GetAsync("/stand-in/status")).GetProperty("webhook").GetProperty("lost").GetInt32();
        for (var hour = 0; hour < 40 && await Lost() == 0; hour++)
        {
            await Eventually.HoldsAsync(async () => clock.Waiting == 1 || await Lost() > 0, () => "a wait");
            clock.Advance(TimeSpan.FromHours(1));
            Assert.True(hour >= 24 || await Lost() == 0);
        }

        Assert.Equal(2, await Lost());
    }

    [Fact]
    public async Task Events_come_no_sooner_than_asked_and_a_scheduled_mails_at_its_time()
    {
        var clock = new ManualClock(StandInHost.Start);
        await using var standIn = await StartAsync(new StandInOptions
        {
            Clock = clock,
            ProcessedAfter = TimeSpan.FromSeconds(1),
            DeliveredAfter = TimeSpan.FromSeconds(3),
        });
        await standIn.SendAsync("ada@example.com");
        await standIn.SendAsync(Mail.To("late@example.com") with { SendAt = StandInHost.Start.AddHours(1) });
        foreach (var (seconds, expected) in ((int, string)[])[(1, "processed"), (2, "delivered"), (3598, "processed"), (2, "delivered")])
        {
            var before = _receiver.Events.Count;
            await Eventually.HoldsAsync(() => clock.Waiting == 1, () => "a wait");
            clock.Advance(TimeSpan.FromSeconds(seconds));
            Assert.Equal(expected, (await _receiver.EventsAsync(before + 1))[before].Name);
        }

        Assert.Equal(StandInHost.Start.AddSeconds(3603), _receiver.Events[^1].Timestamp);
    }

    [Fact]
    public async Task Duplicated_events_repeat_their_ids()
    {
        await using var standIn = await StartAsync(Failing("events-duplicated"));
        await standIn.SendAsync("ada@example.com");
        Assert.All((await _receiver.EventsAsync(4)).GroupBy(one => one.EventId), same => Assert.Equal(2, same.Count()));
    }

    [Fact]
    public async Task Reordered_events_come_last_first()
    {
        await using var standIn = await StartAsync(Failing("events-reordered"));
        await standIn.SendAsync(Mail.To("ada@example.com", "bob@example.com"));
        var events = await _receiver.EventsAsync(4);
        Assert.Equal(["delivered", "processed", "delivered", "processed"], events.Select(one => one.Name));
        Assert.Equal(["bob@example.com", "bob@example.com", "ada@example.com", "ada@example.com"], events.Select(one => one.Email));
    }

    [Fact]
    public async Task Events_without_ids_still_carry_the_custom_argument()
    {
        await using var standIn = await StartAsync(Failing("events-without-ids"));
        await standIn.SendAsync("ada@example.com");
        Assert.All(await _receiver.EventsAsync(2), one =>
        {
            Assert.Null(one.EventId);
            Assert.Null(one.ProviderMessageId);
            Assert.Equal("m-ada@example.com", one.CustomArgs["automation_message_id"]);
        });
    }

    [Fact]
    public async Task Late_events_wait_for_the_clock()
    {
        var clock = new ManualClock(StandInHost.Start);
        await using var standIn = await StartAsync(Failing("events-late=7200000") with { Clock = clock });
        await standIn.SendAsync("ada@example.com");
        await Eventually.HoldsAsync(() => clock.Waiting == 1, () => "a wait");
        Assert.Empty(_receiver.Posts);
        clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(StandInHost.Start, (await _receiver.EventsAsync(2))[0].Timestamp);
    }

    [Fact]
    public async Task Events_before_the_reply_are_there_when_the_reply_is()
    {
        await using var standIn = await StartAsync(Failing("events-before-reply"));
        for (var n = 1; n <= 20; n++)
        {
            await standIn.SendAsync($"p{n}@example.com");
            Assert.Equal(2 * n, _receiver.Events.Count);
        }
    }

    [Theory]
    [InlineData("error-after=500")]
    [InlineData("reset-after-recording")]
    [InlineData("withhold")]
    public async Task A_mail_recorded_without_a_good_reply_is_proved_by_its_events(string fault)
    {
        var options = new StandInOptions { Faults = new([new(fault, To: "ada@")]), WebhookUrl = _receiver.Address };
        await using var standIn = await StandInHost.StartAsync(options, timeout: TimeSpan.FromSeconds(2));
        await standIn.SendAsync("first@example.com");
        Assert.IsType<SendResult.Unknown>(await standIn.SendAsync("ada@example.com"));
        var proofs = (await _receiver.EventsAsync(4)).Where(one => one.CustomArgs["automation_message_id"] == "m-ada@example.com");
        Assert.Equal(["processed", "delivered"], proofs.Select(one => one.Name));
    }

    [Fact]
    public async Task Lost_events_never_come()
    {
        await using var standIn = await StartAsync(Failing("events-lost") with
        {
            Faults = new([new("events-lost", To: "lost@")]),
        });
        await standIn.SendAsync("lost@example.com");
        await standIn.SendAsync("ada@example.com");
        Assert.All(await _receiver.EventsAsync(2), one => Assert.Equal("ada@example.com", one.Email));
    }

    private Task<StandInHost> StartAsync(StandInOptions? options = null) =>
        StandInHost.StartAsync((options ?? new StandInOptions()) with { WebhookUrl = _receiver.Address });

    private static StandInOptions Failing(string fault) => new() { Faults = StandInFaults.Always(fault) };
}
