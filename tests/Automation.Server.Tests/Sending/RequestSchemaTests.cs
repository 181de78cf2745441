using System.Text.Json;
using Automation.Marketing.Contacts;
using Automation.SendGrid.StandIn.Tests;
using Xunit.Abstractions;

namespace Automation.Server.Tests.Sending;

/// <summary>What the product really posts, against the documents that the provider publishes.</summary>
public sealed class RequestSchemaTests(ITestOutputHelper output)
{
    private const int LeastRequests = 30;

    [Fact]
    public async Task Every_request_is_valid_by_the_strict_schema()
    {
        if (SharedFiles.Folder("sendgrid") is not { } folder) return;
        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "openapi/mail_send.request.strict.schema.json")));
        var schema = new StrictSchema(document.RootElement);
        var requests = await RequestsAsync();
        foreach (var request in requests)
        {
            using var json = JsonDocument.Parse(request);
            Assert.True(schema.Takes(json.RootElement), System.Text.Encoding.UTF8.GetString(request));
        }
        output.WriteLine($"{requests.Count} requests are valid");
        Assert.True(requests.Count >= LeastRequests, $"only {requests.Count} requests");
    }

    [Fact]
    public async Task Every_request_is_taken_by_a_mock_of_the_published_document()
    {
        if (SharedFiles.Folder("sendgrid") is not { } folder) return;
        await using var prism = await PrismMock.StartAsync(Path.GetFullPath(Path.Combine(folder, "openapi/tsg_mail_v3.json")));
        Assert.Equal(400, await prism.StatusOfAsync("""{"from":{"email":"a@example.com"}}"""u8.ToArray()));
        var requests = await RequestsAsync();
        foreach (var request in requests) Assert.Equal(202, await prism.StatusOfAsync(request));
        output.WriteLine($"{requests.Count} requests are taken");
        Assert.True(requests.Count >= LeastRequests, $"only {requests.Count} requests");
    }

    // Every shipped template, to people alone and together, with and without names, in both classes.
    private static async Task<IReadOnlyList<byte[]>> RequestsAsync()
    {
        await using var given = await SendingScene.StartAsync();
        given.LoadTemplates(Path.Combine(AppContext.BaseDirectory, "templates"));
        var people = new List<Contact>();
        foreach (var (name, language) in new[] { ("山田 花子", "ja"), (null, "ja"), ("Ada; Lovelace, Countess", "en"), ("🦀 かに", "en"), ("A", null) })
            people.Add(await given.AddPersonAsync($"p{people.Count}@example.com", name, """{"note":"x"}""", language));
        foreach (var template in given.Templates.All)
        {
            await given.SendAsync(template.Id, Context, people, template.Class);
            await given.SendAsync(template.Id, Context, [people[0]], template.Class);
        }
        return given.Requests;
    }

    private const string Context = """{"campaign":{"name":"春","topics":[]},"season":{"key":"crab","opens_on":"2026-11-06","ends_on":"2027-03-20"},"event":{"type":"order.placed","data":{}}}""";
}
