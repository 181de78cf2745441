using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Automation.Marketing.Contacts.Outgoing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Automation.Server.Tests.Outgoing;

/// <summary>Another system on this machine that is told of events over HTTP; it checks signatures and knows repetitions by their id.</summary>
internal sealed class HookReceiver : IAsyncDisposable
{
    private readonly WebApplication app;

    private HookReceiver(WebApplication app) => this.app = app;

    public string Url => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/hooks";

    public string Secret { get; set; } = "";

    /// <summary>Every post, repetitions included.</summary>
    public ConcurrentQueue<JsonObject> Posts { get; } = new();

    /// <summary>Each event once.</summary>
    public ConcurrentDictionary<string, JsonObject> Known { get; } = new();

    public ConcurrentQueue<string> Complaints { get; } = new();

    /// <summary>Takes the event and how many posts there have been; what to answer.</summary>
    public Func<JsonObject, int, Task<int>> Answer { get; set; } = (_, _) => Task.FromResult(StatusCodes.Status204NoContent);

    public static async Task<HookReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new HookReceiver(app);
        app.MapPost("/hooks", receiver.TakeAsync);
        await app.StartAsync();
        return receiver;
    }

    /// <summary>Makes this an endpoint of a service, as an administrator does on the page.</summary>
    public async Task IsToldOfAsync(Marketing.Storage.AutomationDb db, DateTimeOffset now, params string[] types)
    {
        var made = await OutgoingEndpoints.AddAsync(
            db, new OutgoingAccess { AllowsLoopback = true }, new EndpointInput("CRM", Url, types, WithAddress: false), "admin", now, default);
        Secret = made.Secret;
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    private async Task<IResult> TakeAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        var body = await reader.ReadToEndAsync();
        if (!OutgoingSignature.Holds(Secret, request.Headers[OutgoingSignature.Header]!, request.Headers[OutgoingSignature.TimestampHeader]!, body)) Complaints.Enqueue("A signature does not hold: " + body);
        var json = JsonNode.Parse(body)!.AsObject();
        Posts.Enqueue(json);
        var known = Known.GetOrAdd(json["id"]!.GetValue<string>(), json);
        if (known.ToJsonString() != json.ToJsonString()) Complaints.Enqueue("A repetition says something else: " + body);
        return Results.StatusCode(await Answer(json, Posts.Count));
    }
}
