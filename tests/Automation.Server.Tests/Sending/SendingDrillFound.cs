using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Automation.Marketing.Mail;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Tests.Sending;

/// <summary>What the books say after a drill, held against the witness.</summary>
/// <param name="KillsAtWork">Kills that left attempts whose end nobody had written down.</param>
/// <param name="Account">Messages by state and rule, with how many the witness recorded of them.</param>
/// <param name="Settled">Unknown outcomes that an event proved.</param>
/// <param name="GivenUp">Unknown outcomes that none proved within a day.</param>
/// <param name="Faults">What must not be; empty when all is sound.</param>
internal sealed record SendingDrillFound(
    int People, int Kills, int KillsAtWork, int Requests, IReadOnlyList<(string State, string Rule, int Messages, int Recorded)> Account, int Settled, int GivenUp, IReadOnlyList<string> Faults)
{
    /// <summary>What waits for something.</summary>
    public const string Open = "SELECT COUNT(*) FROM outbox_messages WHERE state IN ('Deferred', 'Queued', 'Sending', 'Uncertain')";

    private const int Shown = 5;

    public bool IsSound => Faults.Count == 0;

    public static async Task<SendingDrillFound> ReadAsync(Func<AutomationDb> open, HttpClient witness, int people, int kills, int atWork)
    {
        await using var db = open();
        var counts = (await witness.GetFromJsonAsync<JsonObject>("/stand-in/counts?by=automation_message_id"))!;
        var status = (await witness.GetFromJsonAsync<JsonObject>("/stand-in/status"))!;
        var recorded = counts["counts"]!.AsObject().ToDictionary(pair => Guid.Parse(pair.Key), pair => pair.Value!.GetValue<int>());
        var messages = await db.OutboxMessages.AsNoTracking().ToListAsync();
        var changes = (await db.MessageChanges.AsNoTracking().OrderBy(change => change.Id).ToListAsync()).ToLookup(change => change.MessageId, change => change.State);
        var doubted = changes.Where(history => history.Contains(MessageState.Uncertain)).Select(history => history.Key).ToList();
        var states = messages.ToDictionary(message => message.Id, message => message.State);
        return new SendingDrillFound(
            people, kills, atWork, status["requests"]!.GetValue<int>(),
            [
                .. messages.GroupBy(message => (State: message.State.ToString(), message.Rule)).OrderBy(group => group.Key)
                    .Select(group => (group.Key.State, group.Key.Rule, group.Count(), group.Sum(message => recorded.GetValueOrDefault(message.Id)))),
            ],
            doubted.Count(id => states[id] is MessageState.Sent), doubted.Count(id => states[id] is MessageState.Failed),
            [
                .. messages.SelectMany(message => FaultsOf(message, recorded.GetValueOrDefault(message.Id))),
                .. changes.Select(Untold).OfType<string>(),
                .. recorded.Keys.Where(id => !states.ContainsKey(id)).Select(id => $"{id}: recorded, and in no book"),
                .. messages.Where(message => message.Class is MessageClass.Marketing).GroupBy(message => message.ContactId).SelectMany(OverTheCaps),
                .. await LeftAsync(db),
            ]);
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{People} people, {Requests} requests, {Kills} kills ({KillsAtWork} in the midst of attempts); {Settled} unknown outcomes proved by events, {GivenUp} given up after a day");
        text.AppendLine("state       rule               messages  recorded");
        foreach (var (state, rule, messages, recorded) in Account) text.AppendLine(CultureInfo.InvariantCulture, $"{state,-11} {rule,-18} {messages,8}  {recorded,8}");
        text.Append(IsSound ? "sound" : $"{Faults.Count} FAULTS: {string.Join("; ", Faults.Take(Shown))}");
        return text.ToString();
    }

    private static IEnumerable<string> FaultsOf(OutboxMessage message, int recorded)
    {
        var most = message.Class is MessageClass.Marketing ? 1 : 2;
        if (recorded > most) yield return $"{message.Id}: {recorded} requests for one identity";
        if (message.State is MessageState.Sent && recorded == 0) yield return $"{message.Id}: Sent, and nobody has seen it";
        if (message.State is MessageState.Failed && message.Rule.Length == 0) yield return $"{message.Id}: Failed without a reason";
        if (message.State is MessageState.Failed && recorded > 0 && message.Rule != "outcome-unknown") yield return $"{message.Id}: Failed by {message.Rule}, and recorded";
        if (message.State is MessageState.Skipped or MessageState.Suppressed or MessageState.Expired or MessageState.Cancelled && recorded > 0) yield return $"{message.Id}: {message.State}, and recorded";
        if (message.State is MessageState.Deferred or MessageState.Queued or MessageState.Sending or MessageState.Uncertain) yield return $"{message.Id}: {message.State} for ever";
        // Only what was surely not taken, or came back, gives its place to another.
        if (recorded > 0 && message is { Class: MessageClass.Marketing, BouncedCount: 0 } && message.Slot is not SlotState.Spent) yield return $"{message.Id}: recorded, and its slot is {message.Slot}";
    }

    // A step that the table of transitions does not have.
    private static string? Untold(IGrouping<Guid, MessageState> history)
    {
        MessageState? before = null;
        foreach (var state in history)
        {
            if (!MessageTransitions.Allows(before, state)) return $"{history.Key}: {before} -> {state} is in no table";
            before = state;
        }
        return null;
    }

    private static IEnumerable<string> OverTheCaps(IGrouping<Guid, OutboxMessage> person)
    {
        foreach (var cap in DrillAudience.Policy.Caps)
        {
            var counted = person.Where(message => message.Slot is SlotState.Spent or SlotState.Reserved && (cap.Approaches?.Contains(message.Approach) ?? true)).OrderBy(message => message.SlotAt).ToList();
            if (counted.Any(last => counted.Count(other => other.SlotAt > last.SlotAt - cap.Length && other.SlotAt <= last.SlotAt) > cap.Limit))
                yield return $"{person.Key}: more than {cap.Limit} by {cap.Id} ({string.Join(", ", counted.Select(message => $"{message.NodeId} {message.State} {message.SlotAt:O}"))})";
        }
    }

    private static async Task<IEnumerable<string>> LeftAsync(AutomationDb db)
    {
        var broadcasts = await db.Broadcasts.CountAsync(broadcast => broadcast.State != Marketing.Campaigns.BroadcastState.Done);
        var bodies = (await db.QueryAsync("SELECT COUNT(*) FROM webhook_batches", row => row.Int(0), default))[0];
        return [.. broadcasts > 0 ? new[] { $"{broadcasts} broadcasts not done" } : [], .. bodies > 0 ? new[] { $"{bodies} reports not worked through" } : []];
    }
}
