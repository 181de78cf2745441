using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Deals;

/// <summary>How sales and the person met.</summary>
public enum InteractionKind { Call, Visit, Meeting, Mail, Other }

/// <summary>How far it came.</summary>
public enum InteractionStatus { Done, NotReached, Planned }

/// <summary>One exchange of sales with the person of a deal, in fields that can be searched.</summary>
public sealed class Interaction
{
    public const int MaxText = 1000;

    public Guid Id { get; init; }
    public Guid DealId { get; init; }
    public Guid ContactId { get; init; }
    public InteractionKind Kind { get; init; }
    public InteractionStatus Status { get; init; }

    /// <summary>What we offered.</summary>
    public string? Proposal { get; init; }

    /// <summary>What we wanted to reach.</summary>
    public string? Aim { get; init; }

    /// <summary>What the person said to it.</summary>
    public string? Reaction { get; init; }

    public string? NextAction { get; init; }
    public DateOnly? NextActionOn { get; init; }
    public required string Actor { get; init; }
    public DateTimeOffset At { get; init; }

    /// <exception cref="RuleBrokenException">A text is too long, or nothing is said at all.</exception>
    internal static Interaction Of(Deal deal, NewInteraction said, string actor, DateTimeOffset now)
    {
        string?[] texts = [said.Proposal, said.Aim, said.Reaction, said.NextAction];
        if (texts.All(string.IsNullOrWhiteSpace)) throw new RuleBrokenException("Write at least what was proposed, aimed at, answered or comes next.");
        if (texts.Any(text => text?.Length > MaxText)) throw new RuleBrokenException($"At most {MaxText} characters.");
        if (said.NextActionOn is not null && string.IsNullOrWhiteSpace(said.NextAction)) throw new RuleBrokenException("Write what is to be done on that day.");
        return new Interaction
        {
            Id = RowId.New(now),
            DealId = deal.Id,
            ContactId = deal.ContactId,
            Kind = said.Kind,
            Status = said.Status,
            Proposal = Fit(said.Proposal),
            Aim = Fit(said.Aim),
            Reaction = Fit(said.Reaction),
            NextAction = Fit(said.NextAction),
            NextActionOn = said.NextActionOn,
            Actor = actor,
            At = now,
        };
    }

    private static string? Fit(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}

/// <summary>An exchange to be written down.</summary>
public sealed record NewInteraction(
    InteractionKind Kind, InteractionStatus Status, string? Proposal, string? Aim, string? Reaction, string? NextAction, DateOnly? NextActionOn);

internal sealed class InteractionMapping : IEntityTypeConfiguration<Interaction>
{
    public void Configure(EntityTypeBuilder<Interaction> interaction)
    {
        interaction.ToTable("interactions");
        interaction.HasKey(i => i.Id);
        interaction.Property(i => i.Kind).HasConversion<string>().HasMaxLength(16);
        interaction.Property(i => i.Status).HasConversion<string>().HasMaxLength(16);
        interaction.Property(i => i.Proposal).HasMaxLength(Interaction.MaxText);
        interaction.Property(i => i.Aim).HasMaxLength(Interaction.MaxText);
        interaction.Property(i => i.Reaction).HasMaxLength(Interaction.MaxText);
        interaction.Property(i => i.NextAction).HasMaxLength(Interaction.MaxText);
        interaction.Property(i => i.Actor).HasMaxLength(100);
        interaction.HasIndex(i => new { i.DealId, i.At });        // the deal's page
        interaction.HasIndex(i => i.ContactId);                   // a person's page
        interaction.HasIndex(i => new { i.Kind, i.Status });      // the list's filter
    }
}
