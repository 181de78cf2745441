using Automation.Marketing.Contacts.Repurchase;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Contacts;

/// <summary>Days between one person's purchases of one category, as analysis has it.</summary>
public sealed class PurchaseCycle
{
    public Guid ContactId { get; init; }

    /// <summary>Empty: over all categories.</summary>
    public required string Category { get; init; }

    public int Days { get; init; }

    /// <summary>The purchase day from which <see cref="DueOn"/> is counted; null: not known.</summary>
    public DateOnly? LastOn { get; init; }

    /// <summary>When the next purchase is expected; null: not known.</summary>
    public DateOnly? DueOn { get; init; }

    /// <summary>Regular enough to mail somebody for it.</summary>
    public bool IsSure { get; init; }

    /// <summary>The last that flows were told of this cycle.</summary>
    public RepurchaseState Told { get; init; }

    /// <summary>When that began, while it is news; not stored.</summary>
    internal DateOnly? Begun { get; init; }
}

/// <summary>The median cycle of a category, for people whose own is unknown.</summary>
public sealed class CategoryCycle
{
    /// <summary>Empty: over all categories.</summary>
    public required string Category { get; init; }

    public int Days { get; init; }
}

/// <summary>Which purchase cycle a mail to a person goes by: the seam between decisions and whoever computes cycles.</summary>
public sealed class PurchaseCycles
{
    private readonly Dictionary<(Guid, string), int> own;
    private readonly Dictionary<string, int> medians;

    private PurchaseCycles(Dictionary<(Guid, string), int> own, Dictionary<string, int> medians) => (this.own, this.medians) = (own, medians);

    public static async Task<PurchaseCycles> LoadAsync(AutomationDb db, IReadOnlyCollection<Guid> contactIds, CancellationToken cancellation)
    {
        var medians = await db.QueryAsync("SELECT category, days FROM category_cycles", row => (Category: row.Text(0), Days: row.Int(1)), cancellation);
        var own = await db.QueryAsync(
            $"SELECT contact_id, category, days FROM purchase_cycles WHERE {db.Dialect.Among("contact_id", "@p0")}",
            row => (Contact: row.Guid(0), Category: row.Text(1), Days: row.Int(2)), cancellation, contactIds);
        return new PurchaseCycles(
            own.ToDictionary(cycle => (cycle.Contact, cycle.Category), cycle => cycle.Days), medians.ToDictionary(cycle => cycle.Category, cycle => cycle.Days, StringComparer.Ordinal));
    }

    /// <summary>The person's own cycle of what the mail is about, else over all, else the category's median; null: unknown.</summary>
    /// <param name="topics">Those of the mail, separated by commas; a category among them is what it is about.</param>
    public int? DaysFor(Guid contactId, string topics)
    {
        if (own.Count == 0 && medians.Count == 0) return null;
        string[] categories = [.. topics.Split(',', StringSplitOptions.RemoveEmptyEntries), ""];
        foreach (var category in categories)
        {
            if (own.TryGetValue((contactId, category), out var days)) return days;
        }
        foreach (var category in categories)
        {
            if (medians.TryGetValue(category, out var days)) return days;
        }
        return null;
    }
}

internal sealed class PurchaseCycleMapping : IEntityTypeConfiguration<PurchaseCycle>, IEntityTypeConfiguration<CategoryCycle>
{
    public void Configure(EntityTypeBuilder<PurchaseCycle> cycle)
    {
        cycle.ToTable("purchase_cycles");
        cycle.HasKey(c => new { c.ContactId, c.Category });       // a person's cycles
        cycle.Property(c => c.Category).HasMaxLength(Contact.MaxText);
        cycle.Property(c => c.IsSure).HasDefaultValue(false);
        cycle.Property(c => c.Told).HasConversion<string>().HasMaxLength(16).HasDefaultValue(RepurchaseState.Waiting);
        cycle.Ignore(c => c.Begun);
    }

    public void Configure(EntityTypeBuilder<CategoryCycle> cycle)
    {
        cycle.ToTable("category_cycles");
        cycle.HasKey(c => c.Category);
        cycle.Property(c => c.Category).HasMaxLength(Contact.MaxText);
    }
}
