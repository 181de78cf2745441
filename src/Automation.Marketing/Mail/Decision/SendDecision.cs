using System.Text.Json;
using System.Text.Json.Serialization;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Mail.Suppression;

namespace Automation.Marketing.Mail.Decision;

/// <summary>What is asked for: may this mail go?</summary>
public sealed record SendQuestion(MessageClass Class, Approach Approach, OverCap OverCap, DateTimeOffset? ValidUntil)
{
    public const string Email = "email";

    public string Channel { get; init; } = Email;

    /// <summary>Comma-separated, as fixed with the message.</summary>
    public string Topics { get; init; } = "";

    /// <summary>0–100; a slot is held for higher ones only.</summary>
    public int Priority { get; init; }

    /// <summary>The sending is exempt from the policy's limits, by name of an approver. Consent, suppression, hours and the person's own wishes hold.</summary>
    public bool IsExempt { get; init; }
}

/// <summary>What is known of the person at the moment of the decision.</summary>
/// <param name="Consent">About all topics.</param>
/// <param name="SpreadSeed">Fixed for a person.</param>
public sealed record PersonStanding(
    string? Email, ConsentState Consent, SuppressionReason? Suppressed, bool SalesOwned, TimeZoneInfo Zone, int SpreadSeed)
{
    /// <summary>What holds for a topic where it differs from <see cref="Consent"/>.</summary>
    public IReadOnlyDictionary<string, ConsentState> Topics { get; init; } = NoTopics;

    /// <summary>The law of the person's country accepts the ground on which consent stands.</summary>
    public bool BasisAccepted { get; init; } = true;

    /// <summary>While sales owns the person, its owner lets seasonal mail go on.</summary>
    public bool SeasonalAllowed { get; init; }

    /// <summary>Nobody of the person's company is mailed.</summary>
    public bool CompanySuppressed { get; init; }

    /// <summary>The company buys from a fixed partner only.</summary>
    public bool FixedPartner { get; init; }

    public bool ComplaintOpen { get; init; }

    /// <summary>When the last complaint was closed.</summary>
    public DateTimeOffset? ComplaintClosedAt { get; init; }

    /// <summary>The first day on which the person may be sold to again, having asked to be contacted later.</summary>
    public DateOnly? MutedUntil { get; init; }

    public MailFrequency Frequency { get; init; }

    /// <summary>The first day on which the person wants mail again.</summary>
    public DateOnly? PausedUntil { get; init; }

    /// <summary>Of those that the policy's rules name.</summary>
    public IReadOnlySet<string> Segments { get; init; } = NoWords;

    /// <summary>Days between the person's purchases, by what the mail is about; null: unknown.</summary>
    public int? CycleDays { get; init; }

    /// <summary>Topics that the person asked for by name.</summary>
    public IReadOnlySet<string> ChosenTopics { get; init; } = NoWords;

    /// <summary>Slots that confirmed mailings of the next days hold.</summary>
    public IReadOnlyList<HeldSlot> Holds { get; init; } = [];

    /// <summary>Counted sends to everyone of the person's company, this person included, oldest first; null: no rule asks.</summary>
    public IReadOnlyList<CountedSend>? CompanySends { get; init; }

    private static readonly IReadOnlyDictionary<string, ConsentState> NoTopics = new Dictionary<string, ConsentState>();
    private static readonly IReadOnlySet<string> NoWords = new HashSet<string>();
}

/// <summary>A mail that holds a slot: reserved or spent.</summary>
/// <param name="Topics">Comma-separated, as they were when it was sent.</param>
public readonly record struct CountedSend(DateTimeOffset At, Approach Approach, string Topics = "");

/// <summary>A slot that a confirmed mailing holds for the person.</summary>
public readonly record struct HeldSlot(DateTimeOffset At, Approach Approach, string Topics, int Priority);

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
    private static readonly DecisionReason None = new();

    /// <summary>What the rule counts, when not every mail: <c>selling</c>, <c>A3</c>, <c>company</c>, topics; null: every mail.</summary>
    public string? Counts { get; init; }

    public string ToJson() => Equals(None) ? "{}" : JsonSerializer.Serialize(this, Json);

    public static DecisionReason FromJson(string json) => JsonSerializer.Deserialize<DecisionReason>(json, Json) ?? new DecisionReason();
}
