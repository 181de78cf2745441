using Automation.Marketing.Contacts;
using Automation.Marketing.Storage;
using Automation.Workflows.Activities;
using Automation.Workflows.Runtime;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Automation.Marketing.Journeys.Calls;

/// <summary>
/// Makes the web requests that runs wait for, outside of every transaction: a slow host keeps nobody from the database.
/// </summary>
/// <remarks>
/// At least once: a process may die between the call and its record, and the call is then made again. Every attempt carries
/// the same <c>Idempotency-Key</c>, by which a host that cares can know the repetition.
/// </remarks>
public sealed class FlowCalls(IDbContextFactory<AutomationDb> dbs, IHttpCaller caller, TimeProvider clock, ILogger<FlowCalls> logger)
{
    public const string KeyHeader = "Idempotency-Key";

    private const int AtATime = 16;
    private const int MostAttempts = 5;

    // Longer than any call may take: who still holds it then is dead.
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    /// <returns>Calls taken; 0 when none was due.</returns>
    public async Task<int> WorkAsync(CancellationToken stopping)
    {
        var taken = await TakeAsync(stopping);
        await Task.WhenAll(taken.Select(call => MakeAsync(call, stopping)));
        return taken.Count;
    }

    private async Task<List<TakenCall>> TakeAsync(CancellationToken stopping)
    {
        await using var db = await dbs.CreateDbContextAsync(stopping);
        var now = clock.GetUtcNow();
        if ((await db.QueryAsync("SELECT 1 WHERE EXISTS (SELECT 1 FROM flow_calls WHERE due_at <= @p0)", row => row.Int(0), stopping, now)).Count == 0) return [];
        await using var transaction = await db.BeginWriteAsync(stopping);
        await db.ExecuteAsync(
            "DELETE FROM flow_calls WHERE due_at <= @p0 AND NOT EXISTS (SELECT 1 FROM flow_bookmarks b WHERE b.instance_id = flow_calls.instance_id AND b.name = @p1 AND b.key = flow_calls.id)",
            stopping, now, Stimuli.CallAnswered);
        var taken = await db.QueryAsync(
            $"SELECT id, contact_id, request, attempts FROM flow_calls WHERE due_at <= @p0 ORDER BY due_at, id LIMIT {AtATime}{db.Dialect.SkipLocked}",
            row => new TakenCall(row.Text(0), row.Guid(1), row.Text(2), row.Int(3) + 1), stopping, now);
        await db.ExecuteManyAsync("UPDATE flow_calls SET due_at = @p1, attempts = @p2 WHERE id = @p0", [.. taken.Select(call => new object?[] { call.Id, now + Lease, call.Attempt })], stopping);
        await transaction.CommitAsync(stopping);
        return taken;
    }

    private async Task MakeAsync(TakenCall call, CancellationToken stopping)
    {
        var answer = call.Attempt > MostAttempts
            ? new HttpAnswer(null, null, $"The call was begun {MostAttempts} times and never came to an end.")
            : await AskAsync(call, stopping);
        await using var db = await dbs.CreateDbContextAsync(CancellationToken.None);
        await using var transaction = await db.BeginWriteAsync(CancellationToken.None);
        // Another worker has it by now: its answer counts.
        if (await db.ExecuteAsync("DELETE FROM flow_calls WHERE id = @p0 AND attempts = @p1", CancellationToken.None, call.Id, call.Attempt) == 0) return;
        await Stimuli.WriteAsync(
            db, [new NewStimulus(Stimuli.CallAnswered, call.Id, call.ContactId, PlainValue.ToJson(answer.ToInput())!.ToJsonString())], clock.GetUtcNow(), CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
    }

    private async Task<HttpAnswer> AskAsync(TakenCall call, CancellationToken stopping)
    {
        var request = FlowCall.RequestOf(call.Request);
        try
        {
            var reply = await caller.SendAsync(request with { Headers = WithKey(request.Headers, call.Id) }, stopping);
            return new HttpAnswer(reply.Status, reply.Content, null);
        }
        catch (HttpRequestException unreachable) when (unreachable.InnerException is HttpAccessException refused)
        {
            return new HttpAnswer(null, null, refused.Message);
        }
        catch (HttpRequestException unreachable)
        {
            logger.NobodyAnswered(call.Id, unreachable.HttpRequestError);
            return new HttpAnswer(null, null, null);
        }
        // What the step was given makes no request, or none that may be made.
        catch (Exception refused) when (refused is HttpAccessException or FormatException or ArgumentException or InvalidOperationException)
        {
            return new HttpAnswer(null, null, refused.Message);
        }
    }

    private static Dictionary<string, string> WithKey(IReadOnlyDictionary<string, string> headers, string key)
    {
        var own = new Dictionary<string, string>(headers, StringComparer.OrdinalIgnoreCase);
        own.TryAdd(KeyHeader, key);
        return own;
    }

    private sealed record TakenCall(string Id, Guid ContactId, string Request, int Attempt);
}

internal static partial class FlowCallsLog
{
    [LoggerMessage(3020, LogLevel.Warning, "Nobody answered call {Id}: {Error}")]
    public static partial void NobodyAnswered(this ILogger logger, string id, HttpRequestError error);
}
