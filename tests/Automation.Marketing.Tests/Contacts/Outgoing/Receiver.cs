using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Automation.Marketing.Contacts.Outgoing;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.Extensions.Logging.Abstractions;

namespace Automation.Marketing.Tests.Contacts.Outgoing;

/// <summary>Another system: takes what is posted to it and answers as it is told.</summary>
internal sealed class Receiver(Scenario given) : HttpMessageHandler
{
    public const string Url = "https://crm.example.com/hooks";

    public ConcurrentQueue<Post> Posts { get; } = new();

    /// <summary>Before it is looked at what was posted: the wire may break here.</summary>
    public Action<Post> OnTheWay { get; set; } = _ => { };

    public Func<Post, Task<HttpResponseMessage>> Answer { get; set; } = _ => Task.FromResult(new HttpResponseMessage(HttpStatusCode.NoContent));

    /// <summary>What a receiver that knows repetitions by their id has, in the order in which it came.</summary>
    public IReadOnlyList<Post> Known => [.. Posts.DistinctBy(post => post.Id)];

    public void Answers(HttpStatusCode status) => Answer = _ => Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent("no") });

    /// <summary>Another process on the same database, or the same after a restart.</summary>
    public OutgoingDeliveries Worker() =>
        new(given.Databases, new OutgoingPost(new OutgoingAccess(), given.Clock, this), given.Clock, NullLogger<OutgoingDeliveries>.Instance);

    public async Task<NewEndpoint> IsToldOfAsync(params string[] types)
    {
        await using var db = given.Open();
        return await OutgoingEndpoints.AddAsync(db, new OutgoingAccess(), new EndpointInput("CRM", Url, types, WithAddress: true), "admin", given.Clock.Now, default);
    }

    /// <summary>Works until nothing is due now.</summary>
    public async Task WorkAsync()
    {
        while (await Worker().WorkAsync(default) > 0) { }
    }

    /// <summary>Time passes, with a look every quarter of an hour.</summary>
    public async Task ForAsync(TimeSpan span)
    {
        var until = given.Clock.Now + span;
        await WorkAsync();
        while (given.Clock.Now < until)
        {
            given.Clock.Now = given.Clock.Now.AddMinutes(15) < until ? given.Clock.Now.AddMinutes(15) : until;
            await WorkAsync();
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = await request.Content!.ReadAsStringAsync(cancellationToken);
        string Header(string name) => request.Headers.GetValues(name).Single();
        var post = new Post(
            Header(OutgoingSignature.IdHeader), Header(OutgoingSignature.TypeHeader), Header(OutgoingSignature.TimestampHeader), Header(OutgoingSignature.Header), body);
        OnTheWay(post);
        Posts.Enqueue(post);
        return await Answer(post);
    }
}

internal sealed record Post(string Id, string Type, string Timestamp, string Signature, string Body)
{
    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Body);
}
