using System.Text;
using Automation.Marketing.Contacts;
using Automation.Marketing.Storage;
using Automation.Server.SignIn;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Automation.Server.Operations;

/// <summary>What monitoring reads: what this process has counted, and what waits in the database, the same from every process.</summary>
internal static class MetricsEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/metrics", GetAsync).RequireAuthorization(Policies.Designer).ExcludeFromDescription();

    private static async Task<ContentHttpResult> GetAsync(MeterReadings readings, AutomationDb db, TimeProvider clock, CancellationToken cancellation)
    {
        var text = new StringBuilder();
        readings.Write(text);
        await WriteWaitingAsync(text, db, clock.GetUtcNow(), cancellation);
        return TypedResults.Text(text.ToString(), PrometheusText.ContentType);
    }

    private static async Task WriteWaitingAsync(StringBuilder text, AutomationDb db, DateTimeOffset now, CancellationToken cancellation)
    {
        var mails = await db.QueryAsync(
            "SELECT state, COUNT(*) FROM outbox_messages WHERE state IN ('Deferred', 'Queued', 'Sending', 'Uncertain') GROUP BY state",
            row => (State: row.Text(0), Count: row.Long(1)), cancellation);
        PrometheusText.Head(text, "automation_mails_waiting", "Mails that have not come to their end, by state.", "gauge");
        foreach (var (state, count) in mails.OrderBy(one => one.State, StringComparer.Ordinal)) PrometheusText.Line(text, "automation_mails_waiting", PrometheusText.Labels([new("state", state)]), count);
        await WriteAgeAsync("automation_mail_queue_age_seconds", "How long the first mail in the queue is overdue.", "SELECT MIN(due_at) FROM outbox_messages WHERE state = 'Queued'");
        await WriteAgeAsync("automation_webhook_queue_age_seconds", "How long the oldest body of the Event Webhook waits to be worked off.", "SELECT MIN(received_at) FROM webhook_batches WHERE failures < 10");
        await WriteAgeAsync("automation_flow_queue_age_seconds", "How long the oldest thing that happened waits for its flows.", $"SELECT MIN(created_at) FROM stimuli WHERE failures < {Stimuli.MostFailures}");

        async Task WriteAgeAsync(string name, string help, string sql)
        {
            var oldest = (await db.QueryAsync(sql, row => row.InstantOrNull(0), cancellation))[0];
            PrometheusText.Head(text, name, help, "gauge");
            PrometheusText.Line(text, name, "", oldest is { } since && since < now ? (now - since).TotalSeconds : 0);
        }
    }
}
