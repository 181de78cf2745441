using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Contacts.Consent;

/// <summary>What a person has said about being mailed. <c>None</c> is never written: it is the absence of a row.</summary>
public enum ConsentState { None, Pending, Granted, Withdrawn }

/// <summary>On what ground marketing mail may be sent (brief §4.3).</summary>
public enum ConsentBasis { OptIn, DoubleOptIn, ExistingRelationship, BusinessCard, PublishedAddress, OwnWithdrawal }

/// <summary>One line of the append-only ledger; a person's state is derived from the newest line.</summary>
public sealed class ConsentEntry
{
    public const string Email = "email";
    public const int MaxWording = 64;
    public const int MaxUserAgent = 300;

    public Guid Id { get; init; }
    public Guid ContactId { get; init; }
    public string Channel { get; init; } = Email;

    /// <summary>Empty: all topics.</summary>
    public string Topic { get; init; } = "";

    public ConsentState State { get; init; }
    public ConsentBasis Basis { get; init; }

    /// <summary>Where the person said it: form, file, link in a mail.</summary>
    public required string Source { get; init; }

    /// <summary>What proves it: document, message id.</summary>
    public string? Evidence { get; init; }

    /// <summary>Version of the words that the person agreed to.</summary>
    public string? Wording { get; init; }

    public string? IpAddress { get; init; }
    public string? UserAgent { get; init; }

    /// <summary>Who wrote the line: <c>person</c>, a user's name, <c>import</c>, <c>provider</c>.</summary>
    public required string Actor { get; init; }

    public DateTimeOffset At { get; init; }
}

internal sealed class ConsentEntryMapping : IEntityTypeConfiguration<ConsentEntry>
{
    public void Configure(EntityTypeBuilder<ConsentEntry> entry)
    {
        entry.ToTable("consent_entries");
        entry.HasKey(e => e.Id);
        entry.Property(e => e.Channel).HasMaxLength(16);
        entry.Property(e => e.Topic).HasMaxLength(64);
        entry.Property(e => e.Wording).HasMaxLength(ConsentEntry.MaxWording);
        entry.Property(e => e.UserAgent).HasMaxLength(ConsentEntry.MaxUserAgent);
        entry.Property(e => e.State).HasConversion<string>().HasMaxLength(16);
        entry.Property(e => e.Basis).HasConversion<string>().HasMaxLength(24);
        entry.HasIndex(e => new { e.ContactId, e.Channel, e.Topic, e.At });       // the newest line of a person
    }
}
