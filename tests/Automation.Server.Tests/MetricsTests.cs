using System.Globalization;
using System.Net;
using Automation.Marketing.Storage;

namespace Automation.Server.Tests;

public sealed class MetricsTests
{
    [Theory]
    [InlineData(DatabaseProvider.Sqlite)]
    [InlineData(DatabaseProvider.PostgreSql)]
    public async Task Monitoring_with_a_key_sees_what_was_decided_sent_and_reported_and_nobodys_name(DatabaseProvider provider)
    {
        await using var app = await RunningApp.StartAsync(provider, "2026-11-16 10:00");
        var before = await app.Http.GetStringAsync("/metrics");
        var ada = await app.PostEventAsync("1", "lead.created", RunningApp.Person("ada@example.com"));
        await app.SettleAsync();
        await app.ReportAsync(await app.MailAsync("ada@example.com", (await app.MessagesAsync(ada))[0]["id"]!.ToString()), "open");
        await app.SettleAsync();
        var after = await app.Http.GetStringAsync("/metrics");

        foreach (var counted in new[] { "automation_decisions_total{state=\"Queued\"", "automation_attempts_total{outcome=\"Accepted\"}", "automation_webhook_events_total{kind=\"Open\"}", "automation_webhook_lag_seconds_count", "automation_flow_bursts_total{status=\"Running\"}" })
            Assert.True(Sum(after, counted) > Sum(before, counted), $"{counted} did not grow:\n{after}");
        Assert.Equal(0, Sum(after, "automation_mail_queue_age_seconds"));
        Assert.Equal(0, Sum(after, "automation_webhook_queue_age_seconds"));
        Assert.DoesNotContain("example.com", after, StringComparison.Ordinal);

        using var stranger = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = app.Server.Address };
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetAsync("/metrics")).StatusCode);
    }

    private static double Sum(string text, string series) => text.Split('\n')
        .Where(line => line.StartsWith(series, StringComparison.Ordinal)).Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
}
