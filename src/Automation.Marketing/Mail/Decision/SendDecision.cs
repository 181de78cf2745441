using System.Text.Json;
using System.Text.Json.Serialization;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Mail.Suppression;

namespace Automation.Marketing.Mail.Decision;

/// <summary>What is asked for: may this mail go?</summary>
public sealed record SendQuestion(MessageClass Class, Approach Approach, OverCap OverCap, DateTimeOffset? ValidUntil);

/// <summary>What is known of the person at the moment of the decision.</summary>
/// <param name="SpreadSeed">Fixed for a person.</param>
public sealed record PersonStanding(
    string? Email, ConsentState Consent, SuppressionReason? Suppressed, bool SalesOwned, TimeZoneInfo Zone, int SpreadSeed);

/// <summary>A mail that holds a slot: reserved or spent.</summary>
public readonly record struct CountedSend(DateTimeOffset At, Approach Approach);

/// <summary>The answer, with what a person needs to understand it.</summary>
/// <param name="State">Queued: now. Deferred: at <see cref="DecisionReason.Next"/>. Otherwise final.</param>
public sealed record SendDecision(MessageState State, string Rule, DecisionReason Reason)
{
    public static readonly SendDecision Now = new(MessageState.Queued, "", new DecisionReason());
}

/// <summary>The numbers behind a decision, as kept with the message.</summary>
/// <param name="Count">Mails counted in the window.</param>
/// <param name="Limit">How many the rule allows.</param>
/// <param name="Window">The rule's window: ISO 8601 duration, or <c>day</c>, <c>week</c>, <c>month</c>.</param>
/// <param name="Next">Earliest instant at which every rule would allow it.</param>
/// <param name="PolicyVersion">The policy that decided.</param>
public sealed record DecisionReason(int? Count = null, int? Limit = null, string? Window = null, DateTimeOffset? Next = null, int? PolicyVersion = null)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    public static DecisionReason FromJson(string json) => JsonSerializer.Deserialize<DecisionReason>(json, Json) ?? new DecisionReason();
}
