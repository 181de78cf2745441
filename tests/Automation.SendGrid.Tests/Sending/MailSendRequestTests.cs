using System.Text;
using System.Text.Json;

namespace Automation.SendGrid.Tests.Sending;

public sealed class MailSendRequestTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.Parse("2026-11-06T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public void A_request_is_snake_case_JSON_without_the_absent()
    {
        var request = Request.To("ada@example.com") with
        {
            ReplyTo = new("replies@example.org", "返信"),
            Categories = ["spring-sale"],
            SendAt = DateTimeOffset.FromUnixTimeMilliseconds(1767225600_900),
            Asm = new(12, [12, 13]),
            TrackingSettings = TrackingSettings.None,
            MailSettings = new() { SandboxMode = new(Enable: true) },
        };
        const string expected = """
            {"personalizations":[{"to":[{"email":"ada@example.com"}],"custom_args":{"automation_message_id":"m-ada@example.com"}}],
            "from":{"email":"news@example.org"},"reply_to":{"email":"replies@example.org","name":"返信"},"subject":"Hello",
            "content":[{"type":"text/plain","value":"Hello"},{"type":"text/html","value":"<p>Hello</p>"}],"categories":["spring-sale"],
            "send_at":1767225600,"asm":{"group_id":12,"groups_to_display":[12,13]},"mail_settings":{"sandbox_mode":{"enable":true}},
            "tracking_settings":{"click_tracking":{"enable":false,"enable_text":false},"open_tracking":{"enable":false},
            "subscription_tracking":{"enable":false},"ganalytics":{"enable":false}}}
            """;
        Assert.Equal(expected.ReplaceLineEndings(""), Encoding.UTF8.GetString(request.ToUtf8Json()));
    }

    [Fact]
    public void Substitutions_headers_and_template_data_keep_their_own_names()
    {
        var request = Request.Of(new Personalization
        {
            To = [new("ada@example.com")],
            Headers = new Dictionary<string, string> { ["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click" },
            Substitutions = new Dictionary<string, string> { ["-Name-"] = "Ada" },
            DynamicTemplateData = new Dictionary<string, JsonElement> { ["FirstName"] = JsonElement.Parse("[1]") },
        });
        using var json = JsonDocument.Parse(request.ToUtf8Json());
        var one = json.RootElement.GetProperty("personalizations")[0];
        Assert.Equal("List-Unsubscribe=One-Click", one.GetProperty("headers").GetProperty("List-Unsubscribe-Post").GetString());
        Assert.Equal("Ada", one.GetProperty("substitutions").GetProperty("-Name-").GetString());
        Assert.Equal(1, one.GetProperty("dynamic_template_data").GetProperty("FirstName")[0].GetInt32());
    }

    [Fact]
    public void A_good_request_has_nothing_against_it() => Assert.Empty(Request.To("ada@example.com").Check(Now));

    [Theory]
    [InlineData("ada@example.com", true)]
    [InlineData("o'neil+tag@mail.example.co.jp", true)]
    [InlineData("\"taro..yamada.\"@docomo.ne.jp", true)]
    [InlineData("taro..yamada@docomo.ne.jp", false)]
    [InlineData(".ada@example.com", false)]
    [InlineData("ada.@example.com", false)]
    [InlineData("ada@example", false)]
    [InlineData("ada@-example.com", false)]
    [InlineData("ada@example..com", false)]
    [InlineData("ada@@example.com", false)]
    [InlineData("ada example@example.com", false)]
    [InlineData("ada@exa mple.com", false)]
    [InlineData("ada\r\n@example.com", false)]
    [InlineData("エイダ@example.com", false)]
    [InlineData("@example.com", false)]
    [InlineData("ada@", false)]
    [InlineData("", false)]
    public void An_address_has_the_shape_the_provider_takes(string address, bool taken)
    {
        Assert.Equal(taken, AddressSyntax.IsPlausible(address));
        Assert.Equal(taken, Request.To(address).Check(Now).Count == 0);
    }

    [Fact]
    public void An_address_has_at_most_320_characters()
    {
        var host = string.Join('.', Enumerable.Repeat(new string('b', 60), 5)) + ".com";
        Assert.Empty(Request.To(new string('a', 320 - host.Length - 1) + "@" + host).Check(Now));
        Names("personalizations.0.to.0.email", Request.To(new string('a', 321 - host.Length - 1) + "@" + host));
    }

    [Fact]
    public void There_are_1_to_1000_personalizations_and_recipients()
    {
        Names("personalizations", Request.Of());
        Assert.Empty(Request.Of([.. People(1000)]).Check(Now));
        Names("personalizations", Request.Of([.. People(1001)]));
        var copied = new Personalization { To = [new("ada@example.com")], Cc = [.. People(1000).Select(one => one.To[0])] };
        Names("personalizations", Request.Of(copied));
        Names("personalizations.0.to", Request.Of(new Personalization { To = [] }));
    }

    [Fact]
    public void An_address_stands_once_in_a_personalization_whatever_its_letters()
    {
        Names("personalizations.0", Request.Of(new Personalization { To = [new("ada@example.com")], Bcc = [new("Ada@Example.com")] }));
        Assert.Empty(Request.Of(
            new Personalization { To = [new("ada@example.com")] }, new Personalization { To = [new("ada@example.com")] }).Check(Now));
    }

    [Fact]
    public void A_subject_and_content_come_from_somewhere()
    {
        var request = Request.To("ada@example.com");
        Names("subject", request with { Subject = null });
        Names("subject", request with { Subject = "" });
        Assert.Empty((request with { Subject = null, Content = null, TemplateId = "d-1" }).Check(Now));
        Names("content", request with { Content = null });
        Names("content", request with { Content = [] });
        Names("content", request with { Content = [new("text/html", "<p>"), new("text/plain", "p")] });
        Names("content.0.value", request with { Content = [new("text/plain", "")] });
        var halfNamed = Request.Of(
            new Personalization { To = [new("a@example.com")], Subject = "A" }, new Personalization { To = [new("b@example.com")] });
        Names("subject", halfNamed with { Subject = null });
    }

    [Fact]
    public void Categories_are_ten_different_short_ASCII_words()
    {
        var request = Request.To("ada@example.com");
        Assert.Empty((request with { Categories = [.. Enumerable.Range(0, 10).Select(n => new string('c', 254) + n)] }).Check(Now));
        Names("categories", request with { Categories = [.. Enumerable.Range(0, 11).Select(n => $"c{n}")] });
        Names("categories", request with { Categories = ["same", "same"] });
        Names("categories.0", request with { Categories = [new string('c', 256)] });
        Names("categories.0", request with { Categories = ["春"] });
    }

    [Fact]
    public void Arguments_and_substitutions_have_10000_bytes_each()
    {
        Personalization With(int bytes) => new() { To = [new("ada@example.com")], CustomArgs = Pair(bytes), Substitutions = Pair(bytes) };
        Assert.Empty(Request.Of(With(10_000)).Check(Now));
        Names("personalizations.0.custom_args", Request.Of(With(10_001)));
        Names("personalizations.0.substitutions", Request.Of(With(10_001)));
        Names("personalizations.0.custom_args", Request.Of(new Personalization { To = [new("ada@example.com")], CustomArgs = new Dictionary<string, string>() }));
    }

    [Theory]
    [InlineData("Subject", "x")]
    [InlineData("x-SG-id", "x")]
    [InlineData("My Header", "x")]
    [InlineData("Ünicode", "x")]
    [InlineData("a:b", "x")]
    [InlineData("X-Good", "two\r\nBcc: lines")]
    public void Headers_of_the_providers_own_and_broken_ones_are_refused(string name, string value)
    {
        var headers = new Dictionary<string, string> { [name] = value };
        Names("headers", Request.To("ada@example.com") with { Headers = headers });
        Names("personalizations.0.headers", Request.Of(new Personalization { To = [new("ada@example.com")], Headers = headers }));
    }

    [Fact]
    public void Sending_is_at_most_72_hours_ahead()
    {
        var request = Request.To("ada@example.com");
        Assert.Empty((request with { SendAt = Now.AddHours(72) }).Check(Now));
        Assert.Empty((request with { SendAt = Now.AddYears(-1) }).Check(Now));
        Names("send_at", request with { SendAt = Now.AddHours(72).AddSeconds(1) });
    }

    [Fact]
    public void The_rest_of_the_limits_name_their_fields()
    {
        var request = Request.To("ada@example.com");
        Names("reply_to", request with { ReplyTo = new("r@example.org"), ReplyToList = [new("s@example.org")] });
        Names("asm.groups_to_display", request with { Asm = new(1, [.. Enumerable.Range(0, 26)]) });
        Names("ip_pool_name", request with { IpPoolName = "p" });
        Names("ip_pool_name", request with { IpPoolName = new string('p', 65) });
        Names("attachments.0.content", request with { Attachments = [new("***", "a.txt")] });
        Names("attachments.0.disposition", request with { Attachments = [new("AAAA", "a.txt", Disposition: "beside")] });
        Names("personalizations.0.to.0.name", Request.Of(new Personalization { To = [new("ada@example.com", "Lovelace, Ada")] }));
        Names("from.email", request with { From = new("nobody") });
    }

    private static void Names(string field, MailSendRequest request) => Assert.Contains(request.Check(Now), error => error.Field == field);

    private static IEnumerable<Personalization> People(int count) =>
        Enumerable.Range(0, count).Select(n => new Personalization { To = [new($"p{n}@example.com")] });

    private static Dictionary<string, string> Pair(int bytes) => new() { ["k"] = new string('v', bytes - 3) + "é" };
}
