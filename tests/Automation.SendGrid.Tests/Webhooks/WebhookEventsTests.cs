using System.Text;
using Xunit.Abstractions;

namespace Automation.SendGrid.Tests.Webhooks;

public sealed class WebhookEventsTests(ITestOutputHelper output)
{
    [Fact]
    public void Recorded_posts_sent_in_name_order_have_the_recorded_effect()
    {
        if (SharedFiles.Folder("sendgrid/samples/webhook") is not { } folder) return;
        var known = new HashSet<string>();
        var taken = WebhookSample.All(folder).Where(sample => sample.IsTaken).OrderBy(sample => sample.File, StringComparer.Ordinal).ToList();
        foreach (var sample in taken)
        {
            var batch = WebhookEvents.Read(sample.Body, messageIdArgument: "mid");
            Assert.Empty(batch.Errors);
            Assert.True(sample.NewEvents == batch.Events.Count(one => IsNew(one, known)), sample.File);
        }

        output.WriteLine($"{taken.Count} recorded posts");
        Assert.Equal(10, taken.Count);
    }

    [Fact]
    public void Every_documented_kind_is_known()
    {
        var kinds = Read(string.Join(',', "processed deferred delivered bounce dropped open click spamreport unsubscribe group_unsubscribe group_resubscribe"
            .Split(' ').Select(name => $$"""{"event":"{{name}}","timestamp":1}"""))).Events.Select(one => one.Kind);
        WebhookEventKind[] expected =
        [
            WebhookEventKind.Processed, WebhookEventKind.Deferred, WebhookEventKind.Delivered, WebhookEventKind.Bounce,
            WebhookEventKind.Dropped, WebhookEventKind.Open, WebhookEventKind.Click, WebhookEventKind.SpamReport,
            WebhookEventKind.Unsubscribe, WebhookEventKind.GroupUnsubscribe, WebhookEventKind.GroupResubscribe,
        ];
        Assert.Equal(expected, kinds);
    }

    [Theory]
    [InlineData("bounce", WebhookEventKind.Bounce)]
    [InlineData("blocked", WebhookEventKind.Blocked)]
    [InlineData("Blocked", WebhookEventKind.Blocked)]
    [InlineData("expired", WebhookEventKind.Bounce)]
    public void A_bounce_of_type_blocked_is_a_kind_of_its_own(string type, WebhookEventKind kind)
    {
        var one = Single($$"""{"event":"bounce","type":"{{type}}","timestamp":1,"bounce_classification":"Mailbox Unavailable","status":4.2}""");
        Assert.Equal(kind, one.Kind);
        Assert.Equal(type, one.BounceType);
        Assert.Equal("Mailbox Unavailable", one.Classification);
        Assert.Equal("4.2", one.Status);
    }

    [Fact]
    public void All_of_a_click_is_read_and_only_foreign_texts_are_custom_arguments()
    {
        var one = Single("""
            {"email":"Ada@Example.com","timestamp":1767225730,"event":"click","url":"https://example.org/a?b=1","url_offset":{"index":0},
             "useragent":"M","ip":"198.51.100.7","sg_event_id":"e","sg_message_id":"m.0","smtp-id":"<m>","category":["a","b"],
             "asm_group_id":"10","tls":"1","automation_message_id":"msg-1","step":7,"deep":{"x":1}}
            """);
        Assert.Equal("Ada@Example.com", one.Email);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1767225730), one.Timestamp);
        Assert.Equal(("https://example.org/a?b=1", "M", "198.51.100.7"), (one.Url, one.UserAgent, one.Ip));
        Assert.Equal(("e", "m.0", 10), (one.EventId, one.ProviderMessageId, one.AsmGroupId));
        Assert.Equal(["a", "b"], one.Categories);
        Assert.Equal([new("automation_message_id", "msg-1"), new("step", "7")], one.CustomArgs);
        Assert.Contains("\"deep\":{\"x\":1}", one.Raw, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("\"true\"", true)]
    [InlineData("1", true)]
    [InlineData("null", false)]
    public void A_machine_open_is_told_apart(string value, bool machine) =>
        Assert.Equal(machine, Single($$"""{"event":"open","timestamp":1,"sg_machine_open":{{value}}}""").MachineOpen);

    [Theory]
    [InlineData("1767225605")]
    [InlineData("\"1767225605\"")]
    [InlineData("1767225605.75")]
    [InlineData("1.767225605e9")]
    public void A_timestamp_may_be_a_number_or_a_text(string timestamp) =>
        Assert.Equal(1767225605, Single($$"""{"event":"open","timestamp":{{timestamp}}}""").Timestamp.ToUnixTimeSeconds());

    [Fact]
    public void A_deferral_gives_the_receivers_words_as_its_reason_and_its_attempt()
    {
        var one = Single("""{"event":"deferred","timestamp":1,"response":"451 try later","attempt":2}""");
        Assert.Equal("451 try later", one.Reason);
        Assert.Equal(2, one.Attempt);
    }

    [Theory]
    [InlineData("7", "Number")]
    [InlineData("null", "Null")]
    [InlineData("[]", "Array")]
    [InlineData("{}", "event")]
    [InlineData("""{"event":"","timestamp":1}""", "event")]
    [InlineData("""{"event":{},"timestamp":1}""", "event")]
    [InlineData("""{"event":"open"}""", "timestamp")]
    [InlineData("""{"event":"open","timestamp":"soon"}""", "timestamp")]
    [InlineData("""{"event":"open","timestamp":-1}""", "timestamp")]
    [InlineData("""{"event":"open","timestamp":253402300800}""", "timestamp")]
    [InlineData("""{"event":"open","timestamp":1e300}""", "timestamp")]
    public void A_bad_element_among_good_ones_is_reported_with_its_place(string bad, string named)
    {
        var batch = Read($$"""{"event":"open","timestamp":1},{{bad}},{"event":"click","timestamp":2}""");
        Assert.Equal([0, 2], batch.Events.Select(one => one.Index));
        var error = Assert.Single(batch.Errors);
        Assert.Equal(1, error.Index);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.Equal(bad, error.Raw);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[{\"event\":\"open\"")]
    [InlineData("[] []")]
    public void A_body_that_is_no_array_is_a_named_error(string body) =>
        Assert.Throws<WebhookFormatException>(() => WebhookEvents.Read(Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void An_empty_array_is_no_events() => Assert.Empty(Read("").Events);

    [Fact]
    public void An_unknown_kind_and_a_deep_unknown_property_are_kept()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 100)) + "1" + new string('}', 100);
        var one = Single($$"""{"event":"account_status_change","timestamp":1,"type":"compliance_suspend","new":{{deep}}}""");
        Assert.Equal(WebhookEventKind.Other, one.Kind);
        Assert.Equal("account_status_change", one.Name);
        Assert.Null(one.Email);
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_in_a_receivers_words_do_not_lose_the_bounce()
    {
        byte[] body = [.. "[{\"event\":\"bounce\",\"timestamp\":1,\"email\":\"a@example.com\",\"reason\":\"550 "u8, 0xff, 0xfe, .. " gone\",\"x\":\"\\ud800\"}]"u8];
        var one = Assert.Single(WebhookEvents.Read(body).Events);
        Assert.Equal("a@example.com", one.Email);
        Assert.StartsWith("550 ", one.Reason, StringComparison.Ordinal);
        Assert.EndsWith(" gone", one.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_thousand_events_are_read_in_order()
    {
        var events = Read(string.Join(",\r\n", Enumerable.Range(0, 2000).Select(n => $$"""{"event":"open","timestamp":{{n}},"n":"{{n}}"}"""))).Events;
        Assert.Equal(2000, events.Count);
        Assert.All(events, one => Assert.Equal(one.Index.ToString(), one.CustomArgs["n"]));
        Assert.Equal(2000, events.Select(one => one.NaturalKey).Distinct().Count());
    }

    [Fact]
    public void Any_body_at_all_gives_a_batch_or_the_named_error()
    {
        var random = new Random(7);
        var good = Encoding.UTF8.GetBytes("""[{"event":"open","timestamp":1,"email":"a@example.com","category":["x"],"k":"v"},{"event":"click","timestamp":"2"}]""");
        for (var round = 0; round < 5000; round++)
        {
            var body = (byte[])good.Clone();
            for (var change = random.Next(1, 6); change > 0; change--) body[random.Next(1, body.Length)] = (byte)random.Next(256);
            try
            {
                Assert.NotNull(WebhookEvents.Read(body));
            }
            catch (WebhookFormatException)
            {
                continue;
            }
        }
    }

    [Theory]
    [InlineData("""{"event":"click","timestamp":5,"email":"a@example.com","url":"u","automation_message_id":"m"}""", true)]
    [InlineData("""{"event":"click","timestamp":"5","email":"A@EXAMPLE.com","url":"u","automation_message_id":"m","sg_event_id":"other"}""", true)]
    [InlineData("""{"event":"open","timestamp":5,"email":"a@example.com","url":"u","automation_message_id":"m"}""", false)]
    [InlineData("""{"event":"click","timestamp":6,"email":"a@example.com","url":"u","automation_message_id":"m"}""", false)]
    [InlineData("""{"event":"click","timestamp":5,"email":"b@example.com","url":"u","automation_message_id":"m"}""", false)]
    [InlineData("""{"event":"click","timestamp":5,"email":"a@example.com","url":"v","automation_message_id":"m"}""", false)]
    [InlineData("""{"event":"click","timestamp":5,"email":"a@example.com","url":"u","automation_message_id":"n"}""", false)]
    [InlineData("""{"event":"click","timestamp":5,"email":"a@example.com","url":"u","automation_message_id":"m","asm_group_id":1}""", false)]
    public void The_natural_key_names_what_happened_whatever_its_event_id(string other, bool same)
    {
        var first = Single("""{"event":"click","timestamp":5,"email":"a@example.com","url":"u","automation_message_id":"m","sg_event_id":"one"}""");
        Assert.Equal(same, first.NaturalKey == Single(other).NaturalKey);
        Assert.Equal(32, first.NaturalKey.Length);
    }

    private static bool IsNew(WebhookEvent one, HashSet<string> known)
    {
        var natural = known.Add(one.NaturalKey);
        var id = one.EventId is null || known.Add(one.EventId);
        return natural && id;
    }

    private static WebhookBatch Read(string elements) => WebhookEvents.Read(Encoding.UTF8.GetBytes($"[{elements}]"));

    private static WebhookEvent Single(string element) => Assert.Single(Read(element).Events);
}
