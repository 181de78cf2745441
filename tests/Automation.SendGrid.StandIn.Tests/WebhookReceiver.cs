using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Automation.SendGrid.StandIn.Tests;

/// <summary>What the service's own webhook address sees, over real HTTP.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Post> _posts = new();
    private int _refusals;

    private WebhookReceiver()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(TakeAsync);
    }

    public Uri Address => new(new Uri(_app.Urls.First()), "/webhooks/sendgrid");

    public IReadOnlyList<Post> Posts => [.. _posts];

    /// <summary>Of posts that were answered with 204.</summary>
    public IReadOnlyList<WebhookEvent> Events =>
        [.. _posts.Where(post => post.Status == 204).SelectMany(post => WebhookEvents.Read(post.Body).Events)];

    public static async Task<WebhookReceiver> StartAsync(int refusals = 0)
    {
        var receiver = new WebhookReceiver { _refusals = refusals };
        await receiver._app.StartAsync();
        return receiver;
    }

    public async Task<IReadOnlyList<WebhookEvent>> EventsAsync(int count)
    {
        await Eventually.HoldsAsync(() => Events.Count >= count, () => $"{count} events; there are {Events.Count}");
        return Events;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        context.Response.StatusCode = Interlocked.Decrement(ref _refusals) >= 0 ? 503 : 204;
        var headers = context.Request.Headers;
        _posts.Enqueue(new Post(
            headers[WebhookSignature.TimestampHeader], headers[WebhookSignature.SignatureHeader], context.Request.ContentType,
            body.ToArray(), context.Response.StatusCode));
    }
}

internal sealed record Post(string? Timestamp, string? Signature, string? ContentType, byte[] Body, int Status);

internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static Task HoldsAsync(Func<bool> condition, Func<string> what) => HoldsAsync(() => Task.FromResult(condition()), what);

    public static async Task HoldsAsync(Func<Task<bool>> condition, Func<string> what)
    {
        using var tooLong = new CancellationTokenSource(Patience);
        while (!await condition())
        {
            Assert.False(tooLong.IsCancellationRequested, $"It never came to {what()}.");
            await Task.Delay(5);
        }
    }
}
