using Automation.Marketing.Days;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Deals;

/// <summary>Something that somebody is to do about a person, by a day.</summary>
public sealed class SalesTask
{
    public const int MaxTitle = 300;

    public Guid Id { get; init; }

    /// <summary>Null: whoever in sales comes first.</summary>
    public string? Owner { get; init; }

    public Guid ContactId { get; init; }
    public required string Title { get; init; }
    public DateOnly DueOn { get; init; }

    /// <summary>The flow that asked for it.</summary>
    public string DefinitionId { get; init; } = "";

    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? DoneAt { get; private set; }
    public string? DoneBy { get; private set; }

    /// <summary>When the manager was told that it is overdue.</summary>
    public DateTimeOffset? EscalatedAt { get; init; }

    /// <exception cref="RuleBrokenException">It is done already.</exception>
    public void Done(string who, DateTimeOffset now)
    {
        if (DoneAt is not null) throw new RuleBrokenException("This task is done already.");
        (DoneAt, DoneBy) = (now, who);
    }
}

internal static class Tasks
{
    /// <param name="owner">Null or empty: the owner of the person's newest deal.</param>
    public static async Task AddAsync(
        AutomationDb db, Guid contactId, string? owner, string title, DateOnly dueOn, string definitionId, DateTimeOffset now, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(owner)) owner = await OwnerOfAsync(db, contactId, cancellation);
        await db.ExecuteAsync(
            "INSERT INTO tasks (id, owner, contact_id, title, due_on, definition_id, created_at) VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6)", cancellation,
            RowId.New(now), owner, contactId, title.Length > SalesTask.MaxTitle ? title[..SalesTask.MaxTitle] : title, WorkingDays.OnOrAfter(dueOn), definitionId, now);
    }

    public static async Task<string?> OwnerOfAsync(AutomationDb db, Guid contactId, CancellationToken cancellation) =>
        (await db.QueryAsync(
            "SELECT owner FROM deals WHERE contact_id = @p0 AND owner IS NOT NULL ORDER BY updated_at DESC LIMIT 1", row => row.Text(0), cancellation, contactId)).FirstOrDefault();
}

internal sealed class SalesTaskMapping : IEntityTypeConfiguration<SalesTask>
{
    public void Configure(EntityTypeBuilder<SalesTask> task)
    {
        task.ToTable("tasks");
        task.HasKey(t => t.Id);
        task.Property(t => t.Owner).HasMaxLength(100);
        task.Property(t => t.Title).HasMaxLength(SalesTask.MaxTitle);
        task.Property(t => t.DefinitionId).HasMaxLength(100);
        task.Property(t => t.DoneBy).HasMaxLength(100);
        task.HasIndex(t => new { t.DoneAt, t.DueOn });            // what is to be done, the next first
        task.HasIndex(t => t.ContactId);                          // a person's page
    }
}
