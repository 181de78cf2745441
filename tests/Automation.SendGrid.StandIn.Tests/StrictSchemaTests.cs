using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit.Abstractions;

namespace Automation.SendGrid.StandIn.Tests;

/// <summary>The stand-in's hand-written rules against the strict schema, over requests that are each a few random steps away from a good one.</summary>
public sealed class StrictSchemaTests(ITestOutputHelper output)
{
    private const int Requests = 4000;

    // What the schema cannot say: the words of the stand-in's own refusals for it.
    private static readonly string[] BeyondTheSchema =
    [
        "over to, cc and bcc", "The order is", "72 hours", "bytes; the limit", "320 characters", "Base64", "semicolon", "recipients; the limit",
        "takes dynamic_template_data",
    ];

    [Fact]
    public async Task What_the_schema_refuses_is_refused_and_anything_more_is_one_of_the_limits_it_cannot_say()
    {
        if (SharedFiles.Folder("sendgrid") is not { } folder) return;
        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "openapi/mail_send.request.strict.schema.json")));
        var schema = new StrictSchema(document.RootElement);
        await using var standIn = await StandInHost.StartAsync(new StandInOptions { KeepBodyBytes = 0 });
        var requests = new RequestMaker(Path.Combine(folder, "samples/requests/valid"), seed: 20261106);
        int good = 0, bad = 0, beyond = 0;
        for (var n = 0; n < Requests; n++)
        {
            var json = requests.Next();
            var errors = await ErrorsAsync(standIn, json);
            using var parsed = JsonDocument.Parse(json);
            var taken = schema.Takes(parsed.RootElement);
            if (!taken) Assert.True(errors.Count > 0, $"Taken against the schema: {json}");
            if (taken) Assert.True(errors.All(error => BeyondTheSchema.Any(error.Contains)), $"{string.Join(' ', errors)} {json}");
            if (!taken) bad++;
            else if (errors.Count > 0) beyond++;
            else good++;
        }

        output.WriteLine($"{good} good, {bad} against the schema, {beyond} against other limits");
        Assert.True(good > Requests / 10 && bad > Requests / 4);
    }

    private static async Task<List<string>> ErrorsAsync(StandInHost standIn, string json)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(json));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await standIn.Http.PostAsync("/v3/mail/send", content);
        if (response.IsSuccessStatusCode) return [];
        Assert.Equal(400, (int)response.StatusCode);
        using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return [.. answer.RootElement.GetProperty("errors").EnumerateArray().Select(error => $"{error.GetProperty("field")}: {error.GetProperty("message")}")];
    }

    private sealed class RequestMaker
    {
        private static readonly string[] Values =
        [
            "null", "true", "false", "0", "1", "-1", "1.5", "2.0", "1e3", "\"\"", "\"x\"", "\"inline\"", "\"attachment\"", "\"text/html\"", "\"text/plain\"",
            "\"a@example.com\"", "\"a..b@example.com\"", "\"日本 語\"", "[]", "{}", "[1]", "[\"a\",\"a\"]", "[\"a\",\"b\"]", "{\"k\":\"v\"}", "{\"k\":1}",
            "{\"Subject\":\"s\"}", "{\"a b\":\"s\"}", "{\"enable\":true}", "{\"enable\":1}", "[{\"email\":\"a@example.com\"}]",
            "[{\"email\":\"a@example.com\"},{\"email\":\"a@example.com\"}]", "{\"email\":\"a@example.com\",\"name\":\"N\"}", "\"QUJD\"",
        ];

        private static readonly string[] Names =
        [
            "from", "to", "cc", "bcc", "subject", "email", "name", "personalizations", "reply_to", "reply_to_list", "content", "type", "value",
            "attachments", "filename", "disposition", "content_id", "template_id", "headers", "substitutions", "dynamic_template_data", "custom_args",
            "categories", "send_at", "batch_id", "asm", "group_id", "groups_to_display", "ip_pool_name", "mail_settings", "sandbox_mode", "footer",
            "bypass_list_management", "tracking_settings", "click_tracking", "open_tracking", "subscription_tracking", "ganalytics", "enable",
            "enable_text", "text", "html", "utm_source", "substitution_tag", "misspelt", "Subject",
        ];

        private static readonly int[] Lengths = [1, 2, 64, 65, 255, 256, 321];

        private readonly string[] _good;
        private readonly Random _random;

        public RequestMaker(string folder, int seed)
        {
            _random = new Random(seed);
            _good = [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllText).Where(text => text.Length < 10_000)];
            Assert.Equal(9, _good.Length);
        }

        public string Next()
        {
            var request = JsonNode.Parse(_good[_random.Next(_good.Length)])!;
            for (var steps = _random.Next(0, 4); steps > 0; steps--) Change(request);
            return request.ToJsonString();
        }

        private void Change(JsonNode request)
        {
            var places = new List<JsonNode>();
            Collect(request, places);
            switch (places[_random.Next(places.Count)])
            {
                case JsonObject map: Change(map); break;
                case JsonArray list: Change(list); break;
            }
        }

        private void Change(JsonObject map)
        {
            var present = map.Select(property => property.Key).ToList();
            var some = present.Count > 0 ? present[_random.Next(present.Count)] : "misspelt";
            switch (_random.Next(4))
            {
                case 0: map.Remove(some); break;
                case 1: map[some] = Value(); break;
                case 2: map[Names[_random.Next(Names.Length)]] = Value(); break;
                default:
                    if (map[some] is JsonValue value && value.GetValueKind() is JsonValueKind.String)
                        map[some] = new string('x', Lengths[_random.Next(Lengths.Length)]);
                    break;
            }
        }

        private void Change(JsonArray list)
        {
            switch (_random.Next(4))
            {
                case 0: list.Clear(); break;
                case 1: list.Add(Value()); break;
                case 2 when list.Count > 0: list.Add(list[0]?.DeepClone()); break;
                default:
                    for (var n = _random.Next(8, 30); n > 0 && list.Count > 0; n--) list.Add(list[0]?.DeepClone());
                    break;
            }
        }

        private JsonNode? Value() => JsonNode.Parse(Values[_random.Next(Values.Length)]);

        private static void Collect(JsonNode? node, List<JsonNode> places)
        {
            if (node is not (JsonObject or JsonArray)) return;
            places.Add(node);
            var children = node is JsonObject map ? map.Select(property => property.Value) : ((JsonArray)node).AsEnumerable();
            foreach (var child in children) Collect(child, places);
        }
    }
}
