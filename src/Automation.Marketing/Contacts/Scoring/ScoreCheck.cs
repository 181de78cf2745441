using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Contacts.Scoring;

/// <summary>Something happened that may change a person's score: written with it, worked off soon after and deleted.</summary>
public sealed class ScoreCheck
{
    public Guid Id { get; init; }
    public Guid ContactId { get; init; }

    /// <summary>When it became known; of what is dated in the future, when it happens.</summary>
    public DateTimeOffset DueAt { get; init; }
}

/// <summary>Asks for people's scores, in the caller's transaction.</summary>
public static class ScoreChecks
{
    private static readonly string[] Columns = ["id", "contact_id", "due_at"];

    /// <param name="touches">People and what they did.</param>
    public static async Task WriteAsync(AutomationDb db, IEnumerable<(Guid Contact, RawTouch Touch)> touches, DateTimeOffset now, CancellationToken cancellation)
    {
        var rules = await db.ScoringRulesAsync(cancellation);
        var rows = touches.Where(one => rules.Listens(one.Touch)).Select(one => (one.Contact, DueAt: one.Touch.At > now ? one.Touch.At : now)).Distinct()
            .Select(one => new object?[] { RowId.New(now), one.Contact, one.DueAt }).ToList();
        await db.InsertManyAsync("score_checks", Columns, rows, "", cancellation);
    }

    /// <summary>What is known of people changed, and with it their fit: matters for those who have done something.</summary>
    public static async Task ProfilesChangedAsync(AutomationDb db, IReadOnlyCollection<Guid> contacts, DateTimeOffset now, CancellationToken cancellation)
    {
        if (contacts.Count == 0) return;
        var scored = await db.QueryAsync($"SELECT contact_id FROM contact_scores WHERE {db.Dialect.Among("contact_id", "@p0")}", row => row.Guid(0), cancellation, contacts);
        await db.InsertManyAsync("score_checks", Columns, [.. scored.Select(contact => new object?[] { RowId.New(now), contact, now })], "", cancellation);
    }

    /// <summary>New rules: everybody who did something that counts now, or counted before.</summary>
    internal static async Task EverybodyAsync(AutomationDb db, ScoringRules rules, DateTimeOffset now, CancellationToken cancellation)
    {
        var contacts = await PeopleAsync(db, rules, now, cancellation);
        await db.InsertManyAsync("score_checks", Columns, [.. contacts.Select(contact => new object?[] { RowId.New(now), contact, now })], "", cancellation);
    }

    /// <summary>Who has done something within the rules' reach, or has a score.</summary>
    internal static Task<List<Guid>> PeopleAsync(AutomationDb db, ScoringRules rules, DateTimeOffset now, CancellationToken cancellation)
    {
        var types = rules.Touches.Where(rule => rule.Points > 0).SelectMany(rule => rule.Events).Distinct().ToArray();
        return db.QueryAsync(
            $"""
            SELECT contact_id FROM contact_scores
            UNION SELECT contact_id FROM lead_events WHERE occurred_at > @p1 AND {db.Dialect.Among("type", "@p0")}
            UNION SELECT contact_id FROM delivery_events WHERE kind = 'click' AND machine = false AND at > @p1 AND contact_id IS NOT NULL
            """,
            row => row.Guid(0), cancellation, types, now - rules.Reach);
    }
}

internal sealed class ScoreCheckMapping : IEntityTypeConfiguration<ScoreCheck>
{
    public void Configure(EntityTypeBuilder<ScoreCheck> check)
    {
        check.ToTable("score_checks");
        check.HasKey(c => c.Id);
        check.HasIndex(c => c.DueAt);                             // the next ones
    }
}
