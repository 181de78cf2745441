using System.Text.Json;
using System.Text.Json.Serialization;

namespace Automation.Marketing.Campaigns.Calendar;

/// <summary>What somebody changed on one occurrence by hand. It is laid over what the calendar says each time the plan is made anew.</summary>
/// <param name="DaysMoved">Days added to the day that the rule gives; a moved anchor moves it as well. -60 to 60.</param>
/// <param name="Template">Null: the calendar's, as for all that follows.</param>
/// <param name="Capacity">0: no limit.</param>
/// <param name="Cancelled">It does not go out this year.</param>
/// <param name="OnPaper">Whom no mail can reach goes on a list for postcards and calls.</param>
/// <param name="Held">It waits for approval, also where the calendar does not ask for one.</param>
public sealed record OccurrenceChanges(
    int DaysMoved = 0, string? Template = null, int? Priority = null, int? Capacity = null, string? Owner = null, bool Cancelled = false, bool Held = false,
    bool OnPaper = false)
{
    /// <summary>Further is another mailing.</summary>
    public const int MostDays = 60;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault };

    public static OccurrenceChanges Of(Occurrence? occurrence) =>
        occurrence is null ? new OccurrenceChanges() : Of(occurrence.Changes);

    internal static OccurrenceChanges Of(string json) => JsonSerializer.Deserialize<OccurrenceChanges>(json, Json) ?? new OccurrenceChanges();

    internal string ToJson() => JsonSerializer.Serialize(this, Json);

    internal void ApplyTo(Occurrence occurrence)
    {
        occurrence.Template = Template ?? occurrence.Template;
        occurrence.Priority = Priority ?? occurrence.Priority;
        occurrence.Capacity = Capacity is { } most ? most == 0 ? null : most : occurrence.Capacity;
        occurrence.Owner = Owner ?? occurrence.Owner;
        occurrence.NeedsApproval |= Held;
        if (Cancelled) occurrence.State = OccurrenceState.Cancelled;
    }
}
