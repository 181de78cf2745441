using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;

namespace Automation.SendGrid.StandIn.Tests;

public sealed class ControlTests
{
    [Fact]
    public async Task The_mailbox_lists_newest_first_by_pages_and_finds()
    {
        var clock = new ManualClock(StandInHost.Start);
        await using var standIn = await StandInHost.StartAsync(new StandInOptions { Clock = clock });
        for (var n = 0; n < 7; n++)
        {
            await standIn.SendAsync(Mail.To($"p{n}@example.com") with { Subject = $"春のセール {n}" });
            clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal("p6 p5 p4", await NamesAsync(standIn, "?size=3"));
        Assert.Equal("p0", await NamesAsync(standIn, "?size=3&page=3"));
        Assert.Equal("", await NamesAsync(standIn, "?size=3&page=4"));
        Assert.Equal("p2", await NamesAsync(standIn, "?to=P2@example.com"));
        Assert.Equal("p3", await NamesAsync(standIn, "?search=" + Uri.EscapeDataString("セール 3")));
        Assert.Equal("p4", await NamesAsync(standIn, "?search=m-p4"));
        Assert.Equal("p6 p5", await NamesAsync(standIn, "?since=2026-01-01T00:05:00Z"));
        var first = (await standIn.GetAsync("/stand-in/mails")).GetProperty("mails")[0];
        Assert.Equal(("news@example.org", "春のセール 6", "accepted"), (Text(first, "from"), Text(first, "subject"), Text(first, "state")));
        Assert.Equal("m-p6@example.com", first.GetProperty("customArgs").GetProperty("automation_message_id").GetString());
        using var bad = await standIn.Http.GetAsync("/stand-in/mails?since=yesterday");
        Assert.Equal(HttpStatusCode.BadRequest, bad.StatusCode);
    }

    [Fact]
    public async Task A_mail_shows_what_that_person_would_get()
    {
        await using var standIn = await StandInHost.StartAsync();
        await standIn.SendAsync(Mail.To("x@example.com") with
        {
            Personalizations = [Person("ada@example.com", "エイダ", "-city-"), Person("bob@example.com", "ボブ", "福岡")],
            Subject = "-name-さんへ",
            Content = [new("text/plain", "-name- / -na-name- / -city-"), new("text/html", "<p>-name-</p>")],
            Headers = new Dictionary<string, string> { ["X-Shared"] = "s", ["X-Own"] = "shared" },
        });
        var page = await standIn.GetAsync("/stand-in/mails?to=ada@example.com");
        var row = Assert.Single(page.GetProperty("mails").EnumerateArray());
        Assert.Equal("エイダさんへ", Text(row, "subject"));
        var mail = await standIn.GetAsync($"/stand-in/mails/{Text(row, "id")}");
        Assert.Equal(("エイダさんへ", "<p>エイダ</p>", "News <news@example.org>"), (Text(mail, "subject"), Text(mail, "html"), Text(mail, "from")));
        Assert.Equal("エイダ / -naエイダ / -city-", Text(mail, "text"));
        Assert.Equal(("s", "own"), (Text(mail.GetProperty("headers"), "X-Shared"), Text(mail.GetProperty("headers"), "X-Own")));
    }

    [Fact]
    public async Task A_mails_state_goes_forward_only_and_its_events_are_listed()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var standIn = await StandInHost.StartAsync(new StandInOptions { WebhookUrl = receiver.Address });
        await standIn.SendAsync("ada@example.com");
        await receiver.EventsAsync(2);
        var id = await standIn.OnlyMailIdAsync();
        foreach (var type in (string[])["click", "open", "deferred"])
        {
            using var answer = await standIn.Http.PostAsJsonAsync($"/stand-in/mails/{id}/events", new { type, url = "https://example.org/", at = TimeProvider.System.GetUtcNow() });
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        }

        var mail = await standIn.GetAsync($"/stand-in/mails/{id}");
        Assert.Equal("clicked", Text(mail, "state"));
        Assert.Equal("processed delivered click open deferred", string.Join(' ', mail.GetProperty("events").EnumerateArray().Select(one => Text(one, "type"))));
    }

    [Theory]
    [InlineData("""{"type":"no-such"}""", "application/json", 400)]
    [InlineData("""{"type":"click"}""", "application/json", 400)]
    [InlineData("""{}""", "application/json", 400)]
    [InlineData("""null""", "application/json", 400)]
    [InlineData("""{"type":""", "application/json", 400)]
    [InlineData("""{"type":"open"}""", "text/plain", 415)]
    public async Task A_bad_wish_for_an_event_is_named_and_makes_none(string body, string type, int status)
    {
        await using var standIn = await StandInHost.StartAsync();
        await standIn.SendAsync("ada@example.com");
        var id = await standIn.OnlyMailIdAsync();
        using var content = new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue(type));
        using var answer = await standIn.Http.PostAsync($"/stand-in/mails/{id}/events", content);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Empty((await standIn.GetAsync($"/stand-in/mails/{id}")).GetProperty("events").EnumerateArray());
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("nothing.0")]
    [InlineData("nothing.x")]
    [InlineData(".0")]
    public async Task A_mail_that_is_not_there_is_404(string id)
    {
        await using var standIn = await StandInHost.StartAsync();
        using var answer = await standIn.Http.GetAsync($"/stand-in/mails/{id}");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task Counts_show_who_got_more_than_one_mail()
    {
        await using var standIn = await StandInHost.StartAsync();
        await standIn.SendAsync(Mail.To("ada@example.com", "bob@example.com"));
        await standIn.SendAsync("ada@example.com");
        await standIn.SendAsync(Mail.To("x@example.com") with { Personalizations = [new Personalization { To = [new("eve@example.com")] }] });
        var counts = await standIn.GetAsync("/stand-in/counts?by=automation_message_id");
        Assert.Equal((4, 1, 2, 2), (Number(counts, "mails"), Number(counts, "without"), Number(counts, "distinct"), Number(counts, "most")));
        Assert.Equal((2, 1), (Number(counts.GetProperty("counts"), "m-ada@example.com"), Number(counts.GetProperty("counts"), "m-bob@example.com")));
        var doubled = (await standIn.GetAsync("/stand-in/counts?least=2")).GetProperty("counts");
        Assert.Equal("m-ada@example.com", Assert.Single(doubled.EnumerateObject()).Name);
    }

    [Fact]
    public async Task Counts_hold_under_many_callers_at_once()
    {
        await using var standIn = await StandInHost.StartAsync(new StandInOptions { KeepBodyBytes = 0 });
        var results = await Task.WhenAll(Enumerable.Range(0, 500).Select(n => standIn.SendAsync(Mail.To($"a{n}@example.com", $"b{n}@example.com"))));
        Assert.All(results, result => Assert.IsType<SendResult.Accepted>(result));
        var counts = await standIn.GetAsync("/stand-in/counts");
        Assert.Equal((1000, 1000, 1), (Number(counts, "mails"), Number(counts, "distinct"), Number(counts, "most")));
    }

    [Fact]
    public async Task Deleting_empties_the_mailbox()
    {
        await using var standIn = await StandInHost.StartAsync();
        await standIn.SendAsync("ada@example.com");
        using var answer = await standIn.Http.DeleteAsync("/stand-in/mails");
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(0, Number(await standIn.GetAsync("/stand-in/counts"), "mails"));
        await standIn.SendAsync("bob@example.com");
        Assert.EndsWith(".0", await standIn.OnlyMailIdAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bodies_beyond_the_memory_given_are_let_go_oldest_first_and_the_mails_stay()
    {
        await using var standIn = await StandInHost.StartAsync(new StandInOptions { KeepBodyBytes = 10_000 });
        for (var n = 0; n < 20; n++) await standIn.SendAsync(Mail.To($"p{n}@example.com") with { Content = [new("text/html", new string((char)('a' + n), 3000))] });
        var mails = (await standIn.GetAsync("/stand-in/mails")).GetProperty("mails").EnumerateArray().ToList();
        Assert.Equal(20, mails.Count);
        var kept = new List<bool>();
        foreach (var row in mails)
        {
            var mail = await standIn.GetAsync($"/stand-in/mails/{Text(row, "id")}");
            kept.Add(mail.GetProperty("bodyKept").GetBoolean());
            if (kept[^1]) Assert.Equal(new string((char)('a' + 20 - kept.Count), 3000), Text(mail, "html"));
            else Assert.Equal("Hello", Text(mail, "subject"));
        }

        Assert.True(kept[0]);
        Assert.False(kept[^1]);
        Assert.Equal(kept.OrderDescending(), kept);
    }

    [Fact]
    public async Task Faults_are_set_shown_and_refused_by_name()
    {
        await using var standIn = await StandInHost.StartAsync();
        using var set = await standIn.Http.PutAsJsonAsync("/stand-in/faults", new { seed = 5, faults = new[] { new { fault = "error-after=502", times = 1 } } });
        Assert.Equal(HttpStatusCode.OK, set.StatusCode);
        using var bad = await standIn.Http.PutAsJsonAsync("/stand-in/faults", new { faults = new[] { new { fault = "error-after=402" } } });
        Assert.Equal(HttpStatusCode.BadRequest, bad.StatusCode);
        var shown = await standIn.GetAsync("/stand-in/faults");
        Assert.Equal((5, "error-after=502"), (Number(shown, "seed"), Text(shown.GetProperty("faults")[0], "fault")));
        Assert.IsType<SendResult.Unknown>(await standIn.SendAsync("ada@example.com"));
        Assert.IsType<SendResult.Accepted>(await standIn.SendAsync("bob@example.com"));
    }

    [Fact]
    public async Task A_seed_gives_the_same_faults_again()
    {
        async Task<string> RunAsync(int seed)
        {
            var faults = new StandInFaults([new("status=400", 0.3), new("error-before=500", 0.3)], seed);
            await using var standIn = await StandInHost.StartAsync(new StandInOptions { Faults = faults });
            var results = new List<string>();
            for (var n = 0; n < 60; n++) results.Add((await standIn.SendAsync("ada@example.com")).GetType().Name);
            return string.Join(' ', results);
        }

        var first = await RunAsync(11);
        Assert.Equal(first, await RunAsync(11));
        Assert.NotEqual(first, await RunAsync(12));
        Assert.Equal(3, first.Split(' ').Distinct().Count());
    }

    [Fact]
    public async Task A_fault_can_be_for_one_person()
    {
        var faults = new StandInFaults([new("reset-after-recording", To: "unlucky@")]);
        await using var standIn = await StandInHost.StartAsync(new StandInOptions { Faults = faults });
        Assert.IsType<SendResult.Accepted>(await standIn.SendAsync("ada@example.com"));
        Assert.IsType<SendResult.Unknown>(await standIn.SendAsync("unlucky@example.com"));
    }

    [Fact]
    public async Task Mails_and_their_events_survive_a_restart_even_after_a_torn_write()
    {
        var file = Path.Combine(Path.GetTempPath(), $"stand-in-{Guid.NewGuid():N}", "mails");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var receiver = await WebhookReceiver.StartAsync();
        var options = new StandInOptions { DataFile = file, WebhookUrl = receiver.Address, PrivateKeyPem = key.ExportPkcs8PrivateKeyPem() };
        try
        {
            JsonElement before;
            await using (var standIn = await StandInHost.StartAsync(options))
            {
                await standIn.SendAsync(Mail.To("ada@example.com", "bob@example.com") with { Subject = "残るもの" });
                await receiver.EventsAsync(4);
                before = await standIn.GetAsync("/stand-in/mails");
            }

            await File.AppendAllTextAsync(file, "request torn 1767225600000 5000\n{\"personali");
            await using (var standIn = await StandInHost.StartAsync(options))
            {
                Assert.Equal(before.ToString(), (await standIn.GetAsync("/stand-in/mails")).ToString());
                await standIn.SendAsync("eve@example.com");
                await receiver.EventsAsync(6);
            }

            await using (var standIn = await StandInHost.StartAsync(options))
            {
                var mails = (await standIn.GetAsync("/stand-in/mails")).GetProperty("mails").EnumerateArray().ToList();
                Assert.Equal(["eve@example.com", "bob@example.com", "ada@example.com"], mails.Select(mail => Text(mail, "to")));
                Assert.All(mails, mail => Assert.Equal("delivered", Text(mail, "state")));
                var ada = await standIn.GetAsync($"/stand-in/mails/{Text(mails[2], "id")}");
                Assert.Equal(("残るもの", "<p>Hello</p>"), (Text(ada, "subject"), Text(ada, "html")));
                using var deleted = await standIn.Http.DeleteAsync("/stand-in/mails");
            }

            Assert.Equal(0, new FileInfo(file).Length);
            Assert.Equal(6, receiver.Events.Select(one => one.EventId).Distinct().Count());
            Assert.Equal(6, receiver.Events.Count);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }

    [Fact]
    public async Task Events_not_taken_before_a_restart_are_posted_after_it()
    {
        var file = Path.Combine(Path.GetTempPath(), $"stand-in-{Guid.NewGuid():N}", "mails");
        var options = new StandInOptions { DataFile = file, WebhookUrl = new Uri("http://127.0.0.1:9/nobody"), RetryAfter = TimeSpan.FromHours(1) };
        try
        {
            await using (var standIn = await StandInHost.StartAsync(options)) await standIn.SendAsync("ada@example.com");
            await using var receiver = await WebhookReceiver.StartAsync();
            await using var again = await StandInHost.StartAsync(options with { WebhookUrl = receiver.Address });
            Assert.Equal(["processed", "delivered"], (await receiver.EventsAsync(2)).Select(one => one.Name));
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }

    [Fact]
    public async Task A_data_file_belongs_to_one_stand_in_at_a_time()
    {
        var file = Path.GetTempFileName();
        var options = new StandInOptions { DataFile = file };
        await using (await StandInHost.StartAsync(options)) Assert.Throws<IOException>(() => StandInServer.Build(options));
        await using (await StandInHost.StartAsync(options)) Assert.True(File.Exists(file));
        File.Delete(file);
    }

    [Fact]
    public void A_data_file_that_is_something_else_is_named_with_its_place()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, "no records here\n");
        var fault = Assert.Throws<InvalidDataException>(() => StandInServer.Build(new StandInOptions { DataFile = file }));
        Assert.Contains(file, fault.Message, StringComparison.Ordinal);
        Assert.Contains("byte 0", fault.Message, StringComparison.Ordinal);
        using (File.Open(file, FileMode.Open, FileAccess.Read, FileShare.None)) { }   // let go of
        File.Delete(file);
    }

    [Fact]
    public async Task The_webhooks_settings_are_read_and_changed_as_at_SendGrid()
    {
        const string settings = "/v3/user/webhooks/event/settings";
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var standIn = await StandInHost.StartAsync();
        await standIn.SendAsync("before@example.com");
        Assert.Equal(standIn.Key.ToString(), Text(await standIn.GetAsync($"{settings}/signed"), "public_key"));
        using var created = await standIn.Http.PostAsJsonAsync(settings, new { enabled = true, url = receiver.Address, processed = false });
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var id = Text(await created.Content.ReadFromJsonAsync<JsonElement>(), "id");
        Assert.Equal(standIn.Key.ToString(), Text(await standIn.GetAsync($"{settings}/signed/{id}"), "public_key"));
        Assert.Equal(receiver.Address.ToString(), Text(await standIn.GetAsync($"{settings}/{id}"), "url"));
        Assert.Equal(1, (await standIn.GetAsync($"{settings}/all")).GetProperty("webhooks").GetArrayLength());

        await standIn.SendAsync("ada@example.com");
        Assert.Equal("delivered", Assert.Single(await receiver.EventsAsync(1)).Name);
        using var changed = await standIn.Http.PatchAsJsonAsync($"{settings}/{id}", new { processed = true });
        await standIn.SendAsync("bob@example.com");
        Assert.Equal(3, (await receiver.EventsAsync(3)).Count);

        using var bad = await standIn.Http.PatchAsJsonAsync(settings, new { url = "ftp://example.org" });
        Assert.Equal(HttpStatusCode.BadRequest, bad.StatusCode);
        using var unknown = await standIn.Http.GetAsync($"{settings}/signed/00000000-0000-0000-0000-000000000000");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        using var locked = await new HttpClient { BaseAddress = standIn.Address }.GetAsync($"{settings}/signed");
        Assert.Equal(HttpStatusCode.Unauthorized, locked.StatusCode);
    }

    [Fact]
    public async Task A_test_post_carries_every_kind_of_a_made_up_message()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var standIn = await StandInHost.StartAsync();
        using var answer = await standIn.Http.PostAsJsonAsync("/v3/user/webhooks/event/test", new { url = receiver.Address });
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        var post = Assert.Single(receiver.Posts);
        Assert.Equal(SignatureCheck.Valid, WebhookSignature.Verify([standIn.Key], post.Timestamp, post.Signature, post.Body));
        Assert.Equal(12, receiver.Events.Select(one => one.Kind).Distinct().Count());
    }

    [Fact]
    public void A_key_on_another_curve_stops_the_start()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Assert.Throws<ArgumentException>(() => StandInServer.Build(new StandInOptions { PrivateKeyPem = key.ExportPkcs8PrivateKeyPem() }));
        Assert.Throws<ArgumentException>(() => StandInServer.Build(new StandInOptions { PrivateKeyPem = "not PEM" }));
    }

    [Fact]
    public void An_unknown_fault_stops_the_start() =>
        Assert.Throws<FormatException>(() => StandInServer.Build(new StandInOptions { Faults = StandInFaults.Always("explode") }));

    private static Personalization Person(string address, string name, string city) => new()
    {
        To = [new(address)],
        Substitutions = new Dictionary<string, string> { ["-name-"] = name, ["-city-"] = city },
        Headers = new Dictionary<string, string> { ["X-Own"] = "own" },
    };

    private static async Task<string> NamesAsync(StandInHost standIn, string query) =>
        string.Join(' ', (await standIn.GetAsync("/stand-in/mails" + query)).GetProperty("mails").EnumerateArray()
            .Select(mail => Text(mail, "to").Split('@')[0]));

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;

    private static int Number(JsonElement of, string name) => of.GetProperty(name).GetInt32();
}
