using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Journeys.Dates;

/// <summary>When a person enters a flow because of a date of theirs.</summary>
public sealed class DatePlan
{
    public required string DefinitionId { get; init; }
    public required string ActivityId { get; init; }
    public Guid ContactId { get; init; }

    /// <summary>The date it is about; of a yearly one, this year's or next year's.</summary>
    public DateOnly OnDate { get; init; }

    /// <summary>Null: for this date it has happened.</summary>
    public DateTimeOffset? DueAt { get; init; }
}

/// <summary>A published trigger that looks out for dates of people, and how far it has been planned for all of them.</summary>
public sealed class DateTrigger
{
    public required string DefinitionId { get; init; }
    public required string ActivityId { get; init; }
    public required string Field { get; set; }
    public string Lead { get; set; } = "";
    public bool Yearly { get; set; }

    /// <summary>The last person planned for; null: from the beginning.</summary>
    public Guid? PlannedTo { get; set; }

    public bool IsPlanned { get; set; }

    /// <summary>Up to which change of many people's dates it has been planned.</summary>
    public DateTimeOffset? PlannedFor { get; set; }
}

internal sealed class DatePlanMapping : IEntityTypeConfiguration<DatePlan>, IEntityTypeConfiguration<DateTrigger>
{
    public void Configure(EntityTypeBuilder<DatePlan> plan)
    {
        plan.ToTable("date_plans");
        plan.HasKey(p => new { p.DefinitionId, p.ActivityId, p.ContactId });
        plan.Property(p => p.DefinitionId).HasMaxLength(100);
        plan.Property(p => p.ActivityId).HasMaxLength(100);
        plan.HasIndex(p => p.DueAt);                              // whose date has come
    }

    public void Configure(EntityTypeBuilder<DateTrigger> trigger)
    {
        trigger.ToTable("date_triggers");
        trigger.HasKey(t => new { t.DefinitionId, t.ActivityId });
        trigger.Property(t => t.DefinitionId).HasMaxLength(100);
        trigger.Property(t => t.ActivityId).HasMaxLength(100);
        trigger.Property(t => t.Field).HasMaxLength(100);
        trigger.Property(t => t.Lead).HasMaxLength(32);
    }
}
