using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Contacts.Connections;

/// <summary>How well a colleague knows somebody; a later one counts for more.</summary>
public enum ConnectionStrength { Met, Knows, Close }

/// <summary>A colleague knows a person, or people at a company.</summary>
public sealed class Connection
{
    public const int MaxNote = 500;

    public Guid Id { get; init; }

    /// <summary>The colleague.</summary>
    public Guid UserId { get; init; }

    /// <summary>Null: the company as a whole.</summary>
    public Guid? ContactId { get; init; }

    /// <summary>Null: one person.</summary>
    public string? Company { get; init; }

    public ConnectionStrength Strength { get; init; }

    /// <summary>Null: not said.</summary>
    public DateOnly? Since { get; init; }

    public string? Note { get; init; }

    /// <summary>Who wrote it down.</summary>
    public required string Actor { get; init; }

    public DateTimeOffset At { get; init; }
}

internal sealed class ConnectionMapping : IEntityTypeConfiguration<Connection>
{
    public void Configure(EntityTypeBuilder<Connection> connection)
    {
        connection.ToTable("connections");
        connection.HasKey(c => c.Id);
        connection.Property(c => c.Company).HasMaxLength(Contact.MaxText);
        connection.Property(c => c.Strength).HasConversion<string>().HasMaxLength(16);
        connection.Property(c => c.Note).HasMaxLength(Connection.MaxNote);
        connection.Property(c => c.Actor).HasMaxLength(100);
        connection.HasIndex(c => new { c.UserId, c.ContactId }).IsUnique();   // a colleague knows a person once
        connection.HasIndex(c => new { c.UserId, c.Company }).IsUnique();
        connection.HasIndex(c => c.ContactId);                                // who knows this person
        connection.HasIndex(c => c.Company);                                  // who knows this company
    }
}
