using System.Net;
using System.Net.Http.Json;
using Automation.Marketing.Storage;

namespace Automation.Server.Tests.SignIn;

public sealed class LimitsTests
{
    [Fact]
    public async Task A_key_that_asks_too_much_waits_and_another_key_does_not()
    {
        await using var app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-10-20 10:00", "--Limits:RequestsPerKey=10");
        var answers = new List<HttpStatusCode>();
        for (var time = 0; time < 12; time++) answers.Add((await app.Http.GetAsync("/api/clock")).StatusCode);
        Assert.Contains(HttpStatusCode.TooManyRequests, answers);
        Assert.Equal(10, answers.Count(status => status is HttpStatusCode.OK));
        using var refused = await app.Http.GetAsync("/api/clock");
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType!.MediaType);

        using var other = new HttpClient { BaseAddress = app.Server.Address };
        other.DefaultRequestHeaders.Authorization = new("Bearer", "another-key");
        Assert.Equal(HttpStatusCode.Unauthorized, (await other.GetAsync("/api/clock")).StatusCode);
    }

    [Fact]
    public async Task A_request_to_a_flow_counts_like_one_to_the_api()
    {
        await using var app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-10-20 10:00", "--Limits:RequestsPerKey=2");
        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.PostAsync("/workflows/none", null)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await app.Http.GetAsync("/api/clock")).StatusCode);
        using var refused = await app.Http.PostAsync("/workflows/none", null);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task An_address_that_tries_many_passwords_waits_whatever_the_names()
    {
        await using var app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-10-20 10:00", "--Limits:SignInsPerAddress=5");
        using var visitor = new Visitor(app.Server.Address);
        for (var time = 0; time < 5; time++)
            Assert.Equal(HttpStatusCode.OK, (await visitor.SignInAsync($"somebody-{time}", "a guess of a password")).StatusCode);
        using var refused = await visitor.SignInAsync("somebody-else", "a guess of a password");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Contains("One moment, please", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await visitor.Http.GetAsync("/sign-in")).StatusCode);
    }

    [Fact]
    public async Task The_providers_events_and_refusals_of_recipients_are_never_turned_away()
    {
        await using var app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-10-20 10:00", "--Limits:RequestsPerKey=1", "--Limits:RequestsPerAddress=1", "--Limits:SignInsPerAddress=1");
        for (var time = 0; time < 5; time++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await app.Http.PostAsJsonAsync("/webhooks/sendgrid", Array.Empty<object>())).StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await app.Http.PostAsync("/u/none", null)).StatusCode);
        }
    }
}
