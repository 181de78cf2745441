using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Marketing.Contacts;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Delivery;
using Automation.SendGrid;
using Automation.SendGrid.StandIn;
using Automation.Templates;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Tests.Sending;

/// <summary>Many people in one request: each gets what a request of their own would have brought.</summary>
public sealed class SharedRequestsTests
{
    private const int RandomTemplates = 60;
    private const string Context = """{"campaign":{"name":"春","topics":[{"title":"~0;","text":"a"},{"title":"B","text":"^1; <b>"}]},"season":{"key":"crab"}}""";

    private static readonly string[] Pieces =
    [
        "text ", "\n", "  ", "<b>", "~", "^0;", "|", "🦀", "{{ shop.name }}", "{{ contact.name }}", "{{ contact.name | string.upcase }}", "{{ campaign.name }}{{ contact.email }}",
        "{{ for topic in campaign.topics }}{{ topic.title }}\n  {{ topic.text }},{{ end }}", "{{ for topic in campaign.topics }}{{ topic.title }} {{ contact.name }}{{ end }}",
        "{{ if season.key == 'crab' }}かに{{ else }}-{{ end }}", "{{ if contact.custom.vip }}{{ shop.name }}{{ end }}", "{{~ contact.name ~}}", "{{- shop.name -}}",
        "\n   {{ contact.custom.note }}", "{{ include 'card' }}", "{{ include 'greeting' label:shop.name }}", "{{ include 'greeting' label:contact.name }}", "{{ links.unsubscribe }}",
        "{{ contact.name | string.slice 0 1 }}", "{{ event?.type }}", "{{ greeting }}", "{{ contact.custom.note | raw }}", "{{ contact.custom.empty }}",
    ];

    private static readonly string[] Effects = ["{{ x = contact.name }}{{ x }}", "{{ capture c }}{{ shop.name }}{{ end }}{{ c }}", "{{ shop.name = contact.name }}", "{{ func f }}F{{ end }}{{ f }}"];

    [Fact]
    public async Task What_each_person_gets_is_byte_for_byte_what_rendering_for_that_person_alone_gives()
    {
        await using var given = await SendingScene.StartAsync();
        var random = new Random(20261122);
        given.AddPartial("card", "\n--\n{{ shop.legal_name }}\n{{ season.key }}");
        given.AddPartial("greeting", "[{{ $.label }}] {{ shop.name }}");
        for (var number = 0; number < RandomTemplates; number++)
        {
            var pieces = number % 4 == 0 ? [.. Pieces, .. Effects] : Pieces;
            given.AddTemplate(
                Id(number), "S" + RandomText(random, pieces, 3), RandomText(random, pieces, 12), RandomText(random, pieces, 8),
                """{"class":"marketing","approach":"A1","defaults":{"greeting":"やあ","season":{"key":"none"}}}""");
        }
        given.LoadTemplates();
        var people = new List<Contact>();
        foreach (var (name, custom) in People()) people.Add(await given.AddPersonAsync($"p{people.Count}@example.com", name, custom));
        for (var number = 0; number < RandomTemplates; number++) await given.SendAsync(Id(number), Context, people);

        await CheckAsync(given, RandomTemplates * people.Count);
        Assert.True(given.Requests.Count < RandomTemplates * people.Count, "Nothing was ever sent together.");
        Assert.Contains(given.Requests, request => Personalizations(request) == 1);
    }

    [Fact]
    public async Task The_newsletter_for_many_is_one_request_that_holds_once_what_all_share()
    {
        await using var given = await SendingScene.StartAsync();
        given.LoadTemplates(Path.Combine(AppContext.BaseDirectory, "templates"));
        var people = new List<Contact>();
        for (var number = 0; number < 40; number++) people.Add(await given.AddPersonAsync($"p{number}@example.com", $"山田 {number}"));
        await given.SendAsync("newsletter/monthly", Context, people);
        var request = Assert.Single(given.Requests);
        Assert.Equal(40, Personalizations(request));
        // What all share is there once, in the text and in the HTML.
        Assert.Equal(2, Texts(JsonNode.Parse(request)!).Count(text => text.Contains("台所のこつ", StringComparison.Ordinal)));
        await CheckAsync(given, 40);
    }

    [Fact]
    public async Task Whoever_needs_more_than_10000_bytes_of_their_own_gets_a_request_of_their_own()
    {
        await using var given = await SendingScene.StartAsync();
        given.AddTemplate("long", "S", "<p>{{ contact.custom.note }}</p>", "{{ contact.name }}");
        given.LoadTemplates();
        var people = new List<Contact>();
        foreach (var bytes in new[] { 10, 9000, 10_001, 30_000 })
            people.Add(await given.AddPersonAsync($"p{bytes}@example.com", "A", $$"""{"note":"{{new string('x', bytes)}}"}"""));
        await given.SendAsync("long", "{}", people);
        Assert.Equal([1, 1, 2], given.Requests.Select(Personalizations).Order());
        await CheckAsync(given, 4);
    }

    [Fact]
    public async Task Mails_that_differ_in_what_they_share_never_share_a_request()
    {
        await using var given = await SendingScene.StartAsync();
        given.AddTemplate("one", "{{ season.key }}", "{{ campaign?.name }} {{ contact.name }}", "{{ season.key }} {{ contact.name }}");
        given.AddTemplate("other", "{{ season.key }}", "{{ campaign?.name }} {{ contact.name }}", "{{ season.key }} {{ contact.name }}");
        given.LoadTemplates();
        var people = new[] { await given.AddPersonAsync("a@example.com", "A"), await given.AddPersonAsync("b@example.com", "B") };
        foreach (var template in new[] { "one", "other" })
        {
            foreach (var context in new[] { """{"season":{"key":"1"}}""", """{"season":{"key":"2"}}""", """{"season":{"key":"1"},"event":{"type":"x"}}""" })
                await given.SendAsync(template, context, people);
        }
        Assert.All(given.Requests, request => Assert.Equal(2, Personalizations(request)));
        await CheckAsync(given, 12);
    }

    [Fact]
    public async Task One_recipient_that_the_provider_refuses_does_not_cost_the_others_their_mail()
    {
        await using var given = await SendingScene.StartAsync(new StandInFaults([new StandInFault("status=400", To: "bad@example.com")]));
        given.AddTemplate("t", "S", "{{ contact.name }}", "{{ contact.name }}");
        given.LoadTemplates();
        var people = new List<Contact>();
        for (var number = 0; number < 21; number++) people.Add(await given.AddPersonAsync(number == 13 ? "bad@example.com" : $"p{number}@example.com", "A"));
        await given.SendAsync("t", "{}", people);
        await using var db = given.Db();
        var messages = await db.OutboxMessages.AsNoTracking().ToListAsync();
        var failed = Assert.Single(messages, message => message.State is MessageState.Failed);
        Assert.Equal("bad@example.com", failed.Recipient);
        Assert.Equal(20, messages.Count(message => message.State is MessageState.Sent));
        Assert.Equal(20, (await given.MailsAsync()).Select(mail => mail["to"]!.GetValue<string>()).Distinct().Count());
        Assert.Equal(20, (await given.MailsAsync()).Count);
    }

    private static async Task CheckAsync(SendingScene given, int mails)
    {
        await using var db = given.Db();
        var links = await new LinkFactory(new PublicAddress(), TimeProvider.System).ForAsync(db, default);
        var messages = await db.OutboxMessages.AsNoTracking().ToDictionaryAsync(message => message.Id);
        var models = await MailModels.LoadAsync(db, [.. messages.Values.Select(message => message.ContactId)], given.Shop, _ => true, default);
        var received = await given.MailsAsync();
        Assert.Equal(mails, messages.Count);
        Assert.Equal(messages.Values.Where(message => message.State is MessageState.Sent).Select(message => message.Id).Order(), received.Select(IdOf).Order());
        // What cannot be made for a person alone has failed, and nothing else has.
        Assert.All(messages.Values.Where(message => message.State is not MessageState.Sent), message => Assert.ThrowsAny<TemplateException>(() => Alone(given, message, models, links)));
        foreach (var mail in received)
        {
            var message = messages[IdOf(mail)];
            var alone = Alone(given, message, models, links);
            Assert.Equal((message.Recipient, Sent(alone.Subject)), (Text(mail, "to"), Text(mail, "subject")));
            Assert.Equal(Sent(alone.Text), Text(mail, "text"));
            Assert.Equal(Sent(alone.Html), Text(mail, "html"));
            Assert.Equal($"<{links.UnsubscribeUrl(message.ContactId, message.Id)}>", mail["headers"]!["List-Unsubscribe"]!.GetValue<string>());
        }
    }

    private static Guid IdOf(JsonObject mail) => Guid.Parse(mail["customArgs"]![WebhookEvents.MessageIdArgument]!.GetValue<string>());

    private static RenderedMail Alone(SendingScene given, OutboxMessage message, MailModels models, MailLinks links)
    {
        var template = given.Templates.Find(message.Template)!;
        return given.Renderer.Render(template, null, given.Shop.Language, models.For(message.ContactId, message.Context, links.Of(message.ContactId, message.Id).ToModel(), template.Defaults));
    }

    private static IEnumerable<(string? Name, string Custom)> People()
    {
        yield return ("山田 花子", """{"vip":true,"note":"a\nb\n\nc"}""");
        yield return (null, "{}");
        yield return ("~0; ^0; |0; {{ shop.name }}", """{"note":"~1;"}""");
        yield return ("~^`|¦§¬¤†‡◊", """{"note":"every mark there is"}""");
        yield return ("🦀", """{"note":"<script>&\""}""");
        yield return ("A~", """{"vip":1,"note":"0;"}""");
        yield return ("長い", $$"""{"note":"{{new string('長', 4000)}}"}""");
    }

    private static string RandomText(Random random, string[] pieces, int most) =>
        string.Concat(Enumerable.Range(0, random.Next(most + 1)).Select(_ => pieces[random.Next(pieces.Length)]));

    private static string Id(int number) => "random/" + number.ToString(CultureInfo.InvariantCulture);

    private static int Personalizations(byte[] request)
    {
        using var json = JsonDocument.Parse(request);
        return json.RootElement.GetProperty("personalizations").GetArrayLength();
    }

    private static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => Texts(member.Value)),
        JsonArray items => items.SelectMany(Texts),
        JsonValue value when value.TryGetValue<string>(out var text) => [text],
        _ => [],
    };

    private static string Text(JsonObject mail, string name) => mail[name]!.GetValue<string>();

    // As it comes over the line: half a letter is none, and no part is empty.
    private static string Sent(string text) => text.Length == 0 ? " " : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
